//! Peers that speak GSSAPI wrongly: clients with a real ticket and without, servers that are none, and what stands between.

#![cfg(all(feature = "gssapi", zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "gssapi/peer.rs"]
mod peer;
#[path = "hostile_peers/process.rs"]
#[allow(dead_code, reason = "only the memory is looked at")]
mod process;
#[path = "gssapi/realm.rs"]
#[allow(dead_code, reason = "those with a ticket need no more of its files")]
mod realm;
#[path = "gssapi/ticket.rs"]
mod ticket;
#[path = "gssapi/wrapping.rs"]
mod wrapping;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;

use common::handshake::{Handshake, Handshakes};
use common::security::{secure_client, secure_server};
use common::zmtp::{COMMAND, MORE, command, frame, ready};
use common::{TCP, assert_silent, bounce, context, socket};
use peer::{Peer, connect, ends, greet, initiate, is_closed, read_frame, token};
use process::memory;
use realm::in_realm;
use ticket::Ticket;
use zmq::security::{GssapiClient, GssapiNameType, GssapiServer};
use zmq::{Context, Dealer, Endpoint, Pull, Push, Socket, XPub, zmq_sys};

const CRYPTOGRAPHIC: Handshake = Handshake::FailedProtocol(zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
const UNEXPECTED: Handshake = Handshake::FailedProtocol(zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND);
const UNSPECIFIED: Handshake =
    Handshake::FailedProtocol(zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED);
const INITIATE: Handshake =
    Handshake::FailedProtocol(zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE);
const MESSAGE: Handshake =
    Handshake::FailedProtocol(zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE);

/// The memory may have grown by so much: what allocators and threads keep varies.
const GROWTH: usize = 16 << 20;

fn client() -> GssapiClient {
    GssapiClient::new("zmq@localhost", GssapiNameType::HostBased)
}

/// A good client is served.
#[track_caller]
fn serves(context: &Context, server: &Socket<Dealer>, endpoint: &Endpoint) {
    // The client begins: the server might still have a connection to another.
    bounce(&secure_client(context, client(), endpoint), server);
}

/// Conformance: SE-17.
#[test]
fn forged_beginnings_are_told_apart() {
    if !in_realm("forged_beginnings_are_told_apart") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let (_, ticket) = Ticket::for_service("zmq@localhost");
    let (_, astray) = Ticket::for_service("elsewhere@localhost");
    let mut changed = ticket.clone();
    *changed.last_mut().unwrap() ^= 1;
    let with_len = |len: u32, bytes: &[u8]| command("INITIATE", &[&len.to_be_bytes(), bytes].concat());
    for (what, words, expected) in [
        ("nothing", frame(COMMAND, b""), UNSPECIFIED),
        ("a name longer than the command", frame(COMMAND, b"\x08INIT"), UNSPECIFIED),
        ("another command", command("READY", b""), UNEXPECTED),
        ("a message", frame(0, b"hello, is anybody there?"), UNSPECIFIED),
        ("a message of the mechanism", command("MESSAGE", &token(&ticket)), UNEXPECTED),
        ("no length", command("INITIATE", b""), INITIATE),
        ("half a length", command("INITIATE", &[0, 0]), INITIATE),
        ("a token shorter than it says", with_len(9, b"12345678"), INITIATE),
        ("a token of the greatest length", with_len(u32::MAX, b"12345678"), INITIATE),
        ("a token followed by something", with_len(8, b"123456789"), INITIATE),
        // By an empty one a client asks which mechanisms there are; then it has to choose one.
        ("an empty token", [initiate(b""), initiate(b"12345678")].concat(), CRYPTOGRAPHIC),
        ("no token", initiate(b"12345678"), CRYPTOGRAPHIC),
        ("half a token", initiate(&ticket[..ticket.len() / 2]), CRYPTOGRAPHIC),
        ("a changed token", initiate(&changed), CRYPTOGRAPHIC),
        ("a ticket for another server", initiate(&astray), CRYPTOGRAPHIC),
    ] {
        let handshakes = Handshakes::of(&server);
        let mut peer = connect(&endpoint);
        peer.write_all(&words).unwrap();
        assert_eq!(handshakes.next(), expected, "{what}");
        assert!(ends(&mut peer), "{what}");
    }
    serves(&context, &server, &endpoint);
    assert_silent(&server);
}

/// Conformance: SE-17.
#[test]
fn what_was_overheard_lets_nobody_in() {
    if !in_realm("what_was_overheard_lets_nobody_in") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let (_, shown) = Ticket::for_service("zmq@localhost");
    let mut peer = connect(&endpoint);
    peer.write_all(&initiate(&shown)).unwrap();
    read_frame(&mut peer);

    let handshakes = Handshakes::of(&server);
    let mut parrot = connect(&endpoint);
    parrot.write_all(&initiate(&shown)).unwrap();
    assert_eq!(handshakes.next(), CRYPTOGRAPHIC);
    assert!(is_closed(&mut parrot));
    serves(&context, &server, &endpoint);
}

/// Conformance: SE-17.
#[test]
fn a_ticket_alone_is_not_enough() {
    if !in_realm("a_ticket_alone_is_not_enough") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    // After the ticket, READY in clear, or encrypted by nobody.
    for (words, expected) in [
        (ready("DEALER", b""), UNEXPECTED),
        (command("MESSAGE", &token(b"12345678")), CRYPTOGRAPHIC),
        (command("MESSAGE", b""), MESSAGE),
    ] {
        let handshakes = Handshakes::of(&server);
        let mut peer = connect(&endpoint);
        let (_, shown) = Ticket::for_service("zmq@localhost");
        peer.write_all(&initiate(&shown)).unwrap();
        read_frame(&mut peer);
        peer.write_all(&frame(COMMAND, b"")).unwrap();
        read_frame(&mut peer);
        peer.write_all(&words).unwrap();
        assert_eq!(handshakes.next(), expected);
        assert!(is_closed(&mut peer));
    }
    serves(&context, &server, &endpoint);
    assert_silent(&server);
}

/// Conformance: SE-17.
#[test]
fn one_who_was_let_in_ends_only_its_own_connection() {
    if !in_realm("one_who_was_let_in_ends_only_its_own_connection") {
        return;
    }
    type Words = fn(&Peer) -> Vec<u8>;

    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let cases: [(&str, Words, Handshake); 11] = [
        (
            "not encrypted",
            |peer| frame(0, &peer.message(&peer.ticket.wrap(false, b"\0clear"))),
            CRYPTOGRAPHIC,
        ),
        ("not even a flag", |peer| frame(0, &peer.message(&peer.ticket.wrap(true, b""))), CRYPTOGRAPHIC),
        ("no token", |peer| frame(0, &peer.message(b"12345678")), CRYPTOGRAPHIC),
        ("an empty token", |peer| frame(0, &peer.message(b"")), CRYPTOGRAPHIC),
        (
            "a changed token",
            |peer| {
                let mut words = peer.words(0, b"hello");
                *words.last_mut().unwrap() ^= 1;
                words
            },
            CRYPTOGRAPHIC,
        ),
        ("no length", |_| frame(0, b"\x07MESSAGE"), MESSAGE),
        ("half a length", |_| frame(0, b"\x07MESSAGE\0\0"), MESSAGE),
        ("a token shorter than it says", |_| frame(0, b"\x07MESSAGE\0\0\0\x0912345678"), MESSAGE),
        (
            "a token followed by something",
            |peer| frame(0, &[peer.message(&peer.ticket.wrap(true, b"\0hello")), b"!".to_vec()].concat()),
            MESSAGE,
        ),
        ("in clear", |_| frame(0, b"hello, is anybody there?"), UNSPECIFIED),
        ("nothing", |_| frame(0, b""), UNSPECIFIED),
    ];
    for (what, words, expected) in cases {
        let handshakes = Handshakes::of(&server);
        let mut peer = Peer::new(&endpoint, "DEALER");
        peer.say(0, b"let in");
        assert_eq!(server.recv().unwrap(), "let in", "{what}");
        assert_eq!(handshakes.next(), Handshake::Succeeded, "{what}");
        let words = words(&peer);
        peer.stream.write_all(&words).unwrap();
        assert_eq!(handshakes.next(), expected, "{what}");
        assert!(is_closed(&mut peer.stream), "{what}");
    }
    serves(&context, &server, &endpoint);
    assert_silent(&server);
}

/// A PUSH and a PULL with somebody between them, after the handshake, and the address that the PUSH was given.
struct Between {
    near: TcpStream,
    far: TcpStream,
}

impl Between {
    fn new(endpoint: &Endpoint, listener: &TcpListener) -> Between {
        let (mut near, _) = listener.accept().unwrap();
        greet(&mut near);
        let mut between = Between { near, far: connect(endpoint) };
        // INITIATE and the answer, the word that the ticket is in order and READY, and the client's READY.
        for from_client in [true, false, true, false, true] {
            between.pass(from_client);
        }
        between
    }

    fn pass(&mut self, from_client: bool) {
        let words = self.hear(from_client);
        let to = if from_client { &mut self.far } else { &mut self.near };
        to.write_all(&words).unwrap();
    }

    fn hear(&mut self, from_client: bool) -> Vec<u8> {
        let (flags, body) = read_frame(if from_client { &mut self.near } else { &mut self.far });
        frame(flags & COMMAND, &body)
    }
}

/// Conformance: SE-17.
#[test]
fn messages_left_out_swapped_or_said_twice_on_the_way_are_noticed() {
    if !in_realm("messages_left_out_swapped_or_said_twice_on_the_way_are_noticed") {
        return;
    }
    for order in [&[0, 0][..], &[1], &[1, 0]] {
        let context = context();
        let server = socket(&context, Pull);
        server.set_security(GssapiServer::new()).unwrap();
        let endpoint = server.bind(TCP).unwrap();
        let handshakes = Handshakes::of(&server);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client_socket = socket(&context, Push);
        client_socket.set_security(client()).unwrap();
        client_socket.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let mut between = Between::new(&endpoint, &listener);
        assert_eq!(handshakes.next(), Handshake::Succeeded);
        client_socket.send("first").unwrap();
        client_socket.send("second").unwrap();
        let words = [between.hear(true), between.hear(true)];
        for &number in order {
            between.far.write_all(&words[number]).unwrap();
        }
        if order[0] == 0 {
            assert_eq!(server.recv().unwrap(), "first");
        }
        assert_eq!(handshakes.next(), CRYPTOGRAPHIC, "{order:?}");
        assert!(is_closed(&mut between.far));
        assert_silent(&server);
    }
}

/// Older versions say a subscription in one way, and newer ones in another.
#[test]
fn subscriptions_are_understood_in_every_form() {
    if !in_realm("subscriptions_are_understood_in_every_form") {
        return;
    }
    let context = context();
    let publisher = socket(&context, XPub);
    publisher.set_security(GssapiServer::new()).unwrap();
    let endpoint = publisher.bind(TCP).unwrap();
    let mut peer = Peer::new(&endpoint, "SUB");
    for (flags, body) in [
        (0, &b"\x01topic"[..]),
        (0, b"\x00topic"),
        (2, b"\x09SUBSCRIBEtopic"),
        (2, b"\x06CANCELtopic"),
        (4, b"topic"),
        (8, b"topic"),
        (4, b""),
        (8, b""),
    ] {
        peer.say(flags, body);
        let told = publisher.recv().unwrap();
        let subscribes = body.starts_with(&[1]) || body.starts_with(&[9]) || flags == 4;
        let topic = if body.is_empty() { &b""[..] } else { b"topic" };
        assert_eq!(told, [&[u8::from(subscribes)], topic].concat(), "{flags} {body:?}");
    }
}

/// A server that answers whatever is said with what is no ticket, and the connection to it.
fn answer_wrongly(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    greet(&mut stream);
    read_frame(&mut stream);
    stream.write_all(&initiate(&[b'x'; 4096])).unwrap();
    stream
}

/// Conformance: SE-17.
#[test]
fn a_server_that_is_none_is_noticed_and_left() {
    if !in_realm("a_server_that_is_none_is_noticed_and_left") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client_socket = socket(&context, Dealer);
    client_socket.set_security(client()).unwrap();
    let handshakes = Handshakes::of(&client_socket);
    client_socket.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();

    // First it talks to the real one, so that what is sent later wakes the connection; then that one is lost.
    let mut between = Between::new(&endpoint, &listener);
    assert_eq!(handshakes.next(), Handshake::Succeeded);
    client_socket.send("1").unwrap();
    between.pass(true);
    assert_eq!(server.recv().unwrap(), "1");
    drop(between);

    for _ in 0..3 {
        let stream = answer_wrongly(&listener);
        assert_eq!(handshakes.next_told(), CRYPTOGRAPHIC);
        for _ in 0..3 {
            client_socket.send("2").unwrap();
        }
        // Each of them was a try with memory that was free.
        drop(stream);
    }
    let mut between = Between::new(&endpoint, &listener);
    for _ in 0..9 {
        between.pass(true);
        assert_eq!(server.recv().unwrap(), "2");
    }
}

/// Conformance: SE-17.
#[test]
fn what_is_malformed_is_freed() {
    if !in_realm("what_is_malformed_is_freed") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let huge = vec![b'x'; 1 << 20];
    let followed = command("INITIATE", &[token(&huge), b"!".to_vec()].concat());
    let attack = |times: usize| {
        for _ in 0..times {
            for words in [&followed, &initiate(&huge)] {
                let mut peer = connect(&endpoint);
                // The server may close it before it has all.
                let _ = peer.write_all(words);
                assert!(is_closed(&mut peer));
            }
        }
    };
    attack(4);
    let before = memory();
    attack(64);
    let after = memory();
    assert!(after < before + GROWTH, "{before} bytes were in use, and then {after}");
    serves(&context, &server, &endpoint);
}

#[test]
fn what_was_encrypted_is_freed() {
    if !in_realm("what_was_encrypted_is_freed") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let client_socket = secure_client(&context, client(), &endpoint);
    let body = vec![b'x'; 1 << 20];
    let exchange = |times: usize| {
        for _ in 0..times {
            client_socket.send(&body[..]).unwrap();
            assert_eq!(server.recv().unwrap().len(), body.len());
        }
    };
    exchange(8);
    let before = memory();
    exchange(64);
    let after = memory();
    assert!(after < before + GROWTH, "{before} bytes were in use, and then {after}");
}

#[test]
fn what_cannot_be_encrypted_ends_the_connection() {
    if !in_realm("what_cannot_be_encrypted_ends_the_connection") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let client_socket = secure_client(&context, client(), &endpoint);
    bounce(&server, &client_socket);
    let handshakes = Handshakes::of(&client_socket);
    wrapping::FAILS.store(true, Ordering::Relaxed);
    client_socket.send("lost with its connection").unwrap();
    // There is another one.
    assert_eq!(handshakes.next(), Handshake::Succeeded);
    client_socket.send("at last").unwrap();
    assert_eq!(server.recv().unwrap(), "at last");
}

/// Of a peer that says many parts and goes, nothing arrives.
#[test]
fn half_a_message_is_none() {
    if !in_realm("half_a_message_is_none") {
        return;
    }
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let mut peer = Peer::new(&endpoint, "DEALER");
    peer.say(MORE, b"one");
    peer.say(MORE, b"two");
    drop(peer);
    serves(&context, &server, &endpoint);
    let mut peer = Peer::new(&endpoint, "DEALER");
    peer.say(MORE, b"one");
    peer.say(0, b"two");
    assert_eq!(common::texts(server.recv_multipart().unwrap()), ["one", "two"]);
}
