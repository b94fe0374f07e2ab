//! Draft socket types whose calls wait, are dropped, or end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use zmq::{Channel, Client, Dgram, Dish, ErrorKind, Gather, Peer, Scatter, Server};

use super::waiting::{counted, does_not_spin};
use super::{in_each_runtime, registered, spawn, timeout, yield_now};
use crate::common::{TCP, context, socket, transports};
use crate::poll_times;

/// The task waits for a peer whose queue is full, and another peer has room.
#[test]
fn a_send_to_a_client_that_is_full_waits_without_spinning() {
    in_each_runtime(|| async {
        let context = context();
        let server = socket(&context, Server);
        server.set_send_hwm(1).unwrap();
        let endpoint = server.bind("inproc://one-client-is-full").unwrap();
        let clients = ["full", "free"].map(|name| {
            let client = socket(&context, Client);
            client.set_recv_hwm(1).unwrap();
            client.connect(&endpoint).unwrap();
            client.send(name).unwrap();
            let (id, message) = server.recv_from().unwrap();
            assert_eq!(message, name);
            (id, client)
        });
        let [(full, full_client), (free, free_client)] = clients;
        let mut sent = 0;
        while server.try_send_to(full, "content").is_ok() {
            sent += 1;
        }
        let mut server = registered(server);
        let polls = Arc::new(AtomicUsize::new(0));
        let waiting = spawn({
            let polls = Arc::clone(&polls);
            async move {
                counted(&polls, server.send_to(full, "last")).await.unwrap();
                server
            }
        });
        does_not_spin(&polls).await;
        assert!(!waiting.is_finished());
        for _ in 0..sent {
            full_client.recv().unwrap();
        }
        let mut server = waiting.await;
        assert_eq!(full_client.recv().unwrap(), "last");
        server.send_to(free, "to the other").await.unwrap();
        assert_eq!(free_client.recv().unwrap(), "to the other");
    });
}

#[test]
fn a_client_that_leaves_ends_the_send_to_it() {
    in_each_runtime(|| async {
        let context = context();
        let server = socket(&context, Server);
        server.set_send_hwm(1).unwrap();
        let endpoint = server.bind("inproc://leaves").unwrap();
        let client = socket(&context, Client);
        client.set_recv_hwm(1).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("here").unwrap();
        let (id, _) = server.recv_from().unwrap();
        while server.try_send_to(id, "content").is_ok() {}
        let mut server = registered(server);
        let waiting = spawn(async move { server.send_to(id, "last").await });
        yield_now().await;
        drop(client);
        let failure = waiting.await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
        assert_eq!(failure.into_message(), "last");
    });
}

/// After the first messages, nothing arrives, and signals of earlier messages must not wake the task again and again.
#[test]
fn an_idle_socket_does_not_wake_its_task() {
    in_each_runtime(|| async {
        let context = context();
        let gather = socket(&context, Gather);
        let endpoint = gather.bind(TCP).unwrap();
        let scatter = socket(&context, Scatter);
        scatter.connect(&endpoint).unwrap();
        let mut gather = registered(gather);
        let mut all = Vec::new();
        for number in 0..20 {
            let polls = Arc::new(AtomicUsize::new(0));
            scatter.send(number.to_string()).unwrap();
            assert_eq!(gather.recv().await.unwrap(), number.to_string());
            if number % 5 == 0 {
                let receiving = counted(&polls, gather.recv());
                assert!(timeout(Duration::from_millis(5), receiving).await.is_none());
                all.push(polls.load(Ordering::Relaxed));
            }
        }
        assert!(all.iter().all(|polls| *polls <= 8), "{all:?}");
    });
}

/// Each message makes a signal, and nobody takes the signals before the task waits. Without eventfd, a pair of sockets has no room for so
/// many.
#[test]
fn a_task_that_never_waits_may_leave_many_signals() {
    in_each_runtime(|| async {
        let context = context();
        let (gather, scatter) = (socket(&context, Gather), socket(&context, Scatter));
        scatter.connect(gather.bind("inproc://many-signals").unwrap()).unwrap();
        let mut gather = registered(gather);
        for number in 0..20_000 {
            scatter.send(number.to_string()).unwrap();
            assert_eq!(gather.inner().try_recv().unwrap(), number.to_string());
            // All commands are read, so the next one makes a signal.
            assert!(gather.inner().try_recv().is_err());
        }
        let waiting = spawn(async move {
            let message = gather.recv().await;
            (message, gather)
        });
        yield_now().await;
        scatter.send("last").unwrap();
        assert_eq!(waiting.await.0.unwrap(), "last");
    });
}

/// The calls are dropped after different numbers of polls, while the other side works.
#[test]
fn dropped_calls_lose_no_message() {
    const COUNT: usize = 150;
    for endpoint in transports("dropped-drafts") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (server, client) = (socket(&context, Server), socket(&context, Client));
                server.set_send_hwm(1).unwrap();
                server.set_recv_hwm(1).unwrap();
                client.set_send_hwm(1).unwrap();
                client.set_recv_hwm(1).unwrap();
                client.connect(server.bind(&endpoint).unwrap()).unwrap();
                let (mut server, mut client) = (registered(server), registered(client));
                let echo = spawn(async move {
                    for number in 0..COUNT {
                        let (sender, request) = loop {
                            if let Some(received) = poll_times(1 + number % 4, server.recv_from()).await {
                                break received.unwrap();
                            }
                            yield_now().await;
                        };
                        assert_eq!(request, number.to_string());
                        // Every attempt sends another message, and only one of them is sent.
                        for attempt in 0.. {
                            let reply = format!("{number} {attempt}");
                            if let Some(sent) = poll_times(attempt % 4, server.send_to(sender, reply)).await {
                                sent.unwrap();
                                break;
                            }
                            yield_now().await;
                        }
                    }
                    server
                });
                for number in 0..COUNT {
                    while poll_times(1 + number % 4, client.send(number.to_string())).await.is_none() {
                        yield_now().await;
                    }
                    let reply = loop {
                        if let Some(received) = poll_times(1 + number % 3, client.recv()).await {
                            break received.unwrap();
                        }
                        yield_now().await;
                    };
                    let prefix = format!("{number} ");
                    assert!(reply.to_str().unwrap().starts_with(&prefix), "{reply:?}");
                }
                drop(echo.await);
                assert!(client.inner().try_recv().is_err());
            }
        });
    }
}

#[test]
fn a_shutdown_ends_every_call() {
    in_each_runtime(|| async {
        let context = context();
        let mut calls = Vec::new();
        let (mut server, mut peer) =
            (registered(socket(&context, Server)), registered(socket(&context, Peer)));
        let dgram = socket(&context, Dgram);
        dgram.bind("udp://127.0.0.1:*").unwrap();
        let mut dgram = registered(dgram);
        let (mut client, mut scatter) =
            (registered(socket(&context, Client)), registered(socket(&context, Scatter)));
        let (mut dish, mut gather) =
            (registered(socket(&context, Dish)), registered(socket(&context, Gather)));
        let mut channel = registered(socket(&context, Channel));
        calls.push(spawn(async move { server.recv_from().await.unwrap_err().kind() }));
        calls.push(spawn(async move { peer.recv_from().await.unwrap_err().kind() }));
        calls.push(spawn(async move { dgram.recv_from().await.unwrap_err().kind() }));
        calls.push(spawn(async move { client.send("to nobody").await.unwrap_err().kind() }));
        calls.push(spawn(async move { scatter.writable().await.unwrap_err().kind() }));
        calls.push(spawn(async move { dish.recv().await.unwrap_err().kind() }));
        calls.push(spawn(async move { gather.readable().await.unwrap_err().kind() }));
        calls.push(spawn(async move { channel.recv().await.unwrap_err().kind() }));
        for _ in 0..10 {
            yield_now().await;
        }
        assert!(calls.iter().all(|call| !call.is_finished()));
        context.shutdown().unwrap();
        for call in calls {
            assert_eq!(call.await, ErrorKind::Terminated);
        }
        timeout(crate::limit(), context.close()).await.expect("it hangs").unwrap();
    });
}

/// Each registration releases what it has taken, and a socket can be registered again.
#[test]
fn a_socket_is_registered_again_and_again() {
    in_each_runtime(|| async {
        let context = context();
        let (server, client) = (socket(&context, Server), socket(&context, Client));
        client.connect(server.bind(TCP).unwrap()).unwrap();
        let (mut server, mut client) = (registered(server), registered(client));
        for number in 0..2_000 {
            client.send(number.to_string()).await.unwrap();
            let (sender, message) = server.recv_from().await.unwrap();
            assert_eq!(message, number.to_string());
            server.send_to(sender, message).await.unwrap();
            assert_eq!(client.recv().await.unwrap(), number.to_string());
            server = registered(server.into_inner());
            client = registered(client.into_inner());
        }
        drop((server, client));
        timeout(crate::limit(), context.close()).await.expect("it hangs").unwrap();
    });
}
