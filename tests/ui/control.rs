//! Compiles: the program that all other cases vary.

fn main() -> Result<(), zmq::Error> {
    zmq::Context::new()?.socket(zmq::Pair)?.send("Hello")?;
    Ok(())
}
