//! Measures messages of several parts, and the envelopes of ROUTER and DEALER, within one thread.
//!
//! | this crate | C |
//! |---|---|
//! | `send_multipart` | `zmq_send`, with `ZMQ_SNDMORE` for all parts but the last |
//! | `recv_multipart` | `zmq_msg_init`, `zmq_msg_recv`, `zmq_msg_more`, `zmq_msg_close` for each part |
//! | `send_more` and `send`; `recv` and `has_more` | the same |
//! | ROUTER: `recv_multipart`, `send_multipart` | `zmq_msg_recv` of each part, then `zmq_msg_send` of each part |

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::time::Duration;

use support::raw::RawSocket;
use support::{Bench, Pair, Side, time};
use zmq::capability::{CanMultipart, CanRecv, CanSend, Kind};
use zmq::{Dealer, Pull, Push, Router, Socket};

/// Sends a message of `N` parts.
fn send<K: Kind + CanSend + CanMultipart, const N: usize>(
    side: Side,
    whole: bool,
    socket: &Socket<K>,
    bytes: &[u8],
) {
    match (side, whole) {
        (Side::Ours, true) => socket.send_multipart([bytes; N]).unwrap(),
        (Side::Ours, false) => {
            for _ in 1..N {
                socket.send_more(bytes).unwrap();
            }
            socket.send(bytes).unwrap();
        }
        (Side::C, _) => RawSocket::of(socket).send_parts(bytes, N),
    }
}

/// Receives a message, and returns the number of its parts.
fn recv<K: Kind + CanRecv + CanMultipart>(side: Side, whole: bool, socket: &Socket<K>) -> usize {
    match (side, whole) {
        (Side::Ours, true) => socket.recv_multipart().unwrap().len(),
        (Side::Ours, false) => {
            let mut parts = 1;
            while socket.recv().unwrap().has_more() {
                parts += 1;
            }
            parts
        }
        (Side::C, _) => RawSocket::of(socket).recv_parts(),
    }
}

/// Calls `work` with the size of a batch, until the batches make up `count` messages.
fn in_batches(count: u64, mut work: impl FnMut(u64)) -> Duration {
    /// This many messages fit into the queues, so that no call waits.
    const BATCH: u64 = 100;
    time(|| {
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            work(batch);
            left -= batch;
        }
    })
}

fn parts<const N: usize>(bench: &Bench, size: usize) {
    let bytes = vec![b'x'; size];
    for (whole, name) in [(true, "multipart"), (false, "each part")] {
        let pair = Pair::new(Pull, Push, "inproc");
        bench.compare(&format!("{N} parts, {size} B, {name}"), |side, count| {
            in_batches(count, |batch| {
                (0..batch).for_each(|_| send::<_, N>(side, whole, &pair.connected, &bytes));
                (0..batch).for_each(|_| assert_eq!(recv(side, whole, &pair.bound), N));
            })
        });
    }
}

/// A DEALER sends requests of two parts, of which the first is empty. A ROUTER returns each request.
fn envelopes(bench: &Bench, size: usize) {
    let bytes = vec![b'x'; size];
    let pair = Pair::new(Router, Dealer, "inproc");
    let raw = RawSocket::of(&pair.connected);
    bench.compare(&format!("envelopes, {size} B"), |side, count| {
        in_batches(count, |batch| {
            for _ in 0..batch {
                match side {
                    Side::Ours => pair.connected.send_multipart((b"", &bytes)).unwrap(),
                    Side::C => {
                        raw.send_more(b"");
                        raw.send(&bytes);
                    }
                }
            }
            for _ in 0..batch {
                match side {
                    Side::Ours => pair.bound.send_multipart(pair.bound.recv_multipart().unwrap()).unwrap(),
                    Side::C => RawSocket::of(&pair.bound).echo_parts::<3>(),
                }
            }
            (0..batch).for_each(|_| assert_eq!(recv(side, true, &pair.connected), 2));
        })
    });
}

fn main() {
    let bench = Bench::new("a message of several parts");
    for size in [1, 64, 1 << 10] {
        parts::<1>(&bench, size);
        parts::<2>(&bench, size);
        parts::<3>(&bench, size);
        parts::<4>(&bench, size);
        envelopes(&bench, size);
    }
}
