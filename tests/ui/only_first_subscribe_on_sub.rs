//! A SUB socket subscribes by an option, not by messages.
//@ error: E0277
//@ says: Sub` sockets have no messages that are subscriptions
//@ says: XPUB and XSUB sockets have

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Sub)?.set_only_first_subscribe(true)?;
    #[cfg(right)]
    context.socket(zmq::XSub)?.set_only_first_subscribe(true)?;
    Ok(())
}
