//! A message is made of bytes or text.
//@ error: E0277
//@ says: `Point` is not a message
//@ says: `{integer}` is not a message
//@ says: turn a number into bytes with `to_be_bytes()`, or into text with `to_string()`
//@ says: serialize a type of your own, for example to JSON, or implement `From<YourType>` for `zmq::Message`
//@ says: from `bytes::Bytes` if the feature `bytes` of the package `zmq` is enabled

struct Point {
    x: i32,
}

#[cfg(right)]
impl From<Point> for zmq::Message {
    fn from(point: Point) -> zmq::Message {
        zmq::Message::from(point.x.to_be_bytes())
    }
}

fn main() -> Result<(), zmq::Error> {
    let socket = zmq::Context::new()?.socket(zmq::Push)?;
    socket.try_send(Point { x: 1 })?;
    #[cfg(wrong)]
    socket.try_send(5)?;
    #[cfg(right)]
    socket.try_send(5_u32.to_be_bytes())?;
    Ok(())
}
