//! Compiles: what every case is built on.

fn main() -> Result<(), zmq::Error> {
    zmq::Context::new()?.socket(zmq::Pair)?.send("Hello")?;
    Ok(())
}
