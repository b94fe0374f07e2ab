//! Waiting sockets use no processor time.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[cfg(target_os = "linux")]
use zmq::ErrorKind;
use zmq::monitor::{EventKind, Events};
use zmq::{Pull, Push};

#[cfg(target_os = "linux")]
use super::yield_now;
use super::{registered, runtimes, spawn, timeout};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, socket, wait_for_event};
#[cfg(target_os = "linux")]
use crate::common::{context_with, process};

async fn sleep(time: Duration) {
    timeout(time, std::future::pending::<()>()).await;
}

/// Adds one to `polls` with each poll of the future.
async fn counted<T>(polls: Arc<AtomicUsize>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    std::future::poll_fn(|task| {
        polls.fetch_add(1, Ordering::Relaxed);
        future.as_mut().poll(task)
    })
    .await
}

/// How long this process has used a processor. A reactor may have a thread of its own.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Each socket has a descriptor.
#[cfg(target_os = "linux")]
fn allow_descriptors(count: libc::rlim_t) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    limit.rlim_cur = limit.rlim_cur.max(count).min(limit.rlim_max);
    // SAFETY: a valid limit, which is only read.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
}

/// Half of the sockets wait for a message, half of them for a peer to send to.
#[cfg(target_os = "linux")]
#[test]
fn a_thousand_waiting_sockets_use_no_processor() {
    const SOCKETS: usize = 1_000;
    const PERIOD: Duration = Duration::from_secs(2);
    if !process::in_child() {
        return;
    }
    allow_descriptors(4_000);
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context_with(zmq::Context::builder().max_sockets(1_010));
        let polls: Vec<Arc<AtomicUsize>> = (0..SOCKETS).map(|_| Arc::default()).collect();
        let mut calls = Vec::new();
        for (number, polls) in polls.iter().enumerate() {
            let polls = Arc::clone(polls);
            calls.push(if number % 2 == 0 {
                let mut pull = registered(context.socket(Pull).unwrap());
                spawn(async move { counted(polls, pull.recv()).await.map(drop) })
            } else {
                let mut push = registered(context.socket(Push).unwrap());
                spawn(async move { counted(polls, push.send("")).await.map_err(zmq::Error::from) })
            });
        }
        while polls.iter().any(|polls| polls.load(Ordering::Relaxed) == 0) {
            yield_now().await;
        }
        // The reactor may have to learn of the last socket.
        sleep(Duration::from_millis(10)).await;
        let before = processor_time();
        sleep(PERIOD).await;
        let used = processor_time() - before;
        assert!(used < PERIOD / 100, "{used:?}");
        let most = polls.iter().map(|polls| polls.load(Ordering::Relaxed)).max();
        assert!(most <= Some(2), "a call was polled {most:?} times");
        context.shutdown().unwrap();
        for call in calls {
            assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Terminated);
        }
        context.close().await.unwrap();
    });
}

/// Each peer wakes the task a few times, and nothing does when there are no peers.
#[test]
fn peers_that_connect_and_disconnect_rarely_wake_a_receiver() {
    let count = rounds(200);
    for runtime in runtimes() {
        let context = context();
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let polls = Arc::default();
        let peers = std::thread::spawn({
            let endpoint = endpoint.clone();
            move || {
                let peers = crate::common::context();
                for _ in 0..count {
                    let push = socket(&peers, Push);
                    let monitor = push.monitor(Events::HANDSHAKE_SUCCEEDED).unwrap();
                    push.connect(&endpoint).unwrap();
                    wait_for_event(&monitor, |event| matches!(event, EventKind::HandshakeSucceeded));
                }
            }
        });
        runtime.block_on(async {
            let receiving = {
                let polls = Arc::clone(&polls);
                spawn(async move {
                    let mut pull = registered(pull);
                    counted(polls, pull.recv()).await.map(|message| message.into_string().unwrap())
                })
            };
            while !peers.is_finished() {
                sleep(Duration::from_millis(1)).await;
            }
            // The end of the last connections.
            let (mut before, mut quiet) = (0, 0);
            while quiet < 20 {
                sleep(Duration::from_millis(5)).await;
                let now = polls.load(Ordering::Relaxed);
                quiet = if now == before { quiet + 1 } else { 0 };
                before = now;
            }
            assert!(before <= 1 + 6 * count, "{count} peers caused {before} polls");
            let push = connected(&context, Push, &endpoint);
            push.send("the first message").unwrap();
            assert_eq!(receiving.await.unwrap(), "the first message");
        });
        peers.join().unwrap();
    }
}
