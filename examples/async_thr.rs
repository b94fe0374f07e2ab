//! Measures the throughput over tcp between two sockets in one process, each with its own runtime or thread.
//!
//! The first argument names what runs each side: `tokio` is tokio's `current_thread` runtime, `tokio-mt` is tokio's multi-thread runtime
//! with a spawned task, `smol` is smol's `block_on`, and `blocking` is a thread without a runtime. The other arguments are the message
//! size and the number of messages. The output has the same lines as the output of libzmq's `local_thr`.
//!
//! ```text
//! cargo run --release --features smol,tokio --example async_thr -- tokio 64 1000000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, thread};

use tokio::runtime::Builder;
use zmq::aio::{self, Reactor};
use zmq::{Context, MessageMut, Pull, Push, Socket};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Clone, Copy)]
enum Driver {
    Tokio,
    TokioMultiThread,
    Smol,
    Blocking,
}

#[derive(Clone, Copy)]
struct Arguments {
    driver: Driver,
    message_size: usize,
    message_count: u64,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        driver: match arguments.next()?.as_str() {
            "tokio" => Driver::Tokio,
            "tokio-mt" => Driver::TokioMultiThread,
            "smol" => Driver::Smol,
            "blocking" => Driver::Blocking,
            _ => return None,
        },
        message_size: arguments.next()?.parse().ok()?,
        message_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

/// Runs one side of the measurement in a runtime of its own.
fn in_runtime<T: Send + 'static>(
    driver: Driver,
    end: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match driver {
        Driver::TokioMultiThread => {
            let runtime = Builder::new_multi_thread().enable_io().build()?;
            runtime.block_on(runtime.spawn(end))?
        }
        Driver::Smol => smol::block_on(end),
        _ => Builder::new_current_thread().enable_io().build()?.block_on(end),
    }
}

fn send(socket: Socket<Push>, arguments: Arguments) -> Result<()> {
    let Arguments { driver, message_size, message_count } = arguments;
    match driver {
        Driver::Blocking => {
            for _ in 0..message_count {
                socket.send(MessageMut::try_zeroed(message_size)?)?;
            }
            Ok(())
        }
        Driver::Smol => in_runtime(driver, async move { send_async(socket.into_smol()?, arguments).await }),
        _ => in_runtime(driver, async move { send_async(socket.into_tokio()?, arguments).await }),
    }
}

async fn send_async<R: Reactor>(mut socket: aio::Socket<Push, R>, arguments: Arguments) -> Result<()> {
    for _ in 0..arguments.message_count {
        socket.send(MessageMut::try_zeroed(arguments.message_size)?).await?;
    }
    Ok(())
}

/// Returns the time of all messages but the first. When the first has arrived, both sides are running.
fn receive(socket: Socket<Pull>, arguments: Arguments) -> Result<Duration> {
    let Arguments { driver, message_count, .. } = arguments;
    match driver {
        Driver::Blocking => {
            let mut message = socket.recv()?;
            let start = Instant::now();
            for _ in 1..message_count {
                socket.recv_to(&mut message)?;
            }
            Ok(start.elapsed())
        }
        Driver::Smol => {
            in_runtime(driver, async move { receive_async(socket.into_smol()?, arguments).await })
        }
        _ => in_runtime(driver, async move { receive_async(socket.into_tokio()?, arguments).await }),
    }
}

async fn receive_async<R: Reactor>(
    mut socket: aio::Socket<Pull, R>,
    arguments: Arguments,
) -> Result<Duration> {
    let mut message = socket.recv().await?;
    let start = Instant::now();
    for _ in 1..arguments.message_count {
        socket.recv_to(&mut message).await?;
    }
    Ok(start.elapsed())
}

fn main() -> Result<ExitCode> {
    let Some(arguments) = arguments() else {
        println!("usage: async_thr <tokio|tokio-mt|smol|blocking> <message-size> <message-count>");
        return Ok(ExitCode::FAILURE);
    };
    let Arguments { message_size, message_count, .. } = arguments;

    let context = Context::new()?;
    let receiver = context.socket(Pull)?;
    let endpoint = receiver.bind("tcp://127.0.0.1:*")?;
    let sender = context.socket(Push)?;
    sender.connect(endpoint)?;

    let sending = thread::spawn(move || send(sender, arguments));
    let elapsed = receive(receiver, arguments)?.as_secs_f64().max(1e-6);
    sending.join().map_err(|_| "the sending thread panicked")??;

    let throughput = message_count as f64 / elapsed;
    let megabits = throughput * message_size as f64 * 8.0 / 1e6;
    println!("message size: {message_size} [B]");
    println!("message count: {message_count}");
    println!("mean throughput: {:.0} [msg/s]", throughput.trunc());
    println!("mean throughput: {megabits:.3} [Mb/s]");
    Ok(ExitCode::SUCCESS)
}
