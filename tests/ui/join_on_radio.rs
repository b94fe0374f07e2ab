//! A RADIO socket does not join groups.
//@ error: E0277
//@ says: this call is for `zmq::Dish` sockets, not `zmq::Radio`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Radio)?.join("group")?;
    #[cfg(right)]
    context.socket(zmq::Dish)?.join("group")?;
    Ok(())
}
