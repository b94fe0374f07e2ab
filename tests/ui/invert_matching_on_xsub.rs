//! An XSUB socket does not filter.
//@ error: E0277
//@ says: XSub` sockets do not match messages with subscriptions
//@ says: PUB, XPUB and SUB sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::XSub)?.set_invert_matching(true)?;
    #[cfg(right)]
    context.socket(zmq::Sub)?.set_invert_matching(true)?;
    Ok(())
}
