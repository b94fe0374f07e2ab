//! Measures each way to make a message, together with sending and receiving the message within one thread.
//!
//! | this crate | C |
//! |---|---|
//! | `&[u8]` | `zmq_send` |
//! | `MessageMut` | `zmq_msg_init_size`, `memset`, `zmq_msg_send` |
//! | `Vec<u8>`, `from_owner` | `zmq_msg_init_data` with an owner on the heap, `zmq_msg_send` |
//! | `from_static` | `zmq_msg_init_data` without a function, `zmq_msg_send` |
//!
//! Both receive with `recv_to` or `zmq_msg_recv` into the same message.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::time::Duration;

use support::raw::{RawMessage, RawSocket};
use support::{Bench, Pair, Side, time};
use zmq::{Message, MessageMut, Pull, Push, Socket};

/// An owner that costs nothing to create or drop.
struct Owner(&'static [u8]);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

/// A way to make a message.
#[derive(Clone, Copy)]
enum Way {
    Slice,
    Zeroed,
    Vector,
    Owner,
    Static,
}

impl Way {
    const ALL: [Way; 5] = [Way::Slice, Way::Zeroed, Way::Vector, Way::Owner, Way::Static];

    fn name(self) -> &'static str {
        match self {
            Way::Slice => "&[u8]",
            Way::Zeroed => "MessageMut",
            Way::Vector => "Vec<u8>",
            Way::Owner => "from_owner",
            Way::Static => "from_static",
        }
    }

    #[inline]
    fn send(self, side: Side, socket: &Socket<Push>, bytes: &'static [u8]) {
        let raw = RawSocket::of(socket);
        match (self, side) {
            (Way::Slice, Side::Ours) => socket.send(bytes).unwrap(),
            (Way::Slice, Side::C) => raw.send(bytes),
            (Way::Zeroed, Side::Ours) => socket.send(MessageMut::try_zeroed(bytes.len()).unwrap()).unwrap(),
            (Way::Zeroed, Side::C) => raw.send_zeros(bytes.len()),
            (Way::Vector, Side::Ours) => socket.send(bytes.to_vec()).unwrap(),
            (Way::Vector, Side::C) => raw.send_owned(bytes.to_vec()),
            (Way::Owner, Side::Ours) => socket.send(Message::from_owner(Owner(bytes))).unwrap(),
            (Way::Owner, Side::C) => raw.send_owned(Owner(bytes)),
            (Way::Static, Side::Ours) => socket.send(Message::from_static(bytes)).unwrap(),
            (Way::Static, Side::C) => raw.send_static(bytes),
        }
    }
}

fn run(way: Way, side: Side, pair: &Pair<Pull, Push>, bytes: &'static [u8], count: u64) -> Duration {
    /// This many messages fit into the queues, so that no call waits.
    const BATCH: u64 = 100;
    let mut message = Message::new();
    let mut raw_message = RawMessage::of_size(0);
    time(|| {
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            for _ in 0..batch {
                way.send(side, &pair.connected, bytes);
            }
            for _ in 0..batch {
                match side {
                    Side::Ours => pair.bound.recv_to(&mut message).unwrap(),
                    Side::C => RawSocket::of(&pair.bound).recv_to(&mut raw_message),
                }
            }
            left -= batch;
        }
    })
}

fn main() {
    let bench = Bench::new("a message made, sent and received");
    for size in [1, 33, 64, 1 << 10, 64 << 10] {
        let bytes: &'static [u8] = vec![b'x'; size].leak();
        for way in Way::ALL {
            let pair = Pair::new(Pull, Push, "inproc");
            bench.compare(&format!("{size} B, {}", way.name()), |side, count| {
                run(way, side, &pair, bytes, count)
            });
        }
    }
}
