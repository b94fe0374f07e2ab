//! Only a SUB socket subscribes.
//@ error: E0277
//@ says: Req` sockets cannot subscribe
//@ says: SUB sockets can, and XPUB sockets for their peers; an XSUB socket sends a message

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Req)?.subscribe("A")?;
    #[cfg(right)]
    context.socket(zmq::Sub)?.subscribe("A")?;
    Ok(())
}
