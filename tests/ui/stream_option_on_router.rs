//! Only a STREAM socket reports plain TCP connections.
//@ error: E0277
//@ says: this call is for `zmq::Stream` sockets, not `zmq::Router`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Router)?.set_stream_notify(false)?;
    #[cfg(right)]
    context.socket(zmq::Stream)?.set_stream_notify(false)?;
    Ok(())
}
