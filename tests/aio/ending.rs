//! How calls and contexts end when a context is shut down, or when sockets and contexts are dropped.

use std::time::{Duration, Instant};

use zmq::{Context, Dealer, ErrorKind, Pull, Push};

use super::{in_each_runtime, registered, runtimes, spawn, yield_now};
use crate::common::{TCP, bound, connected, context, free_endpoint, start_watchdog};
#[cfg(any(target_os = "linux", windows))]
use crate::common::{process, socket};

#[test]
fn shutdown_ends_all_calls_that_wait() {
    in_each_runtime(|| async {
        let context = context();
        let receiving: Vec<_> = (0..8)
            .map(|number| {
                let mut dealer = registered(context.socket(Dealer).unwrap());
                spawn(async move {
                    if number % 2 == 0 {
                        dealer.recv().await.map(drop)
                    } else {
                        dealer.send("to nobody").await.map_err(zmq::Error::from)
                    }
                })
            })
            .collect();
        yield_now().await;
        context.shutdown().unwrap();
        for call in receiving {
            assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Terminated);
        }
    });
}

/// The message waits for a peer that does not exist yet, and dropping the socket and its context does not.
#[test]
fn dropping_the_last_owner_of_a_context_delivers_without_waiting() {
    start_watchdog();
    for runtime in runtimes() {
        let endpoint = free_endpoint();
        runtime.block_on(async {
            let context = Context::new().unwrap();
            let push = context.socket(Push).unwrap();
            push.connect(&endpoint).unwrap();
            let mut push = registered(push);
            drop(context);
            push.send("delivered").await.unwrap();
            drop(push);
        });
        drop(runtime);

        let context = context();
        let pull = crate::common::socket(&context, Pull);
        pull.bind(&endpoint).unwrap();
        assert_eq!(pull.recv().unwrap(), "delivered");
    }
}

/// The peer that takes the message is a task of the same thread.
#[test]
fn dropping_does_not_block_the_tasks_of_the_thread() {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let peers = context();
        let pull = crate::common::socket(&peers, Pull);
        let endpoint = pull.bind(TCP).unwrap();
        let mut pull = registered(pull);
        for number in 0..100 {
            let context = Context::new().unwrap();
            let mut push = registered(connected(&context, Push, &endpoint));
            drop(context);
            push.send(number.to_string()).await.unwrap();
            drop(push);
            assert_eq!(pull.recv().await.unwrap(), number.to_string());
        }
    });
}

#[test]
fn a_kept_context_waits_until_all_messages_are_delivered() {
    start_watchdog();
    let (endpoint, started) = (free_endpoint(), Instant::now());
    let [runtime, _] = runtimes();
    let sender = Context::new().unwrap();
    runtime.block_on(async {
        let push = sender.socket(Push).unwrap();
        push.connect(&endpoint).unwrap();
        push.set_linger(Duration::from_millis(200)).unwrap();
        let mut push = registered(push);
        push.send("to nobody").await.unwrap();
        drop(push);
        assert!(started.elapsed() < crate::limit());
    });
    let started = Instant::now();
    drop(sender);
    assert!(started.elapsed() >= Duration::from_millis(100), "{:?}", started.elapsed());
}

#[test]
fn a_socket_can_become_async_and_blocking_again() {
    let [runtime, _] = runtimes();
    let context = context();
    let (mut push, endpoint) = bound(&context, Push, TCP);
    let mut pull = connected(&context, Pull, &endpoint);
    for number in 0..100 {
        (push, pull) = runtime.block_on(async {
            let (mut sender, mut receiver) = (registered(push), registered(pull));
            sender.send(number.to_string()).await.unwrap();
            assert_eq!(receiver.recv().await.unwrap(), number.to_string());
            (sender.into_inner(), receiver.into_inner())
        });
        push.send("blocking").unwrap();
        assert_eq!(pull.recv().unwrap(), "blocking");
    }
}

/// On Windows, tokio watches a second handle of each socket.
#[cfg(any(target_os = "linux", windows))]
#[test]
fn no_descriptor_remains_when_a_registration_ends() {
    const TIMES: usize = 200;
    if !process::in_child() {
        return;
    }
    for runtime in runtimes() {
        runtime.block_on(async {
            let context = context();
            let mut pull = registered(socket(&context, Pull)).into_inner();
            let before = process::descriptors();
            for _ in 0..TIMES {
                pull = registered(pull).into_inner();
            }
            let after = process::descriptors();
            assert!(after < before + TIMES / 2, "{before} descriptors before, {after} after");
        });
    }
}
