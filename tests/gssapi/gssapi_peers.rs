//! Peers that violate the GSSAPI mechanism: clients with a real ticket or without one, false servers, and a man in the
//! middle.

use crate::common;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;

use crate::peer::{Peer, ends, initiate, is_closed, token};
use crate::realm::in_realm;
use crate::ticket::Ticket;
use common::handshake::{Handshake, Handshakes};
use common::process::memory;
use common::security::{secure_bound, secure_client, secure_connected, secure_server, watched_client};
use common::zmtp::{COMMAND, MORE, command, connect, frame, greet, read_frame, ready};
use common::{assert_silent, bounce, context};
use zmq::security::{GssapiClient, GssapiNameType, GssapiServer};
use zmq::{Context, Dealer, Endpoint, Pull, Push, Socket, XPub};

/// The tolerated growth of memory, because allocators and threads keep varying amounts.
const GROWTH: usize = 16 << 20;

fn client() -> GssapiClient {
    GssapiClient::new("zmq@localhost", GssapiNameType::HostBased)
}

/// A good client is served.
#[track_caller]
fn serves(context: &Context, server: &Socket<Dealer>, endpoint: &Endpoint) {
    // The client sends first: the server might still have a connection to another client.
    bounce(&secure_client(context, client(), endpoint), server);
}

/// Conformance: SE-17.
#[test]
fn forged_handshakes_are_distinguished() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let (_, ticket) = Ticket::for_service("zmq@localhost");
    let (_, astray) = Ticket::for_service("elsewhere@localhost");
    let mut changed = ticket.clone();
    *changed.last_mut().unwrap() ^= 1;
    let with_len = |len: u32, bytes: &[u8]| command("INITIATE", &[&len.to_be_bytes(), bytes].concat());
    for (what, words, expected) in [
        ("nothing", frame(COMMAND, b""), Handshake::MALFORMED),
        ("a name longer than the command", frame(COMMAND, b"\x08INIT"), Handshake::MALFORMED),
        ("another command", command("READY", b""), Handshake::UNEXPECTED),
        ("a message", frame(0, b"hello, is anybody there?"), Handshake::MALFORMED),
        ("a message of the mechanism", command("MESSAGE", &token(&ticket)), Handshake::UNEXPECTED),
        ("no length", command("INITIATE", b""), Handshake::MALFORMED_INITIATE),
        ("half a length", command("INITIATE", &[0, 0]), Handshake::MALFORMED_INITIATE),
        ("a token shorter than it says", with_len(9, b"12345678"), Handshake::MALFORMED_INITIATE),
        ("a token of the greatest length", with_len(u32::MAX, b"12345678"), Handshake::MALFORMED_INITIATE),
        ("a token followed by something", with_len(8, b"123456789"), Handshake::MALFORMED_INITIATE),
        // With an empty token, a client asks which mechanisms exist. After that it must choose one.
        ("an empty token", [initiate(b""), initiate(b"12345678")].concat(), Handshake::CRYPTOGRAPHIC),
        ("no token", initiate(b"12345678"), Handshake::CRYPTOGRAPHIC),
        ("half a token", initiate(&ticket[..ticket.len() / 2]), Handshake::CRYPTOGRAPHIC),
        ("a changed token", initiate(&changed), Handshake::CRYPTOGRAPHIC),
        ("a ticket for another server", initiate(&astray), Handshake::CRYPTOGRAPHIC),
    ] {
        let handshakes = Handshakes::of(&server);
        let mut peer = connect(&endpoint, 1, "GSSAPI");
        peer.write_all(&words).unwrap();
        assert_eq!(handshakes.next(), expected, "{what}");
        assert!(ends(&mut peer), "{what}");
    }
    serves(&context, &server, &endpoint);
    assert_silent(&server);
}

/// Conformance: SE-17.
#[test]
fn a_recorded_handshake_is_not_accepted_again() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let (_, shown) = Ticket::for_service("zmq@localhost");
    let mut peer = connect(&endpoint, 1, "GSSAPI");
    peer.write_all(&initiate(&shown)).unwrap();
    read_frame(&mut peer);

    let handshakes = Handshakes::of(&server);
    let mut parrot = connect(&endpoint, 1, "GSSAPI");
    parrot.write_all(&initiate(&shown)).unwrap();
    assert_eq!(handshakes.next(), Handshake::CRYPTOGRAPHIC);
    assert!(is_closed(&mut parrot));
    serves(&context, &server, &endpoint);
}

/// Conformance: SE-17.
#[test]
fn a_ticket_alone_is_not_enough() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    // After the ticket, READY in clear text, or encrypted without the key.
    for (words, expected) in [
        (ready("DEALER", b""), Handshake::UNEXPECTED),
        (command("MESSAGE", &token(b"12345678")), Handshake::CRYPTOGRAPHIC),
        (command("MESSAGE", b""), Handshake::MALFORMED_MESSAGE),
    ] {
        let handshakes = Handshakes::of(&server);
        let mut peer = connect(&endpoint, 1, "GSSAPI");
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
fn an_accepted_peer_ends_only_its_own_connection() {
    in_realm!();
    type Words = fn(&Peer) -> Vec<u8>;

    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let cases: [(&str, Words, Handshake); 11] = [
        (
            "not encrypted",
            |peer| frame(0, &peer.message(&peer.ticket.wrap(false, b"\0clear"))),
            Handshake::CRYPTOGRAPHIC,
        ),
        (
            "not even a flag",
            |peer| frame(0, &peer.message(&peer.ticket.wrap(true, b""))),
            Handshake::CRYPTOGRAPHIC,
        ),
        ("no token", |peer| frame(0, &peer.message(b"12345678")), Handshake::CRYPTOGRAPHIC),
        ("an empty token", |peer| frame(0, &peer.message(b"")), Handshake::CRYPTOGRAPHIC),
        (
            "a changed token",
            |peer| {
                let mut words = peer.words(0, b"hello");
                *words.last_mut().unwrap() ^= 1;
                words
            },
            Handshake::CRYPTOGRAPHIC,
        ),
        ("no length", |_| frame(0, b"\x07MESSAGE"), Handshake::MALFORMED_MESSAGE),
        ("half a length", |_| frame(0, b"\x07MESSAGE\0\0"), Handshake::MALFORMED_MESSAGE),
        (
            "a token shorter than it says",
            |_| frame(0, b"\x07MESSAGE\0\0\0\x0912345678"),
            Handshake::MALFORMED_MESSAGE,
        ),
        (
            "a token followed by something",
            |peer| frame(0, &[peer.message(&peer.ticket.wrap(true, b"\0hello")), b"!".to_vec()].concat()),
            Handshake::MALFORMED_MESSAGE,
        ),
        ("in clear", |_| frame(0, b"hello, is anybody there?"), Handshake::MALFORMED),
        ("nothing", |_| frame(0, b""), Handshake::MALFORMED),
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

/// A PUSH and a PULL with a man in the middle, after the handshake, and the address that the PUSH was given.
struct Between {
    near: TcpStream,
    far: TcpStream,
}

impl Between {
    fn new(endpoint: &Endpoint, listener: &TcpListener) -> Between {
        let (mut near, _) = listener.accept().unwrap();
        greet(&mut near, 1, "GSSAPI");
        let mut between = Between { near, far: connect(endpoint, 1, "GSSAPI") };
        // INITIATE and the answer, the confirmation of the ticket and READY, and the client's READY.
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
fn dropped_swapped_or_repeated_messages_are_detected() {
    in_realm!();
    for order in [&[0, 0][..], &[1], &[1, 0]] {
        let context = context();
        let (server, endpoint) = secure_bound(&context, Pull, GssapiServer::new());
        let handshakes = Handshakes::of(&server);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let between = format!("tcp://{}", listener.local_addr().unwrap());
        let client_socket = secure_connected(&context, Push, client(), between);
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
        assert_eq!(handshakes.next(), Handshake::CRYPTOGRAPHIC, "{order:?}");
        assert!(is_closed(&mut between.far));
        assert_silent(&server);
    }
}

/// Older versions encode a subscription differently from newer ones.
#[test]
fn subscriptions_are_read_in_every_encoding() {
    in_realm!();
    let context = context();
    let (publisher, endpoint) = secure_bound(&context, XPub, GssapiServer::new());
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

/// A server that answers with something other than a ticket, and the connection to it.
fn answer_wrongly(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    greet(&mut stream, 1, "GSSAPI");
    read_frame(&mut stream);
    stream.write_all(&initiate(&[b'x'; 4096])).unwrap();
    stream
}

/// Conformance: SE-17.
#[test]
fn a_false_server_is_detected_and_abandoned() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let false_endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    let (client_socket, handshakes) = watched_client(&context, client(), false_endpoint);

    // First it talks to the real server, so that what is sent later wakes the connection. Then it loses that server.
    let mut between = Between::new(&endpoint, &listener);
    assert_eq!(handshakes.next(), Handshake::Succeeded);
    client_socket.send("1").unwrap();
    between.pass(true);
    assert_eq!(server.recv().unwrap(), "1");
    drop(between);

    for _ in 0..3 {
        let stream = answer_wrongly(&listener);
        assert_eq!(handshakes.next_told(), Handshake::CRYPTOGRAPHIC);
        for _ in 0..3 {
            client_socket.send("2").unwrap();
        }
        // Each attempt used freed memory.
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
fn malformed_messages_are_freed() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let huge = vec![b'x'; 1 << 20];
    let followed = command("INITIATE", &[token(&huge), b"!".to_vec()].concat());
    let attack = |times: usize| {
        for _ in 0..times {
            for words in [&followed, &initiate(&huge)] {
                let mut peer = connect(&endpoint, 1, "GSSAPI");
                // The server may close the connection before it has received everything.
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
fn encrypted_messages_are_freed() {
    in_realm!();
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
fn a_failed_encryption_ends_the_connection() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let client_socket = secure_client(&context, client(), &endpoint);
    bounce(&server, &client_socket);
    let handshakes = Handshakes::of(&client_socket);
    crate::wrapping::FAILS.store(true, Ordering::Relaxed);
    client_socket.send("lost with its connection").unwrap();
    // There is another connection.
    assert_eq!(handshakes.next(), Handshake::Succeeded);
    client_socket.send("at last").unwrap();
    assert_eq!(server.recv().unwrap(), "at last");
}

/// If a peer sends many parts and disconnects, no part of the message arrives.
#[test]
fn half_a_message_is_not_delivered() {
    in_realm!();
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
