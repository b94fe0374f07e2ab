//! CLIENT and SERVER, PEER, CHANNEL, SCATTER and GATHER sockets.

use crate::common;

use std::time::{Duration, Instant};

use common::{
    LIMIT, any, assert_empty, bound, connected, context, eventually, kind_of, meet, socket, transports,
};
use zmq::capability::Kind;
use zmq::message::RoutingId;
use zmq::{
    Any, Channel, Client, Dealer, ErrorKind, Gather, Message, POLLOUT, Peer, Push, Router, Scatter, Server,
    Socket, SocketKind,
};

/// Sockets of type `Any` refuse to send and to receive multipart messages, and stay unchanged.
fn refuses_multipart(socket: &Socket<Any>) {
    assert_eq!(kind_of(socket.send_more("a")), ErrorKind::Unsupported);
    assert_eq!(kind_of(socket.try_send_more("a")), ErrorKind::Unsupported);
    assert_eq!(kind_of(socket.send_multipart(["a", "b"])), ErrorKind::Unsupported);
    assert_eq!(kind_of(socket.recv_multipart()), ErrorKind::Unsupported);
}

/// Conformance: DR-1.
#[test]
fn a_server_answers_each_client() {
    let context = context();
    for transport in transports("questions") {
        let (server, endpoint) = bound(&context, Server, &transport);
        let clients = [(); 2].map(|()| connected(&context, Client, &endpoint));
        for (client, question) in clients.iter().zip(["one", "two"]) {
            client.send(question).unwrap();
        }
        let mut ids = Vec::new();
        for _ in &clients {
            let (sender, question) = server.recv_from().unwrap();
            assert_eq!(question.routing_id(), Some(sender));
            server.send_to(sender, format!("answer to {}", question.to_str().unwrap())).unwrap();
            ids.push(sender);
        }
        assert_ne!(ids[0], ids[1]);
        for (client, answer) in clients.iter().zip(["answer to one", "answer to two"]) {
            let message = client.recv().unwrap();
            assert_eq!(message, answer);
            assert_eq!(message.routing_id(), None);
        }
        assert!(server.thread_safe().unwrap());
        assert!(clients[0].thread_safe().unwrap());
    }
}

/// Conformance: DR-1.
#[test]
fn multipart_messages_are_refused_at_run_time() {
    let context = context();
    let (server, endpoint) = bound(&context, Any(SocketKind::Server), "inproc://multipart");
    let client = any(&context, SocketKind::Client);
    client.connect(endpoint).unwrap();
    refuses_multipart(&client);
    refuses_multipart(&server);
    client.send("whole").unwrap();
    let request = server.recv().unwrap();
    assert!(request.routing_id().is_some());
    // A received message knows its sender.
    server.send(request).unwrap();
    assert_eq!(client.recv().unwrap(), "whole");
    // Other messages do not.
    let failure = server.send("to whom?").unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Unsupported);
    assert!(failure.to_string().contains("send_to"), "{failure}");
    assert_eq!(failure.into_message(), "to whom?");
}

#[test]
fn a_server_cannot_reach_a_client_that_is_gone() {
    let context = context();
    let (server, endpoint) = bound(&context, Server, common::TCP);
    let client = connected(&context, Client, &endpoint);
    client.send("Hello").unwrap();
    let (id, request) = server.recv_from().unwrap();
    drop(client);
    let failure = eventually("the loss is noticed", || {
        // By receiving: messages that the client sent before would come first.
        assert_eq!(kind_of(server.try_recv_from()), ErrorKind::WouldBlock);
        server
            .try_send_to(id, request.clone())
            .err()
            .filter(|failure| failure.kind() != ErrorKind::WouldBlock)
    });
    assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
    assert!(failure.to_string().starts_with(&format!("send to peer {id}: ")), "{failure}");
    assert_eq!(failure.into_message(), "Hello");

    let never = RoutingId::new(id.get().wrapping_add(1000)).unwrap_or(id);
    assert_eq!(kind_of(server.send_to(never, "Hello")), ErrorKind::HostUnreachable);
    assert_eq!(RoutingId::new(0), None);
}

#[test]
fn clones_keep_the_routing_id() {
    let context = context();
    let (server, endpoint) = bound(&context, Server, "inproc://clones");
    let client = connected(&context, Client, endpoint);
    client.send([7; 100]).unwrap();
    let (id, message) = server.recv_from().unwrap();
    let copy = message.clone();
    drop(message);
    assert_eq!(copy.routing_id(), Some(id));
    assert_eq!(Message::from("fresh").routing_id(), None);
}

#[test]
fn a_client_waits_for_room_and_a_server_for_each_peer() {
    let context = context();
    let server = socket(&context, Server);
    server.set_send_hwm(1).unwrap();
    let client = socket(&context, Client);
    client.set_recv_hwm(1).unwrap();
    client.set_send_timeout(Duration::from_millis(20)).unwrap();
    // There is no peer yet.
    let before = Instant::now();
    assert_eq!(kind_of(client.send("Hello")), ErrorKind::WouldBlock);
    assert!(before.elapsed() >= Duration::from_millis(20));
    assert_eq!(kind_of(client.try_send("Hello")), ErrorKind::WouldBlock);

    server.bind("inproc://room").unwrap();
    client.connect("inproc://room").unwrap();
    client.send("Hello").unwrap();
    let (id, _) = server.recv_from().unwrap();
    let mut sent = 0;
    while server.try_send_to(id, "World").is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 2);
    server.set_send_timeout(Duration::from_millis(20)).unwrap();
    let failure = server.send_to(id, "too much").unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert_eq!(failure.into_message(), "too much");
}

#[test]
fn recv_within_keeps_the_timeout() {
    let context = context();
    let (server, endpoint) = bound(&context, Server, "inproc://time");
    let client = connected(&context, Client, endpoint);
    let time = Duration::from_millis(30);
    let before = Instant::now();
    assert_eq!(kind_of(server.recv_from_within(time)), ErrorKind::WouldBlock);
    assert!(before.elapsed() >= time);
    assert_eq!(server.recv_timeout().unwrap(), Some(LIMIT));
    assert_eq!(kind_of(client.recv_within(Duration::ZERO)), ErrorKind::WouldBlock);

    client.send("Hello").unwrap();
    let (id, _) = server.recv_from_within(LIMIT).unwrap();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| client.recv_within(LIMIT));
        server.send_to(id, "World").unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), "World");
    });
    assert_eq!(kind_of(server.try_recv_from()), ErrorKind::WouldBlock);
}

#[test]
fn a_foreign_message_of_several_parts_is_dropped() {
    let context = context();
    // PUSH is not a peer of GATHER. Over inproc such a connection is refused, as on other transports.
    let (gather, endpoint) = bound(&context, Gather, "inproc://gather");
    let push = socket(&context, Push);
    assert_eq!(kind_of(push.connect(endpoint)), ErrorKind::IncompatibleProtocol);
    assert_empty(&gather);
}

/// Conformance: DR-3.
#[test]
fn scatter_sends_to_its_gathers_in_turn() {
    let context = context();
    for transport in transports("scatter") {
        let (scatter, endpoint) = bound(&context, Scatter, &transport);
        let gathers = [(); 3].map(|()| connected(&context, Gather, &endpoint));
        common::meet_all(&scatter, &gathers);
        for number in 0..9 {
            scatter.send([number]).unwrap();
        }
        for gather in &gathers {
            let numbers: Vec<u8> = (0..3).map(|_| gather.recv().unwrap()[0]).collect();
            assert_eq!([numbers[1] - numbers[0], numbers[2] - numbers[1]], [3, 3]);
            assert_empty(gather);
        }
    }
    let (scatter, gather) = (any(&context, SocketKind::Scatter), any(&context, SocketKind::Gather));
    assert_eq!(kind_of(scatter.try_send_multipart(["a", "b"])), ErrorKind::Unsupported);
    assert_eq!(kind_of(gather.try_recv_multipart()), ErrorKind::Unsupported);
    assert_eq!(kind_of(gather.send("a")), ErrorKind::Unsupported);
    assert_eq!(kind_of(scatter.recv()), ErrorKind::Unsupported);
}

/// Conformance: DR-3.
#[test]
fn a_channel_talks_to_one_peer() {
    let context = context();
    for transport in transports("channel") {
        let (left, endpoint) = bound(&context, Channel, &transport);
        let right = connected(&context, Channel, &endpoint);
        meet(&left, &right);
        for (from, to) in [(&left, &right), (&right, &left)] {
            from.send("one").unwrap();
            from.send("two").unwrap();
            assert_eq!(to.recv().unwrap(), "one");
            assert_eq!(to.recv().unwrap(), "two");
        }
    }
    refuses_multipart(&any(&context, SocketKind::Channel));
}

/// Conformance: DR-5.
#[test]
fn a_peer_knows_the_id_of_the_peer_it_connects_to() {
    let context = context();
    for transport in transports("peers") {
        let (left, endpoint) = bound(&context, Peer, &transport);
        let right = socket(&context, Peer);
        let id = right.connect_peer(&endpoint).unwrap();
        assert_ne!(id.get(), 0);
        right.send_to(id, "Hello").unwrap();
        let (sender, message) = left.recv_from().unwrap();
        assert_eq!(message, "Hello");
        left.send_to(sender, "World").unwrap();
        let (sender, message) = right.recv_from().unwrap();
        assert_eq!(message, "World");
        assert_eq!(sender, id);
    }
}

#[test]
fn a_peer_connects_before_the_other_binds() {
    let context = context();
    let right = socket(&context, Peer);
    let id = right.connect_peer("inproc://later").unwrap();
    right.send_to(id, "Hello").unwrap();
    let (left, _) = bound(&context, Peer, "inproc://later");
    assert_eq!(left.recv_from().unwrap().1, "Hello");
}

#[test]
fn an_immediate_peer_reports_why_it_has_no_id() {
    let context = context();
    let peer = socket(&context, Peer);
    peer.set_immediate(true).unwrap();
    let error = peer.connect_peer("tcp://127.0.0.1:1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    assert!(error.to_string().contains("immediate"), "{error}");
    assert_eq!(kind_of(peer.connect_peer("nonsense")), ErrorKind::InvalidInput);
    let client = any(&context, SocketKind::Client);
    assert_eq!(kind_of(client.connect_peer("tcp://127.0.0.1:1")), ErrorKind::Unsupported);
}

/// Conformance: RO-13.
#[test]
fn a_router_reports_whether_a_peer_can_be_sent_to() {
    let context = context();
    let router = socket(&context, Router);
    router.set_send_hwm(1).unwrap();
    router.set_router_mandatory(true).unwrap();
    router.bind("inproc://states").unwrap();
    let dealer = socket(&context, Dealer);
    dealer.set_recv_hwm(1).unwrap();
    dealer.set_routing_id("dealer").unwrap();
    dealer.connect("inproc://states").unwrap();
    dealer.send("Hello").unwrap();
    router.recv_multipart().unwrap();
    assert_eq!(router.peer_state("dealer").unwrap(), POLLOUT);
    while router.try_send_multipart(["dealer", "more"]).is_ok() {}
    assert!(router.peer_state("dealer").unwrap().is_empty());
    let error = router.peer_state("nobody").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostUnreachable);
    assert_eq!(kind_of(any(&context, SocketKind::Dealer).peer_state("dealer")), ErrorKind::Unsupported);
}

/// The socket that waits for a peer, and then the socket that meets it.
fn cannot_meet<A: Kind, B: Kind>(waits: A, comes: B) {
    let context = context();
    let (first, second) = (socket(&context, waits), socket(&context, comes));
    first.connect("inproc://strangers").unwrap();
    let error = second.bind("inproc://strangers").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol, "{waits:?}, {comes:?}");
    assert!(error.to_string().starts_with("bind inproc://strangers: "), "{error}");

    first.bind("inproc://here").unwrap();
    let error = second.connect("inproc://here").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol, "{waits:?}, {comes:?}");
    // The name is free again for a socket that matches.
    first.unbind("inproc://here").unwrap();
    second.bind("inproc://here").unwrap();
}

#[test]
fn incompatible_types_do_not_connect_over_inproc() {
    cannot_meet(zmq::Dish, zmq::Push);
    cannot_meet(zmq::Dish, zmq::Pull);
    cannot_meet(zmq::Pub, zmq::Dish);
    cannot_meet(zmq::Radio, zmq::Sub);
    cannot_meet(Server, Server);
    cannot_meet(Client, Router);
    cannot_meet(Peer, Server);
    cannot_meet(Channel, zmq::Pair);
    cannot_meet(Any(SocketKind::Dish), Any(SocketKind::Dish));
}

#[test]
fn connections_that_never_meet_a_bind_end_with_the_context() {
    let context = context();
    for kind in
        [Any(SocketKind::Server), Any(SocketKind::Dish), Any(SocketKind::Peer), Any(SocketKind::Client)]
    {
        let waiting = context.socket(kind).unwrap();
        waiting.connect("inproc://never").unwrap();
    }
    let dish = context.socket(zmq::Dish).unwrap();
    dish.join("a group whose name does not fit into the message").unwrap();
    dish.connect("inproc://never too").unwrap();
    dish.leave("a group whose name does not fit into the message").unwrap();
    context.shutdown().unwrap();
}
