//! A secret key cannot be printed by accident. A method with an explicit name returns its text.
//@ error: E0277

fn main() -> Result<(), zmq::Error> {
    let keys = zmq::security::KeyPair::generate()?;
    #[cfg(wrong)]
    println!("{}", keys.secret_key());
    #[cfg(right)]
    println!("{}", keys.public_key());
    Ok(())
}
