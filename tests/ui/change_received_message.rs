//! The bytes of a message cannot be changed, as other messages may show the same ones.
//@ error: E0594
//@ says: `Message`

fn main() -> Result<(), zmq::Error> {
    #[cfg(wrong)]
    let mut message = zmq::Context::new()?.socket(zmq::Pull)?.recv()?;
    #[cfg(right)]
    let mut message = zmq::MessageMut::try_zeroed(10)?;
    message[0] = b'j';
    Ok(())
}
