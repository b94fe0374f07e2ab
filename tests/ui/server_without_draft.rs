//! The compiler names the feature that a socket type needs.
//@ error: E0425
//@ says: `draft`

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    context.socket(zmq::Server)?;
    #[cfg(right)]
    context.socket(zmq::Rep)?;
    Ok(())
}
