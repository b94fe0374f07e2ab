//! What the bundled library can do with the help of others: the features `pgm`, `norm`, `wss` and `gssapi`.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![cfg(any(feature = "pgm", feature = "norm", feature = "wss", feature = "gssapi"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, of raw calls"
)]

mod raw;

use std::net::UdpSocket;

use raw::*;
use zmq_sys::*;

/// A port that was free a moment ago.
#[cfg(any(feature = "pgm", feature = "norm"))]
fn port() -> u16 {
    UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

/// Publishes until the subscriber, which joins whenever it likes, has received.
#[cfg(any(feature = "pgm", feature = "norm"))]
fn is_published(publisher: &Socket, subscriber: &Socket) {
    subscriber.set(ZMQ_RCVTIMEO, 20);
    eventually("a message arrives", || {
        publisher.send_part(b"of", ZMQ_SNDMORE);
        publisher.send(b"two parts");
        match subscriber.try_recv(0) {
            Ok(part) => {
                assert_eq!(part, b"of");
                assert_eq!(subscriber.recv(), b"two parts");
                true
            }
            Err(errno) => {
                assert_eq!(errno, libc::EAGAIN);
                false
            }
        }
    });
}

#[cfg(feature = "pgm")]
#[test]
fn epgm_carries_messages() {
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_PUB), context.socket(ZMQ_SUB));
    let endpoint = format!("epgm://127.0.0.1;239.192.1.1:{}", port());
    for socket in [&publisher, &subscriber] {
        socket.set(ZMQ_MULTICAST_LOOP, 1);
        socket.set(ZMQ_RATE, 10_000);
    }
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b""), Ok(()));
    subscriber.connect(&endpoint);
    publisher.connect(&endpoint);
    is_published(&publisher, &subscriber);
}

#[cfg(feature = "norm")]
#[test]
fn norm_carries_messages() {
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_PUB), context.socket(ZMQ_SUB));
    let endpoint = format!("norm://lo;239.192.1.1:{}", port());
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b""), Ok(()));
    subscriber.connect(&endpoint);
    publisher.connect(&endpoint);
    is_published(&publisher, &subscriber);
}
