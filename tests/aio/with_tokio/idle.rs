//! Waiting sockets use no processor time, and busy sockets do not delay other tasks.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use zmq::ErrorKind;
use zmq::monitor::{EventKind, Events};
use zmq::{Pull, Push};

use super::{registered, runtimes};
use crate::common::{TCP, bound, connected, context, wait_for_event};

/// Adds one to `polls` with each poll of the future.
async fn counted<T>(polls: Arc<AtomicUsize>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    std::future::poll_fn(|task| {
        polls.fetch_add(1, Ordering::Relaxed);
        future.as_mut().poll(task)
    })
    .await
}

/// How long this thread has used a processor.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
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
    if !crate::common::process::in_child() {
        return;
    }
    allow_descriptors(4_000);
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = crate::common::context_with(zmq::Context::builder().max_sockets(1_010));
        let polls: Vec<Arc<AtomicUsize>> = (0..SOCKETS).map(|_| Arc::default()).collect();
        let mut calls = Vec::new();
        for (number, polls) in polls.iter().enumerate() {
            let polls = Arc::clone(polls);
            calls.push(if number % 2 == 0 {
                let mut pull = registered(context.socket(Pull).unwrap());
                tokio::spawn(async move { counted(polls, pull.recv()).await.map(drop) })
            } else {
                let mut push = registered(context.socket(Push).unwrap());
                tokio::spawn(async move { counted(polls, push.send("")).await.map_err(zmq::Error::from) })
            });
        }
        tokio::task::yield_now().await;
        let before = processor_time();
        tokio::time::sleep(PERIOD).await;
        let used = processor_time() - before;
        assert!(used < PERIOD / 100, "{used:?}");
        let most = polls.iter().map(|polls| polls.load(Ordering::Relaxed)).max();
        assert!(most <= Some(2), "a call was polled {most:?} times");
        context.shutdown().unwrap();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Terminated);
        }
        context.close().await.unwrap();
    });
}

/// Each peer wakes the task a few times, and nothing does when there are no peers.
#[test]
fn peers_that_connect_and_disconnect_rarely_wake_a_receiver() {
    const PEERS: usize = 200;
    for runtime in runtimes() {
        let context = context();
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let polls = Arc::default();
        let receiving = {
            let polls = Arc::clone(&polls);
            runtime.spawn(async move {
                let mut pull = registered(pull);
                counted(polls, pull.recv()).await.map(|message| message.into_string().unwrap())
            })
        };
        // The runtime of one thread runs while it waits for them.
        let peers = std::thread::spawn({
            let endpoint = endpoint.clone();
            move || {
                let peers = crate::common::context();
                for _ in 0..PEERS {
                    let push = crate::common::socket(&peers, Push);
                    let monitor = push.monitor(Events::HANDSHAKE_SUCCEEDED).unwrap();
                    push.connect(&endpoint).unwrap();
                    wait_for_event(&monitor, |event| matches!(event, EventKind::HandshakeSucceeded));
                }
            }
        });
        runtime.block_on(async {
            while !peers.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // The end of the last connections.
            let (mut before, mut quiet) = (0, 0);
            while quiet < 20 {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let now = polls.load(Ordering::Relaxed);
                quiet = if now == before { quiet + 1 } else { 0 };
                before = now;
            }
            assert!(before <= 1 + 6 * PEERS, "{PEERS} peers caused {before} polls");
            let push = connected(&context, Push, &endpoint);
            push.send("the first message").unwrap();
            assert_eq!(receiving.await.unwrap().unwrap(), "the first message");
        });
        peers.join().unwrap();
    }
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
            let push = crate::common::socket(&context, Push);
            let pull = crate::common::socket(&context, Pull);
            push.set_send_hwm(0).unwrap();
            pull.set_recv_hwm(0).unwrap();
            pull.connect(push.bind("inproc://always-ready").unwrap()).unwrap();
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
        let push = crate::common::socket(&context, Push);
        let pull = crate::common::socket(&context, Pull);
        push.set_send_hwm(0).unwrap();
        pull.set_recv_hwm(0).unwrap();
        pull.connect(push.bind("inproc://all-there").unwrap()).unwrap();
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
    assert!(turns >= 50_000 / 1_024 - 1, "{turns} turns");
}
