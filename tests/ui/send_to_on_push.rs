//! A PUSH socket does not take the address of a receiver.
//@ error: E0277
//@ says: Push` sockets do not send to such an address

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Push)?.try_send_to("somebody", "message")?;
    #[cfg(right)]
    context.socket(zmq::Push)?.try_send("message")?;
    Ok(())
}
