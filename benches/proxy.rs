//! Measures how fast a proxy forwards messages: `zmq::proxy`, compared with `zmq_proxy` between the same sockets.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use support::{Bench, Side, raw};
use zmq::capability::{CanMultipart, CanRecv, CanSend, Kind};
use zmq::{Context, Dealer, Endpoint, Message, Pull, Push, Router, Socket};

fn context() -> Context {
    let context = Context::builder().io_threads(2).build().unwrap();
    context.set_blocky(false).unwrap();
    context
}

fn bound<K: Kind>(context: &Context, kind: K, transport: &str, name: &str) -> (Socket<K>, Endpoint) {
    let socket = context.socket(kind).unwrap();
    let endpoint =
        if transport == "tcp" { "tcp://127.0.0.1:*".to_owned() } else { format!("inproc://{name}") };
    let endpoint = socket.bind(endpoint).unwrap();
    (socket, endpoint)
}

fn connected<K: Kind>(context: &Context, kind: K, endpoint: &Endpoint) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.connect(endpoint).unwrap();
    socket
}

/// Runs the proxy of one side during `work`, and returns the time that `work` returns.
fn with_proxy<F: Kind, B: Kind>(
    side: Side,
    context: &Context,
    frontend: Socket<F>,
    backend: Socket<B>,
    work: impl FnOnce() -> Duration,
) -> Duration {
    let proxy = thread::spawn(move || match side {
        Side::Ours => drop(zmq::proxy(&frontend, &backend)),
        Side::C => raw::proxy(&frontend, &backend),
    });
    let time = work();
    context.shutdown().unwrap();
    proxy.join().unwrap();
    time
}

fn send_all<K: CanSend + CanMultipart>(socket: &Socket<K>, parts: &[Message], count: u64) {
    for _ in 0..count {
        let (last, first) = parts.split_last().unwrap();
        for part in first {
            socket.send_more(part).unwrap();
        }
        socket.send(last).unwrap();
    }
}

fn receive_all<K: CanRecv>(socket: &Socket<K>, count: u64) {
    let mut part = Message::new();
    for _ in 0..count {
        socket.recv_to(&mut part).unwrap();
        while part.has_more() {
            socket.recv_to(&mut part).unwrap();
        }
    }
}

/// Measures a chain of a PUSH, a proxy of PULL and PUSH, and a PULL.
fn streamer(side: Side, transport: &str, parts: &[Message], count: u64) -> Duration {
    let context = context();
    let (frontend, from) = bound(&context, Pull, transport, "frontend");
    let (backend, to) = bound(&context, Push, transport, "backend");
    let (source, sink) = (connected(&context, Push, &from), connected(&context, Pull, &to));
    with_proxy(side, &context, frontend, backend, || {
        send_all(&source, parts, 1);
        receive_all(&sink, 1);
        let parts = parts.to_vec();
        let start = Instant::now();
        let sender = thread::spawn(move || {
            send_all(&source, &parts, count);
            source
        });
        receive_all(&sink, count);
        let time = start.elapsed();
        drop(sender.join().unwrap());
        time
    })
}

/// Measures a chain of a DEALER with several open requests, a proxy of ROUTER and DEALER, and a DEALER that returns the requests.
fn queue(side: Side, transport: &str, parts: &[Message], under_way: u64, count: u64) -> Duration {
    let context = context();
    let (frontend, from) = bound(&context, Router, transport, "frontend");
    let (backend, to) = bound(&context, Dealer, transport, "backend");
    let (client, worker) = (connected(&context, Dealer, &from), connected(&context, Dealer, &to));
    let worker = thread::spawn(move || {
        let mut part = Message::new();
        while worker.recv_to(&mut part).is_ok() {
            let more = part.has_more();
            let part = std::mem::take(&mut part);
            if (if more { worker.send_more(part) } else { worker.send(part) }).is_err() {
                return;
            }
        }
    });
    let time = with_proxy(side, &context, frontend, backend, || {
        send_all(&client, parts, 1);
        receive_all(&client, 1);
        let start = Instant::now();
        let first = under_way.min(count);
        send_all(&client, parts, first);
        for _ in first..count {
            receive_all(&client, 1);
            send_all(&client, parts, 1);
        }
        receive_all(&client, first);
        start.elapsed()
    });
    worker.join().unwrap();
    time
}

fn main() {
    let bench = Bench::new("a message");
    for transport in ["inproc", "tcp"] {
        for size in [64, 4096] {
            let message = [Message::from(vec![b'x'; size])];
            bench.compare(&format!("streamer, {transport}, {size} B"), |side, count| {
                streamer(side, transport, &message, count)
            });
            let parts = [Message::from("envelope"), Message::new(), message[0].clone()];
            bench.compare(&format!("streamer, {transport}, 3 parts, {size} B"), |side, count| {
                streamer(side, transport, &parts, count)
            });
            for under_way in [1, 100] {
                let name = format!("queue, {transport}, {size} B, {under_way} under way");
                bench.compare(&name, |side, count| queue(side, transport, &message, under_way, count));
            }
        }
    }
}
