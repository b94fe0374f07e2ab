//! Sockets that keep only the latest message.

use crate::common;

use common::{TCP, assert_empty, bound, context, socket};
#[cfg(zmq_vendored)]
use common::{connected, eventually};
#[cfg(not(zmq_vendored))]
use zmq::{Any, SocketKind};
use zmq::{Dealer, ErrorKind, Pub, Pull, Push};
#[cfg(zmq_vendored)]
use zmq::{Router, Sub, XPub};

/// Conformance: PP-9.
#[cfg(zmq_vendored)]
#[test]
fn only_the_latest_message_is_received() {
    let context = context();
    let pull = socket(&context, Pull);
    pull.set_conflate(true).unwrap();
    let endpoint = pull.bind(TCP).unwrap();
    let push = connected(&context, Push, endpoint);
    for number in 0..20_u32 {
        push.send(number.to_ne_bytes()).unwrap();
    }
    let mut latest = None;
    eventually("the last message arrives", || {
        // Each received message is newer than the previous one.
        let number = u32::from_ne_bytes(pull.try_recv().ok()?[..].try_into().unwrap());
        assert!(latest < Some(number), "{latest:?}, then {number}");
        latest = Some(number);
        (number == 19).then_some(())
    });
    assert_empty(&pull);
}

#[test]
fn a_sender_that_conflates_keeps_the_latest_message() {
    let context = context();
    let endpoint = common::free_endpoint();
    let push = socket(&context, Push);
    push.set_conflate(true).unwrap();
    push.connect(&endpoint).unwrap();
    for number in 0..20_u8 {
        push.send([number]).unwrap();
    }
    let (pull, _) = bound(&context, Pull, &endpoint);
    assert_eq!(pull.recv().unwrap(), [19]);
    assert_empty(&pull);
}

/// S19
#[test]
fn a_conflating_socket_refuses_parts() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = socket(&context, Push);
    push.set_conflate(true).unwrap();
    push.connect(endpoint).unwrap();
    for failure in [push.send_more("first").unwrap_err(), push.try_send_more("first").unwrap_err()] {
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), "first");
    }
    let parts = ["first", "last"];
    for failure in [push.send_multipart(parts).unwrap_err(), push.try_send_multipart(parts).unwrap_err()] {
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert!(failure.to_string().contains("conflating"), "{failure}");
        assert_eq!(failure.into_message(), parts);
    }
    push.send_multipart(["alone"]).unwrap();
    assert_eq!(pull.recv().unwrap(), "alone");
}

#[test]
fn conflate_is_set_before_the_first_bind_or_connect() {
    let context = context();
    let (dealer, _) = bound(&context, Dealer, TCP);
    assert_eq!(dealer.set_conflate(true).unwrap_err().kind(), ErrorKind::WrongState);
    // So it can send several parts.
    assert!(!dealer.conflate().unwrap());
}

/// A10: other libraries abort on messages that a peer may send.
#[cfg(not(zmq_vendored))]
#[test]
fn receivers_conflate_only_with_the_bundled_library() {
    let context = context();
    for kind in [SocketKind::Pull, SocketKind::Sub, SocketKind::Dealer] {
        let socket = socket(&context, Any(kind));
        assert_eq!(socket.set_conflate(true).unwrap_err().kind(), ErrorKind::Unsupported, "{kind}");
        socket.set_conflate(false).unwrap();
        assert!(!socket.conflate().unwrap());
    }
    socket(&context, Pub).set_conflate(true).unwrap();
}

/// A10: a peer that sends several parts, on purpose or not.
#[cfg(zmq_vendored)]
#[test]
fn the_last_part_of_a_message_is_kept() {
    let context = context();
    let pull = socket(&context, Pull);
    pull.set_conflate(true).unwrap();
    let endpoint = pull.bind(TCP).unwrap();
    let push = connected(&context, Push, endpoint);
    for _ in 0..200 {
        push.send_multipart(["first", "second", "last"]).unwrap();
        if let Ok(message) = pull.try_recv_multipart() {
            assert_eq!(message, ["last"]);
        }
    }
    push.send("the end").unwrap();
    eventually("the end arrives", || (pull.recv().unwrap() == "the end").then_some(()));
}

#[cfg(zmq_vendored)]
#[test]
fn a_subscriber_that_conflates_has_one_subscription() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, TCP);
    let subscriber = socket(&context, Sub);
    subscriber.set_conflate(true).unwrap();
    subscriber.connect(endpoint).unwrap();
    subscriber.subscribe("A").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01A");
    for number in 0..20 {
        publisher.send(format!("A{number}")).unwrap();
    }
    eventually("the last message arrives", || (subscriber.recv().unwrap() == "A19").then_some(()));
    assert_empty(&subscriber);
}

#[cfg(zmq_vendored)]
#[test]
fn a_publisher_may_conflate() {
    let context = context();
    let publisher = socket(&context, Pub);
    publisher.set_conflate(true).unwrap();
    let endpoint = publisher.bind("inproc://publisher").unwrap();
    let subscriber = socket(&context, Sub);
    subscriber.set_conflate(true).unwrap();
    subscriber.connect(endpoint).unwrap();
    subscriber.subscribe("").unwrap();
    for number in 0..20_u8 {
        publisher.send([number]).unwrap();
    }
    assert_eq!(subscriber.recv().unwrap(), [19]);
    assert_empty(&subscriber);
}

/// The binding socket took the first message for the routing id, which it does not need, and dropped it.
#[cfg(zmq_vendored)]
#[test]
fn messages_before_the_bind_are_not_lost() {
    let context = context();
    let sender = socket(&context, Push);
    sender.set_conflate(true).unwrap();
    sender.connect("inproc://late").unwrap();
    sender.send("early").unwrap();
    let (receiver, _) = bound(&context, Pull, "inproc://late");
    assert_eq!(receiver.recv().unwrap(), "early");
    sender.send("late").unwrap();
    assert_eq!(receiver.recv().unwrap(), "late");
}

#[cfg(zmq_vendored)]
#[test]
fn a_conflating_socket_may_leave_an_inproc_name_before_the_bind() {
    let context = context();
    let gone = socket(&context, Push);
    gone.set_conflate(true).unwrap();
    gone.connect("inproc://left").unwrap();
    gone.disconnect("inproc://left").unwrap();
    let (receiver, endpoint) = bound(&context, Pull, "inproc://left");
    connected(&context, Push, endpoint).send("from another").unwrap();
    assert_eq!(receiver.recv().unwrap(), "from another");
}

#[cfg(not(zmq_vendored))]
#[test]
fn a_conflating_socket_connects_to_a_bound_name() {
    let context = context();
    let sender = socket(&context, Push);
    sender.set_conflate(true).unwrap();
    let error = sender.connect("inproc://bound").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let _receiver = bound(&context, Pull, "inproc://bound");
    sender.connect("inproc://bound").unwrap();
}

#[cfg(zmq_vendored)]
#[test]
fn a_router_knows_a_conflating_peer() {
    let context = context();
    let router = socket(&context, Router);
    for (name, id, binds_first) in [("inproc://bound", "A", true), ("inproc://unbound", "B", false)] {
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id(id).unwrap();
        dealer.set_conflate(true).unwrap();
        if binds_first {
            router.bind(name).unwrap();
        }
        dealer.connect(name).unwrap();
        dealer.send("first").unwrap();
        dealer.send("last").unwrap();
        if !binds_first {
            router.bind(name).unwrap();
        }
        let received = router.recv_multipart_within(common::LIMIT).expect(name);
        assert_eq!(received, [id, "last"], "{name}");
    }
}
