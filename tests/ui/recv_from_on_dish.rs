//! A DISH socket does not return the sender of a message.
//@ error: E0599
//@ says: CanRecvFrom

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    let _ = context.socket(zmq::Dish)?.try_recv_from()?;
    #[cfg(right)]
    let _ = context.socket(zmq::Dish)?.try_recv()?;
    Ok(())
}
