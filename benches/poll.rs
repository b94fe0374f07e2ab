//! Measures polling few and many sockets: `zmq::poll`, compared with `zmq_poll`.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::ffi::c_long;
use std::time::Duration;

use support::raw::{self, RawSocket};
use support::{Bench, Side, time};
use zmq::{Context, POLLIN, PollItem, Pull, Push};

fn main() {
    let bench = Bench::new("a poll");
    for count in [1, 16, 256] {
        let context = Context::new().unwrap();
        context.set_blocky(false).unwrap();
        let sockets: Vec<_> = (0..count).map(|_| context.socket(Pull).unwrap()).collect();
        for (index, socket) in sockets.iter().enumerate() {
            socket.bind(format!("inproc://{index}")).unwrap();
        }
        let sender = context.socket(Push).unwrap();
        sender.connect(format!("inproc://{}", count - 1)).unwrap();

        let mut items: Vec<_> = sockets.iter().map(|socket| PollItem::new(socket, POLLIN)).collect();
        let mut raw_items: Vec<_> =
            sockets.iter().map(|socket| RawSocket::of(socket).poll_item(POLLIN.bits())).collect();
        let mut compare = |name, ready, timeout: Option<Duration>, milliseconds: c_long| {
            bench.compare(&format!("{count} sockets, {name}"), |side, polls| {
                time(|| match side {
                    Side::Ours => {
                        for _ in 0..polls {
                            assert_eq!(zmq::poll(&mut items, timeout).unwrap(), ready);
                        }
                    }
                    Side::C => {
                        for _ in 0..polls {
                            assert_eq!(usize::try_from(raw::poll(&mut raw_items, milliseconds)), Ok(ready));
                        }
                    }
                })
            });
        };
        compare("none ready, timeout zero", 0, Some(Duration::ZERO), 0);
        sender.send("ready").unwrap();
        compare("the last ready, timeout zero", 1, Some(Duration::ZERO), 0);
        compare("the last ready, timeout 1 s", 1, Some(Duration::from_secs(1)), 1000);
        compare("the last ready, no timeout", 1, None, -1);
    }
}
