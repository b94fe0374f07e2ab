//! A socket's descriptor and its events, as an event loop uses them.
#![cfg(unix)]

use crate::common;

use std::os::fd::{AsFd, AsRawFd};
use std::thread;
use std::time::Duration;

use common::{LIMIT, MOMENT, TCP, bound, connected, context, socket, transports};
use zmq::capability::HasFd;
use zmq::{ErrorKind, POLLIN, POLLOUT, PollItem, Pull, Push, Rep, Req, Socket};

/// Whether the socket's descriptor becomes readable in time.
fn wakes<K: HasFd>(socket: &Socket<K>, timeout: Duration) -> bool {
    let mut items = [PollItem::from_fd(socket.as_fd(), POLLIN)];
    zmq::poll(&mut items, timeout).unwrap() == 1 && items[0].is_readable()
}

/// Waits like an event loop: checks the events before each wait.
fn wait_for_message<K: HasFd>(socket: &Socket<K>) {
    while !socket.events().unwrap().contains(POLLIN) {
        assert!(wakes(socket, LIMIT), "the descriptor never became readable");
    }
}

#[test]
fn a_message_makes_the_descriptor_readable() {
    let context = context();
    for transport in transports("readable") {
        let (pull, endpoint) = bound(&context, Pull, &transport);
        let push = connected(&context, Push, endpoint);
        // Removes the notification of the connection.
        push.send("first").unwrap();
        assert_eq!(pull.recv().unwrap(), "first");
        assert!(!pull.events().unwrap().contains(POLLIN));

        push.send("second").unwrap();
        assert!(wakes(&pull, LIMIT));
        wait_for_message(&pull);
        assert_eq!(pull.try_recv().unwrap(), "second");
    }
}

/// Conformance: G-7.
#[test]
fn one_wake_up_may_mean_several_messages() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, "inproc://g-7");
    let push = connected(&context, Push, endpoint);
    push.send("first").unwrap();
    push.send("second").unwrap();
    assert!(wakes(&pull, LIMIT));
    assert_eq!(pull.try_recv().unwrap(), "first");
    // No other notification follows, although there are more messages. A wait would now last forever.
    assert!(!wakes(&pull, MOMENT));
    assert_eq!(pull.events().unwrap(), POLLIN);
    assert_eq!(pull.try_recv().unwrap(), "second");
    assert_eq!(pull.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(pull.events().unwrap().is_empty());
}

#[test]
fn an_event_loop_receives_every_message() {
    const COUNT: u32 = 20_000;
    let context = context();
    for transport in transports("event-loop") {
        let (pull, endpoint) = bound(&context, Pull, &transport);
        let push = connected(&context, Push, endpoint);
        let sender = thread::spawn(move || {
            for index in 0..COUNT {
                push.send(index.to_le_bytes()).unwrap();
            }
            // Kept until everything has arrived.
            push
        });
        for index in 0..COUNT {
            wait_for_message(&pull);
            assert_eq!(pull.try_recv().unwrap(), index.to_le_bytes());
        }
        sender.join().unwrap();
    }
}

#[test]
fn the_descriptor_wakes_a_thread_that_waits_to_send() {
    let context = context();
    let push = socket(&context, Push);
    push.bind("inproc://wakes-sender").unwrap();
    assert!(push.events().unwrap().is_empty());
    assert!(!wakes(&push, Duration::ZERO));
    let _pull = connected(&context, Pull, "inproc://wakes-sender");
    assert!(wakes(&push, LIMIT));
    assert_eq!(push.events().unwrap(), POLLOUT);
    push.try_send("work").unwrap();
}

#[test]
fn the_raw_descriptor_is_the_borrowed_one() {
    let socket = socket(&context(), Pull);
    assert_eq!(socket.as_raw_fd(), socket.as_fd().as_raw_fd());
    let monitor = socket.monitor(zmq::monitor::Events::ALL).unwrap();
    assert_eq!(monitor.as_raw_fd(), monitor.as_fd().as_raw_fd());
    assert_ne!(monitor.as_raw_fd(), socket.as_raw_fd());
}

#[test]
fn the_descriptor_stays_the_same() {
    let context = context();
    let (left, endpoint) = bound(&context, Rep, TCP);
    let before = left.as_fd().as_raw_fd();
    let right = connected(&context, Req, endpoint);
    common::bounce(&right, &left);
    assert_eq!(left.as_fd().as_raw_fd(), before);
    assert_ne!(right.as_fd().as_raw_fd(), before);
}

#[test]
fn a_shutdown_wakes_a_waiting_thread() {
    let context = context();
    let (pull, _) = bound(&context, Pull, TCP);
    assert!(pull.events().unwrap().is_empty());
    let waiting = thread::spawn(move || {
        while pull.events().is_ok() {
            assert!(wakes(&pull, LIMIT), "the descriptor never became readable");
        }
        pull.events().unwrap_err().kind()
    });
    context.shutdown().unwrap();
    assert_eq!(waiting.join().unwrap(), ErrorKind::Terminated);
}
