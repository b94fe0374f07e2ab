//! Measures setting and getting options: this crate's methods, compared with `zmq_setsockopt` and `zmq_getsockopt`.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::time::Duration;

use support::raw::RawSocket;
use support::{Bench, Side, time};
use zmq::{Context, PollEvents, Pull, zmq_sys};

fn main() {
    let bench = Bench::new("an option");
    let context = Context::new().unwrap();
    let socket = context.socket(Pull).unwrap();
    let raw = RawSocket::of(&socket);
    bench.compare("set_linger", |side, count| {
        time(|| match side {
            Side::Ours => (0..count).for_each(|_| socket.set_linger(Duration::from_secs(1)).unwrap()),
            Side::C => (0..count).for_each(|_| raw.set(zmq_sys::ZMQ_LINGER, 1000)),
        })
    });
    bench.compare("linger", |side, count| {
        time(|| match side {
            Side::Ours => {
                (0..count).for_each(|_| assert_eq!(socket.linger().unwrap(), Some(Duration::from_secs(1))));
            }
            Side::C => (0..count).for_each(|_| assert_eq!(raw.get(zmq_sys::ZMQ_LINGER), 1000)),
        })
    });
    bench.compare("events", |side, count| {
        time(|| match side {
            Side::Ours => (0..count).for_each(|_| assert_eq!(socket.events().unwrap(), PollEvents::NONE)),
            Side::C => (0..count).for_each(|_| assert_eq!(raw.get(zmq_sys::ZMQ_EVENTS), 0)),
        })
    });
}
