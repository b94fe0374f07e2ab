//! The CURVE mechanism and its keys.

#![cfg(zmq_curve)]

use crate::common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::handshake::{Handshake, Handshakes};
use common::security::{
    Relay, ZapHandler, bounce_fails, reply, secure_client, secure_pair, secure_server, sneak_in,
    told_by_client, told_by_server, watched_client,
};
use common::zmtp::{COMMAND, connect, frame, read_frame};
use common::{LIMIT, TCP, assert_silent, bounce, context, socket, wait_until};
use zmq::security::{
    CurveClient, CurveServer, KeyError, KeyPair, Null, PlainClient, PublicKey, SecretKey, Security,
};
use zmq::z85::DecodeError;
use zmq::{Context, Dealer, Endpoint, Socket, zmq_sys};

const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

fn keys() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// Conformance: SE-2.
#[test]
fn the_public_key_is_derived_from_the_secret_key() {
    let secret: SecretKey = SECRET.parse().unwrap();
    assert_eq!(secret.public_key().unwrap().to_string(), PUBLIC);
    let pair = KeyPair::from_secret_key(secret).unwrap();
    assert_eq!(pair.public_key(), PUBLIC.parse().unwrap());
    for _ in 0..20 {
        let pair = keys();
        assert_eq!(pair.secret_key().public_key().unwrap(), pair.public_key());
    }
}

/// Conformance: SE-2.
#[test]
fn no_two_key_pairs_are_alike() {
    let (one, other) = (keys(), keys());
    assert_ne!(one, other);
    assert_ne!(one.public_key(), other.public_key());
    assert_ne!(one.secret_key(), other.secret_key());
    assert_ne!(one.secret_key().expose_bytes(), one.public_key().as_bytes());
}

/// Conformance: SE-11.
#[test]
fn invalid_keys_are_reported() {
    for text in ["", "D:)Q", &SECRET[..39], &format!("{SECRET}0"), &"x".repeat(123), "h\u{e9}llo"] {
        let len = text.len();
        assert!(matches!(text.parse::<SecretKey>(), Err(KeyError::Length { len: told, .. }) if told == len));
        assert!(matches!(text.parse::<PublicKey>(), Err(KeyError::Length { len: told, .. }) if told == len));
    }
    for place in 0..40 {
        let mut text = PUBLIC.to_owned();
        text.replace_range(place..=place, " ");
        match text.parse::<PublicKey>().unwrap_err() {
            KeyError::Text(DecodeError::Byte { byte: b' ', position, .. }) => assert_eq!(position, place),
            error => panic!("{error:?}"),
        }
        assert!(text.parse::<SecretKey>().is_err());
    }
    let error = "#".repeat(40).parse::<PublicKey>().unwrap_err();
    assert!(matches!(error, KeyError::Text(DecodeError::Overflow { position: 0, .. })), "{error:?}");
}

#[test]
fn keys_survive_as_text_and_as_bytes() {
    for _ in 0..20 {
        let pair = keys();
        assert_eq!(pair.public_key().to_string().parse::<PublicKey>().unwrap(), pair.public_key());
        assert_eq!(PublicKey::from_bytes(*pair.public_key().as_bytes()), pair.public_key());
        assert_eq!(&pair.secret_key().expose_z85().parse::<SecretKey>().unwrap(), pair.secret_key());
        assert_eq!(&SecretKey::from_bytes(*pair.secret_key().expose_bytes()), pair.secret_key());
        assert_eq!(format!("{:>42}", pair.public_key()).len(), 42);
    }
}

/// Conformance: SE-7.
#[test]
fn both_sides_report_exactly_one_success() {
    let context = context();
    for routing_id in [&b"IDENT"[..], &[b'x'; 255]] {
        let (server_keys, client_keys) = (keys(), keys());
        let server = socket(&context, Dealer);
        server.set_routing_id(routing_id).unwrap();
        server.set_security(CurveServer::new(&server_keys)).unwrap();
        let at_server = Handshakes::of(&server);
        let client = socket(&context, Dealer);
        client.set_security(CurveClient::new(&client_keys, server_keys.public_key())).unwrap();
        let at_client = Handshakes::of(&client);
        client.connect(server.bind(TCP).unwrap()).unwrap();
        bounce(&server, &client);
        assert_eq!(at_server.next(), Handshake::Succeeded);
        assert_eq!(at_client.next(), Handshake::Succeeded);
        assert_eq!(at_server.within(common::MOMENT), None);
        assert_eq!(at_client.within(common::MOMENT), None);
    }
}

/// A handler that accepts the owner of one key.
fn handler(context: &Context, key: PublicKey) -> ZapHandler {
    ZapHandler::start(context, move |request| {
        let right = request[6] == key.as_bytes();
        Some(reply("1.0", &request[1], if right { "200" } else { "400" }))
    })
}

/// Conformance: SE-8.
#[test]
fn an_unknown_key_is_denied_and_both_sides_report_it() {
    let context = context();
    let handler = handler(&context, keys().public_key());
    let server_keys = keys();
    let (server, endpoint) = secure_server(&context, CurveServer::new(&server_keys));
    let at_server = Handshakes::of(&server);
    let security = CurveClient::new(&keys(), server_keys.public_key());
    let (client, at_client) = watched_client(&context, security, endpoint);
    assert_eq!(at_server.next_told(), Handshake::FailedAuth(400));
    assert_eq!(at_client.next_told(), Handshake::FailedAuth(400));
    assert_ne!(handler.requests().len(), 0);
    bounce_fails(&server, &client);
}

/// Returns what a server reports about a client that must be rejected, although the handler would accept every client.
fn server_reports(client: impl FnOnce(&KeyPair) -> Security) -> (Handshake, usize) {
    let context = context();
    let handler = ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "200")));
    let server_keys = keys();
    let client = client(&server_keys);
    let told = told_by_server(&context, CurveServer::new(&server_keys), client);
    (told, handler.requests().len())
}

/// Conformance: SE-9.
#[test]
fn a_wrong_server_key_is_a_cryptographic_error() {
    let another = keys().public_key();
    assert_eq!(server_reports(|_| CurveClient::new(&keys(), another).into()).0, Handshake::CRYPTOGRAPHIC);
}

/// The client itself notices that nothing can be encrypted for it.
/// Conformance: SE-9.
#[test]
fn a_server_key_of_zeros_is_refused() {
    let client = CurveClient::new(&keys(), PublicKey::from_bytes([0; 32]));
    let told = told_by_client(&context(), CurveServer::new(keys()), client);
    assert_eq!(told, Handshake::CRYPTOGRAPHIC);
}

/// Keys that do not belong together cannot form a pair, so they are set as C programs would.
/// Conformance: SE-9.
#[test]
fn a_client_without_a_key_is_a_cryptographic_error() {
    for option in [zmq_sys::ZMQ_CURVE_PUBLICKEY, zmq_sys::ZMQ_CURVE_SECRETKEY] {
        let context = context();
        ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "200")));
        let server_keys = keys();
        let (server, endpoint) = secure_server(&context, CurveServer::new(&server_keys));
        let at_server = Handshakes::of(&server);
        let client = socket(&context, Dealer);
        client.set_security(CurveClient::new(&keys(), server_keys.public_key())).unwrap();
        // SAFETY: a live socket of this thread; 32 bytes are only read.
        let rc = unsafe { zmq_sys::zmq_setsockopt(client.as_raw(), option, [0_u8; 32].as_ptr().cast(), 32) };
        assert_eq!(rc, 0);
        client.connect(endpoint).unwrap();
        assert_eq!(at_server.next_told(), Handshake::CRYPTOGRAPHIC);
        bounce_fails(&server, &client);
    }
}

/// Conformance: SE-9.
#[test]
fn another_mechanism_is_a_mismatch_and_the_handler_is_not_asked() {
    assert_eq!(server_reports(|_| Null::new().into()), (Handshake::MISMATCH, 0));
    assert_eq!(server_reports(|_| PlainClient::new("admin", "password").into()), (Handshake::MISMATCH, 0));
}

/// Conformance: SE-6.
#[test]
fn a_zmtp_1_peer_gets_nothing_through() {
    let context = context();
    let (server, endpoint) = secure_server(&context, CurveServer::new(keys()));
    let _peer = sneak_in(&endpoint);
    assert_silent(&server);
}

#[test]
fn without_a_domain_and_a_handler_everybody_with_the_server_key_is_accepted() {
    let context = context();
    let server_keys = keys();
    let client = CurveClient::new(&keys(), server_keys.public_key());
    let (server, client) = secure_pair(&context, CurveServer::new(&server_keys), client);
    bounce(&server, &client);
}

#[test]
fn a_domain_rejects_everybody_without_a_handler() {
    let context = context();
    let server_keys = keys();
    let security = || CurveClient::new(&keys(), server_keys.public_key());
    let closed = CurveServer::new(&server_keys).zap_domain("global");
    let told = told_by_server(&context, closed.clone(), security());
    assert_eq!(told, Handshake::FailedNoDetail(libc::EFAULT));
    let (server, client) = secure_pair(&context, closed.enforce_zap_domain(false), security());
    bounce(&server, &client);
}

/// The fields of a HELLO, with an invalid signature.
fn hello() -> Vec<u8> {
    let mut hello = vec![0; 200];
    hello[..6].copy_from_slice(b"\x05HELLO");
    hello[6] = 1;
    hello
}

/// Returns what a server reports about a client that sends this first.
fn told_of(server: &Socket<Dealer>, endpoint: &Endpoint, body: &[u8]) -> Handshake {
    let handshakes = Handshakes::of(server);
    let mut client = connect(endpoint, 0, "CURVE");
    client.write_all(&frame(COMMAND, body)).unwrap();
    handshakes.next()
}

/// Conformance: SE-10.
#[test]
fn forged_handshakes_are_distinguished() {
    let change = |place: usize, byte: u8| {
        let mut hello = hello();
        hello[place] = byte;
        hello
    };
    let context = context();
    let server_keys = keys();
    let (server, endpoint) = secure_server(&context, CurveServer::new(&server_keys));
    for (body, expected) in [
        (hello()[..199].to_vec(), Handshake::MALFORMED_HELLO),
        ([hello(), vec![0]].concat(), Handshake::MALFORMED_HELLO),
        (change(6, 2), Handshake::MALFORMED_HELLO),
        (change(7, 1), Handshake::MALFORMED_HELLO),
        (change(5, b'X'), Handshake::UNEXPECTED),
        (b"\x08INITIATE".to_vec(), Handshake::UNEXPECTED),
        (b"\x05READY".to_vec(), Handshake::UNEXPECTED),
        (hello(), Handshake::CRYPTOGRAPHIC),
    ] {
        assert_eq!(told_of(&server, &endpoint, &body), expected, "{body:?}");
    }
    // A client that follows the protocol is still accepted.
    let client = secure_client(&context, CurveClient::new(&keys(), server_keys.public_key()), &endpoint);
    bounce(&server, &client);
    assert_silent(&server);
}

/// Returns what a server reports about a client whose INITIATE is changed in transit.
fn told_of_changed_initiate(change: impl FnOnce(&mut Vec<u8>)) -> Handshake {
    let context = context();
    let server_keys = keys();
    let (server, endpoint) = secure_server(&context, CurveServer::new(&server_keys));
    let at_server = Handshakes::of(&server);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let between = format!("tcp://{}", listener.local_addr().unwrap());
    let client = CurveClient::new(&keys(), server_keys.public_key());
    let client = secure_client(&context, client, between);
    let (mut near, _) = listener.accept().unwrap();
    // Only once, because the client comes again.
    drop(listener);
    let mut far = TcpStream::connect(endpoint.as_str().strip_prefix("tcp://").unwrap()).unwrap();
    // Each side sends a part of its greeting once it has received the previous part.
    for len in [10, 1, 53] {
        pass(&mut near, &mut far, len);
        pass(&mut far, &mut near, len);
    }
    pass_frame(&mut near, &mut far, |_| {}); // HELLO
    pass_frame(&mut far, &mut near, |_| {}); // WELCOME
    pass_frame(&mut near, &mut far, change); // INITIATE
    let told = at_server.next();
    if told != Handshake::Succeeded {
        bounce_fails(&server, &client);
    }
    told
}

/// Conformance: SE-10.
#[test]
fn a_handshake_that_is_changed_in_transit_fails() {
    // In INITIATE: a letter of its name, of the cookie, and of the box.
    for (place, expected) in
        [(2, Handshake::UNEXPECTED), (40, Handshake::CRYPTOGRAPHIC), (150, Handshake::CRYPTOGRAPHIC)]
    {
        assert_eq!(told_of_changed_initiate(|body| body[place] ^= 1), expected, "byte {place}");
    }
}

/// The shortest possible INITIATE has 257 bytes.
/// Conformance: SE-10.
#[test]
fn an_initiate_that_is_too_short_is_malformed() {
    for len in [9, 10, 112, 113, 256] {
        assert_eq!(
            told_of_changed_initiate(|body| body.truncate(len)),
            Handshake::MALFORMED_INITIATE,
            "{len} bytes"
        );
    }
    // With this length, the content decides.
    assert_eq!(told_of_changed_initiate(|body| body.truncate(257)), Handshake::CRYPTOGRAPHIC);
    // The relay itself changes nothing.
    assert_eq!(told_of_changed_initiate(|_| {}), Handshake::Succeeded);
}

fn pass(from: &mut TcpStream, to: &mut TcpStream, len: usize) {
    let mut bytes = vec![0; len];
    from.set_read_timeout(Some(LIMIT)).unwrap();
    from.read_exact(&mut bytes).unwrap();
    to.write_all(&bytes).unwrap();
}

/// Passes a command on with its body changed.
fn pass_frame(from: &mut TcpStream, to: &mut TcpStream, change: impl FnOnce(&mut Vec<u8>)) {
    let (_, mut body) = read_frame(from);
    change(&mut body);
    to.write_all(&frame(COMMAND, &body)).unwrap();
}

/// Whether `text` is visible on the network when two sockets exchange it.
fn crosses(context: &Context, server: Security, client: Security, text: &str) -> bool {
    let (server, endpoint) = secure_server(context, server);
    let relay = Relay::to(&endpoint);
    let client = secure_client(context, client, &relay.endpoint);
    client.send(text).unwrap();
    assert_eq!(server.recv_string().unwrap(), text);
    server.send(text).unwrap();
    assert_eq!(client.recv_string().unwrap(), text);
    // Both directions, and the handshake.
    wait_until(|| relay.count() > 2 * text.len() + 128);
    relay.has_seen(text.as_bytes())
}

#[test]
fn encrypted_text_is_not_visible_on_the_network() {
    let context = context();
    for text in ["a text that must not be read on the way".to_owned(), "long and secret ".repeat(5_000)] {
        assert!(
            crosses(&context, Null::new().into(), Null::new().into(), &text),
            "the relay does not see the unencrypted text"
        );
        let server_keys = keys();
        let client = CurveClient::new(&keys(), server_keys.public_key());
        assert!(!crosses(&context, CurveServer::new(&server_keys).into(), client.into(), &text));
        for part in text.as_bytes().windows(16).take(24) {
            let relayed = std::str::from_utf8(part).unwrap();
            let client = CurveClient::new(&keys(), server_keys.public_key());
            assert!(!crosses(&context, CurveServer::new(&server_keys).into(), client.into(), relayed));
        }
    }
}
