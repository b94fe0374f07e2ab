//! Measures the throughput between two processes: this one sends to `local_thr`, which prints the result.
//!
//! The arguments are the endpoint, the message size, the number of messages, and optionally 1 to encrypt with CURVE. libzmq's program of
//! this name takes the same arguments.
//!
//! ```text
//! cargo run --release --example remote_thr -- tcp://127.0.0.1:5555 64 1000000
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;

use zmq::security::{CurveClient, KeyPair};
use zmq::{Context, MessageMut, Push};

/// The public key of `local_thr`.
const SERVER_PUBLIC_KEY: &str = "DX4nh=yUn{-9ugra0X3Src4SU-4xTgqxcYY.+<SH";

struct Arguments {
    connect_to: String,
    message_size: usize,
    message_count: u64,
    curve: bool,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        connect_to: arguments.next()?,
        message_size: arguments.next()?.parse().ok()?,
        message_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
        curve: arguments.next().is_some_and(|curve| curve != "0"),
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(Arguments { connect_to, message_size, message_count, curve }) = arguments() else {
        println!("usage: remote_thr <connect-to> <message-size> <message-count> [<enable_curve>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = Context::new()?;
    let socket = context.socket(Push)?;
    if curve {
        let server = SERVER_PUBLIC_KEY.parse()?;
        socket.set_security(CurveClient::new(&KeyPair::generate()?, server))?;
    }
    socket.connect(&connect_to)?;

    for _ in 0..message_count {
        socket.send(MessageMut::try_zeroed(message_size)?)?;
    }
    // Dropping the context waits until all messages are sent.
    Ok(ExitCode::SUCCESS)
}
