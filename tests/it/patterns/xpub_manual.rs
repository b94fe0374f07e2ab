//! A manual XPUB subscribes for the peer whose subscription it received last, whatever happens in between.

#![cfg(zmq_vendored)]

use crate::common;

use common::{assert_silent, connected, context, eventually, socket};
use zmq::{Context, Endpoint, POLLIN, Socket, Sub, XPub, XSub};

/// An XPUB that receives everything, and its endpoint.
fn publisher(context: &Context, endpoint: &str) -> (Socket<XPub>, Endpoint) {
    let publisher = socket(context, XPub);
    publisher.set_xpub_manual(true).unwrap();
    let endpoint = publisher.bind(endpoint).unwrap();
    (publisher, endpoint)
}

fn has_something(publisher: &Socket<XPub>) -> Option<()> {
    publisher.events().unwrap().contains(POLLIN).then_some(())
}

/// A160: a message was mistaken for a subscription.
#[test]
fn a_message_from_upstream_is_not_a_subscription() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, "inproc://message");
    let first = connected(&context, XSub, &endpoint);
    first.send("a message").unwrap();
    first.send(b"\x01A").unwrap();
    eventually("the subscriptions have arrived", || has_something(&publisher));
    let second = connected(&context, XSub, &endpoint);
    second.send(b"\x01B").unwrap();
    eventually("the subscriptions have arrived", || has_something(&publisher));

    assert_eq!(publisher.recv().unwrap(), "a message");
    for topic in ["A", "B"] {
        assert_eq!(publisher.recv().unwrap()[1..], *topic.as_bytes());
        publisher.subscribe(topic).unwrap();
    }
    publisher.send("A").unwrap();
    assert_eq!(first.recv().unwrap(), "A");
    assert_silent(&second);
    publisher.send("B").unwrap();
    assert_eq!(second.recv().unwrap(), "B");
    assert_silent(&first);
}

/// A160: freed memory was read, which AddressSanitizer detects.
#[test]
fn a_peer_that_has_left_gets_no_subscription() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, "inproc://left");
    for _ in 0..50 {
        let leaves = connected(&context, Sub, &endpoint);
        leaves.subscribe("A").unwrap();
        assert_eq!(publisher.events().unwrap(), POLLIN | zmq::POLLOUT);
        leaves.disconnect(&endpoint).unwrap();
        // Its end is a message as well.
        let comes = connected(&context, XSub, &endpoint);
        for _ in 0..4 {
            publisher.events().unwrap();
            leaves.events().unwrap();
            comes.events().unwrap();
        }
        let latest = connected(&context, XSub, &endpoint);
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        publisher.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\0A");
        publisher.subscribe("A").unwrap();
        publisher.send("A").unwrap();
        for other in [comes, latest] {
            assert!(other.try_recv().is_err(), "the peer received a message that it did not subscribe to");
        }
    }
}

/// A160: between the subscription and the call that acts on it.
#[test]
fn another_peer_that_leaves_changes_nothing() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, "inproc://another");
    let leaves = connected(&context, XSub, &endpoint);
    leaves.send(b"\x01B").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01B");
    let stays = connected(&context, XSub, &endpoint);
    stays.send(b"\x01A").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01A");

    drop(leaves);
    eventually("the peer has left", || has_something(&publisher));
    publisher.subscribe("A").unwrap();
    publisher.send("A").unwrap();
    assert_eq!(stays.recv().unwrap(), "A");
    // The subscription that it asked for ends. At the moment there is no peer to act for.
    assert_eq!(publisher.recv().unwrap(), b"\0B");
    publisher.unsubscribe("A").unwrap();
    publisher.send("A").unwrap();
    assert_eq!(stays.recv().unwrap(), "A");
}
