//! Measures the latency between two processes: this one sends to `local_lat` and prints the result.
//!
//! The arguments are the endpoint, the message size and the number of round trips. libzmq's program of this name takes the same
//! arguments and prints the same lines.
//!
//! The optional last argument is the spin time in microseconds: threads that wait spin for this time before they sleep. libzmq's program
//! does not have this argument.
//!
//! ```text
//! cargo run --release --example remote_lat -- tcp://127.0.0.1:5555 64 10000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use zmq::{Context, Error, Message, MessageMut, Req};

struct Arguments {
    connect_to: String,
    message_size: usize,
    roundtrip_count: u64,
    spin_time: Option<Duration>,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        connect_to: arguments.next()?,
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
    let Some(Arguments { connect_to, message_size, roundtrip_count, spin_time }) = arguments() else {
        println!("usage: remote_lat <connect-to> <message-size> <roundtrip-count> [<spin-microseconds>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = match spin_time {
        Some(time) => Context::builder().spin_time(time).build()?,
        None => Context::new()?,
    };
    let socket = context.socket(Req)?;
    socket.connect(&connect_to)?;

    let mut message = Message::from(MessageMut::try_zeroed(message_size)?);
    let start = Instant::now();
    for _ in 0..roundtrip_count {
        socket.send(message)?;
        message = socket.recv()?;
        if message.len() != message_size {
            println!("message of incorrect size received");
            return Ok(ExitCode::FAILURE);
        }
    }
    let elapsed = start.elapsed();

    let latency = elapsed.as_secs_f64() * 1e6 / (roundtrip_count as f64 * 2.0);
    println!("message size: {message_size} [B]");
    println!("roundtrip count: {roundtrip_count}");
    println!("average latency: {latency:.3} [us]");
    Ok(ExitCode::SUCCESS)
}
