//! Busy sockets do not delay other tasks.

use std::time::{Duration, Instant};

use super::{registered, runtimes};
use crate::common::context;
use crate::unlimited;

/// How long this thread has used a processor.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The socket always has a message, and the timer runs in the same thread. A tick that is 5 ms late has let the thread work for 6 ms
/// since the last one, however busy the machine is.
#[cfg(target_os = "linux")]
#[test]
fn a_socket_that_is_always_ready_delays_no_timer() {
    let [runtime, _] = runtimes();
    crate::common::assert_takes_less(Duration::from_millis(6), || {
        runtime.block_on(async {
            let context = context();
            let (push, pull) = unlimited(&context, "always-ready");
            let mut pull = registered(pull);
            let busy = tokio::spawn(async move {
                loop {
                    push.try_send("more").unwrap();
                    pull.recv().await.unwrap();
                }
            });
            let mut interval = tokio::time::interval(Duration::from_millis(1));
            let (mut before, mut longest) = (processor_time(), Duration::ZERO);
            for _ in 0..200 {
                interval.tick().await;
                let now = processor_time();
                longest = longest.max(now - before);
                before = now;
            }
            busy.abort();
            assert!(busy.await.unwrap_err().is_cancelled());
            longest
        })
    });
}

/// Returns how often another task of the same thread runs while a task receives messages that have all arrived, and works for the
/// given time with each message.
fn turns_of_another_task(messages: usize, work: Duration) -> usize {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context();
        let (push, pull) = unlimited(&context, "all-there");
        for _ in 0..messages {
            push.try_send("").unwrap();
        }
        let mut pull = registered(pull);
        let busy = tokio::spawn(async move {
            for _ in 0..messages {
                pull.recv().await.unwrap();
                let start = Instant::now();
                while start.elapsed() < work {}
            }
        });
        let mut turns = 0;
        while !busy.is_finished() {
            tokio::task::yield_now().await;
            turns += 1;
        }
        busy.await.unwrap();
        turns
    })
}

/// After 128 operations that did not wait, tokio runs other tasks.
#[test]
fn a_receiver_that_works_with_each_message_lets_others_run() {
    let turns = turns_of_another_task(2_000, Duration::from_micros(20));
    assert!(turns >= 2_000 / 128 - 1, "{turns} turns");
}

/// Receiving a message takes about a hundred nanoseconds, so other tasks can run less often.
#[test]
fn a_receiver_that_does_nothing_else_lets_others_run() {
    let turns = turns_of_another_task(50_000, Duration::ZERO);
    assert!(turns >= 50_000 / 256, "{turns} turns");
}
