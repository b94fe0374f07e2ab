//! A tuple has up to six parts. Each part is bytes or text.
//@ error: E0277
//@ says: `(&str, &[u8; 1], &str, Vec<u8>, &str, String, &str)` is not a multipart message
//@ says: `(&str, {integer})` is not a multipart message
//@ says: up to six parts of several types are a tuple
//@ says: for more, write `[Message::from("a"), Message::from(b"b"), …]`
//@ says: each part is bytes or text: whatever `send` takes

#[cfg(right)]
use zmq::Message;

fn main() -> Result<(), zmq::Error> {
    let socket = zmq::Context::new()?.socket(zmq::Push)?;
    #[cfg(wrong)]
    {
        socket.try_send_multipart(("a", b"b", "c", vec![1_u8], "e", String::new(), "g"))?;
        socket.try_send_multipart(("a", 5))?;
    }
    #[cfg(right)]
    {
        socket.try_send_multipart([
            Message::from("a"),
            Message::from(b"b"),
            Message::from("c"),
            Message::from(vec![1_u8]),
            Message::from("e"),
            Message::from(String::new()),
            Message::from("g"),
        ])?;
        socket.try_send_multipart(("a", "5"))?;
    }
    Ok(())
}
