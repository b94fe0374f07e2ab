//! When a connection is lost, the socket reconnects or gives up the endpoint. An endpoint that was given up can be
//! connected again.

#![cfg(zmq_vendored)]

use crate::common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use common::zmtp::{LARGE, greet, greeting, read_frame, ready};
use common::{
    TCP, any, bound, context, eventually, free_endpoint, kind_of, must_end, socket, wait_for_event,
};
use zmq::monitor::{EventKind, Events};
use zmq::security::{Authenticator, Null};
use zmq::{Any, Context, Dealer, ErrorKind, Monitor, Push, Rep, Socket, SocketKind};

/// Socket types that connect, and the types of their peers.
const KINDS: [(SocketKind, SocketKind); 7] = [
    (SocketKind::Dealer, SocketKind::Dealer),
    (SocketKind::Push, SocketKind::Pull),
    (SocketKind::Pull, SocketKind::Push),
    (SocketKind::Req, SocketKind::Rep),
    (SocketKind::Sub, SocketKind::Pub),
    (SocketKind::Pub, SocketKind::Sub),
    (SocketKind::Pair, SocketKind::Pair),
];

fn monitor<K: zmq::capability::Kind>(socket: &Socket<K>) -> Monitor {
    socket.monitor(Events::ALL).unwrap()
}

fn wait_for_end(monitor: &Monitor) {
    wait_for_event(monitor, |kind| matches!(kind, EventKind::Disconnected { .. }));
}

fn wait_for_success(monitor: &Monitor) {
    wait_for_event(monitor, |kind| matches!(kind, EventKind::HandshakeSucceeded));
}

/// Asserts that nothing more is tried: no event follows.
fn assert_given_up(monitor: &Monitor) {
    if let Ok(event) = monitor.recv_within(Duration::from_millis(30)) {
        panic!("{event}");
    }
}

fn client(context: &Context, kind: SocketKind) -> Socket<Any> {
    let client = any(context, kind);
    client.set_reconnect_interval(Duration::from_millis(10)).unwrap();
    if kind == SocketKind::Sub {
        client.subscribe("").unwrap();
    }
    client
}

/// A socket bound to an endpoint that another socket had until just now.
fn rebound(context: &Context, kind: SocketKind, endpoint: &str) -> Socket<Any> {
    let server = any(context, kind);
    eventually("the port is free", || server.bind(endpoint).ok());
    if kind == SocketKind::Sub {
        server.subscribe("").unwrap();
    }
    server
}

/// A message that shows that a subscription has arrived.
const QUESTION: &str = "subscribed?";

/// Asserts that ten messages go from the socket that can send to the other one, and none is lost.
fn assert_all_arrive(client: &Socket<Any>, kind: SocketKind, server: &Socket<Any>) {
    let (from, to) = match kind {
        SocketKind::Pull | SocketKind::Sub => (server, client),
        _ => (client, server),
    };
    if kind == SocketKind::Sub || kind == SocketKind::Pub {
        // The subscription arrives after a while.
        eventually("the subscription has arrived", || {
            from.send(QUESTION).unwrap();
            to.recv_within(Duration::from_millis(5)).ok()
        });
    }
    for number in 0..10_u8 {
        assert!(from.send([number]).is_ok(), "{kind:?}");
        let mut message = to.recv().unwrap();
        while message == QUESTION {
            message = to.recv().unwrap();
        }
        assert_eq!(message.as_ref(), [number], "{kind:?}");
        if kind == SocketKind::Req {
            to.send("yes").unwrap();
            assert_eq!(from.recv().unwrap(), "yes");
        }
    }
}

/// Answers one client with something that is not a valid greeting.
fn answer_wrongly(listener: TcpListener) {
    let (mut client, _) = listener.accept().unwrap();
    drop(listener);
    client.write_all(&greeting(0, "PLAIN")).unwrap();
    let _ = client.read_to_end(&mut Vec::new());
}

/// A listener, and the endpoint that it listens on.
fn listener() -> (TcpListener, String) {
    let endpoint = free_endpoint();
    (TcpListener::bind(endpoint.strip_prefix("tcp://").unwrap()).unwrap(), endpoint)
}

#[test]
fn after_a_failed_handshake_the_endpoint_can_be_connected_again() {
    let context = context();
    for (kind, peer) in KINDS {
        let (listener, endpoint) = listener();
        let client = client(&context, kind);
        let events = monitor(&client);
        let wrong = thread::spawn(|| answer_wrongly(listener));
        client.connect(&endpoint).unwrap();
        wait_for_event(&events, |event| matches!(event, EventKind::HandshakeFailedProtocol { .. }));
        wait_for_end(&events);
        wrong.join().unwrap();
        assert_given_up(&events);

        let server = rebound(&context, peer, &endpoint);
        assert_given_up(&events);
        assert_eq!(kind_of(client.disconnect(&endpoint)), ErrorKind::NotFound, "{kind:?}");
        client.connect(&endpoint).unwrap();
        wait_for_success(&events);
        assert_all_arrive(&client, kind, &server);
    }
}

#[test]
fn a_client_that_was_denied_can_connect_again_at_once() {
    let context = context();
    let rules = Authenticator::new(&context).unwrap();
    for (kind, peer) in KINDS {
        rules.deny("127.0.0.0/8").unwrap();
        let server = any(&context, peer);
        server.set_security(Null::new().zap_domain("test")).unwrap();
        if peer == SocketKind::Sub {
            server.subscribe("").unwrap();
        }
        let endpoint = server.bind(TCP).unwrap();
        let client = client(&context, kind);
        let events = monitor(&client);
        client.connect(&endpoint).unwrap();
        wait_for_event(&events, |event| matches!(event, EventKind::HandshakeFailedAuth { .. }));
        wait_for_end(&events);
        assert_given_up(&events);

        rules.remove("127.0.0.0/8").unwrap();
        client.connect(&endpoint).unwrap();
        wait_for_success(&events);
        assert_all_arrive(&client, kind, &server);
    }
}

#[test]
fn a_message_that_is_too_large_ends_only_its_own_connection() {
    let context = context();
    for (kind, peer) in [
        (SocketKind::Dealer, SocketKind::Dealer),
        (SocketKind::Pull, SocketKind::Push),
        (SocketKind::Sub, SocketKind::Pub),
        (SocketKind::Pair, SocketKind::Pair),
    ] {
        let client = client(&context, kind);
        client.set_max_message_size(100).unwrap();
        let events = monitor(&client);
        let server = any(&context, peer);
        let endpoint = server.bind(TCP).unwrap();
        client.connect(&endpoint).unwrap();
        wait_for_success(&events);
        eventually("the message is too large", || {
            let _ = server.try_send(vec![0_u8; 101]);
            let event = events.recv_within(Duration::from_millis(5)).ok()?;
            matches!(event.kind(), EventKind::Disconnected { .. }).then_some(())
        });
        wait_for_event(&events, |event| matches!(event, EventKind::ConnectRetried { .. }));
        wait_for_success(&events);
        eventually("a smaller message arrives", || {
            let _ = server.try_send("small");
            client.recv_within(Duration::from_millis(5)).ok().filter(|message| *message == "small")
        });
    }
}

#[test]
fn a_reply_that_is_too_large_ends_only_its_own_connection() {
    let context = context();
    let (server, endpoint) = bound(&context, Rep, TCP);
    let client = client(&context, SocketKind::Req);
    client.set_max_message_size(100).unwrap();
    client.set_req_relaxed(true).unwrap();
    client.set_req_correlate(true).unwrap();
    let events = monitor(&client);
    client.connect(&endpoint).unwrap();
    client.send("much").unwrap();
    assert_eq!(server.recv().unwrap(), "much");
    server.send(vec![0_u8; 101]).unwrap();
    wait_for_end(&events);
    wait_for_success(&events);
    client.send("little").unwrap();
    assert_eq!(server.recv().unwrap(), "little");
    server.send("here").unwrap();
    assert_eq!(client.recv().unwrap(), "here");
}

#[test]
fn a_violation_after_the_handshake_is_followed_by_a_reconnect() {
    let (listener, endpoint) = listener();
    let context = context();
    let client = client(&context, SocketKind::Dealer);
    let events = monitor(&client);
    client.connect(&endpoint).unwrap();
    for _ in 0..2 {
        let (mut server, _) = listener.accept().unwrap();
        greet(&mut server, 0, "NULL");
        server.write_all(&ready("DEALER", b"")).unwrap();
        read_frame(&mut server);
        wait_for_success(&events);
        // A frame longer than any possible frame.
        server.write_all(&[LARGE]).unwrap();
        server.write_all(&[0xff; 8]).unwrap();
        let _ = server.read_to_end(&mut Vec::new());
        wait_for_end(&events);
        wait_for_event(&events, |event| matches!(event, EventKind::ConnectRetried { .. }));
    }
}

#[test]
fn disconnecting_one_endpoint_keeps_the_others() {
    let context = context();
    let (server, right) = bound(&context, Dealer, TCP);
    for _ in 0..40 {
        let (listener, wrong) = listener();
        let client = client(&context, SocketKind::Dealer);
        let events = monitor(&client);
        let thread = thread::spawn(|| answer_wrongly(listener));
        client.connect(&wrong).unwrap();
        wait_for_end(&events);
        thread.join().unwrap();
        // The session ends once the socket has processed its request to end, and its memory goes to the next session.
        for _ in 0..3 {
            assert_eq!(kind_of(client.try_recv()), ErrorKind::WouldBlock);
            thread::yield_now();
        }
        client.connect(&right).unwrap();
        wait_for_success(&events);
        assert_eq!(kind_of(client.disconnect(&wrong)), ErrorKind::NotFound);
        client.send("still here").unwrap();
        assert_eq!(server.recv().unwrap(), "still here");
    }
}

#[test]
fn without_reconnects_a_lost_endpoint_can_be_connected_again() {
    let context = context();
    for (kind, peer) in KINDS {
        for name in ["tcp://127.0.0.1:", "tcp://localhost:", "tcp://127.0.0.1:0;127.0.0.1:"] {
            let first = any(&context, peer);
            if peer == SocketKind::Sub {
                first.subscribe("").unwrap();
            }
            let bound = first.bind(TCP).unwrap();
            let endpoint = format!("{name}{}", bound.as_str().rsplit_once(':').unwrap().1);
            let client = any(&context, kind);
            if kind == SocketKind::Sub {
                client.subscribe("").unwrap();
            }
            client.set_reconnect_interval(None).unwrap();
            let events = monitor(&client);
            client.connect(&endpoint).unwrap();
            wait_for_success(&events);
            first.close(Duration::ZERO).unwrap();
            wait_for_end(&events);

            let second = rebound(&context, peer, bound.as_str());
            client.connect(&endpoint).unwrap();
            wait_for_success(&events);
            assert_all_arrive(&client, kind, &second);
        }
    }
}

#[cfg(zmq_draft)]
#[test]
fn an_endpoint_that_refused_for_good_can_be_connected_again() {
    let context = context();
    for (kind, peer) in KINDS {
        let endpoint = free_endpoint();
        let client = client(&context, kind);
        client.set_reconnect_stop(zmq::option::ReconnectStop::CONNECTION_REFUSED).unwrap();
        let events = monitor(&client);
        client.connect(&endpoint).unwrap();
        wait_for_event(&events, |event| matches!(event, EventKind::Closed { .. }));
        assert_given_up(&events);
        assert_eq!(kind_of(client.disconnect(&endpoint)), ErrorKind::NotFound, "{kind:?}");

        let server = rebound(&context, peer, &endpoint);
        client.connect(&endpoint).unwrap();
        wait_for_success(&events);
        assert_all_arrive(&client, kind, &server);
    }
}

#[test]
fn undeliverable_messages_block_no_call() {
    let (listener, endpoint) = listener();
    let context = Context::new().unwrap();
    let push = socket(&context, Push);
    push.set_linger(None).unwrap();
    push.set_reconnect_interval(None).unwrap();
    push.connect(&endpoint).unwrap();
    push.send("never sent").unwrap();
    let (peer, _) = listener.accept().unwrap();
    let end = thread::spawn(move || {
        must_end(move || {
            drop(push);
            drop(context);
        });
    });
    drop(peer);
    end.join().unwrap();
}

#[test]
fn two_connections_to_one_endpoint_end_one_by_one() {
    let (listener, endpoint) = listener();
    let context = context();
    let push = socket(&context, Push);
    let events = monitor(&push);
    push.connect(&endpoint).unwrap();
    let (peer, _) = listener.accept().unwrap();
    let wrong = thread::spawn(|| answer_wrongly(listener));
    push.connect(&endpoint).unwrap();
    wait_for_end(&events);
    wrong.join().unwrap();
    // The first endpoint is still known, and its connection can be ended.
    push.disconnect(&endpoint).unwrap();
    assert_eq!(kind_of(push.disconnect(&endpoint)), ErrorKind::NotFound);
    drop(peer);
}
