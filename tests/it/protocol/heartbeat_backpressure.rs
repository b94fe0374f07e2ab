//! Heartbeats do not end a connection that is in use, even if it is slow or the receiver does not read.

#![cfg(zmq_vendored)]

use crate::common;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use common::zmtp::greet;
use common::{LIMIT, TCP, context, socket};
use zmq::capability::Kind;
use zmq::monitor::Events;
use zmq::{Monitor, Pull, Push, Socket};

const READY_PUSH: &[u8] = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH";

/// Longer than a connection may be silent in these tests.
const LONG: Duration = Duration::from_millis(if cfg!(windows) { 1500 } else { 300 });

/// A peer that only exchanges bytes.
fn raw_push<K: Kind>(socket: &Socket<K>) -> TcpStream {
    let endpoint = socket.last_endpoint().unwrap().unwrap();
    let mut stream = TcpStream::connect(endpoint.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    greet(&mut stream, 0, "NULL");
    stream.write_all(READY_PUSH).unwrap();
    stream
}

#[track_caller]
fn assert_connected(monitor: &Monitor) {
    let event = monitor.try_recv();
    assert_eq!(event.unwrap_err().kind(), zmq::ErrorKind::WouldBlock);
}

/// Fills the queues to a receiver that does not read for a while, and then does.
fn stopped_reader(pull: &Socket<Pull>, push: &Socket<Push>) {
    const COUNT: u32 = 200;

    let monitor = pull.monitor(Events::DISCONNECTED).unwrap();
    push.connect(pull.bind(TCP).unwrap()).unwrap();
    push.set_send_timeout(LONG * 2).unwrap();
    let mut message = vec![0; 100_000];
    let mut sent = 0;
    // As many messages as there is room for.
    while sent < COUNT {
        message[..4].copy_from_slice(&u32::to_ne_bytes(sent));
        if push.send(&message[..]).is_err() {
            break;
        }
        sent += 1;
    }
    assert!(sent < COUNT, "all messages fit into the queues");
    assert_connected(&monitor);
    for expected in 0..sent {
        let received = pull.recv().unwrap();
        assert_eq!(received[..4], u32::to_ne_bytes(expected));
    }
    assert_connected(&monitor);
}

#[test]
fn a_socket_that_does_not_read_disconnects_no_peer() {
    let context = context();
    let (pull, push) = (socket(&context, Pull), socket(&context, Push));
    pull.set_recv_hwm(2).unwrap();
    push.set_send_hwm(2).unwrap();
    pull.set_heartbeat_interval(LONG / 10).unwrap();
    pull.set_heartbeat_timeout(LONG / 3).unwrap();
    stopped_reader(&pull, &push);
}

#[test]
fn a_socket_that_does_not_read_ignores_the_ttl() {
    let context = context();
    let (pull, push) = (socket(&context, Pull), socket(&context, Push));
    pull.set_recv_hwm(2).unwrap();
    push.set_send_hwm(2).unwrap();
    push.set_heartbeat_interval(LONG / 10).unwrap();
    push.set_heartbeat_timeout(LIMIT).unwrap();
    push.set_heartbeat_ttl(LONG / 3).unwrap();
    stopped_reader(&pull, &push);
}

/// Sends a message so slowly that it takes several times as long as the connection may be silent.
fn trickle(stream: &mut TcpStream) {
    const SIZE: u8 = 60;

    stream.write_all(&[0, SIZE]).unwrap();
    for _ in 0..SIZE {
        stream.write_all(b"x").unwrap();
        thread::park_timeout(LONG / 20);
    }
}

#[test]
fn a_part_of_a_message_counts_as_traffic() {
    let pull = socket(&context(), Pull);
    pull.set_heartbeat_interval(LONG / 10).unwrap();
    pull.set_heartbeat_timeout(LONG).unwrap();
    pull.bind(TCP).unwrap();
    trickle(&mut raw_push(&pull));
    assert_eq!(pull.recv().unwrap(), [b'x'; 60]);
}

#[test]
fn a_part_of_a_message_restarts_the_ttl() {
    let pull = socket(&context(), Pull);
    pull.bind(TCP).unwrap();
    let mut peer = raw_push(&pull);
    peer.write_all(b"\x04\x07\x04PING\0\x03").unwrap();
    trickle(&mut peer);
    assert_eq!(pull.recv().unwrap(), [b'x'; 60]);
    // In the end the connection is closed anyway.
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    let end = peer.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
}

/// 66 seconds became 464 milliseconds.
#[test]
fn a_ttl_may_be_longer_than_a_minute() {
    let pull = socket(&context(), Pull);
    let monitor = pull.monitor(Events::DISCONNECTED).unwrap();
    pull.bind(TCP).unwrap();
    let mut peer = raw_push(&pull);
    peer.write_all(b"\x04\x07\x04PING\x02\x94").unwrap();
    monitor.recv_within(LONG * 2).unwrap_err();
    peer.write_all(b"\0\x05Hello").unwrap();
    assert_eq!(pull.recv().unwrap(), "Hello");
}

#[cfg(zmq_draft)]
#[test]
fn radios_and_dishes_have_heartbeats() {
    use common::transports;
    use zmq::{Dish, Feature, Radio};

    let context = context();
    let mut transports = transports("no heartbeats");
    transports.remove(0);
    if zmq::has(Feature::Ws) {
        transports.push("ws://127.0.0.1:*".to_owned());
    }
    let mut pairs = Vec::new();
    for transport in transports {
        for case in 0..6 {
            let (radio, dish) = (socket(&context, Radio), socket(&context, Dish));
            dish.join("group").unwrap();
            if case % 3 != 0 {
                radio.set_heartbeat_interval(LONG / 10).unwrap();
                radio.set_heartbeat_timeout(LONG * 2).unwrap();
            }
            if case % 3 != 1 {
                dish.set_heartbeat_interval(LONG / 10).unwrap();
                dish.set_heartbeat_timeout(LONG * 2).unwrap();
            }
            let monitors =
                [radio.monitor(Events::DISCONNECTED).unwrap(), dish.monitor(Events::DISCONNECTED).unwrap()];
            if case < 3 {
                dish.connect(radio.bind(&transport).unwrap()).unwrap();
            } else {
                radio.connect(dish.bind(&transport).unwrap()).unwrap();
            }
            pairs.push((format!("{transport}, {case}"), radio, dish, monitors));
        }
    }
    // Long enough for some heartbeats, and for a peer that does not answer to be disconnected.
    thread::park_timeout(LONG * 3);
    for (what, radio, dish, monitors) in pairs {
        common::eventually("the dish receives a message", || {
            radio.send_to("group", "Hello").unwrap();
            dish.recv_within(common::MOMENT / 10).ok()
        });
        for monitor in monitors {
            assert_eq!(monitor.try_recv().unwrap_err().kind(), zmq::ErrorKind::WouldBlock, "{what}");
        }
    }
}
