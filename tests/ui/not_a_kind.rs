//! The type of a socket is one of the socket types.
//@ error: E0277
//@ says: `&str` is not a socket type

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket("REQ")?;
    #[cfg(right)]
    context.socket(zmq::Req)?;
    Ok(())
}
