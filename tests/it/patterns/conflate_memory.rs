//! A subscriber that keeps only the latest message needs no memory for other messages, even if it does not read. The test
//! runs in its own process, because it measures the memory.

#![cfg(all(zmq_vendored, target_os = "linux"))]

use crate::common;

use common::process::in_child;
use common::{assert_empty, bound, context, socket};
use zmq::{Pub, Sub};

/// Each message woke the receiver, although it was not asleep, and each wake-up stayed in memory.
#[test]
fn a_conflating_socket_that_does_not_read_needs_no_memory() {
    if !in_child() {
        return;
    }
    let context = context();
    let (publisher, endpoint) = bound(&context, Pub, "inproc://unread");
    let subscriber = socket(&context, Sub);
    subscriber.set_conflate(true).unwrap();
    subscriber.subscribe("").unwrap();
    subscriber.connect(endpoint).unwrap();
    let before = resident();
    for count in 0..400_000_u32 {
        publisher.send(count.to_ne_bytes()).unwrap();
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 4 << 20, "the memory grew by {grown} bytes");
    assert_eq!(subscriber.recv().unwrap(), 399_999_u32.to_ne_bytes());
    assert_empty(&subscriber);
}

/// The resident memory of this process in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
