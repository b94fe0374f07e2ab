//! A PAIR or CHANNEL that disconnects and connects again at once.

#![cfg(zmq_vendored)]

use crate::common;

use std::net::TcpListener;
use std::time::Duration;

use common::{LIMIT, bound, context, eventually, free_endpoint, socket, transports, wait_for_event};
use zmq::capability::{CanRecv, CanSend, Kind};
use zmq::monitor::{EventKind, Events};
use zmq::{Dealer, ErrorKind, Pair, Socket};

/// Both sockets receive each other's messages after a while. Messages that are sent while the previous connection is
/// ending may be lost.
fn talk<K: CanSend + CanRecv>(client: &Socket<K>, server: &Socket<K>, round: u8) {
    for (from, to) in [(client, server), (server, client)] {
        eventually("the message arrives", || {
            let _ = from.try_send([round]);
            to.recv_within(Duration::from_millis(5)).ok().filter(|message| message.as_ref() == [round])
        });
    }
}

/// A client that disconnects and connects again, over every transport.
fn leave_and_connect_again<K: Kind + CanSend + CanRecv>(kind: K, name: &str) {
    let context = context();
    for endpoint in transports(name) {
        let (server, endpoint) = bound(&context, kind, &endpoint);
        let client = socket(&context, kind);
        client.set_reconnect_interval(Duration::from_millis(10)).unwrap();
        client.connect(&endpoint).unwrap();
        for round in 0..20_u8 {
            talk(&client, &server, round);
            client.disconnect(&endpoint).unwrap();
            client.connect(&endpoint).unwrap();
        }
    }
}

#[test]
fn a_pair_that_leaves_can_connect_again_at_once() {
    leave_and_connect_again(Pair, "again");
}

#[test]
fn messages_of_the_former_peer_are_received_first() {
    let context = context();
    let (server, endpoint) = bound(&context, Pair, "inproc://former");
    let client = socket(&context, Pair);
    client.connect(&endpoint).unwrap();
    client.send_multipart(["a", "b"]).unwrap();
    client.send("c").unwrap();
    client.disconnect(&endpoint).unwrap();
    client.connect(&endpoint).unwrap();
    client.send("d").unwrap();
    assert_eq!(server.recv().unwrap(), "a");
    assert_eq!(server.recv().unwrap(), "b");
    server.send("to the new one").unwrap();
    assert_eq!(server.recv().unwrap(), "c");
    assert_eq!(server.recv().unwrap(), "d");
    assert_eq!(client.recv().unwrap(), "to the new one");
}

#[cfg(zmq_draft)]
#[test]
fn a_channel_that_leaves_can_connect_again_at_once() {
    leave_and_connect_again(zmq::Channel, "channel");
}

#[test]
fn the_longest_interval_applies_to_a_peer_that_disconnects() {
    let endpoint = free_endpoint();
    let listener = TcpListener::bind(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    let context = context();
    let client = socket(&context, Dealer);
    client.set_reconnect_interval(Duration::from_millis(5)).unwrap();
    client.set_reconnect_interval_max(Duration::from_millis(80)).unwrap();
    let events = client.monitor(Events::CONNECT_RETRIED).unwrap();
    client.connect(&endpoint).unwrap();
    let mut intervals = Vec::new();
    for _ in 0..6 {
        drop(listener.accept().unwrap());
        let event = wait_for_event(&events, |_| true);
        if let EventKind::ConnectRetried { interval } = event.kind() {
            intervals.push(interval.as_millis());
        }
    }
    assert_eq!(intervals, [5, 10, 20, 40, 80, 80]);
}

#[test]
fn a193_the_rest_of_a_message_does_not_go_to_the_next_peer() {
    let context = context();
    for (name, rest_has_more) in [("rest", false), ("longer rest", true)] {
        for endpoint in transports(name) {
            let (server, endpoint) = bound(&context, Pair, &endpoint);
            let first = socket(&context, Pair);
            first.connect(&endpoint).unwrap();
            eventually("the new peer can be reached", || server.try_send_more("a").ok());
            drop(first);
            let mut wait = Duration::from_millis(20);
            let second = eventually("another peer replaces it", || {
                let second = socket(&context, Pair);
                second.connect(&endpoint).unwrap();
                let hello = format!("hello after {wait:?}");
                second.send(&hello[..]).unwrap();
                // The message of an earlier attempt may arrive late.
                while let Ok(message) = server.recv_within(wait) {
                    if message == hello {
                        return Some(second);
                    }
                }
                wait += wait;
                None
            });
            let refused = if rest_has_more { server.send_more("b") } else { server.send("b") };
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::MultipartAborted, "{endpoint}");
            server.send("whole").unwrap();
            assert_eq!(second.recv_within(LIMIT).unwrap(), "whole", "{endpoint}");
        }
    }
}
