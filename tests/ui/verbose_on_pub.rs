//! A PUB socket does not show subscriptions.
//@ error: E0277
//@ says: this call is for `zmq::XPub` sockets, not `zmq::Pub`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Pub)?.set_xpub_verbose(true)?;
    #[cfg(right)]
    context.socket(zmq::XPub)?.set_xpub_verbose(true)?;
    Ok(())
}
