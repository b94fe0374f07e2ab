//! Measures the latency between two processes: this one returns each message. Start it, then start `remote_lat`, which prints the
//! result.
//!
//! The arguments are the endpoint, the message size and the number of round trips. libzmq's program of this name takes the same
//! arguments.
//!
//! The optional last argument is the spin time in microseconds: threads that wait spin for this time before they sleep. libzmq's program
//! does not have this argument.
//!
//! ```text
//! cargo run --release --example local_lat -- tcp://127.0.0.1:5555 64 10000
//! ```

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use zmq::{Context, Error, Rep};

struct Arguments {
    bind_to: String,
    message_size: usize,
    roundtrip_count: u64,
    spin_time: Option<Duration>,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        bind_to: arguments.next()?,
        message_size: arguments.next()?.parse().ok()?,
        roundtrip_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
        spin_time: match arguments.next() {
            Some(microseconds) => Some(Duration::from_micros(microseconds.parse().ok()?)),
            None => None,
        },
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

fn main() -> Result<ExitCode, Error> {
    let Some(Arguments { bind_to, message_size, roundtrip_count, spin_time }) = arguments() else {
        println!("usage: local_lat <bind-to> <message-size> <roundtrip-count> [<spin-microseconds>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = match spin_time {
        Some(time) => Context::builder().spin_time(time).build()?,
        None => Context::new()?,
    };
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
