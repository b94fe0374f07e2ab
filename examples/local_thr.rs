//! Measures the throughput between two processes: this one receives and prints the result. Start it, then start `remote_thr`.
//!
//! The arguments are the endpoint, the message size, the number of messages, and optionally 1 to encrypt with CURVE. libzmq's program of
//! this name takes the same arguments and prints the same lines.
//!
//! ```text
//! cargo run --release --example local_thr -- tcp://127.0.0.1:5555 64 1000000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use zmq::security::{CurveServer, SecretKey};
use zmq::{Context, Pull};

/// The secret key of this program. `remote_thr` has the public key that belongs to it.
const SERVER_SECRET_KEY: &str = "{X}#>t#jRGaQ}gMhv=30r(Mw+87YGs+5%kh=i@f8";

struct Arguments {
    bind_to: String,
    message_size: usize,
    message_count: u64,
    curve: bool,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        bind_to: arguments.next()?,
        message_size: arguments.next()?.parse().ok()?,
        message_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
        curve: arguments.next().is_some_and(|curve| curve != "0"),
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(Arguments { bind_to, message_size, message_count, curve }) = arguments() else {
        println!("usage: local_thr <bind-to> <message-size> <message-count> [<enable_curve>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = Context::new()?;
    let socket = context.socket(Pull)?;
    if curve {
        let key: SecretKey = SERVER_SECRET_KEY.parse()?;
        socket.set_security(CurveServer::new(key))?;
    }
    socket.bind(&bind_to)?;

    // The measurement starts at the first message, when the connection exists.
    let mut message = socket.recv()?;
    if message.len() != message_size {
        return Ok(incorrect_size());
    }
    let start = Instant::now();
    for _ in 1..message_count {
        socket.recv_to(&mut message)?;
        if message.len() != message_size {
            return Ok(incorrect_size());
        }
    }
    let elapsed = start.elapsed().as_secs_f64().max(1e-6);

    let throughput = message_count as f64 / elapsed;
    let megabits = throughput * message_size as f64 * 8.0 / 1e6;
    println!("message size: {message_size} [B]");
    println!("message count: {message_count}");
    println!("mean throughput: {:.0} [msg/s]", throughput.trunc());
    println!("mean throughput: {megabits:.3} [Mb/s]");
    Ok(ExitCode::SUCCESS)
}

fn incorrect_size() -> ExitCode {
    println!("message of incorrect size received");
    ExitCode::FAILURE
}
