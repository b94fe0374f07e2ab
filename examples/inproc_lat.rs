//! Measures the latency between two threads.
//!
//! The arguments are the message size and the number of round trips. libzmq's program of this name takes the same arguments and prints
//! the same lines.
//!
//! The optional last argument is the spin time in microseconds: threads that wait spin for this time before they sleep. libzmq's program
//! does not have this argument.
//!
//! ```text
//! cargo run --release --example inproc_lat -- 64 10000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]
#![allow(clippy::expect_used, reason = "if a thread panics, the program panics as well")]

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, thread};

use zmq::{Context, Error, Message, MessageMut, Rep, Req};

fn arguments() -> Option<(usize, u64, Option<Duration>)> {
    let mut arguments = env::args().skip(1);
    let message_size = arguments.next()?.parse().ok()?;
    let roundtrip_count = arguments.next()?.parse().ok().filter(|&count| count > 0)?;
    let spin_time = match arguments.next() {
        Some(microseconds) => Some(Duration::from_micros(microseconds.parse().ok()?)),
        None => None,
    };
    if arguments.next().is_none() { Some((message_size, roundtrip_count, spin_time)) } else { None }
}

fn worker(context: &Context, roundtrip_count: u64) -> Result<(), Error> {
    let socket = context.socket(Rep)?;
    socket.connect("inproc://lat_test")?;
    for _ in 0..roundtrip_count {
        let message = socket.recv()?;
        socket.send(message)?;
    }
    Ok(())
}

fn main() -> Result<ExitCode, Error> {
    let Some((message_size, roundtrip_count, spin_time)) = arguments() else {
        println!("usage: inproc_lat <message-size> <roundtrip-count> [<spin-microseconds>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = match spin_time {
        Some(time) => Context::builder().spin_time(time).build()?,
        None => Context::new()?,
    };
    let socket = context.socket(Req)?;
    socket.bind("inproc://lat_test")?;
    let echoing = context.clone();
    let worker = thread::spawn(move || worker(&echoing, roundtrip_count));

    println!("message size: {message_size} [B]");
    println!("roundtrip count: {roundtrip_count}");

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
    worker.join().expect("the worker does not panic")?;

    let latency = elapsed.as_secs_f64() * 1e6 / (roundtrip_count as f64 * 2.0);
    println!("average latency: {latency:.3} [us]");
    Ok(ExitCode::SUCCESS)
}
