//! A request-reply server that receives `Hello`, works for a second and replies `World`, forever. It prints each request.
//!
//! Ports the C server with which most introductions to ZeroMQ begin (`hwserver.c` in the ZeroMQ Guide). The client is
//! `hello_client`.
//!
//! ```text
//! cargo run --example hello_server -- [endpoint=tcp://*:5555] [work_ms=1000]
//! ```

use std::error::Error;
use std::time::Duration;
use std::{env, thread};

use zmq::{Context, Rep};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://*:5555".into());
    let work = Duration::from_millis(args.next().unwrap_or("1000".into()).parse()?);

    // The socket for the clients.
    let context = Context::new()?;
    let responder = context.socket(Rep)?;
    responder.bind(endpoint)?;

    loop {
        let mut buffer = [0; 10];
        let received = responder.recv_into(&mut buffer)?;
        println!("Received {}", received.escape_ascii());
        thread::sleep(work);
        responder.send("World")?;
    }
}
