//! Halves of draft socket types.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use zmq::{Channel, Client, ErrorKind, Peer, Radio, Scatter, Server};

use super::waiting::{counted, does_not_spin};
use super::{in_each_runtime, registered, spawn, yield_now};
use crate::common::{TCP, context, process, socket, transports};

/// The number of messages of a longer test.
fn messages() -> usize {
    process::setting("ZMQ_DRAFT_MESSAGES", 1_000)
}

/// A split SERVER and a split CLIENT send to each other as fast as they can.
fn both_ways(hwm: u32) {
    for endpoint in transports("draft-both-ways") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (server, client) = (socket(&context, Server), socket(&context, Client));
                server.set_send_hwm(hwm).unwrap();
                server.set_recv_hwm(hwm).unwrap();
                client.set_send_hwm(hwm).unwrap();
                client.set_recv_hwm(hwm).unwrap();
                client.connect(server.bind(&endpoint).unwrap()).unwrap();
                client.send("here").unwrap();
                let (id, message) = server.recv_from().unwrap();
                assert_eq!(message, "here");

                let (to_client, mut from_client) = registered(server).split();
                let (to_server, mut from_server) = registered(client).split();
                // A socket that is closed drops what it has not sent.
                let open = (to_client.clone(), to_server.clone());
                let tasks = [
                    spawn(async move {
                        for number in 0..messages() {
                            to_client.send_to(id, number.to_string()).await.unwrap();
                        }
                    }),
                    spawn(async move {
                        for number in 0..messages() {
                            to_server.send(number.to_string()).await.unwrap();
                        }
                    }),
                    spawn(async move {
                        for number in 0..messages() {
                            assert_eq!(from_server.recv().await.unwrap(), number.to_string());
                        }
                    }),
                    spawn(async move {
                        for number in 0..messages() {
                            let (sender, message) = from_client.recv_from().await.unwrap();
                            assert_eq!(sender, id);
                            assert_eq!(message, number.to_string());
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
    both_ways(1000);
}

#[test]
fn both_directions_are_busy_at_small_high_water_marks() {
    both_ways(1);
}

/// Each request has a task of its own.
#[test]
fn tasks_reply_in_any_order() {
    in_each_runtime(|| async {
        let context = context();
        let server = socket(&context, Server);
        let endpoint = server.bind(TCP).unwrap();
        let (replies, mut requests) = registered(server).split();
        let serving = spawn(async move {
            while let Ok((client, request)) = requests.recv_from().await {
                let replies = replies.clone();
                drop(spawn(async move { replies.send_to(client, request).await.is_ok() }));
            }
        });
        let client = socket(&context, Client);
        client.connect(&endpoint).unwrap();
        let (sender, mut receiver) = registered(client).split();
        let senders: Vec<_> = (0..4)
            .map(|task| {
                let sender = sender.clone();
                spawn(async move {
                    for number in 0..100 {
                        sender.send(format!("{task} {number}")).await.unwrap();
                    }
                })
            })
            .collect();
        let mut replies = Vec::new();
        for _ in 0..400 {
            replies.push(receiver.recv().await.unwrap().into_string().unwrap());
        }
        replies.sort_unstable();
        replies.dedup();
        assert_eq!(replies.len(), 400);
        for sender in senders {
            sender.await;
        }
        context.shutdown().unwrap();
        serving.await;
    });
}

/// One client is full. A task waits to send to it, and another task receives from the other client.
#[test]
fn a_sender_to_a_client_that_is_full_does_not_spin() {
    if !zmq::has(zmq::Feature::Bundled) {
        return;
    }
    in_each_runtime(|| async {
        let context = context();
        let server = socket(&context, Server);
        server.set_send_hwm(1).unwrap();
        let endpoint = server.bind("inproc://half-full").unwrap();
        let [(full, full_client), (_, busy_client)] = ["full", "busy"].map(|name| {
            let client = socket(&context, Client);
            client.set_recv_hwm(1).unwrap();
            client.connect(&endpoint).unwrap();
            client.send(name).unwrap();
            (server.recv_from().unwrap().0, client)
        });
        let mut sent = 0;
        while server.try_send_to(full, "content").is_ok() {
            sent += 1;
        }
        let (sender, mut receiver) = registered(server).split();
        let polls = Arc::new(AtomicUsize::new(0));
        let waiting = spawn({
            let polls = Arc::clone(&polls);
            async move {
                counted(&polls, sender.send_to(full, "last")).await.unwrap();
                sender
            }
        });
        let receiving = spawn(async move {
            assert_eq!(receiver.recv_from().await.unwrap().1, "arrives");
            receiver
        });
        does_not_spin(&polls).await;
        busy_client.send("arrives").unwrap();
        let receiver = receiving.await;
        assert!(!waiting.is_finished());
        for _ in 0..sent {
            full_client.recv().unwrap();
        }
        let sender = waiting.await;
        assert_eq!(full_client.recv().unwrap(), "last");
        drop(receiver.reunite(sender).unwrap());
    });
}

#[test]
fn every_type_that_sends_can_be_shared() {
    in_each_runtime(|| async {
        let context = context();
        let scatter = registered(socket(&context, Scatter)).into_sender();
        assert_eq!(scatter.try_send("to nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
        let radio = registered(socket(&context, Radio)).into_sender();
        radio.send_to("group", "to nobody").await.unwrap();
        radio.try_send_to("group", "to nobody").unwrap();
        let (channel, mut receiver) = registered(socket(&context, Channel)).split();
        assert_eq!(channel.try_send("to nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(receiver.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        let (peer, mut receiver) = registered(socket(&context, Peer)).split();
        let nobody = zmq::message::RoutingId::new(7).unwrap();
        let failure = peer.send_to(nobody, "to nobody").await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
        assert_eq!(failure.into_message(), "to nobody");
        assert_eq!(receiver.try_recv_from().unwrap_err().kind(), ErrorKind::WouldBlock);
        let waiting = spawn(async move { receiver.recv_from().await.unwrap_err().kind() });
        yield_now().await;
        context.shutdown().unwrap();
        assert_eq!(waiting.await, ErrorKind::Terminated);
    });
}
