//! ZAP handlers: when libzmq calls them, and what it does with invalid replies.

use crate::common;

use common::handshake::{Handshake, Handshakes};
use common::security::{
    Reply, ZapHandler, bounce_fails, reply, secure_client, secure_pair, secure_server, sneak_in,
    told_by_server, watched_client,
};
use common::{assert_silent, bounce, bound, context, wait_until};
use zmq::security::{CurveClient, CurveServer, KeyPair, Null, PlainClient, PlainServer, Security};
use zmq::{Context, Rep};

/// A handler that accepts clients of the domain `TEST`.
fn handler(context: &Context) -> ZapHandler {
    ZapHandler::start(context, |request| {
        Some(reply("1.0", &request[1], if request[2] == b"TEST" { "200" } else { "400" }))
    })
}

/// Conformance: SE-3.
#[test]
fn null_without_a_domain_does_not_call_the_handler() {
    let context = context();
    let handler = handler(&context);
    let (server, client) = secure_pair(&context, Null::new(), Null::new());
    bounce(&server, &client);
    assert_eq!(handler.requests().len(), 0);
}

/// Conformance: SE-3.
#[test]
fn null_with_a_domain_calls_the_handler() {
    let context = context();
    let handler = handler(&context);
    let told = told_by_server(&context, Null::new().zap_domain("WRONG"), Null::new());
    assert_eq!(told, Handshake::FailedAuth(400));
    assert_eq!(handler.requests()[0][2], b"WRONG");
    let (server, client) = secure_pair(&context, Null::new().zap_domain("TEST"), Null::new());
    bounce(&server, &client);
}

/// The tests in which nothing gets through rely on this.
/// Conformance: SE-6.
#[test]
fn a_zmtp_1_peer_is_accepted_without_a_domain() {
    let context = context();
    let (server, endpoint) = secure_server(&context, Null::new());
    let _peer = sneak_in(&endpoint);
    assert_eq!(server.recv().unwrap(), "sneaky\0");
}

/// Conformance: SE-6.
#[test]
fn a_zmtp_1_peer_gets_nothing_through() {
    let context = context();
    handler(&context);
    let (server, endpoint) = secure_server(&context, Null::new().zap_domain("WRONG"));
    let _peer = sneak_in(&endpoint);
    assert_silent(&server);
}

/// Conformance: SE-4.
#[test]
fn a_domain_without_a_handler_accepts_nobody_by_default() {
    let context = context();
    let told = told_by_server(&context, Null::new().zap_domain("TEST"), Null::new());
    assert_eq!(told, Handshake::FailedNoDetail(libc::EFAULT));

    let open = Null::new().zap_domain("TEST").enforce_zap_domain(false);
    let (server, client) = secure_pair(&context, open, Null::new());
    bounce(&server, &client);
}

/// A server and a matching client, for each mechanism.
fn mechanisms() -> Vec<(Security, Security)> {
    let mut all: Vec<(Security, Security)> = vec![
        (Null::new().zap_domain("TEST").into(), Null::new().into()),
        (PlainServer::new().zap_domain("TEST").into(), PlainClient::new("admin", "password").into()),
    ];
    if zmq::has(zmq::Feature::Curve) {
        let (server, client) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        all.push((
            CurveServer::new(&server).zap_domain("TEST").into(),
            CurveClient::new(&client, server.public_key()).into(),
        ));
    }
    all
}

/// Checks what a server reports if the handler answers like this, with each mechanism.
fn server_reports(expected: Handshake, answer: impl Fn(&[Vec<u8>]) -> Reply + Clone + Send + 'static) {
    for (server, client) in mechanisms() {
        let context = context();
        let answer = answer.clone();
        ZapHandler::start(&context, move |request| Some(answer(request)));
        assert_eq!(told_by_server(&context, server, client), expected);
    }
}

/// Conformance: SE-12.
#[test]
fn a_valid_reply_accepts_the_client() {
    for (server, client) in mechanisms() {
        let context = context();
        ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "200")));
        let (server, client) = secure_pair(&context, server, client);
        bounce(&server, &client);
    }
}

/// Conformance: SE-12.
#[test]
fn a_reply_with_a_wrong_version_is_reported() {
    server_reports(Handshake::ZAP_BAD_VERSION, |request| reply("0.9", &request[1], "200"));
}

/// Conformance: SE-12.
#[test]
fn a_reply_with_a_wrong_request_id_is_reported() {
    server_reports(Handshake::ZAP_BAD_REQUEST_ID, |_| reply("1.0", b"invalid_id", "200"));
}

/// Conformance: SE-12.
#[test]
fn a_reply_with_an_invalid_status_is_reported() {
    server_reports(Handshake::ZAP_INVALID_STATUS, |request| reply("1.0", &request[1], "invalid_status"));
}

/// Conformance: SE-12.
#[test]
fn a_reply_with_seven_frames_is_reported() {
    server_reports(Handshake::ZAP_MALFORMED_REPLY, |request| {
        let mut reply = reply("1.0", &request[1], "200");
        reply.push(b"one too many".to_vec());
        reply
    });
}

/// Conformance: SE-12.
#[test]
fn a_temporary_refusal_is_reported() {
    server_reports(Handshake::FailedAuth(300), |request| reply("1.0", &request[1], "300"));
}

/// Conformance: SE-12.
#[test]
fn an_error_of_the_handler_is_reported_to_both_sides() {
    for (server, client) in mechanisms() {
        let context = context();
        ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "500")));
        let (server, endpoint) = secure_server(&context, server);
        let at_server = Handshakes::of(&server);
        let (_client, at_client) = watched_client(&context, client, endpoint);
        assert_eq!(at_server.next_told(), Handshake::FailedAuth(500));
        assert_eq!(at_client.next_told(), Handshake::FailedAuth(500));
    }
}

/// Conformance: SE-12.
#[test]
fn a_missing_handler_is_reported() {
    for (server, client) in mechanisms() {
        assert_eq!(told_by_server(&context(), server, client), Handshake::FailedNoDetail(libc::EFAULT));
    }
}

/// Checks what a server reports about a client that gave up waiting to be accepted.
fn gave_up(handshakes: &Handshakes) {
    let told = handshakes.next();
    let broken = [libc::EPIPE, libc::ECONNRESET, libc::ECONNABORTED];
    assert!(matches!(told, Handshake::FailedNoDetail(errno) if broken.contains(&errno)), "{told:?}");
}

/// Conformance: SE-12.
#[test]
fn a_handler_that_ends_accepts_nobody() {
    for (server, client) in mechanisms() {
        let context = context();
        let handler = ZapHandler::start(&context, |_| None);
        let (server, endpoint) = secure_server(&context, server);
        let handshakes = Handshakes::of(&server);
        let client = secure_client(&context, client, endpoint);
        wait_until(|| handler.requests().len() == 1);
        bounce_fails(&server, &client);
        drop(client);
        gave_up(&handshakes);
    }
}

/// Conformance: SE-12.
#[test]
fn a_handler_that_never_receives_accepts_nobody() {
    for (server, client) in mechanisms() {
        let context = context();
        let _handler = bound(&context, Rep, "inproc://zeromq.zap.01");
        let (server, endpoint) = secure_server(&context, server);
        let handshakes = Handshakes::of(&server);
        let client = secure_client(&context, client, endpoint);
        bounce_fails(&server, &client);
        drop(client);
        gave_up(&handshakes);
    }
}

/// Conformance: SE-12.
#[test]
fn an_incomplete_reply_accepts_nobody() {
    for (server, client) in mechanisms() {
        let context = context();
        let (handler, _) = bound(&context, Rep, "inproc://zeromq.zap.01");
        let (server, endpoint) = secure_server(&context, server);
        let handshakes = Handshakes::of(&server);
        let client = secure_client(&context, client, endpoint);
        handler.recv_multipart().unwrap();
        for frame in ["1.0", "1", "200"] {
            handler.send_more(frame).unwrap();
        }
        bounce_fails(&server, &client);
        drop(client);
        gave_up(&handshakes);
    }
}
