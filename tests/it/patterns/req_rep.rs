//! Requests and replies: they alternate strictly, have envelopes, and can be lost.

use crate::common;

use std::time::{Duration, Instant};

use common::{
    MOMENT, TCP, assert_silent, bounce, bound, connected, context, eventually, free_endpoint, has_ipv6,
    readable, socket, texts, transports,
};
use zmq::{Dealer, ErrorKind, POLLIN, POLLOUT, PollEvents, Rep, Req, Router, Socket};

/// Answers one request at the responder that receives it, and returns its index.
fn answer(responders: &[Socket<Rep>], reply: &str) -> usize {
    let index = readable(responders);
    responders[index].recv_multipart().unwrap();
    responders[index].send(reply).unwrap();
    index
}

/// A bound REQ and the REPs that are connected to it, in the order in which it sends to them.
fn requester_of_many(transport: &str, count: usize) -> (Socket<Req>, Vec<Socket<Rep>>) {
    let context = context();
    let (requester, endpoint) = bound(&context, Req, transport);
    let responders: Vec<_> = (0..count).map(|_| connected(&context, Rep, &endpoint)).collect();
    let cycle = || {
        requester.send("are you there?").unwrap();
        let index = answer(&responders, "yes");
        requester.recv().unwrap();
        index
    };
    // Once it has sent to all of them one after another, all are connected, and the order stays the same.
    let order = eventually("all responders connect", || {
        let order: Vec<usize> = (0..count).map(|_| cycle()).collect();
        let again: Vec<usize> = (0..count).map(|_| cycle()).collect();
        let all = (0..count).all(|index| order.contains(&index));
        (all && order == again).then_some(order)
    });
    let mut responders: Vec<_> = responders.into_iter().map(Some).collect();
    let in_order = order.iter().map(|&index| responders[index].take().unwrap()).collect();
    (requester, in_order)
}

/// Conformance: RR-1.
#[test]
fn requests_and_replies_may_have_two_parts() {
    let context = context();
    for transport in transports("bounce") {
        let (responder, endpoint) = bound(&context, Rep, &transport);
        let requester = connected(&context, Req, endpoint);
        bounce(&requester, &responder);
    }
}

/// RR-1, over IPv6.
///
/// Conformance: RR-1.
#[test]
fn requests_and_replies_work_over_ipv6() {
    if !has_ipv6() {
        eprintln!("this machine has no IPv6 loopback address");
        return;
    }
    let context = context();
    context.set_ipv6(true).unwrap();
    let (responder, endpoint) = bound(&context, Rep, "tcp://[::1]:*");
    bounce(&connected(&context, Req, endpoint), &responder);
}

/// Conformance: RR-2.
#[test]
fn requests_go_to_the_connected_peers_in_turn() {
    let context = context();
    let requester = socket(&context, Req);
    let responders: Vec<_> = (0..3)
        .map(|_| {
            let (responder, endpoint) = bound(&context, Rep, TCP);
            requester.connect(endpoint).unwrap();
            responder
        })
        .collect();
    for index in [0, 1, 2, 0, 1, 2, 0] {
        bounce(&requester, &responders[index]);
    }
}

/// Conformance: RR-3.
#[test]
fn a_bound_requester_sends_to_its_peers_in_turn() {
    let (requester, responders) = requester_of_many("inproc://rr-3", 5);
    for expected in (0..5).chain(0..5) {
        requester.send("ABC").unwrap();
        assert_eq!(answer(&responders, "DEF"), expected);
        assert_eq!(requester.recv().unwrap(), "DEF");
    }
}

/// Conformance: RR-4.
#[test]
fn only_a_router_receives_the_envelope() {
    let context = context();
    for transport in transports("rr-4") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let requester = connected(&context, Req, endpoint);
        requester.send_multipart(["ABC", "DEF"]).unwrap();

        let [id, empty, first, second] = router.recv_multipart().unwrap().try_into().unwrap();
        assert!(empty.is_empty());
        assert_eq!(first, "ABC");
        assert_eq!(second, "DEF");
        router.send_multipart((id, empty, "GHI")).unwrap();
        assert_eq!(requester.recv_multipart().unwrap(), ["GHI"]);
    }
}

/// Conformance: RR-5.
#[test]
fn a_requester_without_a_peer_cannot_send() {
    let requester = socket(&context(), Req);
    let failure = requester.try_send("request").unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert_eq!(failure.error().errno(), libc::EAGAIN);

    requester.set_send_timeout(Duration::from_millis(50)).unwrap();
    let start = Instant::now();
    assert_eq!(requester.send("request").unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

/// Conformance: RR-6.
#[test]
fn a_malformed_reply_is_ignored() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, "inproc://rr-6");
    let requester = connected(&context, Req, endpoint);
    requester.send("request").unwrap();
    let [id, empty, _] = router.recv_multipart().unwrap().try_into().unwrap();
    router.send_multipart((&id, "no delimiter")).unwrap();
    router.send_multipart((&id, &empty, "reply")).unwrap();
    assert_eq!(requester.recv_multipart().unwrap(), ["reply"]);
}

/// Conformance: RR-7.
#[test]
fn a_responder_restores_the_envelope() {
    let context = context();
    for transport in transports("rr-7") {
        let (responder, endpoint) = bound(&context, Rep, &transport);
        let dealer = connected(&context, Dealer, endpoint);
        for envelope in [vec![""], vec!["X", "Y", ""]] {
            let request: Vec<&str> = envelope.iter().copied().chain(["A"]).collect();
            dealer.send_multipart(zmq::Multipart::try_from(request).unwrap()).unwrap();
            assert_eq!(responder.recv_multipart().unwrap(), ["A"]);
            responder.send_multipart(["B", "C"]).unwrap();
            let reply = texts(dealer.recv_multipart().unwrap());
            let expected: Vec<&str> = envelope.iter().copied().chain(["B", "C"]).collect();
            assert_eq!(reply, expected);
        }
    }
}

/// Conformance: RR-9.
#[test]
fn a_correlating_requester_ignores_replies_to_other_requests() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, "inproc://rr-9");
    let requester = socket(&context, Req);
    requester.set_req_correlate(true).unwrap();
    requester.connect(endpoint).unwrap();
    requester.send("request").unwrap();

    let [id, number, empty, content] = router.recv_multipart().unwrap().try_into().unwrap();
    assert_eq!(number.len(), 4);
    assert!(empty.is_empty());
    assert_eq!(content, "request");

    let mut other = number.to_vec();
    other[0] ^= 1;
    router.send_multipart((&id, other, &empty, "wrong")).unwrap();
    router.send_multipart((&id, &number, &empty, "right")).unwrap();
    assert_eq!(requester.recv().unwrap(), "right");
}

/// Conformance: RR-10, RR-11.
#[test]
fn a_relaxed_requester_gets_only_the_reply_to_its_last_request() {
    let (requester, responders) = requester_of_many("inproc://rr-10", 5);
    requester.set_req_relaxed(true).unwrap();
    requester.set_req_correlate(true).unwrap();

    assert_eq!(requester.events().unwrap(), POLLOUT);
    requester.send("AB").unwrap();
    assert_eq!(responders[0].recv().unwrap(), "AB");
    assert_eq!(requester.events().unwrap(), POLLOUT);
    requester.send("CD").unwrap();
    assert_eq!(responders[1].recv().unwrap(), "CD");
    responders[0].send("WRONG").unwrap();
    responders[1].send("OK").unwrap();
    assert_eq!(requester.recv().unwrap(), "OK");

    requester.send("EF").unwrap();
    assert_eq!(responders[2].recv().unwrap(), "EF");
    responders[2].send("GH").unwrap();
    assert_eq!(requester.recv().unwrap(), "GH");

    // If a reply is unread when the next request is sent, the reply is dropped as well.
    requester.send("IJ").unwrap();
    assert_eq!(responders[3].recv().unwrap(), "IJ");
    responders[3].send("BAD").unwrap();
    requester.send("KL").unwrap();
    assert_eq!(responders[4].recv().unwrap(), "KL");
    responders[4].send("GOOD").unwrap();
    assert_eq!(requester.recv().unwrap(), "GOOD");

    // Dropping a reply does not close the connection to its peer.
    requester.send("MN").unwrap();
    assert_eq!(responders[0].recv().unwrap(), "MN");
    responders[0].send("OP").unwrap();
    assert_eq!(requester.recv().unwrap(), "OP");
}

/// Conformance: RR-12.
#[test]
fn a_relaxed_requester_may_send_twice_before_the_server_exists() {
    let context = context();
    let endpoint = free_endpoint();
    let requester = socket(&context, Req);
    requester.set_req_relaxed(true).unwrap();
    requester.set_req_correlate(true).unwrap();
    requester.connect(&endpoint).unwrap();
    requester.send("first").unwrap();
    requester.send("second").unwrap();

    let (router, _) = bound(&context, Router, &endpoint);
    for _ in 0..2 {
        let request = router.recv_multipart().unwrap();
        assert_eq!(request.len(), 4);
        router.send_multipart(request).unwrap();
    }
    assert_eq!(requester.recv().unwrap(), "second");
    // The reply to the first request is not taken for the reply to the next one.
    requester.send("third").unwrap();
    router.send_multipart(router.recv_multipart().unwrap()).unwrap();
    assert_eq!(requester.recv().unwrap(), "third");
}

/// Conformance: RR-13.
#[test]
fn a_broker_without_a_proxy_forwards_frame_by_frame() {
    let context = context();
    let (frontend, front) = bound(&context, Router, "inproc://front");
    let (backend, back) = bound(&context, Dealer, "inproc://back");
    let requester = connected(&context, Req, front);
    let responder = connected(&context, Rep, back);

    requester.send_multipart(["ABC", "DEF"]).unwrap();
    for index in 0..4 {
        let frame = frontend.recv().unwrap();
        assert_eq!(frame.has_more(), index < 3);
        if frame.has_more() { backend.send_more(frame).unwrap() } else { backend.send(frame).unwrap() }
    }
    assert_eq!(responder.recv_multipart().unwrap(), ["ABC", "DEF"]);

    responder.send_multipart(["GHI", "JKL"]).unwrap();
    for index in 0..4 {
        let frame = backend.recv().unwrap();
        assert_eq!(frame.has_more(), index < 3);
        if frame.has_more() { frontend.send_more(frame).unwrap() } else { frontend.send(frame).unwrap() }
    }
    assert_eq!(requester.recv_multipart().unwrap(), ["GHI", "JKL"]);
}

/// Conformance: RR-14.
#[test]
fn a_reply_to_a_requester_that_is_gone_is_not_an_error() {
    let context = context();
    for transport in transports("rr-14") {
        let (responder, endpoint) = bound(&context, Rep, &transport);
        let requester = connected(&context, Req, endpoint);
        requester.send("request").unwrap();
        assert_eq!(responder.recv().unwrap(), "request");
        drop(requester);
        responder.send("reply").unwrap();
        assert_silent(&responder);
    }
}

/// Conformance: G-1.
#[test]
fn calls_out_of_order_are_refused() {
    let context = context();
    let (responder, endpoint) = bound(&context, Rep, "inproc://g-1");
    let requester = connected(&context, Req, endpoint);

    let refused = |error: zmq::Error| {
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert_eq!(error.errno(), zmq::zmq_sys::EFSM);
    };
    refused(requester.recv().unwrap_err());
    refused(responder.send("unasked").unwrap_err().into());

    requester.send("request").unwrap();
    refused(requester.send("another").unwrap_err().into());
    assert_eq!(requester.events().unwrap(), PollEvents::NONE);

    responder.recv().unwrap();
    refused(responder.recv().unwrap_err());
    responder.send("reply").unwrap();
    assert!(requester.events().unwrap().contains(POLLIN));
    assert_eq!(requester.recv().unwrap(), "reply");
    refused(requester.recv_within(MOMENT).unwrap_err());
}

/// G-1: a refused message is returned, and nothing of it was sent.
#[test]
fn a_request_out_of_order_is_returned_whole() {
    let context = context();
    let (responder, endpoint) = bound(&context, Rep, "inproc://given-back");
    let requester = connected(&context, Req, endpoint);
    requester.send("first").unwrap();
    let failure = requester.send_multipart(["second", "request"]).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WrongState);
    let second = failure.into_message();
    assert_eq!(second, ["second", "request"]);

    assert_eq!(responder.recv_multipart().unwrap(), ["first"]);
    responder.send("reply").unwrap();
    requester.recv().unwrap();
    requester.send_multipart(second).unwrap();
    assert_eq!(responder.recv_multipart().unwrap(), ["second", "request"]);
}

/// Conformance: RR-8.
#[test]
fn one_of_several_requesters_may_send_twice_in_a_row() {
    let context = context();
    let (responder, endpoint) = bound(&context, Rep, TCP);
    let requesters: Vec<_> = (0..5).map(|_| connected(&context, Req, &endpoint)).collect();
    let exchange = |requester: &Socket<Req>, body: &str| {
        requester.send(body).unwrap();
        assert_eq!(responder.recv().unwrap(), body);
        responder.send(body).unwrap();
        assert_eq!(requester.recv().unwrap(), body);
    };
    exchange(&requesters[0], "first");
    exchange(&requesters[0], "second");
    for requester in &requesters {
        exchange(requester, "any other");
    }
}
