//! Measures round trips between a REQ and a REP, which sends back each message.
//!
//! Compares `recv()` and `send(Message)` with `zmq_msg_recv` and `zmq_msg_send`, which use one message for all round trips.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::thread;
use std::time::Duration;

use support::raw::{RawMessage, RawSocket};
use support::{Bench, Pair, Side, time};
use zmq::{Message, Rep, Req, Socket};

fn echo(side: Side, socket: &Socket<Rep>, count: u64) {
    match side {
        Side::Ours => {
            for _ in 0..count {
                let message = socket.recv().unwrap();
                socket.send(message).unwrap();
            }
        }
        Side::C => {
            let raw = RawSocket::of(socket);
            let mut message = RawMessage::of_size(0);
            for _ in 0..count {
                raw.recv_to(&mut message);
                raw.send_message(&mut message);
            }
        }
    }
}

/// Makes round trips, and calls `meanwhile` after each request.
fn ask(side: Side, socket: &Socket<Req>, size: usize, count: u64, meanwhile: impl Fn()) {
    match side {
        Side::Ours => {
            let mut message = Message::from(vec![0; size]);
            for _ in 0..count {
                socket.send(message).unwrap();
                meanwhile();
                message = socket.recv().unwrap();
                assert_eq!(message.len(), size);
            }
        }
        Side::C => {
            let raw = RawSocket::of(socket);
            let mut message = RawMessage::of_size(size);
            for _ in 0..count {
                raw.send_message(&mut message);
                meanwhile();
                raw.recv_to(&mut message);
                assert_eq!(message.len(), size);
            }
        }
    }
}

fn two_threads(side: Side, pair: &mut Pair<Rep, Req>, size: usize, count: u64) -> Duration {
    let Pair { bound, connected, .. } = pair;
    time(|| {
        thread::scope(|threads| {
            threads.spawn(move || echo(side, bound, count));
            ask(side, connected, size, count, || {});
        });
    })
}

fn main() {
    let bench = Bench::new("a round trip");
    for size in [1, 1 << 10] {
        let pair = Pair::new(Rep, Req, "inproc");
        bench.compare(&format!("one thread, {size} B"), |side, count| {
            time(|| ask(side, &pair.connected, size, count, || echo(side, &pair.bound, 1)))
        });
    }
    for transport in ["inproc", "tcp"] {
        for size in [1, 1 << 10] {
            let mut pair = Pair::new(Rep, Req, transport);
            bench.compare(&format!("{transport}, {size} B"), |side, count| {
                two_threads(side, &mut pair, size, count)
            });
        }
    }
}
