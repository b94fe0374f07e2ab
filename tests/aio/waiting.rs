//! No call waits although a message has arrived or there is room.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use zmq::{Dealer, Message, Pull, Push};

use super::{in_each_runtime, registered, runtimes, spawn, yield_now};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, meet, transports};
use crate::full_and_free;

/// Adds one to `polls` with each poll of the future.
pub(super) async fn counted<T>(polls: &AtomicUsize, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(|task| {
        polls.fetch_add(1, Ordering::Relaxed);
        future.as_mut().poll(task)
    })
    .await
}

/// Checks that a future that waits is polled only a few times.
pub(super) async fn does_not_spin(polls: &AtomicUsize) {
    while polls.load(Ordering::Relaxed) == 0 {
        yield_now().await;
    }
    for _ in 0..1_000 {
        yield_now().await;
    }
    assert!(polls.load(Ordering::Relaxed) < 10, "{polls:?} polls");
}

/// libzmq looks for room at most once in a millisecond: <https://github.com/zeromq/libzmq/issues/3641>.
#[test]
fn a_sender_at_its_high_water_mark_continues_when_there_is_room() {
    let count = rounds(20_000);
    for endpoint in transports("at-limit") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let pull = crate::common::socket(&context, Pull);
                pull.set_recv_hwm(1).unwrap();
                let endpoint = pull.bind(&endpoint).unwrap();
                let push = crate::common::socket(&context, Push);
                push.set_send_hwm(1).unwrap();
                push.connect(&endpoint).unwrap();
                let mut push = registered(push);
                let reader = thread::spawn(move || {
                    for number in 0..count {
                        assert_eq!(pull.recv().unwrap(), number.to_string());
                        if number % 100 == 0 {
                            thread::yield_now();
                        }
                    }
                });
                for number in 0..count {
                    push.send(number.to_string()).await.unwrap();
                }
                reader.join().unwrap();
            }
        });
    }
}

#[test]
fn a_message_wakes_the_task_that_receives() {
    let count = rounds(5_000);
    for endpoint in transports("wakes") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (left, endpoint) = bound(&context, Dealer, &endpoint);
                let right = connected(&context, Dealer, &endpoint);
                let (mut left, mut right) = (registered(left), registered(right));
                let echo = spawn(async move {
                    let mut message = Message::new();
                    for _ in 0..count {
                        right.recv_to(&mut message).await.unwrap();
                        right.send(std::mem::take(&mut message)).await.unwrap();
                    }
                });
                for number in 0..count {
                    left.send(number.to_string()).await.unwrap();
                    assert_eq!(left.recv().await.unwrap(), number.to_string());
                }
                echo.await;
            }
        });
    }
}

#[test]
fn multipart_messages_arrive_whole_and_in_order() {
    in_each_runtime(|| async {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        let (mut push, mut pull) = (registered(push), registered(connected(&context, Pull, &endpoint)));
        let sender = spawn(async move {
            for number in 0..5_000 {
                push.send_multipart([number.to_string(), "content".repeat(number % 50)]).await.unwrap();
            }
            push
        });
        for number in 0..5_000 {
            let message = pull.recv_multipart().await.unwrap();
            assert_eq!(message, [number.to_string(), "content".repeat(number % 50)]);
        }
        drop(sender.await);
    });
}

/// A mandatory ROUTER reports room as long as any peer has some.
#[test]
fn a_send_to_a_peer_that_is_full_waits_without_spinning() {
    in_each_runtime(|| async {
        let context = context();
        let (router, peers, sent) = full_and_free(&context, "inproc://one-is-full");
        let mut router = registered(router);
        let polls = Arc::new(AtomicUsize::new(0));
        let waiting = spawn({
            let polls = Arc::clone(&polls);
            async move {
                counted(&polls, router.send_multipart(["full", "last"])).await.unwrap();
            }
        });
        does_not_spin(&polls).await;
        assert!(!waiting.is_finished());
        for _ in 0..sent {
            peers[0].recv_multipart().unwrap();
        }
        waiting.await;
        assert_eq!(peers[0].recv().unwrap(), "last");
        assert!(peers[1].try_recv().is_err());
    });
}

/// A socket that always has messages lets other tasks of its thread run.
#[test]
fn a_socket_that_is_always_ready_lets_others_run() {
    const COUNT: usize = 20_000;
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context();
        let pull = crate::common::socket(&context, Pull);
        pull.set_recv_hwm(0).unwrap();
        let endpoint = pull.bind("inproc://always").unwrap();
        let push = crate::common::socket(&context, Push);
        push.set_send_hwm(0).unwrap();
        push.connect(&endpoint).unwrap();
        meet(&push, &pull);
        for _ in 0..COUNT {
            push.send("more").unwrap();
        }
        let turns = Arc::new(AtomicUsize::new(0));
        let other = spawn({
            let turns = Arc::clone(&turns);
            async move {
                loop {
                    turns.fetch_add(1, Ordering::Relaxed);
                    yield_now().await;
                }
            }
        });
        let mut pull = registered(pull);
        for _ in 0..COUNT {
            pull.recv().await.unwrap();
        }
        // With tokio, other tasks run after 128 to 256 calls that did not wait, and with smol after 64 calls.
        let turns = turns.load(Ordering::Relaxed);
        assert!(turns >= COUNT / 256, "only {turns} turns");
        other.abort();
    });
}
