//! Measures the throughput between two threads.
//!
//! The arguments are the message size and the number of messages. libzmq's program of this name takes the same arguments and prints the
//! same lines.
//!
//! ```text
//! cargo run --release --example inproc_thr -- 64 1000000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]
#![allow(clippy::expect_used, reason = "if a thread panics, the program panics as well")]

use std::process::ExitCode;
use std::time::Instant;
use std::{env, thread};

use zmq::{Context, Error, MessageMut, Pull, Push};

fn arguments() -> Option<(usize, u64)> {
    let mut arguments = env::args().skip(1);
    let message_size = arguments.next()?.parse().ok()?;
    let message_count = arguments.next()?.parse().ok().filter(|&count| count > 0)?;
    if arguments.next().is_none() { Some((message_size, message_count)) } else { None }
}

fn worker(context: &Context, message_size: usize, message_count: u64) -> Result<(), Error> {
    let socket = context.socket(Push)?;
    socket.connect("inproc://thr_test")?;
    for _ in 0..message_count {
        socket.send(MessageMut::try_zeroed(message_size)?)?;
    }
    Ok(())
}

fn main() -> Result<ExitCode, Error> {
    let Some((message_size, message_count)) = arguments() else {
        println!("usage: inproc_thr <message-size> <message-count>");
        return Ok(ExitCode::FAILURE);
    };

    let context = Context::new()?;
    let socket = context.socket(Pull)?;
    socket.bind("inproc://thr_test")?;
    let sending = context.clone();
    let worker = thread::spawn(move || worker(&sending, message_size, message_count));

    println!("message size: {message_size} [B]");
    println!("message count: {message_count}");

    // The measurement starts at the first message, when the worker is running.
    let mut message = socket.recv()?;
    let start = Instant::now();
    for _ in 1..message_count {
        socket.recv_to(&mut message)?;
        if message.len() != message_size {
            println!("message of incorrect size received");
            return Ok(ExitCode::FAILURE);
        }
    }
    let elapsed = start.elapsed().as_secs_f64().max(1e-6);
    worker.join().expect("the worker does not panic")?;

    let throughput = message_count as f64 / elapsed;
    let megabits = throughput * message_size as f64 * 8.0 / 1e6;
    println!("mean throughput: {:.0} [msg/s]", throughput.trunc());
    println!("mean throughput: {megabits:.3} [Mb/s]");
    Ok(ExitCode::SUCCESS)
}
