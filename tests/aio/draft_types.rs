//! Draft socket types. Types that threads can share have no notification descriptor, and some types send to an address.
//!
//! `ZMQ_DRAFT_MESSAGES` is the number of messages of the longer tests. With many messages, `ZMQ_TEST_SECONDS` must be the time that a
//! test may take.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::Duration;

use zmq::capability::Kind;
use zmq::message::RoutingId;
use zmq::{
    Channel, Client, Context, Dgram, Dish, ErrorKind, Gather, Peer, Radio, Scatter, Server, SocketKind,
};

use super::{Socket, in_each_runtime, registered, spawn, timeout, yield_now};
use crate::common::{TCP, context, process, socket, transports};

const MOMENT: Duration = Duration::from_millis(10);

/// The number of messages of a longer test.
fn messages() -> usize {
    process::setting("ZMQ_DRAFT_MESSAGES", 1_000)
}

/// Two sockets that are connected, with queues of this many messages.
fn joined<A: Kind, B: Kind>(
    context: &Context,
    kinds: (A, B),
    endpoint: &str,
    hwm: u32,
) -> (Socket<A>, Socket<B>) {
    let (left, right) = (socket(context, kinds.0), socket(context, kinds.1));
    left.set_send_hwm(hwm).unwrap();
    left.set_recv_hwm(hwm).unwrap();
    right.set_send_hwm(hwm).unwrap();
    right.set_recv_hwm(hwm).unwrap();
    right.connect(left.bind(endpoint).unwrap()).unwrap();
    (registered(left), registered(right))
}

/// Runs a test over each transport, in each runtime.
fn over_each_transport<F: Future<Output = ()> + Send + 'static>(name: &str, test: impl Fn(String) -> F) {
    for endpoint in transports(name) {
        in_each_runtime(|| test(endpoint.clone()));
    }
}

#[test]
fn scattered_messages_are_gathered_in_order() {
    over_each_transport("gathered", |endpoint| async move {
        let context = context();
        let (mut gather, mut scatter) = joined(&context, (Gather, Scatter), &endpoint, 1);
        let sender = spawn(async move {
            for number in 0..messages() {
                scatter.send(number.to_string()).await.unwrap();
            }
            scatter
        });
        for number in 0..messages() {
            assert_eq!(gather.recv().await.unwrap(), number.to_string());
        }
        drop(sender.await);
    });
}

#[test]
fn a_channel_sends_in_both_directions() {
    over_each_transport("channels", |endpoint| async move {
        let context = context();
        let (mut left, mut right) = joined(&context, (Channel, Channel), &endpoint, 1);
        for _ in 0..2 {
            let sender = spawn(async move {
                for number in 0..messages() / 2 {
                    left.send(number.to_string()).await.unwrap();
                }
                left
            });
            for number in 0..messages() / 2 {
                assert_eq!(right.recv().await.unwrap(), number.to_string());
            }
            (left, right) = (right, sender.await);
        }
    });
}

/// Each side waits for each message of the other.
#[test]
fn a_message_wakes_the_task_that_receives() {
    over_each_transport("client-and-server", |endpoint| async move {
        let context = context();
        let (mut server, mut client) = joined(&context, (Server, Client), &endpoint, 1000);
        let serving = spawn(async move {
            for _ in 0..messages() {
                let (sender, request) = server.recv_from().await.unwrap();
                server.send_to(sender, request).await.unwrap();
            }
            server
        });
        for number in 0..messages() {
            client.send(number.to_string()).await.unwrap();
            assert_eq!(client.recv().await.unwrap(), number.to_string());
        }
        drop(serving.await);
    });
}

#[test]
fn a_server_at_its_high_water_mark_continues_when_there_is_room() {
    over_each_transport("full-server", |endpoint| async move {
        let context = context();
        let (mut server, mut client) = joined(&context, (Server, Client), &endpoint, 1);
        client.send("here").await.unwrap();
        let (id, _) = server.recv_from().await.unwrap();
        let sender = spawn(async move {
            for number in 0..messages() {
                server.send_to(id, number.to_string()).await.unwrap();
            }
            server
        });
        for number in 0..messages() {
            assert_eq!(client.recv().await.unwrap(), number.to_string());
        }
        drop(sender.await);
    });
}

#[test]
fn each_client_receives_its_own_replies() {
    over_each_transport("several-clients", |endpoint| async move {
        const CLIENTS: usize = 4;
        let context = context();
        let server = socket(&context, Server);
        let endpoint = server.bind(&endpoint).unwrap();
        let mut server = registered(server);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let socket = socket(&context, Client);
                socket.connect(&endpoint).unwrap();
                let mut socket = registered(socket);
                spawn(async move {
                    for number in 0..messages() / CLIENTS {
                        let request = format!("{client}: {number}");
                        socket.send(request.as_str()).await.unwrap();
                        assert_eq!(socket.recv().await.unwrap(), request);
                    }
                    socket
                })
            })
            .collect();
        for _ in 0..messages() / CLIENTS * CLIENTS {
            let (sender, request) = server.recv_from().await.unwrap();
            server.send_to(sender, request).await.unwrap();
        }
        for client in clients {
            drop(client.await);
        }
    });
}

#[test]
fn peers_send_to_routing_ids() {
    over_each_transport("peers", |endpoint| async move {
        let context = context();
        let (left, right) = (socket(&context, Peer), socket(&context, Peer));
        let id = right.connect_peer(left.bind(&endpoint).unwrap()).unwrap();
        let (mut left, mut right) = (registered(left), registered(right));
        let echo = spawn(async move {
            for _ in 0..messages() / 5 {
                let (sender, message) = left.recv_from().await.unwrap();
                left.send_to(sender, message).await.unwrap();
            }
            left
        });
        for number in 0..messages() / 5 {
            right.send_to(id, number.to_string()).await.unwrap();
            let (sender, message) = right.recv_from().await.unwrap();
            assert_eq!((sender, message.to_str().unwrap()), (id, &*number.to_string()));
        }
        drop(echo.await);
    });
}

#[test]
fn a_dish_receives_the_messages_of_its_groups() {
    over_each_transport("groups", |endpoint| async move {
        let context = context();
        let (mut radio, mut dish) = joined(&context, (Radio, Dish), &endpoint, 0);
        dish.inner().join("news").unwrap();
        dish.inner().join("weather").unwrap();
        // The RADIO learns of the groups in the background, and drops messages before.
        for group in ["news", "weather"] {
            loop {
                radio.send_to(group, "are you there").await.unwrap();
                let message = timeout(MOMENT, dish.recv()).await;
                if message.is_some_and(|message| message.unwrap().group() == group.as_bytes()) {
                    break;
                }
            }
        }
        let sender = spawn(async move {
            for number in 0..messages() {
                let group = ["news", "nobody", "weather"][number % 3];
                radio.send_to(group, number.to_string()).await.unwrap();
            }
            radio
        });
        for number in (0..messages()).filter(|number| number % 3 != 1) {
            let message = loop {
                let message = dish.recv().await.unwrap();
                if message != "are you there" {
                    break message;
                }
            };
            assert_eq!(message, number.to_string());
            assert_eq!(message.group(), ["news", "", "weather"][number % 3].as_bytes());
        }
        drop(sender.await);
    });
}

/// A DGRAM socket, and its address.
fn dgram(context: &Context) -> (Socket<Dgram>, SocketAddrV4) {
    loop {
        let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let dgram = socket(context, Dgram);
        if dgram.bind(format!("udp://127.0.0.1:{port}")).is_ok() {
            return (registered(dgram), SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        }
    }
}

#[test]
fn datagrams_go_to_an_address_and_back() {
    in_each_runtime(|| async {
        let context = context();
        let ((mut left, to_left), (mut right, to_right)) = (dgram(&context), dgram(&context));
        let echo = spawn(async move {
            while let Ok((sender, message)) = right.recv_from().await {
                assert_eq!(sender, to_left);
                right.send_to(sender, message).await.unwrap();
            }
        });
        for number in 0..100 {
            let number = number.to_string();
            // libzmq binds UDP in the background, so the first datagrams may be lost.
            let answer = loop {
                left.send_to(to_right, number.as_str()).await.unwrap();
                match timeout(10 * MOMENT, left.recv_from()).await {
                    // A late answer to an earlier datagram.
                    Some(Ok((_, message))) if message != number => {}
                    Some(answer) => break answer.unwrap(),
                    None => {}
                }
            };
            assert_eq!((answer.0, answer.1.to_str().unwrap()), (to_right, &*number));
        }
        context.shutdown().unwrap();
        echo.await;
    });
}

/// A `Socket<Any>` learns at run time which calls its type has.
#[test]
fn a_socket_of_type_any_sends_and_receives() {
    in_each_runtime(|| async {
        let context = context();
        let kinds = (zmq::Any(SocketKind::Gather), zmq::Any(SocketKind::Scatter));
        let (mut gather, mut scatter) = joined(&context, kinds, TCP, 1);
        for number in 0..10 {
            scatter.send(number.to_string()).await.unwrap();
            assert_eq!(gather.recv().await.unwrap(), number.to_string());
        }
        assert_eq!(gather.send("out of place").await.unwrap_err().kind(), ErrorKind::Unsupported);
    });
}

#[test]
fn a_failed_send_returns_the_message() {
    in_each_runtime(|| async {
        let context = context();
        let mut server = registered(socket(&context, Server));
        let nobody = RoutingId::new(7).unwrap();
        let failure = server.send_to(nobody, "to nobody").await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
        assert_eq!(failure.into_message(), "to nobody");
        let mut radio = registered(socket(&context, Radio));
        let failure = radio.send_to("no\0name", "to no group").await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), "to no group");
        let mut dgram = registered(socket(&context, Dgram));
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1);
        let failure = dgram.send_to(address, "not bound").await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WrongState);
        assert_eq!(failure.into_message(), "not bound");
        let failure = {
            let mut sending = std::pin::pin!(radio.send_to("group", "once"));
            sending.as_mut().await.unwrap();
            sending.await.unwrap_err()
        };
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        yield_now().await;
    });
}
