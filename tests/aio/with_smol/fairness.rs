//! Busy sockets do not delay other tasks.

use std::time::Duration;

use super::{registered, runtimes, spawn, yield_now};
use crate::common::context;
use crate::unlimited;
use smol::Timer;

/// After 64 calls that did not wait, a socket lets other tasks run.
#[test]
fn a_receiver_that_always_has_messages_lets_others_run() {
    const MESSAGES: usize = 10_000;
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context();
        let (push, pull) = unlimited(&context, "all-have-arrived");
        for _ in 0..MESSAGES {
            push.try_send("").unwrap();
        }
        let mut pull = registered(pull);
        let busy = spawn(async move {
            for _ in 0..MESSAGES {
                pull.recv().await.unwrap();
            }
        });
        let other = spawn(async move {
            let mut turns = 0;
            while !busy.is_finished() {
                yield_now().await;
                turns += 1;
            }
            busy.await;
            turns
        });
        let turns = other.await;
        assert!(turns >= MESSAGES / 64 - 1, "{turns} turns");
    });
}

/// The socket always has a message, and the timers belong to a task of the same thread.
#[test]
fn timers_end_beside_a_socket_that_is_always_ready() {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context();
        let (push, pull) = unlimited(&context, "always-ready-with-smol");
        let mut pull = registered(pull);
        let busy = spawn(async move {
            loop {
                push.try_send("more").unwrap();
                pull.recv().await.unwrap();
            }
        });
        for _ in 0..50 {
            Timer::after(Duration::from_millis(1)).await;
        }
        assert!(!busy.is_finished());
        busy.abort();
    });
}
