//! Peers that come late, leave and come back.

use crate::common;

use std::time::Duration;

use common::{
    MOMENT, TCP, assert_silent, bounce, bound, connected, context, eventually, free_endpoint, has_ipv6,
    ipc_endpoint, meet, pipeline, socket,
};
use zmq::{Context, Dealer, ErrorKind, Pull, Push, Rep, Req, Socket, Sub, XPub};

/// Conformance: RC-1.
#[test]
fn by_default_messages_are_queued_for_a_missing_peer() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = socket(&context, Push);
    push.connect(free_endpoint()).unwrap();
    push.connect(endpoint).unwrap();
    for _ in 0..10 {
        push.send("work").unwrap();
    }
    for _ in 0..5 {
        assert_eq!(pull.recv().unwrap(), "work");
    }
    assert_silent(&pull);
}

/// Conformance: RC-2.
#[test]
fn with_immediate_all_messages_go_to_connected_peers() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = socket(&context, Push);
    push.set_immediate(true).unwrap();
    push.connect(free_endpoint()).unwrap();
    push.connect(endpoint).unwrap();
    for _ in 0..10 {
        push.send("work").unwrap();
    }
    for _ in 0..10 {
        assert_eq!(pull.recv().unwrap(), "work");
    }
}

/// Conformance: RC-3.
#[test]
fn with_immediate_nothing_is_queued_while_the_peer_is_away() {
    let context = context();
    let (server, endpoint) = bound(&context, Dealer, TCP);
    let client = socket(&context, Dealer);
    client.set_immediate(true).unwrap();
    client.set_reconnect_interval(Duration::from_millis(10)).unwrap();
    client.connect(&endpoint).unwrap();
    bounce(&client, &server);

    drop(server);
    eventually("sending is refused", || {
        client.try_send("lost").err().map(|failure| assert_eq!(failure.kind(), ErrorKind::WouldBlock))
    });
    let server = rebound(&context, Dealer, endpoint.as_str());
    server.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "Hello");
    client.send("Hello again").unwrap();
    assert_eq!(server.recv().unwrap(), "Hello again");
}

/// A socket bound to an endpoint that another socket had until just now.
fn rebound<K: zmq::capability::Kind>(context: &Context, kind: K, endpoint: &str) -> Socket<K> {
    let socket = socket(context, kind);
    bind_again(&socket, endpoint);
    socket
}

/// Binds once libzmq has really closed the previous listener.
fn bind_again<K: zmq::capability::Kind>(socket: &Socket<K>, endpoint: &str) {
    eventually("the endpoint is free again", || {
        let bound = socket.bind(endpoint);
        bound.map_err(|error| assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}")).ok()
    });
}

/// Conformance: RC-4.
#[test]
fn without_reconnects_a_lost_peer_stays_lost() {
    let context = context();
    let mut transports = vec![TCP.to_owned()];
    if cfg!(unix) && zmq::has(zmq::Feature::Ipc) {
        transports.push(ipc_endpoint("rc-4"));
    }
    if has_ipv6() {
        transports.push("tcp://[::1]:*".to_owned());
    } else {
        eprintln!("this machine has no IPv6 loopback address");
    }
    context.set_ipv6(has_ipv6()).unwrap();
    for transport in transports {
        let (server, client) = (socket(&context, Dealer), socket(&context, Dealer));
        client.set_reconnect_interval(None).unwrap();
        let endpoint = server.bind(transport).unwrap();
        client.connect(&endpoint).unwrap();
        bounce(&client, &server);

        server.unbind(&endpoint).unwrap();
        eventually("the server has no peer", || server.try_send("lost").err());
        bind_again(&server, endpoint.as_str());
        assert_silent(&server);
        assert_eq!(server.try_send("lost").unwrap_err().kind(), ErrorKind::WouldBlock);
        // A peer that connects anew is accepted.
        bounce(&connected(&context, Dealer, &endpoint), &server);
    }
}

#[test]
fn a_client_reconnects_to_a_restarted_server() {
    let context = context();
    let mut server = socket(&context, Rep);
    let endpoint = server.bind(TCP).unwrap();
    let client = socket(&context, Req);
    client.set_reconnect_interval(Duration::from_millis(10)).unwrap();
    // So that it reports when it has noticed the loss: a request sent before that is lost too.
    client.set_immediate(true).unwrap();
    client.connect(&endpoint).unwrap();
    for round in 0..3_u8 {
        client.send([round]).unwrap();
        assert_eq!(server.recv().unwrap(), [round]);
        server.send("done").unwrap();
        assert_eq!(client.recv().unwrap(), "done");
        drop(server);
        eventually("the client notices the loss", || client.events().unwrap().is_empty().then_some(()));
        server = rebound(&context, Rep, endpoint.as_str());
    }
}

#[test]
fn a_subscription_is_sent_again_on_every_connection() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, TCP);
    let subscriber = socket(&context, Sub);
    subscriber.set_reconnect_interval(Duration::from_millis(10)).unwrap();
    subscriber.connect(&endpoint).unwrap();
    subscriber.subscribe("A").unwrap();
    assert_eq!(publisher.recv().unwrap(), [1, b'A']);
    drop(publisher);

    let publisher = rebound(&context, XPub, endpoint.as_str());
    let subscription = eventually("the subscriber is back", || {
        // The subscriber's own calls subscribe again.
        subscriber.events().unwrap();
        publisher.try_recv().ok()
    });
    assert_eq!(subscription, [1, b'A']);
    publisher.send("A1").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "A1");
}

#[test]
fn a_new_worker_gets_a_share_of_the_work() {
    let context = context();
    let (push, mut pulls) = pipeline(&context, TCP, 1);
    let endpoint = push.last_endpoint().unwrap().unwrap();
    pulls.push(connected(&context, Pull, endpoint));
    common::meet_all(&push, &pulls);
    pulls.remove(0);
    // Messages to the receiver that left are lost until the sender has noticed. The other receiver gets all the rest.
    eventually("two in a row arrive", || {
        push.send("1").unwrap();
        push.send("2").unwrap();
        let first = pulls[0].recv().unwrap();
        (first == "1" && pulls[0].recv_within(MOMENT).is_ok_and(|second| second == "2")).then_some(())
    });
}

#[test]
fn a_disconnected_endpoint_can_be_connected_again() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, &endpoint);
    for _ in 0..3 {
        meet(&push, &pull);
        push.disconnect(&endpoint).unwrap();
        assert_eq!(push.disconnect(&endpoint).unwrap_err().kind(), ErrorKind::NotFound);
        push.connect(&endpoint).unwrap();
    }
    meet(&push, &pull);
}
