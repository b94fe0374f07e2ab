//! PAIR sockets: two sockets exchange messages only with each other.

use crate::common;

use std::thread;

use common::{TCP, assert_empty, assert_silent, bounce, bound, connected, context, socket, transports};
use zmq::{ErrorKind, Message, Pair};

/// Conformance: PA-1.
#[test]
fn a_pair_sends_in_both_directions() {
    let context = context();
    for transport in transports("pa-1") {
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, endpoint);
        bounce(&right, &left);
        bounce(&left, &right);
    }
}

/// PA-1: with a host name.
///
/// Conformance: PA-1.
#[test]
fn a_pair_connects_to_localhost() {
    let context = context();
    let (left, endpoint) = bound(&context, Pair, TCP);
    let (_, port) = endpoint.address().rsplit_once(':').unwrap();
    let right = connected(&context, Pair, format!("tcp://localhost:{port}"));
    bounce(&right, &left);
}

/// Conformance: PA-2.
#[test]
fn constant_data_arrives_intact() {
    static FOO: &[u8] = b"foo";
    static FOOBAR: &[u8] = b"foobar";
    let context = context();
    for transport in transports("pa-2") {
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, endpoint);
        left.send_more(Message::from_static(FOO)).unwrap();
        left.send(Message::from_static(FOOBAR)).unwrap();
        assert_eq!(right.recv_multipart().unwrap(), ["foo", "foobar"]);
    }
}

#[test]
fn two_threads_can_exchange_messages() {
    let context = context();
    let (main, endpoint) = bound(&context, Pair, "inproc://threads");
    let worker = connected(&context, Pair, endpoint);
    let thread = thread::spawn(move || {
        for _ in 0..100 {
            let request = worker.recv().unwrap();
            worker.send(request).unwrap();
        }
    });
    for index in 0..100_u8 {
        main.send([index]).unwrap();
        assert_eq!(main.recv().unwrap(), [index]);
    }
    thread.join().unwrap();
}

#[test]
fn a_third_socket_is_rejected() {
    let context = context();
    for transport in transports("third") {
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, &endpoint);
        bounce(&right, &left);
        let third = connected(&context, Pair, &endpoint);
        // It may enter the third socket's own queue, but is not delivered.
        let _ = third.try_send("let me in");
        assert_silent(&left);
        left.send("for the second").unwrap();
        assert_eq!(right.recv().unwrap(), "for the second");
        assert_empty(&third);
    }
}

#[test]
fn a_pair_without_a_peer_cannot_send() {
    let pair = socket(&context(), Pair);
    assert_eq!(pair.try_send("alone").unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: PA-3.
#[test]
fn a_pair_can_bind_to_an_interface() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    for socket in [&left, &right] {
        socket.set_bound_device("lo").unwrap();
    }
    match left.bind(TCP) {
        Ok(endpoint) => {
            right.connect(endpoint).unwrap();
            bounce(&right, &left);
        }
        // It needs privileges, and Linux.
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported), "{error}");
        }
    }
}
