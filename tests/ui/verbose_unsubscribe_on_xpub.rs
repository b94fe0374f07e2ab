//! An XPUB socket sends no subscriptions.
//@ error: E0277
//@ says: XPub` sockets do not send subscriptions
//@ says: XSUB sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::XPub)?.set_xsub_verbose_unsubscribe(true)?;
    #[cfg(right)]
    context.socket(zmq::XSub)?.set_xsub_verbose_unsubscribe(true)?;
    Ok(())
}
