//! A PUSH socket has no subscriptions.
//@ error: E0277
//@ says: Push` sockets have no topics
//@ says: PUB, XPUB, SUB and XSUB sockets have

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Push)?.topics_count()?;
    #[cfg(right)]
    context.socket(zmq::Sub)?.topics_count()?;
    Ok(())
}
