//! Only a STREAM socket tells of plain TCP connections.
//@ error: E0277
//@ says: Router` sockets do not talk to plain TCP peers
//@ says: STREAM sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Router)?.set_stream_notify(false)?;
    #[cfg(right)]
    context.socket(zmq::Stream)?.set_stream_notify(false)?;
    Ok(())
}
