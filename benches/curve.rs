//! Measures encrypted messages over tcp: from PUSH to PULL, and round trips between REQ and REP.
//!
//! | this crate | C |
//! |---|---|
//! | `send(&[u8])` and `recv_to` | `zmq_send`; `zmq_msg_recv` |
//! | `send(Message)` and `recv()` | `zmq_msg_send`; `zmq_msg_recv` |
//!
//! In some rows, an authenticator admits the client. It takes part only in the handshake, before the messages are sent.

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::thread;
use std::time::Duration;

use support::raw::{RawMessage, RawSocket};
use support::{Bench, Pair, Side, time};
use zmq::capability::Kind;
use zmq::security::{Authenticator, CurveClient, CurveClients, CurveServer, KeyPair};
use zmq::{Message, Pull, Push, Rep, Req, Socket};

/// Returns two sockets with an encrypted connection, and the authenticator if `asks` is set.
fn encrypted<A: Kind, B: Kind>(bound: A, connected: B, asks: bool) -> (Pair<A, B>, Option<Authenticator>) {
    let mut authenticator = None;
    let pair = Pair::prepared(bound, connected, "tcp", |bound, connected| {
        let (server, client) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        if asks {
            let started = Authenticator::new(&bound.context()).unwrap();
            started.set_curve_clients("*", CurveClients::keys([client.public_key()])).unwrap();
            authenticator = Some(started);
        }
        bound.set_security(CurveServer::new(&server)).unwrap();
        connected.set_security(CurveClient::new(&client, server.public_key())).unwrap();
    });
    (pair, authenticator)
}

fn push(side: Side, socket: &Socket<Push>, bytes: &[u8], count: u64) {
    let raw = RawSocket::of(socket);
    for _ in 0..count {
        match side {
            Side::Ours => socket.send(bytes).unwrap(),
            Side::C => raw.send(bytes),
        }
    }
}

fn pull(side: Side, socket: &Socket<Pull>, size: usize, count: u64) {
    let raw = RawSocket::of(socket);
    let (mut ours, mut c) = (Message::new(), RawMessage::of_size(0));
    for _ in 0..count {
        match side {
            Side::Ours => {
                socket.recv_to(&mut ours).unwrap();
                assert_eq!(ours.len(), size);
            }
            Side::C => {
                raw.recv_to(&mut c);
                assert_eq!(c.len(), size);
            }
        }
    }
}

fn throughput(side: Side, pair: &mut Pair<Pull, Push>, size: usize, count: u64) -> Duration {
    let bytes = vec![0; size];
    let Pair { bound, connected, .. } = pair;
    time(|| {
        thread::scope(|threads| {
            threads.spawn(move || push(side, connected, &bytes, count));
            pull(side, bound, size, count);
        });
    })
}

fn echo(side: Side, socket: &Socket<Rep>, count: u64) {
    let raw = RawSocket::of(socket);
    let mut message = RawMessage::of_size(0);
    for _ in 0..count {
        match side {
            Side::Ours => socket.send(socket.recv().unwrap()).unwrap(),
            Side::C => {
                raw.recv_to(&mut message);
                raw.send_message(&mut message);
            }
        }
    }
}

fn ask(side: Side, socket: &Socket<Req>, size: usize, count: u64) {
    let raw = RawSocket::of(socket);
    let (mut ours, mut c) = (Message::from(vec![0; size]), RawMessage::of_size(size));
    for _ in 0..count {
        match side {
            Side::Ours => {
                socket.send(ours).unwrap();
                ours = socket.recv().unwrap();
            }
            Side::C => {
                raw.send_message(&mut c);
                raw.recv_to(&mut c);
            }
        }
    }
}

fn latency(side: Side, pair: &mut Pair<Rep, Req>, size: usize, count: u64) -> Duration {
    let Pair { bound, connected, .. } = pair;
    time(|| {
        thread::scope(|threads| {
            threads.spawn(move || echo(side, bound, count));
            ask(side, connected, size, count);
        });
    })
}

fn main() {
    let bench = Bench::new("an encrypted message or round trip");
    if !zmq::has(zmq::Feature::Curve) {
        println!("the linked libzmq does not support CURVE");
        return;
    }
    for asks in [false, true] {
        let who = if asks { ", with an authenticator" } else { "" };
        for size in [64, 1 << 10, 1 << 16] {
            let (mut pair, _authenticator) = encrypted(Pull, Push, asks);
            bench.compare(&format!("PUSH to PULL, {size} B{who}"), |side, count| {
                throughput(side, &mut pair, size, count)
            });
            let (mut pair, _authenticator) = encrypted(Rep, Req, asks);
            bench.compare(&format!("REQ to REP and back, {size} B{who}"), |side, count| {
                latency(side, &mut pair, size, count)
            });
        }
    }
}
