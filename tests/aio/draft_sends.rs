//! Calls that send to an address: they are dropped before they are ready, polled again after they were ready, or fail.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::task::Poll;
use std::thread;

use zmq::message::RoutingId;
use zmq::{Client, Context, Dgram, ErrorKind, Message, Peer, Radio, Server};

use super::bad_input::twice;
use super::{Reactor, Socket, in_each_runtime, registered, spawn_blocking};
use crate::common::process::rounds;
use crate::common::{context, socket, transports};
use crate::poll_times;

/// A SERVER that sends.
enum Sending {
    Unsplit(Box<Socket<Server>>),
    Half(zmq::aio::Sender<Server, Reactor>),
}

impl Sending {
    /// Sends a message with a call that is dropped after some polls. Returns whether the message was sent.
    async fn send(&mut self, polls: usize, to: RoutingId, message: &str) -> bool {
        let sent = match self {
            Sending::Unsplit(server) => poll_times(polls, server.send_to(to, message)).await,
            Sending::Half(sender) => poll_times(polls, sender.send_to(to, message)).await,
        };
        sent.map(Result::unwrap).is_some()
    }

    /// The same with a call that keeps the message.
    async fn send_from(&mut self, polls: usize, to: RoutingId, message: &mut Option<Message>) -> bool {
        let sent = match self {
            Sending::Unsplit(server) => poll_times(polls, server.send_to_from(to, message)).await,
            Sending::Half(sender) => poll_times(polls, sender.send_to_from(to, message)).await,
        };
        sent.map(Result::unwrap).is_some()
    }
}

/// A SERVER and a CLIENT that queue one message each, and the id of the CLIENT.
fn server_and_client(
    context: &Context,
    endpoint: &str,
) -> (zmq::Socket<Server>, RoutingId, zmq::Socket<Client>) {
    let (server, client) = (socket(context, Server), socket(context, Client));
    server.set_send_hwm(1).unwrap();
    client.set_recv_hwm(1).unwrap();
    client.connect(server.bind(endpoint).unwrap()).unwrap();
    client.send("here").unwrap();
    let (id, message) = server.recv_from().unwrap();
    assert_eq!(message, "here");
    (server, id, client)
}

/// The calls are dropped after different numbers of polls, while the client receives.
#[test]
fn a_dropped_send_to_sent_nothing_and_send_to_from_keeps_the_message() {
    let count = rounds(300);
    for (endpoint, is_split) in transports("dropped-send-to")
        .into_iter()
        .flat_map(|endpoint| [(endpoint.clone(), false), (endpoint, true)])
    {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (server, id, client) = server_and_client(&context, &endpoint);
                let reader = thread::spawn(move || {
                    let mut received = Vec::new();
                    loop {
                        let message = client.recv_string().unwrap();
                        if message == "end" {
                            return received;
                        }
                        received.push(message);
                    }
                });
                let server = registered(server);
                let mut sending = if is_split {
                    Sending::Half(server.split().0)
                } else {
                    Sending::Unsplit(Box::new(server))
                };
                let mut sent = VecDeque::new();
                for number in 0..count {
                    let (polls, message) = (number / 2 % 4, number.to_string());
                    if number % 2 == 0 {
                        if sending.send(polls, id, &message).await {
                            sent.push_back(message);
                        }
                    } else {
                        let mut kept = Some(Message::from(&message));
                        while !sending.send_from(polls + 1, id, &mut kept).await {
                            assert_eq!(kept.as_ref().unwrap(), &message);
                        }
                        assert!(kept.is_none());
                        sent.push_back(message);
                    }
                }
                let mut end = Some(Message::from("end"));
                while !sending.send_from(10, id, &mut end).await {}
                let received = spawn_blocking(|| reader.join().unwrap()).await;
                assert_eq!(received, Vec::from(sent));
            }
        });
    }
}

/// Each call is polled again after it was ready. Only the first poll sends.
#[test]
fn a_send_to_that_is_polled_after_it_was_ready_fails() {
    in_each_runtime(|| async {
        let context = context();
        let (server, client) = (socket(&context, Server), socket(&context, Client));
        client.connect(server.bind("inproc://sent-to-again").unwrap()).unwrap();
        client.send("here").unwrap();
        let (id, _) = server.recv_from().unwrap();
        let mut server = registered(server);

        let (first, again) = twice(server.send_to(id, "one")).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let mut message = Some(Message::from("two"));
        let (first, again) = twice(server.send_to_from(id, &mut message)).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(error)) if error.kind() == ErrorKind::InvalidInput));
        assert!(message.is_none());

        let (sender, receiver) = server.split();
        let (first, again) = twice(sender.send_to(id, "three")).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let mut message = Some(Message::from("four"));
        let (first, again) = twice(sender.send_to_from(id, &mut message)).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(error)) if error.kind() == ErrorKind::InvalidInput));
        drop(receiver);

        for expected in ["one", "two", "three", "four"] {
            assert_eq!(client.recv().unwrap(), expected);
        }
        assert!(client.try_recv().is_err());
    });
}

#[test]
fn a_failed_send_to_from_keeps_the_message() {
    in_each_runtime(|| async {
        let context = context();
        let nobody = RoutingId::new(7).unwrap();
        let mut message = Some(Message::from("kept"));

        let mut server = registered(socket(&context, Server));
        let error = server.send_to_from(nobody, &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostUnreachable);
        let (peer, _receiver) = registered(socket(&context, Peer)).split();
        let error = peer.send_to_from(nobody, &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostUnreachable);
        let mut dgram = registered(socket(&context, Dgram));
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1);
        let error = dgram.send_to_from(address, &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        let mut radio = registered(socket(&context, Radio));
        let error = radio.send_to_from("no\0name", &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(message.as_ref().unwrap(), "kept");

        radio.send_to_from("group", &mut message).await.unwrap();
        assert!(message.is_none());
        let error = radio.send_to_from("group", &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        context.shutdown().unwrap();
        // A send reads commands at most once in a millisecond. Asking for the events reads all of them.
        assert_eq!(radio.inner().events().unwrap_err().kind(), ErrorKind::Terminated);
        let mut message = Some(Message::from("too late"));
        let error = radio.send_to_from("group", &mut message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        assert_eq!(message.unwrap(), "too late");
    });
}
