//! Publish and subscribe: filters, subscriptions as messages, and forwarders.

use crate::common;

use std::thread;
use std::time::Duration;

use common::{
    TCP, any, assert_empty, assert_silent, bound, connected, context, eventually, socket, transports,
};
use zmq::{Context, ErrorKind, Pub, Socket, SocketKind, Sub, XPub, XSub};

/// A subscriber to `topics`, whose subscriptions the publisher has received.
fn subscriber(context: &Context, publisher: &Socket<XPub>, endpoint: &str, topics: &[&str]) -> Socket<Sub> {
    let subscriber = connected(context, Sub, endpoint);
    for topic in topics {
        subscriber.subscribe(topic).unwrap();
        assert_eq!(publisher.recv().unwrap(), subscription(1, topic));
    }
    subscriber
}

/// The message that an XPUB receives when a peer subscribes (1) or unsubscribes (0).
fn subscription(byte: u8, topic: impl AsRef<[u8]>) -> Vec<u8> {
    [&[byte], topic.as_ref()].concat()
}

#[test]
fn subscribers_receive_the_messages_they_subscribed_to() {
    let context = context();
    for transport in transports("filters") {
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        let weather = subscriber(&context, &publisher, endpoint.as_str(), &["weather", "news.local"]);
        let news = subscriber(&context, &publisher, endpoint.as_str(), &["news"]);
        for message in ["weather: sunny", "sports: 1:0", "news.local: a cat", "news.world: peace", "end"] {
            publisher.send(message).unwrap();
        }
        assert_eq!(weather.recv().unwrap(), "weather: sunny");
        assert_eq!(weather.recv().unwrap(), "news.local: a cat");
        assert_eq!(news.recv().unwrap(), "news.local: a cat");
        assert_eq!(news.recv().unwrap(), "news.world: peace");
        assert_silent(&news);
        assert_empty(&weather);
    }
}

/// Newcomers often forget to subscribe.
#[test]
fn an_error_names_the_missing_subscription() {
    let context = context();
    let (_publisher, endpoint) = bound(&context, Pub, TCP);
    let missing = "call `subscribe(\"\")` to receive every message";

    let subscriber = connected(&context, Sub, endpoint.as_str());
    for error in [subscriber.try_recv().unwrap_err(), subscriber.recv_within(Duration::ZERO).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert!(error.to_string().contains(missing), "{error}");
    }
    subscriber.subscribe("A").unwrap();
    let error = subscriber.try_recv().unwrap_err();
    assert!(error.to_string().ends_with("(no message arrived in time)"), "{error}");

    let subscriber = connected(&context, XSub, endpoint.as_str());
    let error = subscriber.try_recv().unwrap_err();
    assert!(error.to_string().ends_with("(no message arrived in time)"), "{error}");
}

#[test]
fn the_first_frame_decides_about_the_whole_message() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, TCP);
    let subscriber = subscriber(&context, &publisher, endpoint.as_str(), &["A"]);
    publisher.send_multipart(["B", "A"]).unwrap();
    publisher.send_multipart(["A", "B"]).unwrap();
    assert_eq!(subscriber.recv_multipart().unwrap(), ["A", "B"]);
}

#[test]
fn without_a_subscription_nothing_is_received() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, "inproc://no-subscription");
    let silent = connected(&context, Sub, &endpoint);
    let all = subscriber(&context, &publisher, endpoint.as_str(), &[""]);
    publisher.send("a message").unwrap();
    assert_eq!(all.recv().unwrap(), "a message");
    assert_empty(&silent);
}

/// Conformance: PS-1.
#[test]
fn a_program_can_forward_without_a_proxy() {
    let context = context();
    for (front, back) in transports("front").iter().zip(transports("back")) {
        let (frontend, publishers) = bound(&context, XSub, front);
        let (backend, subscribers) = bound(&context, XPub, &back);
        let publisher = connected(&context, Pub, publishers);
        let subscriber = connected(&context, Sub, subscribers);
        subscriber.subscribe("").unwrap();

        let subscription = backend.recv().unwrap();
        assert_eq!(subscription, [1]);
        frontend.send(subscription).unwrap();
        // Nothing shows when the subscription has reached a PUB.
        let message = eventually("a publication arrives", || {
            publisher.send("news").unwrap();
            frontend.try_recv().ok()
        });
        assert_eq!(message, "news");
        backend.send(message).unwrap();
        assert_eq!(subscriber.recv().unwrap(), "news");
    }
}

#[test]
fn a_forwarder_can_run_in_a_thread() {
    let context = context();
    let (frontend, publishers) = bound(&context, XSub, TCP);
    let (backend, subscribers) = bound(&context, XPub, TCP);
    let forwarder = thread::spawn(move || zmq::proxy(&frontend, &backend));

    let publisher = connected(&context, XPub, publishers);
    let subscriber = connected(&context, Sub, subscribers);
    subscriber.subscribe("A").unwrap();
    assert_eq!(publisher.recv().unwrap(), [1, b'A']);
    publisher.send_multipart(["B", "filtered"]).unwrap();
    publisher.send_multipart(["A", "forwarded"]).unwrap();
    assert_eq!(subscriber.recv_multipart().unwrap(), ["A", "forwarded"]);

    context.shutdown().unwrap();
    assert_eq!(forwarder.join().unwrap().unwrap_err().kind(), ErrorKind::Terminated);
}

/// Conformance: PS-2.
#[test]
fn an_xpub_receives_subscriptions_as_messages() {
    let context = context();
    for transport in transports("ps-2") {
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        let subscriber = connected(&context, Sub, endpoint);
        for topic in [vec![], b"A".to_vec(), vec![b'x'; 245], vec![b'y'; 246], vec![0, 255]] {
            if topic.len() > 245 && zmq::version() < zmq::Version::new(4, 3, 5) {
                // Over a network, the socket receives an empty message first.
                continue;
            }
            subscriber.subscribe(&topic).unwrap();
            assert_eq!(publisher.recv().unwrap(), subscription(1, &topic));
            subscriber.unsubscribe(&topic).unwrap();
            assert_eq!(publisher.recv().unwrap(), subscription(0, &topic));
        }
    }
}

/// Conformance: PS-3.
#[test]
fn an_xpub_receives_the_first_subscription_and_the_last_unsubscription() {
    let context = context();
    for transport in transports("ps-3") {
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        let first = subscriber(&context, &publisher, endpoint.as_str(), &["A"]);
        let second = connected(&context, Sub, &endpoint);
        second.subscribe("A").unwrap();
        second.subscribe("end of the duplicates").unwrap();
        assert_eq!(publisher.recv().unwrap(), subscription(1, "end of the duplicates"));

        first.unsubscribe("A").unwrap();
        first.subscribe("still one left").unwrap();
        assert_eq!(publisher.recv().unwrap(), subscription(1, "still one left"));
        publisher.send("A").unwrap();
        assert_eq!(second.recv().unwrap(), "A");
        second.unsubscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), subscription(0, "A"));
        assert_empty(&first);
    }
}

/// Conformance: PS-3, G-2.
#[test]
fn a_subscriber_counts_its_subscriptions() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, TCP);
    let subscriber = subscriber(&context, &publisher, endpoint.as_str(), &["A"]);
    subscriber.subscribe("A").unwrap();
    subscriber.unsubscribe("A").unwrap();
    subscriber.unsubscribe("never subscribed to").unwrap();
    subscriber.subscribe("B").unwrap();
    // The publisher receives no message for the second A, and none for the prefix without a subscription.
    assert_eq!(publisher.recv().unwrap(), subscription(1, "B"));
    publisher.send("A").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "A");

    subscriber.unsubscribe("A").unwrap();
    assert_eq!(publisher.recv().unwrap(), subscription(0, "A"));
    publisher.send("A").unwrap();
    publisher.send("B").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "B");
}

/// Conformance: PS-7.
#[test]
fn other_messages_go_from_xsub_to_xpub_unchanged() {
    let context = context();
    for transport in transports("ps-7") {
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        let subscriber = connected(&context, XSub, endpoint);
        subscriber.send([1, b'A']).unwrap();
        assert_eq!(publisher.recv().unwrap(), [1, b'A']);
        subscriber.send("a message to the publisher").unwrap();
        assert_eq!(publisher.recv().unwrap(), "a message to the publisher");
        publisher.send("A1").unwrap();
        assert_eq!(subscriber.recv().unwrap(), "A1");
    }
}

/// Conformance: PS-13.
#[test]
fn a_subscriber_receives_only_while_it_is_connected() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, "inproc://ps-13");
    publisher.send("too early").unwrap();
    let subscriber = subscriber(&context, &publisher, endpoint.as_str(), &[""]);
    for _ in 0..3 {
        publisher.send("in time").unwrap();
    }
    for _ in 0..3 {
        assert_eq!(subscriber.recv().unwrap(), "in time");
    }
    subscriber.disconnect(&endpoint).unwrap();
    let unsubscribed = eventually("the publisher receives the unsubscription", || {
        subscriber.events().unwrap();
        publisher.try_recv().ok()
    });
    assert_eq!(unsubscribed, [0]);
    publisher.send("too late").unwrap();
    assert_empty(&subscriber);
    assert_empty(&publisher);
}

#[test]
fn a_subscriber_that_is_gone_is_unsubscribed() {
    let context = context();
    for transport in transports("gone") {
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        drop(subscriber(&context, &publisher, endpoint.as_str(), &["A"]));
        assert_eq!(publisher.recv().unwrap(), subscription(0, "A"));
    }
}

#[test]
fn a_slow_subscriber_misses_messages_and_blocks_no_call() {
    let context = context();
    let publisher = socket(&context, XPub);
    publisher.set_send_hwm(1).unwrap();
    let endpoint = publisher.bind("inproc://slow").unwrap();
    let slow = socket(&context, Sub);
    slow.set_recv_hwm(1).unwrap();
    slow.subscribe("").unwrap();
    slow.connect(&endpoint).unwrap();
    assert_eq!(publisher.recv().unwrap(), [1]);
    for index in 0..10_u8 {
        publisher.try_send([index]).unwrap();
    }
    assert_eq!(slow.recv().unwrap(), [0]);
    assert_eq!(slow.recv().unwrap(), [1]);
    assert_empty(&slow);
}

/// Conformance: G-2.
#[test]
fn sending_without_subscribers_or_peers_succeeds() {
    let context = context();
    let (publisher, _) = bound(&context, Pub, TCP);
    publisher.try_send("to nobody").unwrap();
    publisher.try_send_multipart(["to", "nobody"]).unwrap();
    socket(&context, XSub).try_send([1, b'A']).unwrap();
}

/// Conformance: G-2.
#[test]
fn a_type_known_at_run_time_refuses_unsupported_calls() {
    let context = context();
    for kind in [SocketKind::Pub, SocketKind::Push] {
        let socket = any(&context, kind);
        assert_eq!(socket.try_recv().unwrap_err().kind(), ErrorKind::Unsupported, "{kind}");
        assert_eq!(socket.recv().unwrap_err().errno(), libc::ENOTSUP, "{kind}");
        assert_eq!(socket.recv_multipart().unwrap_err().kind(), ErrorKind::Unsupported, "{kind}");
    }
    for kind in [SocketKind::Sub, SocketKind::Pull] {
        let socket = any(&context, kind);
        let failure = socket.try_send("given back").unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Unsupported, "{kind}");
        assert_eq!(failure.into_message(), "given back");
        let failure = socket.send_multipart(["both", "given back"]).unwrap_err();
        assert_eq!(failure.error().errno(), libc::ENOTSUP, "{kind}");
        assert_eq!(failure.into_message(), ["both", "given back"]);
    }
    for &kind in SocketKind::ALL.iter().filter(|&&kind| kind != SocketKind::Sub) {
        let error = any(&context, kind).subscribe("A").unwrap_err();
        // An XPUB can, if it is manual.
        let expected = if kind == SocketKind::XPub { ErrorKind::WrongState } else { ErrorKind::Unsupported };
        assert_eq!(error.kind(), expected, "{kind}");
        assert_eq!(error.errno(), libc::EINVAL, "{kind}");
    }
}
