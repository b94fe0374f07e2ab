//! Halves: receiving many messages with one call, and waiting without a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use zmq::{Context, Dealer, ErrorKind, Message, Pull, Push};

use super::{Reactor, in_each_runtime, registered, spawn, timeout, yield_now};
use crate::common::process::rounds;
use crate::common::{context, meet, socket, transports};

type Sender<K> = zmq::aio::Sender<K, Reactor>;

const MOMENT: Duration = Duration::from_millis(10);

/// Two connected DEALERs that queue so many messages.
fn dealers(context: &Context, endpoint: &str, hwm: u32) -> [zmq::Socket<Dealer>; 2] {
    let [left, right] = [(), ()].map(|()| {
        let dealer = socket(context, Dealer);
        dealer.set_send_hwm(hwm).unwrap();
        dealer.set_recv_hwm(hwm).unwrap();
        dealer
    });
    right.connect(left.bind(endpoint).unwrap()).unwrap();
    [left, right]
}

#[test]
fn a_receiver_takes_what_is_there_up_to_a_limit() {
    in_each_runtime(|| async {
        let context = context();
        let [peer, dealer] = dealers(&context, "inproc://limits-of-halves", 0);
        meet(&peer, &dealer);
        for _ in 0..600 {
            peer.send("part").unwrap();
        }
        let (sender, mut receiver) = registered(dealer).split();
        let mut parts = vec![Message::from("what was there")];
        assert_eq!(receiver.recv_many(&mut parts, 0).await.unwrap(), 0);
        assert_eq!(receiver.recv_many(&mut parts, 10).await.unwrap(), 10);
        assert_eq!(parts[0], "what was there");
        assert_eq!(receiver.recv_many(&mut parts, usize::MAX).await.unwrap(), 256);
        assert_eq!(receiver.recv_many(&mut parts, usize::MAX).await.unwrap(), 256);
        assert_eq!(receiver.recv_many(&mut parts, usize::MAX).await.unwrap(), 78);
        assert!(timeout(MOMENT, receiver.recv_many(&mut parts, 10)).await.is_none());
        assert_eq!(parts.len(), 601);

        // Messages are never cut.
        peer.send_multipart(["one", "two", "three"]).unwrap();
        peer.send("four").unwrap();
        parts.clear();
        assert_eq!(receiver.recv_many(&mut parts, 2).await.unwrap(), 3);
        assert_eq!(parts, ["one", "two", "three"]);
        assert_eq!(receiver.recv_many(&mut parts, 2).await.unwrap(), 1);

        // A call that waits receives the reply to what the other half sends.
        let receiving = spawn(async move {
            let mut parts = Vec::new();
            assert_eq!(receiver.recv_many(&mut parts, 10).await.unwrap(), 1);
            assert_eq!(parts, ["reply"]);
            receiver
        });
        yield_now().await;
        sender.send("request").await.unwrap();
        assert_eq!(peer.recv().unwrap(), "request");
        peer.send("reply").unwrap();
        let mut receiver = receiving.await;
        let receiving = spawn(async move { receiver.recv_many(&mut parts, 10).await });
        yield_now().await;
        context.shutdown().unwrap();
        assert_eq!(receiving.await.unwrap_err().kind(), ErrorKind::Terminated);
    });
}

#[test]
fn readable_and_writable_of_halves_wait_until_then_only() {
    in_each_runtime(|| async {
        let context = context();
        let push = socket(&context, Push);
        push.set_send_hwm(1).unwrap();
        let endpoint = push.bind("inproc://halves-are-ready").unwrap();
        let sender = registered(push).into_sender();
        assert!(timeout(MOMENT, sender.writable()).await.is_none());
        let pull = socket(&context, Pull);
        pull.set_recv_hwm(1).unwrap();
        pull.connect(&endpoint).unwrap();
        sender.writable().await.unwrap();
        while sender.try_send("message").is_ok() {}
        assert!(timeout(MOMENT, sender.writable()).await.is_none());
        // All tasks that wait are woken, and none of them uses the room.
        let waiting = [(), (), ()].map(|()| {
            let sender = sender.clone();
            spawn(async move { sender.writable().await })
        });
        yield_now().await;
        while pull.try_recv().is_ok() {}
        for task in waiting {
            task.await.unwrap();
        }
        sender.try_send("message").unwrap();

        let [peer, dealer] = dealers(&context, "inproc://half-is-ready", 1);
        let (sender, mut receiver) = registered(dealer).split();
        assert!(timeout(MOMENT, receiver.readable()).await.is_none());
        let waiting = spawn(async move {
            receiver.readable().await.unwrap();
            assert_eq!(receiver.try_recv().unwrap(), "message");
            receiver
        });
        yield_now().await;
        peer.send("message").unwrap();
        let mut receiver = waiting.await;
        while sender.try_send("fills").is_ok() {}
        let waiting =
            [spawn(async move { receiver.readable().await }), spawn(async move { sender.writable().await })];
        yield_now().await;
        context.shutdown().unwrap();
        for task in waiting {
            assert_eq!(task.await.unwrap_err().kind(), ErrorKind::Terminated);
        }
    });
}

/// Sends when there is room, as one of several tasks.
async fn send_ready(sender: Sender<Dealer>, count: usize) {
    for number in 0..count {
        let mut waits = 0;
        loop {
            // Some calls are given up, and must not take the wake-up of the others.
            waits += 1;
            if waits % 3 == 0 {
                drop(crate::poll_times(2, sender.writable()).await);
                continue;
            }
            sender.writable().await.unwrap();
            match sender.try_send_multipart([number.to_string(), "content".to_owned()]) {
                Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
                sent => break sent.unwrap(),
            }
        }
    }
}

#[test]
fn both_directions_go_on_while_tasks_wait_for_room() {
    let each = rounds(1_000);
    const TASKS: usize = 2;
    for endpoint in transports("ready-halves") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let received = Arc::new(AtomicUsize::new(0));
                let mut tasks = Vec::new();
                // A socket that is closed drops what it has not sent.
                let mut open = Vec::new();
                for dealer in dealers(&context, &endpoint, 1) {
                    let (sender, mut receiver) = registered(dealer).split();
                    open.push(sender.clone());
                    for _ in 0..TASKS {
                        tasks.push(spawn(send_ready(sender.clone(), each)));
                    }
                    let received = Arc::clone(&received);
                    tasks.push(spawn(async move {
                        let mut parts = Vec::new();
                        let mut count = 0;
                        while count < 2 * TASKS * each {
                            if count % 3 == 0 {
                                receiver.readable().await.unwrap();
                            }
                            count += receiver.recv_many(&mut parts, 3).await.unwrap();
                            assert_eq!(parts.len() % 2, 0);
                            assert!(parts.chunks(2).all(|message| message[1] == "content"));
                            parts.clear();
                        }
                        received.fetch_add(count, Ordering::Relaxed);
                    }));
                }
                for task in tasks {
                    task.await;
                }
                assert_eq!(received.load(Ordering::Relaxed), 2 * 2 * TASKS * each);
                drop(open);
            }
        });
    }
}
