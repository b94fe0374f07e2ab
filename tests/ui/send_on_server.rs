//! A SERVER socket needs the address of the receiver.
//@ error: E0277
//@ says: Server` sockets cannot send
//@ says: with `send_to`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let server = context.socket(zmq::Server)?;
    let Some(client) = zmq::message::RoutingId::new(1) else { return Ok(()) };
    #[cfg(wrong)]
    server.send("to whom?")?;
    #[cfg(right)]
    server.send_to(client, "to you")?;
    let _ = client;
    Ok(())
}
