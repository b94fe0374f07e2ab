//! A PUB socket does not receive.
//@ error: E0277
//@ says: Pub` sockets cannot receive
//@ says: SUB, PULL, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Pub)?.recv()?;
    #[cfg(right)]
    context.socket(zmq::Sub)?.recv()?;
    Ok(())
}
