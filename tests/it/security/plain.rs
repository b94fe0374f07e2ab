//! The PLAIN mechanism.

use crate::common;

use common::handshake::Handshake;
use common::security::{
    ZapHandler, bounce_fails, reply, secure_client, secure_pair, secure_server, sneak_in, told_by_server,
};
use common::{TCP, assert_silent, bounce, context, socket};
use zmq::security::{PlainClient, PlainServer};
use zmq::{Context, Dealer};

/// A handler that accepts `admin`.
fn handler(context: &Context) -> ZapHandler {
    ZapHandler::start(context, |request| {
        let right = request[6..] == [b"admin".to_vec(), b"password".to_vec()];
        Some(reply("1.0", &request[1], if right { "200" } else { "400" }))
    })
}

/// Conformance: SE-5.
#[test]
fn the_right_password_is_accepted_and_the_handler_sees_it() {
    let context = context();
    let handler = handler(&context);
    let server = socket(&context, Dealer);
    server.set_routing_id("IDENT").unwrap();
    server.set_security(PlainServer::new().zap_domain("test")).unwrap();
    let client = secure_client(&context, PlainClient::new("admin", "password"), server.bind(TCP).unwrap());
    bounce(&server, &client);
    let requests = handler.requests();
    assert_eq!(requests[0][0], b"1.0");
    let rest: Vec<&[u8]> = requests[0][2..].iter().map(Vec::as_slice).collect();
    assert_eq!(rest, [&b"test"[..], b"127.0.0.1", b"IDENT", b"PLAIN", b"admin", b"password"]);
}

/// Conformance: SE-5.
#[test]
fn a_wrong_name_or_password_is_rejected() {
    let context = context();
    handler(&context);
    for (username, password) in [("admin", "wrong"), ("wrong", "password"), ("password", "admin")] {
        let client = PlainClient::new(username, password);
        assert_eq!(told_by_server(&context, PlainServer::new(), client), Handshake::FailedAuth(400));
    }
}

/// Conformance: SE-5.
#[test]
fn two_servers_do_not_talk() {
    let context = context();
    handler(&context);
    let (server, client) = secure_pair(&context, PlainServer::new(), PlainServer::new());
    bounce_fails(&server, &client);
}

/// Conformance: SE-6.
#[test]
fn a_zmtp_1_peer_gets_nothing_through() {
    let context = context();
    handler(&context);
    let (server, endpoint) = secure_server(&context, PlainServer::new());
    let _peer = sneak_in(&endpoint);
    assert_silent(&server);
}

#[test]
fn without_a_handler_nobody_is_accepted() {
    let context = context();
    for server in [
        PlainServer::new(),
        PlainServer::new().zap_domain("global"),
        PlainServer::new().zap_domain("global").enforce_zap_domain(false),
        PlainServer::new().enforce_zap_domain(true),
    ] {
        let client = PlainClient::new("admin", "password");
        assert_eq!(told_by_server(&context, server, client), Handshake::FailedNoDetail(libc::EFAULT));
    }
}
