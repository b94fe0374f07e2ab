//! A task waits for the end of a context.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use zmq::{Context, Dealer, ErrorKind, Pull, Push};

use super::{in_each_runtime, registered, runtimes};
use crate::common::{assert_takes_less, context, free_endpoint, start_watchdog};

/// The task that receives runs in the same thread, after the context was closed.
#[test]
fn close_waits_until_ten_thousand_messages_are_delivered() {
    const MESSAGES: u32 = 10_000;
    start_watchdog();
    in_each_runtime(|| async {
        let (endpoint, sender) = (free_endpoint(), Context::new().unwrap());
        let push = sender.socket(Push).unwrap();
        push.set_send_hwm(0).unwrap();
        push.connect(&endpoint).unwrap();
        let mut push = registered(push);
        for number in 0..MESSAGES {
            push.send(number.to_ne_bytes()).await.unwrap();
        }
        drop(push);
        // Given up, and awaited through another handle.
        let cancelled = sender.clone().close();
        assert!(timeout(Duration::from_millis(10), cancelled).await.is_err());
        let closing = tokio::spawn(sender.close());

        let receiver = context();
        let pull = crate::common::socket(&receiver, Pull);
        pull.bind(&endpoint).unwrap();
        let mut pull = registered(pull);
        for number in 0..MESSAGES {
            assert_eq!(pull.recv().await.unwrap(), number.to_ne_bytes());
        }
        closing.await.unwrap().unwrap();
        drop(pull);
        receiver.close().await.unwrap();
    });
}

#[test]
fn close_waits_for_the_tasks_that_have_sockets() {
    in_each_runtime(|| async {
        let context = context();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let mut dealer = registered(context.socket(Dealer).unwrap());
                tokio::spawn(async move { dealer.recv().await.map(drop) })
            })
            .collect();
        let mut closed = context.clone().close();
        assert!(timeout(Duration::from_millis(10), &mut closed).await.is_err());
        context.shutdown().unwrap();
        context.close().await.unwrap();
        closed.await.unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap_err().kind(), ErrorKind::Terminated);
        }
    });
}

/// Half of the calls wait for a message, half of them for room.
#[test]
fn shutdown_and_close_end_waiting_sockets_at_once() {
    for runtime in runtimes() {
        assert_takes_less(Duration::from_millis(100), || {
            runtime.block_on(async {
                let context = context();
                let calls: Vec<_> = (0..8)
                    .map(|number| {
                        let mut dealer = registered(context.socket(Dealer).unwrap());
                        tokio::spawn(async move {
                            if number % 2 == 0 {
                                dealer.recv().await.map(drop)
                            } else {
                                dealer.send("to nobody").await.map_err(zmq::Error::from)
                            }
                        })
                    })
                    .collect();
                tokio::task::yield_now().await;
                let start = Instant::now();
                context.shutdown().unwrap();
                for call in calls {
                    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Terminated);
                }
                context.close().await.unwrap();
                start.elapsed()
            })
        });
    }
}
