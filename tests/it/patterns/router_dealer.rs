//! ROUTER and DEALER: routing ids, messages that cannot be routed, and fair queues.

use crate::common;

use std::time::{Duration, Instant};

use common::{
    LIMIT, MOMENT, TCP, assert_empty, assert_silent, bound, connected, context, dealers, eventually,
    free_endpoint, socket, transports,
};
use zmq::{Context, Dealer, ErrorKind, Message, Multipart, POLLOUT, Rep, Router, Socket};

/// A DEALER with a routing id, connected.
fn dealer_named(context: &Context, id: &str, endpoint: impl AsRef<str>) -> Socket<Dealer> {
    let dealer = socket(context, Dealer);
    dealer.set_routing_id(id).unwrap();
    dealer.connect(endpoint).unwrap();
    dealer
}

/// Conformance: RO-1.
#[test]
fn a_router_receives_the_sender_s_id_first() {
    let context = context();
    for transport in transports("ro-1") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let named = dealer_named(&context, "a name", &endpoint);
        named.send_multipart(["Hello", "World"]).unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["a name", "Hello", "World"]);

        let nameless = connected(&context, Dealer, &endpoint);
        nameless.send("Hello").unwrap();
        let [id, content] = router.recv_multipart().unwrap().try_into().unwrap();
        assert_eq!((id.len(), id[0]), (5, 0));
        assert_eq!(content, "Hello");
        router.send_multipart((id, "to the nameless")).unwrap();
        assert_eq!(nameless.recv().unwrap(), "to the nameless");
        assert_empty(&named);
    }
}

/// Conformance: RO-2.
#[test]
fn a_message_to_an_unknown_peer_is_dropped_or_refused() {
    let context = context();
    for transport in transports("ro-2") {
        let (router, endpoint) = bound(&context, Router, &transport);
        router.send_multipart(["X", "dropped"]).unwrap();

        router.set_router_mandatory(true).unwrap();
        let failure = router.send_more("X").unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
        assert_eq!(failure.error().errno(), libc::EHOSTUNREACH);
        assert_eq!(failure.into_message(), "X");

        let failure = router.try_send_multipart(["X", "given back"]).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
        let message = failure.into_message();
        assert_eq!(message, ["X", "given back"]);

        let dealer = dealer_named(&context, "X", endpoint);
        dealer.send("Hello").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["X", "Hello"]);
        router.send_multipart(message).unwrap();
        assert_eq!(dealer.recv().unwrap(), "given back");
        assert_empty(&dealer);
    }
}

/// Conformance: RO-3.
#[test]
fn a_mandatory_router_refuses_messages_for_a_full_peer() {
    let context = context();
    for transport in transports("ro-3") {
        let router = socket(&context, Router);
        router.set_router_mandatory(true).unwrap();
        router.set_send_hwm(1).unwrap();
        // The system buffers little, too.
        router.set_send_buffer(1 << 16).unwrap();
        let endpoint = router.bind(&transport).unwrap();
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id("X").unwrap();
        dealer.set_recv_hwm(1).unwrap();
        dealer.set_recv_buffer(1 << 16).unwrap();
        dealer.connect(endpoint).unwrap();
        dealer.send("I am here").unwrap();
        router.recv_multipart().unwrap();

        let body = Message::from(vec![b'.'; 1 << 16]);
        let mut accepted = 0;
        // Messages on their way are taken in time. After that there is no more room.
        router.set_send_timeout(MOMENT).unwrap();
        let refused = loop {
            let message = Multipart::from(("X", &body));
            match router.send_multipart(message) {
                Ok(()) => accepted += 1,
                Err(failure) => break failure,
            }
            assert!(accepted < 20, "a message was accepted without room");
        };
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        let refused = router.try_send_multipart(refused.into_message()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        router.set_send_timeout(LIMIT).unwrap();
        let refused = refused.into_message();
        assert_eq!(refused.len(), 2);

        for _ in 0..accepted {
            assert_eq!(dealer.recv().unwrap().len(), body.len());
        }
        router.send_multipart(refused).unwrap();
        assert_eq!(dealer.recv().unwrap().len(), body.len());
        assert_empty(&dealer);
    }
}

/// RO-5: if two peers have the same id, the second one is ignored.
///
/// Conformance: RO-5.
#[test]
fn the_second_of_two_peers_with_one_id_is_ignored() {
    let context = context();
    for transport in transports("ro-5") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let first = dealer_named(&context, "X", &endpoint);
        first.send("first").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["X", "first"]);

        let second = dealer_named(&context, "X", &endpoint);
        second.send("second").unwrap();
        assert_silent(&router);
        router.send_multipart(["X", "for the first"]).unwrap();
        assert_eq!(first.recv().unwrap(), "for the first");
        assert_empty(&second);
    }
}

/// Conformance: RO-8.
#[test]
fn a_probing_peer_can_be_sent_to_at_once() {
    let context = context();
    for transport in transports("ro-8-dealer") {
        let (server, endpoint) = bound(&context, Router, &transport);
        let client = socket(&context, Dealer);
        client.set_routing_id("X").unwrap();
        client.set_probe_router(true).unwrap();
        client.connect(endpoint).unwrap();
        assert_eq!(server.recv_multipart().unwrap(), ["X", ""]);
        server.send_multipart(["X", "Hello"]).unwrap();
        assert_eq!(client.recv_multipart().unwrap(), ["Hello"]);
    }
    for transport in transports("ro-8-router") {
        let (server, endpoint) = bound(&context, Router, &transport);
        let client = socket(&context, Router);
        client.set_routing_id("X").unwrap();
        client.set_probe_router(true).unwrap();
        client.connect(endpoint).unwrap();
        assert_eq!(server.recv_multipart().unwrap(), ["X", ""]);
        server.send_multipart(["X", "Hello"]).unwrap();
        let [id, content] = client.recv_multipart().unwrap().try_into().unwrap();
        assert_eq!((id.len(), id[0]), (5, 0));
        assert_eq!(content, "Hello");
    }
}

/// Conformance: RO-9.
#[test]
fn a_mandatory_router_reaches_a_new_peer_by_trying_again() {
    let context = context();
    for _ in 0..20 {
        let (router, endpoint) = bound(&context, Router, TCP);
        router.set_router_mandatory(true).unwrap();
        let elsewhere = common::context();
        let dealer = dealer_named(&elsewhere, "client", endpoint);
        eventually("the peer can be routed to", || match router.send_more("client") {
            Ok(()) => Some(()),
            Err(failure) => {
                assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
                None
            }
        });
        router.send("HELLO").unwrap();
        assert_eq!(dealer.recv_within(LIMIT).unwrap(), "HELLO");
    }
}

/// Conformance: RO-10.
#[test]
fn a_dealer_sends_to_its_peers_in_turn() {
    let context = context();

    let (dealer, endpoint) = bound(&context, Dealer, "inproc://ro-10");
    let responders: Vec<_> = (0..5).map(|_| connected(&context, Rep, &endpoint)).collect();
    // Makes the socket learn about its peers.
    assert_eq!(dealer.events().unwrap(), POLLOUT);
    sends_one_to_each(&dealer, &responders);

    let dealer = socket(&context, Dealer);
    let responders: Vec<_> = (0..5)
        .map(|_| {
            let (responder, endpoint) = bound(&context, Rep, TCP);
            dealer.connect(endpoint).unwrap();
            responder
        })
        .collect();
    sends_one_to_each(&dealer, &responders);
}

fn sends_one_to_each(dealer: &Socket<Dealer>, responders: &[Socket<Rep>]) {
    for _ in responders {
        dealer.send_multipart(["", "ABC"]).unwrap();
    }
    for responder in responders {
        assert_eq!(responder.recv().unwrap(), "ABC");
        responder.send("DEF").unwrap();
    }
    for responder in responders {
        assert_eq!(dealer.recv_multipart().unwrap(), ["", "DEF"]);
        assert_empty(responder);
    }
}

/// Conformance: RO-11.
#[test]
fn messages_are_received_from_every_peer() {
    let context = context();
    for transport in transports("ro-11") {
        let (dealer, endpoint) = bound(&context, Dealer, &transport);
        let peers: Vec<_> = (0..5).map(|_| connected(&context, Dealer, &endpoint)).collect();
        for peer in &peers {
            peer.send("A").unwrap();
        }
        for _ in &peers {
            assert_eq!(dealer.recv_multipart().unwrap(), ["A"]);
        }
        assert_empty(&dealer);
    }
    for transport in transports("ro-11-router") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let names = ["a", "b", "c", "d", "e"];
        let peers = names.map(|name| dealer_named(&context, name, &endpoint));
        for peer in &peers {
            peer.send("A").unwrap();
        }
        let mut heard: Vec<_> = peers
            .iter()
            .map(|_| {
                let [id, content] = router.recv_multipart().unwrap().try_into().unwrap();
                assert_eq!(content, "A");
                id.into_string().unwrap()
            })
            .collect();
        heard.sort();
        assert_eq!(heard, names);
    }
}

/// Conformance: RO-12.
#[test]
fn a_dealer_without_a_peer_cannot_send() {
    let dealer = socket(&context(), Dealer);
    assert_eq!(dealer.try_send("A").unwrap_err().kind(), ErrorKind::WouldBlock);
    dealer.set_send_timeout(Duration::from_millis(50)).unwrap();
    let start = Instant::now();
    assert_eq!(dealer.send("A").unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

/// Conformance: G-13.
#[test]
fn a_dealer_queues_for_a_missing_peer_up_to_its_high_water_mark() {
    let dealer = socket(&context(), Dealer);
    dealer.set_send_hwm(4).unwrap();
    dealer.connect(free_endpoint()).unwrap();
    for _ in 0..4 {
        dealer.try_send("queued").unwrap();
    }
    assert_eq!(dealer.try_send("too many").unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: G-13.
#[test]
fn a_message_of_only_an_id_is_refused() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, "inproc://g-13");
    let dealer = dealer_named(&context, "X", endpoint);
    dealer.send("Hello").unwrap();
    router.recv_multipart().unwrap();
    assert_eq!(router.send("X").unwrap_err().kind(), ErrorKind::InvalidInput);
    router.send_multipart(["X", "a body"]).unwrap();
    assert_eq!(dealer.recv_multipart().unwrap(), ["a body"]);
}

#[test]
fn a_dealer_sends_many_before_it_receives() {
    let context = context();
    for transport in transports("many") {
        let (left, right) = dealers(&context, &transport);
        for index in 0..100_u8 {
            left.send([index]).unwrap();
        }
        for index in 0..100_u8 {
            let message = right.recv().unwrap();
            assert_eq!(message, [index]);
            right.send(message).unwrap();
        }
        for index in 0..100_u8 {
            assert_eq!(left.recv().unwrap(), [index]);
        }
    }
}

#[test]
fn a_router_may_answer_in_any_order() {
    let context = context();
    for transport in transports("other-order") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let clients: Vec<_> = (0..3).map(|_| connected(&context, Dealer, &endpoint)).collect();
        for (index, client) in clients.iter().enumerate() {
            client.send_multipart(("", format!("request {index}"))).unwrap();
        }
        let requests: Vec<_> = clients.iter().map(|_| router.recv_multipart().unwrap()).collect();
        for request in requests.into_iter().rev() {
            let (envelope, content) = request.split_envelope();
            let mut reply = Multipart::new(format!("reply to {}", content[0].to_str().unwrap()));
            reply.wrap(envelope.unwrap());
            router.send_multipart(reply).unwrap();
        }
        for (index, client) in clients.iter().enumerate() {
            let [empty, reply] = client.recv_multipart().unwrap().try_into().unwrap();
            assert!(empty.is_empty());
            assert_eq!(reply, format!("reply to request {index}"));
        }
    }
}
