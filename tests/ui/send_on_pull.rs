//! A PULL socket does not send.
//@ error: E0277
//@ says: Pull` sockets cannot send

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Pull)?.try_send_multipart(["a", "b"])?;
    #[cfg(right)]
    context.socket(zmq::Push)?.try_send_multipart(["a", "b"])?;
    Ok(())
}
