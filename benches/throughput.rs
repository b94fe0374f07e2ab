//! Measures messages from PUSH to PULL: between two threads, and within one thread, where no call waits and the rows show the cost of the
//! calls alone.
//!
//! | this crate | C |
//! |---|---|
//! | `send(&[u8])` and `recv()` | `zmq_send`; `zmq_msg_init`, `zmq_msg_recv`, `zmq_msg_close` |
//! | `send(&[u8])` and `recv_into` | `zmq_send`; `zmq_recv` |
//! | `send(&[u8])`, `recv_into` and `has_more` | `zmq_send`; `zmq_recv`, `zmq_getsockopt` |
//! | `send(&Message)` and `recv_to` | `zmq_msg_init`, `zmq_msg_copy`, `zmq_msg_send`; `zmq_msg_recv` |

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::thread;
use std::time::Duration;

use support::raw::{RawMessage, RawSocket};
use support::{Bench, Pair, Side, time};
use zmq::{Message, Pull, Push, Socket, zmq_sys};

/// A way to send and receive.
#[derive(Clone, Copy)]
enum Way {
    Recv,
    RecvInto,
    /// With the length and `has_more` of the result of `recv_into`.
    RecvIntoAndMore,
    RecvTo,
}

impl Way {
    const ALL: [Way; 4] = [Way::Recv, Way::RecvInto, Way::RecvIntoAndMore, Way::RecvTo];

    fn name(self) -> &'static str {
        match self {
            Way::Recv => "send(&[u8]) + recv",
            Way::RecvInto => "send(&[u8]) + recv_into",
            Way::RecvIntoAndMore => "send(&[u8]) + recv_into, has_more",
            Way::RecvTo => "send(&Message) + recv_to",
        }
    }

    fn send(self, side: Side, socket: &Socket<Push>, bytes: &[u8], count: u64) {
        let raw = RawSocket::of(socket);
        match (self, side) {
            (Way::RecvTo, Side::Ours) => {
                let message = Message::from(bytes);
                for _ in 0..count {
                    socket.send(&message).unwrap();
                }
            }
            (Way::RecvTo, Side::C) => {
                let mut message = RawMessage::of(bytes);
                for _ in 0..count {
                    raw.send_copy(&mut message);
                }
            }
            (_, Side::Ours) => {
                for _ in 0..count {
                    socket.send(bytes).unwrap();
                }
            }
            (_, Side::C) => {
                for _ in 0..count {
                    raw.send(bytes);
                }
            }
        }
    }

    fn recv(self, side: Side, socket: &Socket<Pull>, buffer: &mut [u8], count: u64) {
        let raw = RawSocket::of(socket);
        let size = buffer.len();
        match (self, side) {
            (Way::Recv, Side::Ours) => {
                for _ in 0..count {
                    assert_eq!(socket.recv().unwrap().len(), size);
                }
            }
            (Way::Recv, Side::C) => {
                for _ in 0..count {
                    assert_eq!(raw.recv(), size);
                }
            }
            (Way::RecvInto, Side::Ours) => {
                for _ in 0..count {
                    assert_eq!(socket.recv_into(buffer).unwrap().len(), size);
                }
            }
            (Way::RecvInto, Side::C) => {
                for _ in 0..count {
                    assert_eq!(raw.recv_into(buffer), size);
                }
            }
            (Way::RecvIntoAndMore, Side::Ours) => {
                for _ in 0..count {
                    let received = socket.recv_into(buffer).unwrap();
                    assert_eq!((received.len(), received.has_more()), (size, false));
                }
            }
            (Way::RecvIntoAndMore, Side::C) => {
                for _ in 0..count {
                    assert_eq!((raw.recv_into(buffer), raw.get(zmq_sys::ZMQ_RCVMORE)), (size, 0));
                }
            }
            (Way::RecvTo, Side::Ours) => {
                let mut message = Message::new();
                for _ in 0..count {
                    socket.recv_to(&mut message).unwrap();
                    assert_eq!(message.len(), size);
                }
            }
            (Way::RecvTo, Side::C) => {
                let mut message = RawMessage::of_size(0);
                for _ in 0..count {
                    raw.recv_to(&mut message);
                    assert_eq!(message.len(), size);
                }
            }
        }
    }
}

fn one_thread(way: Way, side: Side, pair: &Pair<Pull, Push>, size: usize, count: u64) -> Duration {
    /// This many messages fit into the queues, so that no call waits.
    const BATCH: u64 = 100;
    let bytes = vec![b'x'; size];
    let mut buffer = vec![0; size];
    time(|| {
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            way.send(side, &pair.connected, &bytes, batch);
            way.recv(side, &pair.bound, &mut buffer, batch);
            left -= batch;
        }
    })
}

fn two_threads(way: Way, side: Side, pair: &mut Pair<Pull, Push>, size: usize, count: u64) -> Duration {
    let Pair { bound, connected, .. } = pair;
    let bytes = vec![b'x'; size];
    let mut buffer = vec![0; size];
    time(|| {
        thread::scope(|threads| {
            threads.spawn(move || way.send(side, connected, &bytes, count));
            way.recv(side, bound, &mut buffer, count);
        });
    })
}

fn main() {
    let bench = Bench::new("a message");
    for size in [1, 64, 1 << 10, 64 << 10] {
        for way in Way::ALL {
            let pair = Pair::new(Pull, Push, "inproc");
            bench.compare(&format!("one thread, {size} B, {}", way.name()), |side, count| {
                one_thread(way, side, &pair, size, count)
            });
        }
    }
    for transport in ["inproc", "tcp"] {
        for size in [1, 64, 1 << 10, 64 << 10] {
            for way in Way::ALL {
                let mut pair = Pair::new(Pull, Push, transport);
                bench.compare(&format!("{transport}, {size} B, {}", way.name()), |side, count| {
                    two_threads(way, side, &mut pair, size, count)
                });
            }
        }
    }
}
