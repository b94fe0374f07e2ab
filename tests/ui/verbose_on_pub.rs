//! A PUB socket does not show subscriptions.
//@ error: E0277
//@ says: Pub` sockets do not receive subscriptions
//@ says: XPUB sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Pub)?.set_xpub_verbose(true)?;
    #[cfg(right)]
    context.socket(zmq::XPub)?.set_xpub_verbose(true)?;
    Ok(())
}
