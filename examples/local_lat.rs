//! Measures the latency between two processes: this one returns each message. Start it, then start `remote_lat`, which prints the
//! result.
//!
//! The arguments are the endpoint, the message size and the number of round trips. libzmq's program of this name takes the same
//! arguments.
//!
//! ```text
//! cargo run --release --example local_lat -- tcp://127.0.0.1:5555 64 10000
//! ```

use std::env;
use std::process::ExitCode;

use zmq::{Context, Error, Rep};

struct Arguments {
    bind_to: String,
    message_size: usize,
    roundtrip_count: u64,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        bind_to: arguments.next()?,
        message_size: arguments.next()?.parse().ok()?,
        roundtrip_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

fn main() -> Result<ExitCode, Error> {
    let Some(Arguments { bind_to, message_size, roundtrip_count }) = arguments() else {
        println!("usage: local_lat <bind-to> <message-size> <roundtrip-count>");
        return Ok(ExitCode::FAILURE);
    };

    let context = Context::new()?;
    let socket = context.socket(Rep)?;
    socket.bind(&bind_to)?;

    for _ in 0..roundtrip_count {
        let message = socket.recv()?;
        if message.len() != message_size {
            println!("message of incorrect size received");
            return Ok(ExitCode::FAILURE);
        }
        socket.send(message)?;
    }
    Ok(ExitCode::SUCCESS)
}
