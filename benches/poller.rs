//! Measures waiting for few and many sockets: `Poller::wait` and a loop over its events, compared with `zmq_poll` and a loop over its
//! items.
//!
//! Each side has sockets of its own, because a `Poller` does not watch sockets whose handle C code has. Rows that need more descriptors
//! than the process may have are left out: raise the limit (`ulimit -n 30000`) to see all rows. If the limit has room for one set of
//! sockets but not for two, the row has no sockets for C. Then the C column contains a sleep of ten microseconds and has no meaning, and
//! the name of the row ends with `C: no room, a stand-in`.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::time::Duration;

use support::raw::{self, RawSocket};
use support::{Bench, Side, time};
use zmq::{Context, POLLIN, Poller, Pull, Push, Socket};

/// A set of sockets. Only the last sockets have a peer.
struct Set {
    sockets: Vec<Socket<Pull>>,
    senders: Vec<Socket<Push>>,
    _context: Context,
}

impl Set {
    fn new(count: usize, ready: usize) -> Option<Set> {
        let context = Context::builder().max_sockets(40_000).build().unwrap();
        context.set_blocky(false).unwrap();
        let mut sockets = Vec::new();
        for index in 0..count {
            let socket = context.socket(Pull).ok()?;
            socket.bind(format!("inproc://{index}")).unwrap();
            sockets.push(socket);
        }
        let mut senders = Vec::new();
        for index in count - ready..count {
            let sender = context.socket(Push).ok()?;
            sender.connect(format!("inproc://{index}")).unwrap();
            senders.push(sender);
        }
        Some(Set { sockets, senders, _context: context })
    }
}

fn main() {
    let bench = Bench::new("a wait");
    for count in [1_usize, 8, 16, 64, 1000, 10_000] {
        for ready in [1, count] {
            if ready > 1000 || !bench.selects(&format!("{count} sockets")) {
                continue;
            }
            let Some(ours) = Set::new(count, ready) else { continue };
            // `None` if the process may not have enough descriptors for a second set.
            let c = Set::new(count, ready);
            let name = if c.is_some() {
                format!("{count} sockets")
            } else {
                format!("{count} sockets (C: no room, a stand-in)")
            };
            let poller = Poller::new();
            for (index, socket) in ours.sockets.iter().enumerate() {
                poller.add(socket, index, POLLIN).unwrap();
            }
            let c_sockets: Vec<_> = c.iter().flat_map(|set| &set.sockets).map(RawSocket::of).collect();
            let mut items: Vec<_> = c_sockets.iter().map(|socket| socket.poll_item(POLLIN.bits())).collect();
            // The sum represents the work of a loop over the ready sockets.
            let last: usize = (count - ready..count).sum();
            let mut wait = |side| match side {
                Side::Ours => {
                    let ready = poller.wait(Duration::from_secs(1)).unwrap();
                    assert_eq!(ready.map(|(index, _)| index).sum::<usize>(), last);
                }
                Side::C if items.is_empty() => {}
                Side::C => {
                    assert!(raw::poll(&mut items, 1000) > 0);
                    let ready = items.iter().enumerate().filter(|(_, item)| item.revents & 1 != 0);
                    assert_eq!(ready.map(|(index, _)| index).sum::<usize>(), last);
                }
            };
            if ready == 1 {
                let receivers = (ours.sockets.last().unwrap(), c_sockets.last());
                let c_sender = c.as_ref().map(|set| RawSocket::of(set.senders.first().unwrap()));
                let sender = ours.senders.first().unwrap();
                bench.compare(&format!("{name}, a message comes and goes"), |side, waits| {
                    time(|| {
                        for _ in 0..waits {
                            match (side, c_sender, receivers.1) {
                                (Side::Ours, ..) => {
                                    sender.send("ready").unwrap();
                                    wait(side);
                                    receivers.0.recv().unwrap();
                                }
                                (Side::C, Some(sender), Some(receiver)) => {
                                    sender.send(b"ready");
                                    wait(side);
                                    receiver.recv();
                                }
                                // The stand-in for C.
                                _ => std::thread::sleep(Duration::from_micros(10)),
                            }
                        }
                    })
                });
            }
            for sender in ours.senders.iter().chain(c.iter().flat_map(|set| &set.senders)) {
                sender.send("ready").unwrap();
            }
            bench.compare(&format!("{name}, {ready} ready"), |side, waits| {
                time(|| match (side, c_sockets.is_empty()) {
                    (Side::C, true) => (0..waits).for_each(|_| std::thread::sleep(Duration::from_micros(10))),
                    _ => (0..waits).for_each(|_| wait(side)),
                })
            });
            if count == 1 {
                break;
            }
        }
    }
}
