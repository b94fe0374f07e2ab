//! A PUB socket does not announce itself to a ROUTER.
//@ error: E0277
//@ says: Pub` sockets cannot probe a ROUTER
//@ says: ROUTER, DEALER and REQ sockets can

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Pub)?.set_probe_router(true)?;
    #[cfg(right)]
    context.socket(zmq::Dealer)?.set_probe_router(true)?;
    Ok(())
}
