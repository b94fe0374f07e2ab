//! A request-reply client that sends `Hello` and receives `World`, ten times.
//!
//! Ports the C client with which most introductions to ZeroMQ begin (`hwclient.c` in the ZeroMQ Guide). The C program calls
//! functions that close the socket and destroy the context. In Rust, both happen at the end of `main`.
//!
//! Start `hello_server` as well. The client prints each request and reply.
//!
//! ```text
//! cargo run --example hello_client -- [endpoint=tcp://localhost:5555] [requests=10]
//! ```

use std::env;
use std::error::Error;

use zmq::{Context, Req};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://localhost:5555".into());
    let requests: u32 = args.next().unwrap_or("10".into()).parse()?;

    println!("Connecting to hello world server...");
    let context = Context::new()?;
    let requester = context.socket(Req)?;
    requester.connect(endpoint)?;

    for number in 0..requests {
        let mut buffer = [0; 10];
        println!("Sending Hello {number}...");
        requester.send("Hello")?;
        let received = requester.recv_into(&mut buffer)?;
        println!("Received {} {number}", received.escape_ascii());
    }
    Ok(())
}
