//! Hello, World: a server and a client in one program, each in its own thread. Both print what they receive.
//!
//! ```text
//! cargo run --example hello_world
//! ```
//!
//! `hello_server` and `hello_client` do the same in two programs.

use std::error::Error;
use std::thread;

use zmq::{Context, Rep, Req};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;

    // The server listens at any free port and replies to ten requests.
    let responder = context.socket(Rep)?;
    let endpoint = responder.bind("tcp://127.0.0.1:*")?;

    let server = thread::spawn(move || -> zmq::Result<()> {
        for _ in 0..10 {
            let request = responder.recv_string()?;
            println!("Received {request}");
            responder.send("World")?;
        }
        Ok(())
    });

    // The client sends ten requests to the server.
    let requester = context.socket(Req)?;
    requester.connect(&endpoint)?;

    for number in 0..10 {
        println!("Sending Hello {number}...");
        requester.send("Hello")?;
        let reply = requester.recv_string()?;
        println!("Received {reply} {number}");
    }

    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}
