//! A PUSH socket does not receive.
//@ error: E0277
//@ says: Push` sockets cannot receive

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Push)?.recv_multipart()?;
    #[cfg(right)]
    context.socket(zmq::Pull)?.recv_multipart()?;
    Ok(())
}
