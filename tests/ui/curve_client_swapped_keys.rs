//! The server's public key and the client's own keys cannot be swapped.
//@ error: E0308

fn main() -> Result<(), zmq::Error> {
    let keys = zmq::security::KeyPair::generate()?;
    let server = zmq::security::KeyPair::generate()?.public_key();
    #[cfg(wrong)]
    drop(zmq::security::CurveClient::new(server, &keys));
    #[cfg(right)]
    drop(zmq::security::CurveClient::new(&keys, server));
    Ok(())
}
