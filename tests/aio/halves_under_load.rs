//! Sends many messages through halves, in both directions at once.
//!
//! `ZMQ_HALVES_MESSAGES` is the number of messages in each direction. With many messages, `ZMQ_TEST_SECONDS` must be the
//! time that a test may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use zmq::{Dealer, Router, Sub, XPub};

use super::{in_each_runtime, registered, spawn, yield_now};
use crate::common::process::rounds;
use crate::common::{context, socket, transports};

fn messages(usual: usize) -> usize {
    std::env::var("ZMQ_HALVES_MESSAGES").map_or(rounds(usual), |count| count.parse().unwrap())
}

/// A split DEALER and a split ROUTER send to each other as fast as they can.
fn both_ways(hwm: u32, count: usize) {
    for endpoint in transports("both-ways") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (router, dealer) = (socket(&context, Router), socket(&context, Dealer));
                router.set_router_mandatory(true).unwrap();
                dealer.set_routing_id("dealer").unwrap();
                router.set_send_hwm(hwm).unwrap();
                router.set_recv_hwm(hwm).unwrap();
                dealer.set_send_hwm(hwm).unwrap();
                dealer.set_recv_hwm(hwm).unwrap();
                dealer.connect(router.bind(&endpoint).unwrap()).unwrap();
                dealer.send("here").unwrap();
                assert_eq!(router.recv_multipart().unwrap(), ["dealer", "here"]);

                let (to_dealer, mut from_dealer) = registered(router).split();
                let (to_router, mut from_router) = registered(dealer).split();
                // A socket that is closed drops what it has not sent.
                let open = (to_dealer.clone(), to_router.clone());
                let tasks = [
                    spawn(async move {
                        for number in 0..count {
                            to_dealer.send_multipart(("dealer", number.to_string())).await.unwrap();
                        }
                    }),
                    spawn(async move {
                        for number in 0..count {
                            to_router.send(number.to_string()).await.unwrap();
                        }
                    }),
                    spawn(async move {
                        for number in 0..count {
                            assert_eq!(from_router.recv().await.unwrap(), number.to_string());
                        }
                    }),
                    spawn(async move {
                        for number in 0..count {
                            let [id, content] =
                                from_dealer.recv_multipart().await.unwrap().into_array().unwrap();
                            assert_eq!(id, "dealer");
                            assert_eq!(content, number.to_string());
                        }
                    }),
                ];
                for task in tasks {
                    task.await;
                }
                drop(open);
            }
        });
    }
}

#[test]
fn both_directions_are_busy() {
    both_ways(1000, messages(100_000));
}

#[test]
fn both_directions_are_busy_with_room_for_one_message() {
    both_ways(1, messages(10_000));
}

/// The messages of eight tasks through one socket: no parts are mixed, and each task's messages stay in order.
#[test]
fn messages_of_many_tasks_stay_whole() {
    const TASKS: usize = 8;
    const HWM: u32 = 10;
    let count = messages(40_000) / TASKS;
    in_each_runtime(|| async move {
        let context = context();
        // Each of them refuses messages for a peer that is full.
        let router = socket(&context, Router);
        router.set_router_mandatory(true).unwrap();
        router.set_send_hwm(HWM).unwrap();
        router.bind("inproc://to-router-peer").unwrap();
        let peer = socket(&context, Dealer);
        peer.set_routing_id("peer").unwrap();
        peer.set_recv_hwm(HWM).unwrap();
        peer.connect("inproc://to-router-peer").unwrap();
        peer.send("here").unwrap();
        router.recv_multipart().unwrap();
        let publisher = socket(&context, XPub);
        publisher.set_xpub_nodrop(true).unwrap();
        publisher.set_send_hwm(HWM).unwrap();
        publisher.bind("inproc://to-subscriber").unwrap();
        let subscriber = socket(&context, Sub);
        subscriber.set_recv_hwm(HWM).unwrap();
        subscriber.subscribe("").unwrap();
        subscriber.connect("inproc://to-subscriber").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01");

        let (router, publisher) = (registered(router).into_sender(), registered(publisher).into_sender());
        let sent = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let mut tasks = Vec::new();
        for task in 0..TASKS {
            let (router, publisher) = (router.clone(), publisher.clone());
            let [to_router, to_publisher] = sent.clone();
            tasks.push(spawn(async move {
                for number in 0..count {
                    router.send_multipart(("peer", task.to_string(), number.to_string())).await.unwrap();
                    to_router.fetch_add(1, Ordering::Relaxed);
                }
            }));
            tasks.push(spawn(async move {
                for number in 0..count {
                    let parts = (task.to_string(), number.to_string(), "end");
                    publisher.send_multipart(parts).await.unwrap();
                    to_publisher.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        // Over inproc, a queue has the room of both ends.
        let room = usize::try_from(2 * HWM).unwrap();
        while sent.iter().any(|sent| sent.load(Ordering::Relaxed) < room) {
            yield_now().await;
        }
        for _ in 0..1_000 {
            yield_now().await;
        }
        for sent in &sent {
            assert_eq!(sent.load(Ordering::Relaxed), room, "a message was accepted without room");
        }
        let readers = [
            thread::spawn(move || {
                let mut next = [0; TASKS];
                for _ in 0..TASKS * count {
                    let [task, number] = peer.recv_multipart().unwrap().into_array().unwrap();
                    check(&mut next, &task, &number);
                }
            }),
            thread::spawn(move || {
                let mut next = [0; TASKS];
                for _ in 0..TASKS * count {
                    let [task, number, end] = subscriber.recv_multipart().unwrap().into_array().unwrap();
                    assert_eq!(end, "end");
                    check(&mut next, &task, &number);
                }
            }),
        ];
        for task in tasks {
            task.await;
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

/// The messages of each task come in order.
fn check(next: &mut [usize], task: &zmq::Message, number: &zmq::Message) {
    let task: usize = task.to_str().unwrap().parse().unwrap();
    assert_eq!(*number, next[task].to_string());
    next[task] += 1;
}
