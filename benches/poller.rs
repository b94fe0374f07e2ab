//! What it costs to wait for few and many sockets: `Poller::wait` and going through its events, against `zmq_poll` and
//! going through its items.

#![allow(clippy::unwrap_used, reason = "a failure may end the program")]

mod support;

use std::time::Duration;

use support::raw::{self, RawSocket};
use support::{Bench, Side, time};
use zmq::{Context, POLLIN, Poller, Pull, Push};

fn main() {
    let bench = Bench::new("a wait");
    for count in [1_usize, 8, 64, 512] {
        for ready in [1, count] {
            let context = Context::new().unwrap();
            context.set_blocky(false).unwrap();
            context.set_max_sockets(2000).unwrap();
            let sockets: Vec<_> = (0..count).map(|_| context.socket(Pull).unwrap()).collect();
            let mut senders = Vec::new();
            for (index, socket) in sockets.iter().enumerate() {
                let endpoint = socket.bind(format!("inproc://{index}")).unwrap();
                if index >= count - ready {
                    let sender = context.socket(Push).unwrap();
                    sender.connect(endpoint).unwrap();
                    sender.send("ready").unwrap();
                    senders.push(sender);
                }
            }
            let poller = Poller::new();
            for (index, socket) in sockets.iter().enumerate() {
                poller.add(socket, index, POLLIN).unwrap();
            }
            let mut items: Vec<_> =
                sockets.iter().map(|socket| RawSocket::of(socket).poll_item(POLLIN.bits())).collect();
            // The sum stands for what a loop does with what is ready.
            let last: usize = (count - ready..count).sum();
            bench.compare(&format!("{count} sockets, {ready} ready"), |side, waits| {
                time(|| match side {
                    Side::Ours => {
                        for _ in 0..waits {
                            let ready = poller.wait(Duration::from_secs(1)).unwrap();
                            assert_eq!(ready.map(|(index, _)| index).sum::<usize>(), last);
                        }
                    }
                    Side::C => {
                        for _ in 0..waits {
                            assert!(raw::poll(&mut items, 1000) > 0);
                            let ready = items.iter().enumerate().filter(|(_, item)| item.revents & 1 != 0);
                            assert_eq!(ready.map(|(index, _)| index).sum::<usize>(), last);
                        }
                    }
                })
            });
            if count == 1 {
                break;
            }
        }
    }
}
