//! Subscriptions of any length and number (A70 in the README of `zmq-src`).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use crate::raw::*;
use zmq_sys::*;

/// The length of a subscription for which a recursive call for each byte would overflow the stack of any thread.
const LONG: usize = 1 << 20;

/// The number of subscriptions that each begin with the one before. A tree has a node for each, so its depth is this number.
const CHAIN: usize = 6000;

fn subscribing(topic: &[u8]) -> Vec<u8> {
    [&[1], topic].concat()
}

fn cancelling(topic: &[u8]) -> Vec<u8> {
    [&[0], topic].concat()
}

/// Gives new threads a small stack, as some systems do, so that a short chain would overflow it.
fn small_stacks() {
    unsafe extern "C" {
        fn pthread_setattr_default_np(attributes: *const libc::pthread_attr_t) -> libc::c_int;
    }
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    unsafe {
        assert_eq!(libc::pthread_attr_init(attributes.as_mut_ptr()), 0);
        assert_eq!(libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), 128 * 1024), 0);
        assert_eq!(pthread_setattr_default_np(attributes.as_ptr()), 0);
        assert_eq!(libc::pthread_attr_destroy(attributes.as_mut_ptr()), 0);
    }
}

/// A ZMTP 3.0 peer without authentication, which sends what the test passes.
struct Peer(TcpStream);

impl Peer {
    fn connect(endpoint: &str, kind: &str) -> Self {
        let mut stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        stream.write_all(&greeting("NULL", 0)).unwrap();
        stream.read_exact(&mut [0; 64]).unwrap();
        let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
        ready.extend(u32::try_from(kind.len()).unwrap().to_be_bytes());
        ready.extend(kind.bytes());
        let mut frame = vec![4, u8::try_from(ready.len()).unwrap()];
        frame.extend(ready);
        stream.write_all(&frame).unwrap();
        let mut head = [0; 2];
        stream.read_exact(&mut head).unwrap();
        stream.read_exact(&mut vec![0; usize::from(head[1])]).unwrap();
        Self(stream)
    }

    fn send(&mut self, body: &[u8]) {
        let mut frame = vec![2];
        frame.extend(u64::try_from(body.len()).unwrap().to_be_bytes());
        frame.extend(body);
        self.0.write_all(&frame).unwrap();
    }
}

#[test]
fn a_long_subscription_is_accepted_forwarded_and_cancelled() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let xsub = context.socket(ZMQ_XSUB);
    let xpub = context.socket(ZMQ_XPUB);
    let topic = vec![b'x'; LONG];
    xsub.send(&subscribing(&topic));
    // The subscriptions are sent when the connection is made.
    xpub.bind("inproc://long");
    xsub.connect("inproc://long");
    assert_eq!(xpub.recv_len(), LONG + 1);
    xpub.send(&topic);
    assert_eq!(xsub.recv_len(), LONG);
    xsub.send(&cancelling(&topic));
    assert_eq!(xpub.recv_len(), LONG + 1);
}

#[test]
fn a_socket_with_a_long_subscription_can_be_closed() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let topic = vec![b'x'; LONG];
    let sub = context.socket(ZMQ_SUB);
    assert_eq!(sub.try_set(ZMQ_SUBSCRIBE, &topic), Ok(()));
    let xsub = context.socket(ZMQ_XSUB);
    xsub.send(&subscribing(&topic));
}

#[test]
fn a_peer_may_subscribe_through_a_forwarder_and_leave() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (xpub, xsub) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_XSUB));
    let endpoint = xpub.bind("tcp://127.0.0.1:*");
    let mut peer = Peer::connect(&endpoint, "SUB");
    peer.send(&subscribing(&vec![b'x'; LONG]));
    let request = xpub.recv_all(LONG + 1);
    assert_eq!(request[0], 1);
    xsub.send(&request);
    drop(peer);
    let request = xpub.recv_all(LONG + 1);
    assert_eq!(request[0], 0);
    xsub.send(&request);
}

#[test]
fn publishers_with_long_subscriptions_can_be_closed() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for manual in [0, 1] {
        let context = Context::new();
        let xpub = context.socket(ZMQ_XPUB);
        xpub.set(ZMQ_XPUB_MANUAL, manual);
        let endpoint = xpub.bind("tcp://127.0.0.1:*");
        let mut peer = Peer::connect(&endpoint, "SUB");
        peer.send(&subscribing(&vec![b'x'; LONG]));
        assert_eq!(xpub.recv_len(), LONG + 1);
        // Subscriptions that arrived in manual mode are kept, and freed when the socket closes.
        xpub.set(ZMQ_XPUB_MANUAL, 0);
    }
}

#[test]
fn subscriptions_that_are_prefixes_of_others_are_forwarded() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    small_stacks();
    let used = thread::Builder::new().stack_size(128 * 1024).spawn(|| {
        let context = Context::new();
        let (xsub, xpub) = (context.socket(ZMQ_XSUB), context.socket(ZMQ_XPUB));
        xpub.set(ZMQ_RCVHWM, 0);
        xsub.set(ZMQ_SNDHWM, 0);
        let topic = vec![b'x'; CHAIN];
        for len in 1..=CHAIN {
            xsub.send(&subscribing(&topic[..len]));
        }
        xpub.bind("inproc://chain");
        xsub.connect("inproc://chain");
        let mut lengths: Vec<usize> = (0..CHAIN).map(|_| xpub.recv_len()).collect();
        lengths.sort_unstable();
        assert!(lengths.iter().copied().eq(2..CHAIN + 2));
    });
    used.unwrap().join().unwrap();
}

#[test]
fn no_subscription_is_lost_in_any_tree() {
    let _alone = alone();
    let context = Context::new();
    let (xsub, xpub) = (context.socket(ZMQ_XSUB), context.socket(ZMQ_XPUB));
    xpub.bind("inproc://tree");
    let mut topics: Vec<Vec<u8>> = vec![vec![], vec![0], vec![255], b"a".to_vec(), b"abc".to_vec()];
    for first in [1, 7, 100, 101, 102, 254] {
        topics.push(vec![first]);
        topics.extend((0..=255).step_by(5).map(|second| vec![first, second]));
        topics.push([vec![first], vec![9; 300]].concat());
    }
    topics.sort();
    topics.dedup();
    for topic in &topics {
        xsub.send(&subscribing(topic));
        xsub.send(&subscribing(topic));
    }
    // Each topic has two subscriptions. One of them is left.
    for topic in topics.iter().rev() {
        xsub.send(&cancelling(topic));
    }
    // Every third subscription is cancelled, in reverse order.
    let cancelled: Vec<&Vec<u8>> = topics.iter().skip(1).step_by(3).rev().collect();
    for topic in &cancelled {
        xsub.send(&cancelling(topic));
    }
    xsub.connect("inproc://tree");
    let left = topics.iter().filter(|topic| !cancelled.contains(topic)).count();
    let mut told: Vec<Vec<u8>> = (0..left).map(|_| xpub.recv()).collect();
    told.sort();
    assert_eq!(xpub.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
    assert!(told.iter().all(|request| request[0] == 1));
    let expected = topics.iter().filter(|topic| !cancelled.contains(topic));
    assert!(told.iter().map(|request| &request[1..]).eq(expected.map(Vec::as_slice)));
    // When all subscriptions are cancelled, nothing arrives.
    for topic in topics.iter().filter(|topic| !cancelled.contains(topic)) {
        xsub.send(&cancelling(topic));
        assert_eq!(xpub.recv(), cancelling(topic));
    }
    xpub.send(b"to nobody");
    assert_eq!(xsub.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
}
