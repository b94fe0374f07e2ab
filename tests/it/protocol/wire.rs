//! The bytes that a socket sends. The peers implement ZMTP themselves.

use crate::common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use common::zmtp::{command, frame, greeting, read_frame, ready};
use common::{LIMIT, TCP, bound, context, socket};
use zmq::{Endpoint, Sub, XPub};

/// A peer that has completed its handshake.
struct Peer(TcpStream);

impl Peer {
    /// Speaks ZMTP 3 with this minor version, as a socket of this type.
    fn new(stream: TcpStream, minor: u8, kind: &str) -> Peer {
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut peer = Peer(stream);
        peer.0.write_all(&greeting(minor, "NULL")).unwrap();
        peer.0.write_all(&ready(kind, b"")).unwrap();
        let greeting: [u8; 64] = peer.read();
        assert_eq!(greeting[10..16], *b"\x03\x01NULL");
        let (flags, body) = read_frame(&mut peer.0);
        assert_eq!(flags, 4);
        assert!(body.starts_with(b"\x05READY"));
        peer
    }

    fn to(endpoint: &Endpoint, minor: u8, kind: &str) -> Peer {
        Peer::new(TcpStream::connect(endpoint.address()).unwrap(), minor, kind)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn read<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }
}

/// Conformance: WI-1.
#[test]
fn a_subscription_is_a_command_or_a_message() {
    let context = context();
    let subscriptions = [(1, command("SUBSCRIBE", b"A")), (0, frame(0, b"\x01A"))];
    assert_eq!(subscriptions[0].1, b"\x04\x0b\x09SUBSCRIBEA");
    assert_eq!(subscriptions[1].1, b"\0\x02\x01A");
    for (minor, subscription) in subscriptions {
        let (publisher, endpoint) = bound(&context, XPub, TCP);
        let mut peer = Peer::to(&endpoint, minor, "SUB");
        peer.write(&subscription);
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        publisher.send("BUT NOT THIS").unwrap();
        publisher.send("ALOL").unwrap();
        assert_eq!(&peer.read(), b"\0\x04ALOL");
    }
}

/// Conformance: WI-1.
#[test]
fn a_subscriber_uses_the_encoding_of_each_peer() {
    let context = context();
    for (minor, expected) in [(1, (4, &b"\x09SUBSCRIBEA"[..])), (0, (0, b"\x01A"))] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let subscriber = socket(&context, Sub);
        subscriber.subscribe("A").unwrap();
        subscriber.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let mut peer = Peer::new(listener.accept().unwrap().0, minor, "XPUB");
        let (flags, body) = read_frame(&mut peer.0);
        assert_eq!((flags, &body[..]), expected);
        peer.write(b"\0\x04ALOL");
        assert_eq!(subscriber.recv().unwrap(), "ALOL");
    }
}

/// Also the end of a subscription.
#[test]
fn an_unsubscription_is_a_command_or_a_message() {
    let context = context();
    let words =
        [(1, command("SUBSCRIBE", b"A"), command("CANCEL", b"A")), (0, frame(0, b"\x01A"), frame(0, b"\0A"))];
    for (minor, subscribe, cancel) in words {
        let (publisher, endpoint) = bound(&context, XPub, TCP);
        let mut peer = Peer::to(&endpoint, minor, "SUB");
        peer.write(&[subscribe, cancel].concat());
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        assert_eq!(publisher.recv().unwrap(), b"\0A");
    }
}

/// Conformance: HB-2.
#[test]
fn a_ping_is_answered_with_the_beginning_of_its_context() {
    let context = context();
    let (server, endpoint) = bound(&context, zmq::Pull, TCP);
    let mut peer = Peer::to(&endpoint, 1, "PUSH");
    peer.write(&command("PING", b"\0\0LOL"));
    assert_eq!(read_frame(&mut peer.0), (4, b"\x04PONGLOL".to_vec()));
    let long = [b'x'; 58];
    peer.write(&command("PING", &[b"\0\0", &long[..]].concat()));
    assert_eq!(read_frame(&mut peer.0), (4, [b"\x04PONG", &long[..16]].concat()));
    // The connection stays open.
    peer.write(&frame(0, b"message"));
    assert_eq!(server.recv().unwrap(), "message");
}
