//! An XPUB socket sends no subscriptions.
//@ error: E0277
//@ says: this call is for `zmq::XSub` sockets, not `zmq::XPub`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::XPub)?.set_xsub_verbose_unsubscribe(true)?;
    #[cfg(right)]
    context.socket(zmq::XSub)?.set_xsub_verbose_unsubscribe(true)?;
    Ok(())
}
