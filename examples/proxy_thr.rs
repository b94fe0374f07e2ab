//! Measures the throughput of a proxy. Two publishers, the proxy, and one subscriber each have a thread.
//!
//! ```text
//! XPUB --+
//!        +--> XSUB -> XPUB --> SUB
//! XPUB --+       proxy
//! ```
//!
//! The arguments are the message size and the number of messages. libzmq's program of this name takes the same arguments and
//! prints the same lines. No message is dropped, so the result is the rate at which the proxy accepts messages.
//!
//! ```text
//! cargo run --release --example proxy_thr -- 64 1000000
//! ```

#![allow(clippy::as_conversions, reason = "the division of counts needs floating-point numbers")]
#![allow(clippy::expect_used, reason = "if a thread panics, the program panics as well")]

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, thread};

use zmq::capability::Kind;
use zmq::{Context, Error, ErrorKind, Message, Socket, Sub, XPub, XSub};

const HWM: u32 = 10_000;

fn arguments() -> Option<(usize, u64)> {
    let mut arguments = env::args().skip(1);
    let message_size = arguments.next()?.parse().ok()?;
    let message_count = arguments.next()?.parse().ok().filter(|&count| count > 0)?;
    if arguments.next().is_none() { Some((message_size, message_count)) } else { None }
}

fn set_hwm<K: Kind>(socket: &Socket<K>) -> Result<(), Error> {
    socket.set_send_hwm(HWM)?;
    socket.set_recv_hwm(HWM)
}

/// Creates a publisher and waits for its subscriber.
fn publisher(context: &Context, endpoint: &str) -> Result<Socket<XPub>, Error> {
    let socket = context.socket(XPub)?;
    set_hwm(&socket)?;
    socket.set_xpub_nodrop(true)?;
    socket.set_send_timeout(Duration::from_millis(1))?;
    socket.connect(endpoint)?;
    assert_eq!(socket.recv()?, [1], "the subscription to everything");
    Ok(socket)
}

fn publish(socket: &Socket<XPub>, message_size: usize, message_count: u64) -> Result<(), Error> {
    let message = Message::from(vec![b'A'; message_size]);
    let mut sent = 0;
    while sent < message_count {
        match socket.send(&message) {
            Ok(()) => sent += 1,
            Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(())
}

fn subscribe(socket: &Socket<Sub>, message_count: u64) -> Result<(), Error> {
    for _ in 0..message_count {
        socket.recv()?;
    }
    Ok(())
}

fn main() -> Result<ExitCode, Error> {
    let Some((message_size, message_count)) = arguments() else {
        println!("usage: proxy_thr <message-size> <message-count>");
        return Ok(ExitCode::FAILURE);
    };
    println!("message size: {message_size} [B]");
    println!("message count: {message_count}");

    let context = Context::builder().io_threads(4).build()?;

    let frontend = context.socket(XSub)?;
    set_hwm(&frontend)?;
    frontend.bind("inproc://perf_pub1")?;
    frontend.bind("inproc://perf_pub2")?;
    let backend = context.socket(XPub)?;
    set_hwm(&backend)?;
    backend.set_xpub_nodrop(true)?;
    backend.bind("inproc://perf_backend")?;
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));

    let subscriber = context.socket(Sub)?;
    set_hwm(&subscriber)?;
    subscriber.subscribe("")?;
    subscriber.connect("inproc://perf_backend")?;
    let publishers = [publisher(&context, "inproc://perf_pub1")?, publisher(&context, "inproc://perf_pub2")?];

    let start = Instant::now();
    let subscriber = thread::spawn(move || subscribe(&subscriber, message_count));
    let publishers =
        publishers.map(|socket| thread::spawn(move || publish(&socket, message_size, message_count)));
    subscriber.join().expect("the subscriber does not panic")?;
    let elapsed = start.elapsed().as_secs_f64().max(1e-6);

    let throughput = message_count as f64 / elapsed;
    let megabits = throughput * message_size as f64 * 8.0 / 1e6;
    println!("mean throughput: {:.0} [msg/s]", throughput.trunc());
    println!("mean throughput: {megabits:.3} [Mb/s]");

    // The subscriber has ended after as many messages as one publisher sends. The other messages are dropped.
    for publisher in publishers {
        publisher.join().expect("the publishers do not panic")?;
    }
    context.shutdown()?;
    match proxy.join().expect("the proxy does not panic") {
        Err(error) if error.kind() != ErrorKind::Terminated => Err(error),
        _ => Ok(ExitCode::SUCCESS),
    }
}
