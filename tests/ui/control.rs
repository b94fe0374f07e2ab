//! This program compiles. All other cases are variations of it.

fn main() -> Result<(), zmq::Error> {
    zmq::Context::new()?.socket(zmq::Pair)?.send("Hello")?;
    Ok(())
}
