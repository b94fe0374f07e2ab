//! Generates a key pair and saves it as certificate files, which CZMQ and pyzmq can read. If the file exists, prints its contents
//! instead.
//!
//! ```text
//! cargo run --example certificates -- [file=mine.key] [name=value ...]
//! ```
//!
//! `name=value` adds metadata to the certificate. The secret key is in a second file, whose name ends in `_secret`. On Unix, only the
//! owner of the second file can read it.

use std::env;
use std::error::Error;
use std::path::Path;

use zmq::security::{Certificate, KeyPair};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let file = args.next().unwrap_or("mine.key".into());

    if Path::new(&file).exists() {
        let certificate = Certificate::read(&file)?;
        println!("public key: {}", certificate.public_key());
        for (name, value) in certificate.metadata_iter() {
            println!("{name}: {value}");
        }
        return Ok(());
    }

    let mut certificate = Certificate::new(KeyPair::generate()?);
    for argument in args {
        let (name, value) = argument.split_once('=').ok_or("not of the form name=value")?;
        certificate.set_metadata(name, value)?;
    }
    certificate.save(&file)?;
    println!("{file}: for your peers");
    println!("{file}_secret: for you alone");
    Ok(())
}
