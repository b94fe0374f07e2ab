//! A SERVER socket returns the sender of each message.
//@ error: E0277
//@ says: Server` sockets cannot receive
//@ says: with `recv_from`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let server = context.socket(zmq::Server)?;
    #[cfg(wrong)]
    let _ = server.try_recv()?;
    #[cfg(right)]
    let _ = server.try_recv_from()?;
    Ok(())
}
