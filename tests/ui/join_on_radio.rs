//! A RADIO socket does not join groups.
//@ error: E0277
//@ says: Radio` sockets do not join groups

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Radio)?.join("group")?;
    #[cfg(right)]
    context.socket(zmq::Dish)?.join("group")?;
    Ok(())
}
