//! A message is sent by value, or by reference to keep it.
//@ error: E0277
//@ says: `&mut Message` is not a message
//@ says: instead of `&mut message`, pass `message`, or `&message` to keep it

fn main() -> Result<(), zmq::Error> {
    let socket = zmq::Context::new()?.socket(zmq::Push)?;
    let mut message = zmq::Message::from("Hello");
    #[cfg(wrong)]
    socket.try_send(&mut message)?;
    #[cfg(right)]
    socket.try_send(&message)?;
    message = zmq::Message::new();
    drop(message);
    Ok(())
}
