//! XPUB sockets: options for subscriptions, and for subscribers that are too slow.

use crate::common;

use std::time::Duration;

use common::{TCP, assert_empty, assert_silent, bound, connected, context, socket, transports};
use zmq::{Context, ErrorKind, Message, Pub, Socket, Sub, XPub, XSub};

/// An XPUB configured by `prepare`, and its endpoint.
fn publisher(
    context: &Context,
    endpoint: &str,
    prepare: impl Fn(&Socket<XPub>),
) -> (Socket<XPub>, zmq::Endpoint) {
    let publisher = socket(context, XPub);
    prepare(&publisher);
    let endpoint = publisher.bind(endpoint).unwrap();
    (publisher, endpoint)
}

/// Conformance: PS-3.
#[test]
fn a_verbose_publisher_receives_every_subscription() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, TCP, |socket| socket.set_xpub_verbose(true).unwrap());
    let subscribers = [connected(&context, Sub, &endpoint), connected(&context, Sub, &endpoint)];
    for subscriber in &subscribers {
        subscriber.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
    }
    // Only the last unsubscription is reported.
    subscribers[0].unsubscribe("A").unwrap();
    assert_silent(&publisher);
    subscribers[1].unsubscribe("A").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\0A");
}

/// Conformance: PS-4.
#[test]
fn a_verboser_publisher_receives_every_unsubscription_too() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, TCP, |socket| socket.set_xpub_verboser(true).unwrap());
    let subscribers = [connected(&context, Sub, &endpoint), connected(&context, Sub, &endpoint)];
    for subscriber in &subscribers {
        subscriber.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
    }
    for subscriber in &subscribers {
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\0A");
    }
    // A SUB does not send the end of a subscription that it does not have.
    subscribers[0].unsubscribe("A").unwrap();
    assert_silent(&publisher);
}

/// Conformance: PS-4.
#[cfg(zmq_draft)]
#[test]
fn an_xsub_may_forward_every_unsubscription() {
    let context = context();
    let (publisher, endpoint) =
        publisher(&context, "inproc://verbose-unsubscribe", |socket| socket.set_xpub_verboser(true).unwrap());
    let subscriber = socket(&context, XSub);
    subscriber.set_xsub_verbose_unsubscribe(true).unwrap();
    subscriber.connect(endpoint).unwrap();
    for _ in 0..2 {
        subscriber.send(b"\0A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\0A");
    }
    subscriber.set_xsub_verbose_unsubscribe(false).unwrap();
    subscriber.send(b"\0A").unwrap();
    assert_empty(&publisher);
}

/// Conformance: PS-5.
#[test]
fn a_manual_publisher_decides_about_subscriptions() {
    for endpoint in transports("manual") {
        let context = context();
        let (publisher, endpoint) =
            publisher(&context, &endpoint, |socket| socket.set_xpub_manual(true).unwrap());
        let subscriber = connected(&context, Sub, &endpoint);
        subscriber.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        publisher.subscribe("XA").unwrap();
        publisher.subscribe("B").unwrap();
        for message in ["A", "XA", "B"] {
            publisher.send(message).unwrap();
        }
        // The SUB filters as well: it did not subscribe to the others.
        let raw = connected(&context, XSub, &endpoint);
        raw.send(b"\x01A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        publisher.subscribe("B").unwrap();
        publisher.send("A").unwrap();
        publisher.send("B").unwrap();
        assert_eq!(raw.recv().unwrap(), "B");
        publisher.unsubscribe("B").unwrap();
        publisher.send("B").unwrap();
        assert_silent(&raw);

        // When the subscriber ends, the subscription that it asked for is reported as ended, and after that there is no
        // peer to subscribe for.
        drop(subscriber);
        assert_eq!(publisher.recv().unwrap(), b"\0A");
        publisher.unsubscribe("XA").unwrap();
        publisher.subscribe("A").unwrap();
        let newcomer = connected(&context, XSub, &endpoint);
        newcomer.send(b"\x01C").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01C");
        publisher.send("A").unwrap();
        assert_silent(&newcomer);
    }
}

#[test]
fn only_a_manual_publisher_subscribes() {
    let publisher = socket(&context(), XPub);
    for error in [publisher.subscribe("A").unwrap_err(), publisher.unsubscribe("A").unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert!(error.to_string().contains("manual"), "{error}");
    }
    publisher.bind(TCP).unwrap();
    assert_eq!(publisher.set_xpub_manual(true).unwrap_err().kind(), ErrorKind::WrongState);
}

#[test]
fn an_xsub_subscribes_to_a_long_prefix_if_the_library_supports_it() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, TCP);
    let subscriber = connected(&context, XSub, &endpoint);
    for (first, len) in [(1_u8, 16_384), (0, 16_384), (1, 16_385), (0, 16_385), (2, 20_000)] {
        let mut message = vec![first];
        message.resize(1 + len, b'A');
        let is_taken = cfg!(zmq_vendored) || first > 1 || len <= 16_384;
        if is_taken {
            subscriber.send(&message).unwrap();
            assert_eq!(publisher.recv().unwrap(), message);
            continue;
        }
        for failure in [subscriber.send(&message).unwrap_err(), subscriber.send_more(&message).unwrap_err()] {
            assert_eq!(failure.kind(), ErrorKind::InvalidInput);
            assert_eq!(failure.into_message(), message);
        }
        let failure = subscriber.try_send_multipart([&b"\x02"[..], &message]).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message()[1], message);
    }
}

/// Conformance: PS-6.
#[test]
fn subscriptions_can_be_passed_through_a_manual_proxy() {
    let context = context();
    let (source, source_endpoint) = bound(&context, XPub, "inproc://source");
    let upstream = connected(&context, XSub, source_endpoint);
    let (downstream, endpoint) = publisher(&context, TCP, |socket| socket.set_xpub_manual(true).unwrap());
    let subscribers = [connected(&context, Sub, &endpoint), connected(&context, Sub, &endpoint)];
    for subscriber in &subscribers {
        subscriber.subscribe("A").unwrap();
        let subscription = downstream.recv().unwrap();
        assert_eq!(subscription, b"\x01A");
        downstream.subscribe(&subscription[1..]).unwrap();
        upstream.send(subscription).unwrap();
    }
    assert_eq!(source.recv().unwrap(), b"\x01A");
    source.send("A1").unwrap();
    downstream.send(upstream.recv().unwrap()).unwrap();
    for subscriber in &subscribers {
        assert_eq!(subscriber.recv().unwrap(), "A1");
    }
    drop(subscribers);
    for _ in 0..2 {
        let end = downstream.recv().unwrap();
        assert_eq!(end, b"\0A");
        upstream.send(end).unwrap();
    }
    assert_eq!(source.recv().unwrap(), b"\0A");
    source.send("A2").unwrap();
    assert_empty(&upstream);
}

/// Conformance: PS-6.
#[cfg(zmq_draft)]
#[test]
fn the_last_value_goes_only_to_the_newest_subscriber() {
    let context = context();
    let (publisher, endpoint) =
        publisher(&context, "inproc://last-value", |socket| socket.set_xpub_manual_last_value(true).unwrap());
    let mut subscribers = Vec::new();
    for value in ["A1", "A2"] {
        let subscriber = connected(&context, Sub, &endpoint);
        subscriber.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01A");
        publisher.subscribe("A").unwrap();
        publisher.send(value).unwrap();
        assert_eq!(subscriber.recv().unwrap(), value);
        subscribers.push(subscriber);
    }
    assert_empty(&subscribers[0]);
    publisher.send("A3").unwrap();
    for subscriber in &subscribers {
        assert_eq!(subscriber.recv().unwrap(), "A3");
    }
}

/// Conformance: PS-7.
#[cfg(zmq_draft)]
#[test]
fn later_parts_may_look_like_subscriptions() {
    let context = context();
    let (publisher, endpoint) =
        publisher(&context, "inproc://only-first", |socket| socket.set_only_first_subscribe(true).unwrap());
    let subscriber = socket(&context, XSub);
    subscriber.set_only_first_subscribe(true).unwrap();
    subscriber.connect(endpoint).unwrap();
    let message = [&b"\x02A"[..], b"\x01B", b"\0C"];
    subscriber.send_multipart(message).unwrap();
    assert_eq!(publisher.recv_multipart().unwrap(), message);
}

/// Conformance: PS-8.
#[test]
fn a_slow_subscriber_blocks_a_publisher_that_does_not_drop() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, "inproc://nodrop", |socket| {
        socket.set_xpub_nodrop(true).unwrap();
        socket.set_send_hwm(2000).unwrap();
        socket.set_send_timeout(Duration::ZERO).unwrap();
    });
    let subscriber = connected(&context, Sub, endpoint);
    subscriber.subscribe("").unwrap();
    publisher.recv().unwrap();
    for number in 0..1999_u32 {
        publisher.send(number.to_ne_bytes()).unwrap();
    }
    for number in 0..1999_u32 {
        assert_eq!(subscriber.recv().unwrap(), number.to_ne_bytes());
    }
    let mut accepted = 0;
    let failure = loop {
        match publisher.send("again") {
            Ok(()) => accepted += 1,
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert!(accepted > 0);
    let mut received = 0;
    while subscriber.try_recv().is_ok() {
        received += 1;
    }
    assert_eq!(received, accepted);
}

/// Conformance: PS-9.
#[test]
fn messages_below_the_high_water_mark_are_never_dropped() {
    for endpoint in transports("mark") {
        let context = context();
        let (publisher, endpoint) =
            publisher(&context, &endpoint, |socket| socket.set_send_hwm(500).unwrap());
        let subscriber = connected(&context, Sub, endpoint);
        subscriber.subscribe("").unwrap();
        publisher.recv().unwrap();
        for _ in 0..500 {
            publisher.send("message").unwrap();
        }
        for _ in 0..500 {
            assert_eq!(subscriber.recv().unwrap(), "message");
        }
    }
}

/// Conformance: PS-9.
#[test]
fn reading_makes_room_for_a_publisher_that_does_not_drop() {
    for endpoint in transports("room") {
        let context = context();
        let (publisher, endpoint) = publisher(&context, &endpoint, |socket| {
            socket.set_xpub_nodrop(true).unwrap();
            socket.set_send_hwm(200).unwrap();
        });
        let subscriber = socket(&context, Sub);
        subscriber.set_recv_hwm(200).unwrap();
        subscriber.connect(endpoint).unwrap();
        subscriber.subscribe("").unwrap();
        publisher.recv().unwrap();
        let (mut sent, mut received, mut refused) = (0_usize, 0_usize, 0_usize);
        let body = [7; 10_000];
        while sent < 3000 {
            match publisher.try_send(body) {
                Ok(()) => sent += 1,
                Err(failure) => {
                    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
                    refused += 1;
                    // It may already have all messages while the publisher does not know that yet.
                    received += usize::from(subscriber.try_recv().is_ok());
                }
            }
        }
        while received < sent {
            assert_eq!(subscriber.recv().unwrap().len(), body.len());
            received += 1;
        }
        assert!(refused > 0);
        assert_empty(&subscriber);
    }
}

/// Conformance: PS-10.
#[test]
fn reading_restores_the_room_in_the_queue() {
    let context = context();
    let (publisher, endpoint) = publisher(&context, TCP, |socket| socket.set_send_hwm(11_024).unwrap());
    let subscriber = socket(&context, Sub);
    subscriber.set_recv_hwm(11_024).unwrap();
    subscriber.connect(endpoint).unwrap();
    subscriber.subscribe("").unwrap();
    publisher.recv().unwrap();
    for count in [9999, 1100] {
        for _ in 0..count {
            publisher.send("message").unwrap();
        }
        for _ in 0..count {
            assert_eq!(subscriber.recv().unwrap(), "message");
        }
    }
}

/// Conformance: PS-11.
#[test]
fn subscribers_are_welcomed() {
    for endpoint in transports("welcome") {
        let context = context();
        let (publisher, endpoint) =
            publisher(&context, &endpoint, |socket| socket.set_xpub_welcome_message("W").unwrap());
        for _ in 0..2 {
            let subscriber = socket(&context, Sub);
            subscriber.subscribe("W").unwrap();
            subscriber.connect(&endpoint).unwrap();
            assert_eq!(publisher.recv().unwrap(), b"\x01W");
            assert_eq!(subscriber.recv().unwrap(), "W");
            drop(subscriber);
            assert_eq!(publisher.recv().unwrap(), b"\0W");
        }
    }
}

#[test]
fn a_subscriber_that_left_before_the_bind_is_not_welcomed() {
    let context = context();
    let subscriber = connected(&context, Sub, "inproc://left-early");
    subscriber.disconnect("inproc://left-early").unwrap();
    assert!(subscriber.events().unwrap().is_empty());
    let publisher = socket(&context, XPub);
    publisher.set_xpub_welcome_message("W").unwrap();
    // The bundled libzmq handles this. With another libzmq the bind is refused, because it aborts.
    match publisher.bind("inproc://left-early") {
        Ok(_) => assert_empty(&publisher),
        Err(error) => assert_eq!(error.kind(), ErrorKind::WrongState),
    }
}

/// Conformance: PS-12.
#[test]
fn matching_can_be_inverted() {
    let context = context();
    let publisher = socket(&context, Pub);
    publisher.set_invert_matching(true).unwrap();
    let endpoint = publisher.bind("inproc://invert").unwrap();
    let [first, second] = ["prefix1", "p2"].map(|prefix| {
        let subscriber = socket(&context, Sub);
        subscriber.set_invert_matching(true).unwrap();
        subscriber.connect(&endpoint).unwrap();
        subscriber.subscribe(prefix).unwrap();
        subscriber
    });
    publisher.send("prefix1 is not for the first").unwrap();
    publisher.send("p2 is not for the second").unwrap();
    assert_eq!(second.recv().unwrap(), "prefix1 is not for the first");
    assert_eq!(first.recv().unwrap(), "p2 is not for the second");
    assert_empty(&first);
    assert_empty(&second);
}

/// Conformance: PS-14.
#[cfg(zmq_draft)]
#[test]
fn topics_are_counted() {
    let context = context();
    let (publisher, endpoint) = bound(&context, Pub, TCP);
    let subscriber = connected(&context, Sub, endpoint);
    let both_count = |count| {
        assert_eq!(subscriber.topics_count().unwrap(), count);
        common::eventually("the publisher counts as many topics", || {
            publisher.events().unwrap();
            (publisher.topics_count().unwrap() == count).then_some(())
        });
    };
    both_count(0);
    for topic in ["first", "second", "third"] {
        subscriber.subscribe(topic).unwrap();
    }
    both_count(3);
    subscriber.unsubscribe("first").unwrap();
    both_count(2);
    for topic in ["second", "third"] {
        subscriber.unsubscribe(topic).unwrap();
    }
    both_count(0);
    for topic in ["a", "ab", "abc"] {
        subscriber.subscribe(topic).unwrap();
    }
    both_count(3);
}

/// All parts except the last one are sent as clones, which share their bytes. An XPUB receives its own copy.
#[test]
fn messages_from_an_xsub_can_be_cloned_and_forwarded() -> zmq::Result<()> {
    let context = Context::new()?;
    let (front, back) = (context.socket(XPub)?, context.socket(XSub)?);
    front.bind("inproc://front")?;
    back.connect("inproc://front")?;
    let (next, last) = (context.socket(XSub)?, context.socket(XPub)?);
    last.bind("inproc://last")?;
    next.connect("inproc://last")?;
    for round in 2..50 {
        let parts = [vec![round; 100], vec![round; 40], vec![round; 5000], vec![round; 100]];
        back.send_multipart(parts.clone())?;
        let received = front.recv_multipart()?;
        let clones = received.clone();
        drop(received);
        // Freed memory would be overwritten by now.
        let others: Vec<_> = parts.iter().map(|part| vec![!round; part.len()]).collect();
        assert_eq!(clones, parts);
        next.send_multipart(clones)?;
        drop(others);
        assert_eq!(last.recv_multipart()?, parts);
        back.send_multipart(parts.clone())?;
        let first = front.recv()?;
        let clones: Vec<_> = (0..10).map(|_| first.clone()).collect();
        drop(first);
        assert!(clones.iter().all(|clone| *clone == parts[0]));
        drop(clones);
        for part in &parts[1..] {
            let mut message = Message::new();
            front.recv_to(&mut message)?;
            assert_eq!(&message.clone(), part);
        }
    }
    Ok(())
}
