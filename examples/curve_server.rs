//! An encrypted server that lets in only clients whose certificates it has. Start it, then start `curve_client`.
//!
//! The server keeps its keys in a directory. The certificates of its clients are in the subdirectory `clients`. The server prints its
//! public key, answers one request and ends.
//!
//! ```text
//! cargo run --example curve_server -- [endpoint=tcp://*:5556] [directory=curve-keys]
//! ```

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use zmq::security::{Authenticator, Certificate, CurveClients, CurveServer, KeyPair};
use zmq::{Context, Rep};

/// Returns the keys of the server from their file. If there is no file, generates the keys and saves them first.
fn server_keys(directory: &Path) -> zmq::Result<Certificate> {
    let public = directory.join("server.key");
    if !public.exists() {
        Certificate::new(KeyPair::generate()?).save(&public)?;
    }
    Certificate::read(directory.join("server.key_secret"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://*:5556".into());
    let directory = args.next().unwrap_or("curve-keys".into());
    let directory = Path::new(&directory);
    fs::create_dir_all(directory.join("clients"))?;

    let context = Context::new()?;
    let authenticator = Authenticator::new(&context)?;
    authenticator.set_curve_clients("*", CurveClients::directory(directory.join("clients"))?)?;

    let certificate = server_keys(directory)?;
    let keys = certificate.key_pair().ok_or("no secret key")?;
    let server = context.socket(Rep)?;
    // A server with a ZAP domain rejects every client while the context has no authenticator.
    server.set_security(CurveServer::new(keys).zap_domain("example"))?;
    server.bind(endpoint)?;
    println!("My public key is {}", certificate.public_key());

    let request = server.recv()?;
    println!("Received {} from {}", request.to_str()?, request.property("name")?.unwrap_or("somebody"));
    server.send("World")?;
    Ok(())
}
