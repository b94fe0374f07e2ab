//! The pipeline: work distributed in turn, high-water marks, and messages that stay whole while workers come and go.

use crate::common;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{
    MOMENT, TCP, assert_empty, bound, connected, context, free_endpoint, pipeline, socket, transports,
};
use zmq::{Context, ErrorKind, Pull, Push, Socket};

/// Conformance: PP-1.
#[test]
fn messages_are_distributed_in_turn() {
    let context = context();
    for transport in transports("pp-1") {
        let (push, pulls) = pipeline(&context, &transport, 5);
        for batch in ["first", "second"] {
            for _ in &pulls {
                push.send(batch).unwrap();
            }
        }
        for pull in &pulls {
            assert_eq!(pull.recv().unwrap(), "first");
            assert_eq!(pull.recv().unwrap(), "second");
        }
        for pull in &pulls {
            assert_empty(pull);
        }
    }
}

/// Conformance: PP-2.
#[test]
fn messages_are_received_from_senders_in_turn() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, "inproc://pp-2");
    let pushes: Vec<_> = (0..5_u8).map(|_| connected(&context, Push, &endpoint)).collect();
    for (name, push) in (0_u8..).zip(&pushes) {
        push.send([name]).unwrap();
        push.send([name]).unwrap();
    }
    for _ in 0..2 {
        let mut heard: Vec<u8> = (0..5).map(|_| pull.recv().unwrap()[0]).collect();
        heard.sort_unstable();
        assert_eq!(heard, [0, 1, 2, 3, 4]);
    }
    assert_empty(&pull);
}

/// Conformance: PP-3.
#[test]
fn a_pusher_without_a_peer_cannot_send() {
    let push = socket(&context(), Push);
    assert_eq!(push.try_send("work").unwrap_err().kind(), ErrorKind::WouldBlock);
    push.set_send_timeout(Duration::from_millis(50)).unwrap();
    let start = Instant::now();
    assert_eq!(push.send("work").unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

/// The number of messages that a PUSH takes without waiting.
fn fill(push: &Socket<Push>, at_most: usize) -> usize {
    let taken = (0..at_most).take_while(|_| push.try_send("work").is_ok()).count();
    if taken < at_most {
        assert_eq!(push.try_send("work").unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    taken
}

/// The number of messages that a PULL has received.
fn drain(pull: &Socket<Pull>) -> usize {
    core::iter::from_fn(|| pull.try_recv().ok()).count()
}

fn limited(context: &Context, send_hwm: u32, recv_hwm: u32) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (socket(context, Push), socket(context, Pull));
    push.set_send_hwm(send_hwm).unwrap();
    pull.set_recv_hwm(recv_hwm).unwrap();
    (push, pull)
}

/// Conformance: PP-5.
#[test]
fn over_inproc_both_high_water_marks_add_up() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, "inproc://pp-5");
    let push = connected(&context, Push, endpoint);
    assert_eq!(fill(&push, 5000), 2000);
    assert_eq!(drain(&pull), 2000);
}

/// Conformance: PP-6.
#[test]
fn high_water_marks_apply_whoever_comes_first() {
    let context = context();
    for (send_hwm, recv_hwm, expected) in [(1, 1, 2), (3, 4, 7), (0, 1, 10_000), (1, 0, 10_000)] {
        for pull_first in [true, false] {
            let endpoint = format!("inproc://pp-6-{send_hwm}-{recv_hwm}-{pull_first}");
            let (push, pull) = limited(&context, send_hwm, recv_hwm);
            if pull_first {
                pull.bind(&endpoint).unwrap();
                push.connect(&endpoint).unwrap();
            } else {
                push.connect(&endpoint).unwrap();
                pull.bind(&endpoint).unwrap();
            }
            assert_eq!(fill(&push, 10_000), expected);
            assert_eq!(drain(&pull), expected);
            push.send("one more").unwrap();
            assert_eq!(pull.recv().unwrap(), "one more");
        }
    }
}

/// Conformance: PP-8.
#[test]
fn high_water_marks_apply_to_the_next_connection() {
    let context = context();
    let (push, pull) = (socket(&context, Push), socket(&context, Pull));
    push.set_send_hwm(1).unwrap();
    pull.set_recv_hwm(1).unwrap();
    // Changed before any bind or connect; afterwards it is an error.
    push.set_send_hwm(2).unwrap();
    pull.set_recv_hwm(2).unwrap();
    push.bind("inproc://changed-marks").unwrap();
    pull.connect("inproc://changed-marks").unwrap();
    let accepted = (0..100).take_while(|_| push.try_send("message").is_ok()).count();
    assert_eq!(accepted, 4);
}

/// Conformance: PP-7.
#[test]
fn queued_messages_are_delivered_after_the_sender_is_closed() {
    let context = context();
    let (push, pull) = limited(&context, 1, 0);
    // Otherwise the message is discarded if the socket is closed before the other one binds.
    push.set_linger(common::LIMIT).unwrap();
    push.connect("inproc://pp-7").unwrap();
    assert_eq!(fill(&push, 10), 1);
    drop(push);
    pull.bind("inproc://pp-7").unwrap();
    assert_eq!(pull.recv().unwrap(), "work");
    assert_empty(&pull);
}

/// TR-6: the order is kept for a peer that comes late.
#[test]
fn messages_queued_before_the_worker_exists_arrive_in_order() {
    let context = context();
    let endpoint = free_endpoint();
    let push = connected(&context, Push, &endpoint);
    for text in ["first", "second", "third"] {
        push.try_send(text).unwrap();
    }
    let (pull, _) = bound(&context, Pull, &endpoint);
    for text in ["first", "second", "third"] {
        assert_eq!(pull.recv().unwrap(), text);
    }
}

/// TR-4, TR-5
#[test]
fn after_unbind_or_disconnect_there_is_no_peer() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let pull = connected(&context, Pull, &endpoint);
    common::meet(&push, &pull);
    push.unbind(&endpoint).unwrap();
    refuses_eventually(&push);

    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, &endpoint);
    common::meet(&push, &pull);
    push.disconnect(&endpoint).unwrap();
    refuses_eventually(&push);
}

fn refuses_eventually(push: &Socket<Push>) {
    common::eventually("sending is refused", || {
        push.try_send("work").err().map(|failure| assert_eq!(failure.kind(), ErrorKind::WouldBlock))
    });
}

/// PP-4, M1: workers come and go while messages of three frames are sent. Each message arrives whole or not at all.
///
/// Conformance: PP-4.
#[test]
fn workers_that_connect_and_disconnect_receive_only_whole_messages() {
    for try_only in [false, true] {
        let context = context();
        let push = socket(&context, Push);
        push.set_send_hwm(1).unwrap();
        let endpoint = push.bind(TCP).unwrap();
        let stop = AtomicBool::new(false);
        let seen = AtomicU32::new(0);
        let start = Instant::now();
        let sent = thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| come_and_go(&context, endpoint.as_str(), &stop, &seen));
            }
            let mut sent = 0_u32;
            // On a slow machine, as long as it takes to see one message.
            while start.elapsed() < Duration::from_millis(500)
                || (seen.load(Ordering::Relaxed) == 0 && start.elapsed() < Duration::from_secs(30))
            {
                if send_numbered(&push, sent, try_only) {
                    sent += 1;
                } else {
                    // Otherwise the workers may never run.
                    thread::park_timeout(Duration::from_millis(1));
                }
            }
            stop.store(true, Ordering::Relaxed);
            sent
        });
        let seen = seen.into_inner();
        assert!(seen > 0, "{sent} messages were sent and none was received");
        assert!(seen <= sent, "{seen} messages were received and {sent} sent");
    }
}

/// Sends a message whose frames all contain its number. Returns false if nobody takes it.
fn send_numbered(push: &Socket<Push>, number: u32, try_only: bool) -> bool {
    let number = number.to_le_bytes();
    let message = [number.to_vec(), number.to_vec(), number.repeat(5000)];
    push.set_send_timeout(MOMENT).unwrap();
    let outcome = if try_only { push.try_send_multipart(message) } else { push.send_multipart(message) };
    match outcome {
        Ok(()) => true,
        Err(failure) => {
            assert_eq!(failure.kind(), ErrorKind::WouldBlock);
            let frames = failure.into_message();
            assert_eq!(frames.iter().map(|frame| frame.len()).collect::<Vec<_>>(), [4, 4, 20_000]);
            false
        }
    }
}

/// Receives a few messages with one PULL after another, and counts them.
fn come_and_go(context: &Context, endpoint: &str, stop: &AtomicBool, seen: &AtomicU32) {
    for attempt in 1.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let pull = connected(context, Pull, endpoint);
        // A slow machine needs more time to connect.
        let patience = if seen.load(Ordering::Relaxed) == 0 { attempt } else { 1 };
        pull.set_recv_timeout(patience * Duration::from_millis(50)).unwrap();
        for _ in 0..3 {
            let Ok(message) = pull.recv_multipart() else { break };
            let [first, second, third] = message.try_into().unwrap();
            assert_eq!(first.len(), 4);
            assert_eq!(first, second);
            assert_eq!(third, first.repeat(5000));
            seen.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// If a third peer leaves, the rest of a message does not go to another peer, whichever peer has its first part.
#[cfg(zmq_vendored)]
#[test]
fn a_message_stays_with_its_peer_when_another_leaves() {
    for (before, gone) in (0..3).flat_map(|before| (0..3).map(move |gone| (before, gone))) {
        let context = context();
        let push = socket(&context, Push);
        push.bind("inproc://work").unwrap();
        let mut workers: Vec<Socket<Pull>> =
            (0..3).map(|_| connected(&context, Pull, "inproc://work")).collect();
        for _ in 0..before {
            push.send("whole").unwrap();
        }
        push.send_more("first").unwrap();
        drop(workers.remove(gone));
        // Until libzmq has very likely noticed. The result is correct in any case.
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(10) {
            push.events().unwrap();
        }
        let is_sent = match push.send("last") {
            Ok(()) => true,
            Err(failure) => {
                assert_eq!(failure.kind(), ErrorKind::MultipartAborted);
                false
            }
        };
        let mut seen = 0;
        for worker in &workers {
            while let Ok(message) = worker.recv_multipart_within(MOMENT) {
                if message != ["whole"] {
                    assert_eq!(message, ["first", "last"], "{before} before, {gone} gone");
                    seen += 1;
                }
            }
        }
        // A message that was sent may be lost if it went to the peer that is gone.
        assert!(seen <= u32::from(is_sent), "{before} before, {gone} gone");
    }
}

/// A proxy whose destination is full holds the whole message.
#[test]
fn a_proxy_splits_no_message() {
    let context = context();
    let (frontend, backend) = (socket(&context, Pull), socket(&context, Push));
    backend.set_send_hwm(1).unwrap();
    backend.set_send_timeout(Duration::ZERO).unwrap();
    frontend.bind("inproc://in").unwrap();
    backend.bind("inproc://out").unwrap();
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));

    let source = connected(&context, Push, "inproc://in");
    for number in 0..100_u8 {
        source.send_multipart([[number], [number]]).unwrap();
    }
    let sink = socket(&context, Pull);
    sink.set_recv_hwm(1).unwrap();
    sink.connect("inproc://out").unwrap();
    for number in 0..100_u8 {
        assert_eq!(sink.recv_multipart().unwrap(), [[number], [number]]);
    }
    context.shutdown().unwrap();
    assert_eq!(proxy.join().unwrap().unwrap_err().kind(), ErrorKind::Terminated);
}
