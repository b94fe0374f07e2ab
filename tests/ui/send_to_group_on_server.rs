//! A SERVER socket sends to a peer, not to a group.
//@ error: E0308
//@ says: RoutingId

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Server)?.send_to("group", "message")?;
    #[cfg(right)]
    context.socket(zmq::Radio)?.send_to("group", "message")?;
    Ok(())
}
