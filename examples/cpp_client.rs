//! A client that uses message objects instead of buffers. It sends one request to `cpp_server` and prints the reply.
//!
//! Ports a C++ client.
//!
//! ```text
//! cargo run --example cpp_client -- [endpoint=tcp://localhost:5555]
//! ```

use std::env;

use zmq::{Context, Message, Req};

fn main() -> zmq::Result<()> {
    let endpoint = env::args().nth(1).unwrap_or("tcp://localhost:5555".into());

    let context = Context::builder().io_threads(1).build()?;
    let socket = context.socket(Req)?;
    socket.connect(endpoint)?;

    let request = Message::from("Client request");
    socket.send(request)?;

    let reply = socket.recv()?;
    println!("Received: {}", reply.into_string()?);
    Ok(())
}
