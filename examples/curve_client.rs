//! An encrypted client for `curve_server`. It sends one request and prints the reply.
//!
//! The client generates its own keys. It saves its public certificate in the directory from which the server reads the certificates of
//! its clients. If the two programs run on different machines, copy this certificate to the server, and the server's certificate
//! (`server.key`) to the client.
//!
//! ```text
//! cargo run --example curve_client -- [endpoint=tcp://localhost:5556] [directory=curve-keys]
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
