//! An encrypted client for `curve_server`.
//!
//! The client makes its own keys and puts its public certificate into the directory in which the server looks for the certificates of its
//! clients. Between two machines, a person would copy this certificate, and the server's public key, to the other machine.
//!
//! ```text
//! cargo run --example curve_client -- [tcp://localhost:5556] [directory=curve-keys]
//! ```

use std::error::Error;
use std::path::Path;
use std::{env, process};

use zmq::security::{Certificate, CurveClient, KeyPair};
use zmq::{Context, Req};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://localhost:5556".into());
    let directory = args.next().unwrap_or("curve-keys".into());
    let directory = Path::new(&directory);

    let keys = KeyPair::generate()?;
    let mut certificate = Certificate::of(keys.public_key());
    certificate.set_metadata("name", "a client of the example")?;
    certificate.save(directory.join(format!("clients/{}.key", process::id())))?;

    let server = Certificate::read(directory.join("server.key"))?;
    let context = Context::new()?;
    let client = context.socket(Req)?;
    client.set_security(CurveClient::new(&keys, server.public_key()))?;
    client.connect(endpoint)?;

    client.send("Hello")?;
    println!("Received {}", client.recv_string()?);
    Ok(())
}
