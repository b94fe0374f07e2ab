//! A socket whose type is known only at run time may have no descriptor.
//@ error: E0277
//@ says: Any` sockets have no notification descriptor

#[cfg(unix)]
fn watch(_: impl std::os::fd::AsFd) {}
#[cfg(windows)]
fn watch(_: impl std::os::windows::io::AsSocket) {}

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    watch(context.socket(zmq::Any(zmq::SocketKind::Pull))?);
    #[cfg(right)]
    watch(context.socket(zmq::Pull)?);
    Ok(())
}
