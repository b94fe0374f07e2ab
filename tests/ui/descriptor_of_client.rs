//! A CLIENT socket has no descriptor to wait for.
//@ error: E0277
//@ says: Client` sockets have no notification descriptor

#[cfg(unix)]
fn watch(_: impl std::os::fd::AsFd) {}
#[cfg(windows)]
fn watch(_: impl std::os::windows::io::AsSocket) {}

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    watch(context.socket(zmq::Client)?);
    #[cfg(right)]
    watch(context.socket(zmq::Dgram)?);
    Ok(())
}
