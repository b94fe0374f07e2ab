//! A SUB socket does not send.
//@ error: E0277
//@ says: Sub` sockets cannot send
//@ says: PUB, PUSH, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Sub)?.send("Hello")?;
    #[cfg(right)]
    context.socket(zmq::XSub)?.send("Hello")?;
    Ok(())
}
