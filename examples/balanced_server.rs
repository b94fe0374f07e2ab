//! A server for `balanced_client`. It prints each request, and counts its replies.
//!
//! Ports a C server. Like the original, it prints the reason if the bind fails.
//!
//! ```text
//! cargo run --example balanced_server -- [endpoint=tcp://*:8000] [work_ms=1000]
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, thread};

use zmq::{Context, Rep};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://*:8000".into());
    let work = Duration::from_millis(args.next().unwrap_or("1000".into()).parse()?);

    // The socket for the clients.
    let context = Context::new()?;
    let responder = context.socket(Rep)?;
    if let Err(error) = responder.bind(endpoint) {
        println!("Error occurred during zmq_bind(): {}", error.strerror());
        return Ok(ExitCode::FAILURE);
    }

    let mut count = 0;
    loop {
        let mut buffer = [0; 10];
        let received = responder.recv_into(&mut buffer)?;
        println!("{}.", received.escape_ascii());
        thread::sleep(work);
        responder.send("World")?;
        println!("send world to client with count={count}.");
        count += 1;
    }
}
