//! A secret key has no text but the one that is asked for by name.
//@ error: E0277

fn main() -> Result<(), zmq::Error> {
    let keys = zmq::security::KeyPair::generate()?;
    #[cfg(wrong)]
    println!("{}", keys.secret_key());
    #[cfg(right)]
    println!("{}", keys.public_key());
    Ok(())
}
