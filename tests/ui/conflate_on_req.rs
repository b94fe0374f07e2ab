//! A REQ socket keeps every message.
//@ error: E0277
//@ says: Req` sockets cannot conflate
//@ says: DEALER, PUSH, PULL, PUB and SUB sockets can

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Req)?.set_conflate(true)?;
    #[cfg(right)]
    context.socket(zmq::Push)?.set_conflate(true)?;
    Ok(())
}
