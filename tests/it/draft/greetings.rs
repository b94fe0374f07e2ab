//! Messages that report that peers come and go.

use crate::common;

use common::{TCP, assert_empty, bound, connected, context, eventually, free_endpoint, socket, transports};
use zmq::{Client, Dealer, ErrorKind, Peer, Router, Server};

/// Conformance: DR-6.
#[test]
fn a_hello_is_the_first_message_that_a_peer_receives() {
    let context = context();
    for transport in transports("hello") {
        let server = socket(&context, Server);
        server.set_hello_message("Hello from the server").unwrap();
        let endpoint = server.bind(&transport).unwrap();
        for _ in 0..2 {
            let client = connected(&context, Client, &endpoint);
            assert_eq!(client.recv().unwrap(), "Hello from the server");
            client.send("question").unwrap();
            let (sender, _) = server.recv_from().unwrap();
            server.send_to(sender, "answer").unwrap();
            assert_eq!(client.recv().unwrap(), "answer");
        }

        let client = socket(&context, Client);
        client.set_hello_message("Hello from the client").unwrap();
        client.connect(&endpoint).unwrap();
        client.send("question").unwrap();
        assert_eq!(server.recv_from().unwrap().1, "Hello from the client");
        assert_eq!(server.recv_from().unwrap().1, "question");
    }
}

/// Conformance: DR-6.
#[test]
fn a_hello_reaches_a_peer_that_connected_before_the_bind() {
    let context = context();
    let client = socket(&context, Client);
    client.set_hello_message("Hello from the client").unwrap();
    client.connect("inproc://late").unwrap();
    let server = socket(&context, Server);
    server.set_hello_message("Hello from the server").unwrap();
    server.bind("inproc://late").unwrap();
    assert_eq!(client.recv().unwrap(), "Hello from the server");
    assert_eq!(server.recv_from().unwrap().1, "Hello from the client");

    let dealer = socket(&context, Dealer);
    dealer.set_hello_message("Hello from the dealer").unwrap();
    dealer.connect("inproc://late too").unwrap();
    let router = socket(&context, Router);
    router.set_hello_message("Hello from the router").unwrap();
    router.bind("inproc://late too").unwrap();
    assert_eq!(dealer.recv().unwrap(), "Hello from the router");
    assert_eq!(router.recv_multipart().unwrap()[1], "Hello from the dealer");
}

/// Conformance: DR-6.
#[test]
fn a_server_is_notified_that_a_client_is_gone() {
    let context = context();
    for transport in transports("gone") {
        let server = socket(&context, Server);
        server.set_disconnect_message("gone").unwrap();
        let endpoint = server.bind(&transport).unwrap();
        // By closing and by disconnecting.
        for closes in [true, false] {
            let client = connected(&context, Client, &endpoint);
            client.send("Hello").unwrap();
            let (id, message) = server.recv_from().unwrap();
            assert_eq!(message, "Hello");
            let kept = if closes {
                drop(client);
                None
            } else {
                client.disconnect(&endpoint).unwrap();
                Some(client)
            };
            let (sender, message) = eventually("the server receives the notification", || {
                // A socket does pending work, such as ending a connection, when it is used.
                if let Some(client) = &kept {
                    client.events().unwrap();
                }
                server.try_recv_from().ok()
            });
            assert_eq!((sender, &message[..]), (id, &b"gone"[..]));
        }
    }
}

/// Conformance: DR-6.
#[test]
fn a_router_is_notified_that_a_dealer_is_gone() {
    let context = context();
    let router = socket(&context, Router);
    router.set_disconnect_message("gone").unwrap();
    let endpoint = router.bind(TCP).unwrap();
    let dealer = connected(&context, Dealer, endpoint);
    dealer.send("Hello").unwrap();
    let hello = router.recv_multipart().unwrap();
    drop(dealer);
    let gone = router.recv_multipart().unwrap();
    assert_eq!(gone[0], hello[0]);
    assert_eq!(gone[1], "gone");
}

/// Conformance: DR-6.
#[test]
fn a_client_is_notified_that_its_server_is_gone() {
    let context = context();
    let endpoint = free_endpoint();
    let (server, _) = bound(&context, Server, &endpoint);
    let client = socket(&context, Client);
    client.set_hiccup_message("lost").unwrap();
    client.connect(&endpoint).unwrap();
    client.send("Hello").unwrap();
    server.recv_from().unwrap();
    assert_empty(&client);
    drop(server);
    assert_eq!(client.recv().unwrap(), "lost");
    // It connects again by itself.
    let server = socket(&context, Server);
    eventually("the port is free again", || server.bind(&endpoint).ok());
    client.send("Hello again").unwrap();
    assert_eq!(server.recv_from().unwrap().1, "Hello again");
}

#[test]
fn a_peer_is_notified_of_both_losses() {
    let context = context();
    let (left, right) = (socket(&context, Peer), socket(&context, Peer));
    left.set_disconnect_message("gone").unwrap();
    right.set_hiccup_message("lost").unwrap();
    let endpoint = left.bind(TCP).unwrap();
    let id = right.connect_peer(&endpoint).unwrap();
    right.send_to(id, "Hello").unwrap();
    assert_eq!(left.recv_from().unwrap().1, "Hello");
    let other = socket(&context, Peer);
    let from_other = other.connect_peer(&endpoint).unwrap();
    other.send_to(from_other, "Hello").unwrap();
    assert_eq!(left.recv_from().unwrap().1, "Hello");
    drop(other);
    assert_eq!(left.recv_from().unwrap().1, "gone");
    drop(left);
    let (sender, message) = right.recv_from().unwrap();
    assert_eq!((sender, &message[..]), (id, &b"lost"[..]));
}

#[test]
fn a_hello_does_not_disturb_peers_that_left_before_the_bind() {
    let context = context();
    for number in 0..20 {
        let endpoint = format!("inproc://left {number}");
        let client = connected(&context, Client, &endpoint);
        let other = connected(&context, Client, &endpoint);
        other.disconnect(&endpoint).unwrap();
        drop(client);
        let server = socket(&context, Server);
        server.set_hello_message("Hello").unwrap();
        let bound = server.bind(&endpoint);
        if cfg!(zmq_vendored) {
            bound.unwrap();
            let client = connected(&context, Client, &endpoint);
            assert_eq!(client.recv().unwrap(), "Hello");
        } else {
            assert_eq!(bound.unwrap_err().kind(), ErrorKind::AddrInUse);
        }
    }
}
