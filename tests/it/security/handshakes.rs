//! Handshakes of PLAIN and CURVE with peers that do not use libzmq, and violate the protocol.

#![cfg(zmq_vendored)]

use crate::common;

#[cfg(any(zmq_draft, zmq_curve))]
use std::io::Read;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::zmtp::{command, connect, frame, greet, property, read_frame, ready};
use common::{TCP, bound, context, socket};
use zmq::security::{Authenticator, Decision, Null, PlainServer};
use zmq::{Dealer, Message, Multipart, Rep, Socket};

/// A listener and its endpoint.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// Accepts the next connection, and exchanges greetings.
fn accept(listener: &TcpListener, mechanism: &str) -> TcpStream {
    let (mut peer, _) = listener.accept().unwrap();
    greet(&mut peer, 0, mechanism);
    peer
}

fn hello(password: &str) -> Vec<u8> {
    let len = u8::try_from(password.len()).unwrap();
    command("HELLO", &[b"\x05admin", &[len][..], password.as_bytes()].concat())
}

/// The password in the next request to a ZAP handler.
fn asked(handler: &Socket<Rep>) -> Message {
    handler.recv_multipart().unwrap().into_iter().next_back().unwrap()
}

fn answer(handler: &Socket<Rep>, status: &str) {
    handler.send_multipart(Multipart::from(["1.0", "1", status, "", "", ""].map(Message::from))).unwrap();
}

/// A server that connects uses one pipe to the handler for all its connections.
#[test]
fn a_reply_about_a_lost_connection_does_not_apply_to_the_next() {
    for says_hello_first in [true, false] {
        let context = context();
        let (handler, _) = bound(&context, Rep, "inproc://zeromq.zap.01");
        let (listener, endpoint) = listener();
        let server = socket(&context, Dealer);
        server.set_security(PlainServer::new()).unwrap();
        server.set_reconnect_interval(Duration::from_millis(1)).unwrap();
        server.connect(&endpoint).unwrap();

        let mut first = accept(&listener, "PLAIN");
        first.write_all(&hello("right")).unwrap();
        assert_eq!(asked(&handler), "right");
        drop(first);
        let mut second = accept(&listener, "PLAIN");
        if says_hello_first {
            second.write_all(&hello("wrong")).unwrap();
        }
        answer(&handler, "200");
        if !says_hello_first {
            second.write_all(&hello("wrong")).unwrap();
        }
        assert_eq!(asked(&handler), "wrong");
        answer(&handler, "400");
        // libzmq 4.3.5 writes the first two bytes of ERROR as one.
        let error = read_frame(&mut second).1;
        assert!(error.ends_with(b"RROR\x03400"), "{:?}", error.escape_ascii().to_string());
    }
}

/// The message of a peer that sends many properties about itself.
fn message_of_boaster(server: &Socket<Dealer>) -> Message {
    let endpoint = server.bind(TCP).unwrap();
    let mut peer = connect(&endpoint, 0, "NULL");
    let claims = [
        property("User-Id", b"admin"),
        property("Peer-Address", b"10.0.0.1"),
        property("Role", b"admin"),
        property("X-Mine", b"mine"),
    ];
    peer.write_all(&ready("DEALER", &claims.concat())).unwrap();
    assert!(read_frame(&mut peer).1.starts_with(b"\x05READY"));
    peer.write_all(&frame(0, b"it is me")).unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message, "it is me");
    assert_eq!(message.peer_address().unwrap(), Some("127.0.0.1"));
    assert_eq!(message.property("X-Mine").unwrap(), Some("mine"));
    message
}

#[test]
fn a_peer_cannot_set_its_user_id() {
    let context = context();
    let server = socket(&context, Dealer);
    let message = message_of_boaster(&server);
    assert_eq!(message.user_id().unwrap(), None);
    assert_eq!(message.property("Role").unwrap(), Some("admin"), "a message of another peer arrived");
}

#[test]
fn properties_of_the_handler_take_precedence() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_handler("*", |_| Decision::accept().property("Role", "guest")).unwrap();
    let server = socket(&context, Dealer);
    server.set_security(Null::new().zap_domain("test")).unwrap();
    let message = message_of_boaster(&server);
    assert_eq!(message.user_id().unwrap(), Some(""));
    assert_eq!(message.property("Role").unwrap(), Some("guest"));
}

#[cfg(zmq_draft)]
mod websockets {
    use common::security::{ZapHandler, reply};
    use common::{LIMIT, wait_until};

    use super::*;

    /// A peer that asks for these protocols, and the server's answer, which is empty if the server closes the
    /// connection.
    fn answer_to(server: &Socket<Dealer>, protocols: &str) -> (TcpStream, String) {
        let endpoint = server.bind("ws://127.0.0.1:*").unwrap();
        let mut peer = TcpStream::connect(endpoint.address().trim_end_matches('/')).unwrap();
        peer.set_read_timeout(Some(LIMIT)).unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocols}\r\n\
             Sec-WebSocket-Version: 13\r\n\r\n"
        );
        peer.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") && peer.read(&mut byte).is_ok_and(|count| count == 1) {
            answer.push(byte[0]);
        }
        (peer, String::from_utf8(answer).unwrap())
    }

    #[test]
    fn a_protocol_without_a_handshake_does_not_bypass_security() {
        let context = context();
        let handler = ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "400")));
        let asking = || {
            let server = socket(&context, Dealer);
            server.set_security(Null::new().zap_domain("test")).unwrap();
            server
        };
        let (_peer, answer) = answer_to(&asking(), "ZWS2.0");
        assert_eq!(answer, "");
        assert_eq!(handler.requests().len(), 0);

        // If there are several, the server chooses the one with a handshake.
        let server = asking();
        let (_peer, answer) = answer_to(&server, "ZWS2.0,ZWS2.0/NULL");
        assert!(answer.contains("Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n"), "{answer}");
        wait_until(|| handler.requests().len() == 1);

        // If no handler has to be asked, the protocol is treated like any other.
        let server = socket(&context, Dealer);
        let (mut peer, answer) = answer_to(&server, "ZWS2.0");
        assert!(answer.contains("Sec-WebSocket-Protocol: ZWS2.0\r\n"), "{answer}");
        // Masked with zeros: no name, and a message.
        peer.write_all(b"\x82\x81\0\0\0\0\0\x82\x87\0\0\0\0\0sneaky").unwrap();
        assert_eq!(server.recv().unwrap(), "sneaky");
    }

    #[cfg(zmq_curve)]
    #[test]
    fn encrypted_subscriptions_work() {
        use zmq::security::{CurveClient, CurveServer, KeyPair};
        use zmq::{Sub, XPub};

        let context = context();
        let keys = KeyPair::generate().unwrap();
        let publisher = socket(&context, XPub);
        publisher.set_security(CurveServer::new(&keys)).unwrap();
        let subscriber = socket(&context, Sub);
        subscriber.set_security(CurveClient::new(&KeyPair::generate().unwrap(), keys.public_key())).unwrap();
        subscriber.subscribe("topic").unwrap();
        subscriber.connect(publisher.bind("ws://127.0.0.1:*").unwrap()).unwrap();
        assert_eq!(publisher.recv().unwrap(), "\x01topic");
        publisher.send("topic and more").unwrap();
        assert_eq!(subscriber.recv().unwrap(), "topic and more");
        subscriber.unsubscribe("topic").unwrap();
        assert_eq!(publisher.recv().unwrap(), "\0topic");
    }
}

#[cfg(zmq_curve)]
mod curve {
    use common::curve::{Key, common_key, public_key, seal};
    use common::handshake::{Handshake, Handshakes};
    use zmq::Context;
    use zmq::security::{CurveClient, KeyPair, PublicKey};

    use super::*;

    const SECRET: Key = [3; 32];

    /// A client that knows the key of `SECRET`, and the listener that it connects to.
    fn client(context: &Context) -> (Socket<Dealer>, TcpListener, String) {
        let (listener, endpoint) = listener();
        let client = socket(context, Dealer);
        let server = PublicKey::from_bytes(public_key(&SECRET));
        client.set_security(CurveClient::new(&KeyPair::generate().unwrap(), server)).unwrap();
        (client, listener, endpoint)
    }

    /// Returns what the client reports about a server that answers its HELLO with the result of `answer`.
    fn client_reports(answer: impl FnOnce(&[u8]) -> Vec<u8>) -> Handshake {
        let context = context();
        let (client, listener, endpoint) = client(&context);
        let handshakes = Handshakes::of(&client);
        client.connect(&endpoint).unwrap();
        let mut server = accept(&listener, "CURVE");
        let (_, hello) = read_frame(&mut server);
        server.write_all(&answer(&hello)).unwrap();
        let told = handshakes.next();
        // It may be refused, because no peer is connected any more.
        let _ = client.try_send("nobody must get this");
        // Anything else would have to be encrypted, and be longer than this.
        server.set_read_timeout(Some(common::MOMENT)).unwrap();
        let mut rest = Vec::new();
        let _ = server.read_to_end(&mut rest);
        assert!(rest.is_empty(), "{rest:?}");
        told
    }

    /// WELCOME with this short-term key.
    fn welcome(hello: &[u8], short: &Key) -> Vec<u8> {
        let theirs: Key = hello[80..112].try_into().unwrap();
        let nonce = [5; 16];
        let sealed =
            seal(&common_key(&theirs, &SECRET), (b"WELCOME-", &nonce), &[&short[..], &[0; 96]].concat());
        command("WELCOME", &[&nonce[..], &sealed].concat())
    }

    /// READY, encrypted with this key.
    fn ready(key: &Key) -> Vec<u8> {
        let nonce = 2_u64.to_be_bytes();
        let sealed = seal(key, (b"CurveZMQREADY---", &nonce), &property("Socket-Type", b"DEALER"));
        command("READY", &[&nonce[..], &sealed].concat())
    }

    #[test]
    fn a_short_term_key_of_zeros_is_refused() {
        assert_eq!(client_reports(|hello| welcome(hello, &[0; 32])), Handshake::CRYPTOGRAPHIC);
    }

    /// Up to then, nothing has proved that the server has its key.
    #[test]
    fn a_server_is_not_trusted_before_its_welcome() {
        assert_eq!(client_reports(|_| ready(&[0; 32])), Handshake::UNEXPECTED);
    }

    /// The same server is accepted if it keeps to the order.
    #[test]
    fn a_server_that_has_the_key_is_accepted() {
        let context = context();
        let (client, listener, endpoint) = client(&context);
        let handshakes = Handshakes::of(&client);
        client.connect(&endpoint).unwrap();
        let mut server = accept(&listener, "CURVE");
        let (_, hello) = read_frame(&mut server);
        let short = [9; 32];
        server.write_all(&welcome(&hello, &public_key(&short))).unwrap();
        read_frame(&mut server); // INITIATE
        let theirs: Key = hello[80..112].try_into().unwrap();
        server.write_all(&ready(&common_key(&theirs, &short))).unwrap();
        assert_eq!(handshakes.next(), Handshake::Succeeded);
    }
}
