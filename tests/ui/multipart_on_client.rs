//! A CLIENT socket has messages of one part only.
//@ error: E0277
//@ says: Client` sockets have no multipart messages

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let client = context.socket(zmq::Client)?;
    #[cfg(wrong)]
    client.try_send_multipart(["a", "b"])?;
    #[cfg(wrong)]
    client.try_send_more("a")?;
    #[cfg(wrong)]
    let _ = client.try_recv_multipart()?;
    #[cfg(right)]
    client.try_send("a")?;
    Ok(())
}
