//! The bytes of a message cannot be changed, because other messages may share them.
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
