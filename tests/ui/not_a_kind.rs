//! A socket has one of the kinds that there are.
//@ error: E0277
//@ says: `&str` is not a kind of socket

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket("REQ")?;
    #[cfg(right)]
    context.socket(zmq::Req)?;
    Ok(())
}
