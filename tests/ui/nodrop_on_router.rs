//! Only sockets that publish can wait for subscribers.
//@ error: E0277
//@ says: Router` sockets do not publish
//@ says: PUB and XPUB sockets do

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Router)?.set_xpub_nodrop(true)?;
    #[cfg(right)]
    context.socket(zmq::Pub)?.set_xpub_nodrop(true)?;
    Ok(())
}
