//! A DISH socket does not tell from whom it receives.
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
