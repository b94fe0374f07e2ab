//! The last message arrives at a socket that keeps only the latest one, whatever the reader does at that moment.
//!
//! `ZMQ_STRESS_ROUNDS` is the number of rounds. The default is a few hundred.

#![cfg(zmq_vendored)]

use crate::common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, TCP, assert_empty, bound, connected, context, eventually, socket, transports};
use zmq::monitor::Events;
use zmq::{Pull, Push, Socket};

/// The number of messages in each round.
const MESSAGES: u64 = 20;

/// The time limit for the last message of a round.
const PATIENCE: Duration = Duration::from_secs(2);

fn rounds() -> u64 {
    std::env::var("ZMQ_STRESS_ROUNDS").ok().map_or(300, |rounds| rounds.parse().unwrap())
}

/// A sender, and a receiver that conflates.
fn conflating_pair(context: &zmq::Context, endpoint: &str) -> (Socket<Push>, Socket<Pull>) {
    let (sender, endpoint) = bound(context, Push, endpoint);
    let receiver = socket(context, Pull);
    receiver.set_conflate(true).unwrap();
    receiver.connect(endpoint).unwrap();
    (sender, receiver)
}

fn number(message: &[u8]) -> u64 {
    u64::from_ne_bytes(message.try_into().unwrap())
}

/// The number of rounds whose last message did not arrive in time.
fn missed(
    sender: Socket<Push>,
    receiver: &Socket<Pull>,
    mut receive: impl FnMut(&Socket<Pull>) -> Option<u64>,
) -> u64 {
    let round = AtomicU64::new(0);
    let rounds = rounds();
    thread::scope(|scope| {
        let round = &round;
        scope.spawn(move || {
            for current in 1..=rounds {
                while round.load(Ordering::Acquire) < current {
                    thread::yield_now();
                }
                for message in 0..MESSAGES {
                    sender.send((current * MESSAGES + message).to_ne_bytes()).unwrap();
                }
            }
            // The receiver finishes the previous round first.
            while round.load(Ordering::Acquire) <= rounds {
                thread::yield_now();
            }
        });
        let mut missed = 0;
        for current in 1..=rounds {
            round.store(current, Ordering::Release);
            let start = Instant::now();
            let last = current * MESSAGES + MESSAGES - 1;
            while receive(receiver) != Some(last) {
                if start.elapsed() > PATIENCE {
                    missed += 1;
                    break;
                }
            }
        }
        round.store(rounds + 1, Ordering::Release);
        missed
    })
}

/// Conformance: PP-9.
#[test]
fn a_polling_receiver_gets_the_last_message() {
    for endpoint in transports("polls") {
        let context = context();
        let (sender, receiver) = conflating_pair(&context, &endpoint);
        let missed = missed(sender, &receiver, |receiver| Some(number(&receiver.try_recv().ok()?)));
        assert_eq!(missed, 0, "a message was missed in some of {} rounds over {endpoint}", rounds());
    }
}

#[test]
fn a_waiting_receiver_gets_the_last_message() {
    for endpoint in transports("waits") {
        let context = context();
        let (sender, receiver) = conflating_pair(&context, &endpoint);
        receiver.set_recv_timeout(PATIENCE * 2).unwrap();
        let missed = missed(sender, &receiver, |receiver| Some(number(&receiver.recv().ok()?)));
        assert_eq!(missed, 0, "a message was missed in some of {} rounds over {endpoint}", rounds());
    }
}

/// The end of the connection replaced the message.
#[test]
fn the_last_message_arrives_after_its_sender_has_left() {
    for endpoint in transports("left") {
        for _ in 0..20 {
            let context = context();
            let (receiver, endpoint) = bound(&context, Pull, &endpoint);
            let sender = socket(&context, Push);
            sender.set_conflate(true).unwrap();
            sender.set_linger(LIMIT).unwrap();
            sender.connect(&endpoint).unwrap();
            sender.send("first").unwrap();
            sender.send("last").unwrap();
            drop(sender);
            eventually("the last message arrives", || (receiver.recv().unwrap() == "last").then_some(()));
            assert_empty(&receiver);
        }
    }
}

#[test]
fn an_arrived_message_is_received_after_the_connection_has_ended() {
    let context = context();
    let receiver = socket(&context, Pull);
    receiver.set_conflate(true).unwrap();
    let monitor = receiver.monitor(Events::DISCONNECTED).unwrap();
    let endpoint = receiver.bind(TCP).unwrap();
    let sender = connected(&context, Push, endpoint);
    sender.set_linger(LIMIT).unwrap();
    sender.send("first").unwrap();
    sender.send("last").unwrap();
    drop(sender);
    monitor.recv_within(LIMIT).unwrap();
    // A receiver that waits is woken for it.
    assert_eq!(receiver.recv().unwrap(), "last");
    assert_empty(&receiver);
}
