//! A public key does not make a server.
//@ error: E0277

fn main() -> Result<(), zmq::Error> {
    let keys = zmq::security::KeyPair::generate()?;
    #[cfg(wrong)]
    drop(zmq::security::CurveServer::new(keys.public_key()));
    #[cfg(right)]
    drop(zmq::security::CurveServer::new(keys.secret_key()));
    Ok(())
}
