//! Measures the latency over tcp between two sockets in one process, each with its own runtime or thread.
//!
//! The first argument names what runs each side: `tokio` is tokio's `current_thread` runtime, `tokio-mt` is tokio's multi-thread runtime
//! with a spawned task, `smol` is smol's `block_on`, and `blocking` is a thread without a runtime. The other arguments are the message
//! size and the number of round trips. The output has the same lines as the output of libzmq's `remote_lat`.
//!
//! ```text
//! cargo run --release --features smol,tokio --example async_lat -- tokio 64 10000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, thread};

use tokio::runtime::Builder;
use zmq::aio::{self, Reactor};
use zmq::{Context, MessageMut, Rep, Req, Socket};

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
    roundtrip_count: u64,
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
        roundtrip_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
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

/// Returns each request to its sender. The first request is not measured.
fn echo(socket: Socket<Rep>, arguments: Arguments) -> Result<()> {
    let Arguments { driver, roundtrip_count, .. } = arguments;
    match driver {
        Driver::Blocking => {
            for _ in 0..=roundtrip_count {
                let message = socket.recv()?;
                socket.send(message)?;
            }
            Ok(())
        }
        Driver::Smol => in_runtime(driver, async move { echo_async(socket.into_smol()?, arguments).await }),
        _ => in_runtime(driver, async move { echo_async(socket.into_tokio()?, arguments).await }),
    }
}

async fn echo_async<R: Reactor>(mut socket: aio::Socket<Rep, R>, arguments: Arguments) -> Result<()> {
    for _ in 0..=arguments.roundtrip_count {
        let message = socket.recv().await?;
        socket.send(message).await?;
    }
    Ok(())
}

/// Returns the time of all round trips but the first. When the first is over, both sides are running.
fn ask(socket: Socket<Req>, arguments: Arguments) -> Result<Duration> {
    let Arguments { driver, message_size, roundtrip_count } = arguments;
    match driver {
        Driver::Blocking => {
            socket.send(MessageMut::try_zeroed(message_size)?)?;
            let mut message = socket.recv()?;
            let start = Instant::now();
            for _ in 0..roundtrip_count {
                socket.send(message)?;
                message = socket.recv()?;
            }
            Ok(start.elapsed())
        }
        Driver::Smol => in_runtime(driver, async move { ask_async(socket.into_smol()?, arguments).await }),
        _ => in_runtime(driver, async move { ask_async(socket.into_tokio()?, arguments).await }),
    }
}

async fn ask_async<R: Reactor>(mut socket: aio::Socket<Req, R>, arguments: Arguments) -> Result<Duration> {
    socket.send(MessageMut::try_zeroed(arguments.message_size)?).await?;
    let mut message = socket.recv().await?;
    let start = Instant::now();
    for _ in 0..arguments.roundtrip_count {
        socket.send(message).await?;
        message = socket.recv().await?;
    }
    Ok(start.elapsed())
}

fn main() -> Result<ExitCode> {
    let Some(arguments) = arguments() else {
        println!("usage: async_lat <tokio|tokio-mt|smol|blocking> <message-size> <roundtrip-count>");
        return Ok(ExitCode::FAILURE);
    };
    let Arguments { message_size, roundtrip_count, .. } = arguments;

    let context = Context::new()?;
    let responder = context.socket(Rep)?;
    let endpoint = responder.bind("tcp://127.0.0.1:*")?;
    let requester = context.socket(Req)?;
    requester.connect(endpoint)?;

    let echoing = thread::spawn(move || echo(responder, arguments));
    let elapsed = ask(requester, arguments)?.as_secs_f64();
    echoing.join().map_err(|_| "the echoing thread panicked")??;

    let latency = elapsed * 1e6 / (roundtrip_count as f64 * 2.0);
    println!("message size: {message_size} [B]");
    println!("roundtrip count: {roundtrip_count}");
    println!("average latency: {latency:.3} [us]");
    Ok(ExitCode::SUCCESS)
}
