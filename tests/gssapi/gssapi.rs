//! GSSAPI, with tickets of a Kerberos server that the tests start themselves.

use crate::common;

use std::io::Read;
use std::os::fd::IntoRawFd;
use std::time::Duration;

use crate::realm::{in_realm, realm_file};
use common::handshake::{Handshake, Handshakes};
use common::security::{
    Relay, ZapHandler, bounce_fails, reply, secure_bound, secure_client, secure_connected, secure_pair,
    secure_server, sneak_in, told_by_client, told_by_server,
};
use common::{
    TCP, assert_empty, assert_error, assert_silent, bounce, connected, context, eventually, socket,
};
use zmq::security::{
    Authenticator, GssapiClient, GssapiNameType, GssapiServer, Mechanism, Null, PlainClient, Security,
};
use zmq::{Any, Dealer, ErrorKind, Pub, Rep, Req, Router, SocketKind, Sub, XPub, zmq_sys};

const NO_CREDENTIALS: Handshake = Handshake::FailedNoDetail(libc::EACCES);

/// A client of the server with the principal `zmq/localhost`.
fn client() -> GssapiClient {
    GssapiClient::new("zmq@localhost", GssapiNameType::HostBased)
}

/// Conformance: SE-14.
#[test]
fn requests_and_replies_are_encrypted_by_default() {
    in_realm!();
    for plaintext in [false, true] {
        let context = context();
        let (server, endpoint) = secure_bound(&context, Rep, GssapiServer::new().plaintext(plaintext));
        let relay = Relay::to(&endpoint);
        let client = secure_connected(&context, Req, client().plaintext(plaintext), &relay.endpoint);
        client.send("for your eyes only").unwrap();
        assert_eq!(server.recv_string().unwrap(), "for your eyes only");
        server.send("and this for yours").unwrap();
        assert_eq!(client.recv_string().unwrap(), "and this for yours");
        for text in ["for your eyes only", "and this for yours"] {
            assert_eq!(relay.has_seen(text.as_bytes()), plaintext, "{text}");
        }
        assert!(relay.has_seen(b"INITIATE"));
        assert_eq!(client.mechanism().unwrap(), Mechanism::GSSAPI);
        assert_eq!(server.mechanism().unwrap(), Mechanism::GSSAPI);
    }
}

/// Conformance: SE-14.
#[test]
fn messages_of_every_size_and_number_of_parts_arrive() {
    in_realm!();
    for plaintext in [false, true] {
        let context = context();
        let (router, endpoint) = secure_bound(&context, Router, GssapiServer::new().plaintext(plaintext));
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id("dealer").unwrap();
        dealer.set_security(client().plaintext(plaintext)).unwrap();
        dealer.connect(endpoint).unwrap();
        let parts: Vec<Vec<u8>> =
            [0, 1, 29, 33, 255, 256, 8192, 64 << 10, 1 << 20].iter().map(|&len| vec![b'x'; len]).collect();
        let message = || zmq::Multipart::try_from(parts.clone()).unwrap();
        dealer.send_multipart(message()).unwrap();
        let received = router.recv_multipart().unwrap();
        assert_eq!(received.iter().next().unwrap(), "dealer");
        assert!(received.iter().skip(1).map(|part| part.to_vec()).eq(parts.iter().cloned()));
        router.send_multipart(received).unwrap();
        assert!(dealer.recv_multipart().unwrap().iter().map(|part| part.to_vec()).eq(parts.iter().cloned()));
    }
}

/// Conformance: SE-14.
#[test]
fn subscriptions_are_encrypted() {
    in_realm!();
    for plaintext in [false, true] {
        let context = context();
        let (publisher, endpoint) = secure_bound(&context, XPub, GssapiServer::new().plaintext(plaintext));
        let subscriber = secure_connected(&context, Sub, client().plaintext(plaintext), &endpoint);
        for topic in ["news", "weather"] {
            subscriber.subscribe(topic).unwrap();
            assert_eq!(publisher.recv().unwrap(), [b"\x01", topic.as_bytes()].concat());
        }
        subscriber.unsubscribe("weather").unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x00weather");
        for body in ["weather unheard", "news heard"] {
            publisher.send(body).unwrap();
        }
        assert_eq!(subscriber.recv().unwrap(), "news heard");

        // The same holds when the publisher comes back.
        publisher.unbind(&endpoint).unwrap();
        drop(publisher);
        let publisher = socket(&context, XPub);
        publisher.set_security(GssapiServer::new().plaintext(plaintext)).unwrap();
        eventually("the port is free", || publisher.bind(&endpoint).ok());
        let told = eventually("the subscription has arrived again", || {
            // A SUB sends the subscription when it is used.
            assert_empty(&subscriber);
            publisher.try_recv().ok()
        });
        assert_eq!(told, b"\x01news");
        publisher.send("news again").unwrap();
        assert_eq!(subscriber.recv().unwrap(), "news again");
    }
}

/// Conformance: SE-14.
#[test]
fn a_publisher_may_be_the_client() {
    in_realm!();
    let context = context();
    let (subscriber, endpoint) = secure_bound(&context, Sub, GssapiServer::new());
    subscriber.subscribe("").unwrap();
    let publisher = secure_connected(&context, Pub, client(), &endpoint);
    eventually("the subscription has arrived", || {
        publisher.send("news").unwrap();
        subscriber.try_recv().ok()
    });
}

/// Conformance: SE-14.
#[test]
fn principals_can_be_named_in_every_way() {
    use GssapiNameType::{HostBased, Krb5Principal, UserName};

    in_realm!();
    for (name, name_type, known_as, known_as_type) in [
        ("zmq@localhost", HostBased, "zmq@localhost", HostBased),
        ("zmq@localhost", HostBased, "zmq/localhost@ZMQ.TEST", Krb5Principal),
        ("zmq/localhost", UserName, "zmq/localhost", UserName),
        ("server", UserName, "server", UserName),
        ("server@ZMQ.TEST", Krb5Principal, "server@ZMQ.TEST", Krb5Principal),
    ] {
        for (own, own_type) in [("alice", UserName), ("bob@ZMQ.TEST", Krb5Principal)] {
            let context = context();
            let client = GssapiClient::new(known_as, known_as_type).principal(own, own_type);
            let (server, client) =
                secure_pair(&context, GssapiServer::new().principal(name, name_type), client);
            bounce(&server, &client);
        }
    }
}

/// Conformance: SE-15.
#[test]
fn the_handler_gets_the_principal_and_sets_the_user_id() {
    in_realm!();
    let context = context();
    let handler = ZapHandler::start(&context, |request| {
        let mut answer = reply("1.0", &request[1], "200");
        answer[4] = b"user of a handler".to_vec();
        Some(answer)
    });
    let (server, client) = secure_pair(&context, GssapiServer::new().zap_domain("TEST"), client());
    client.send("who am I?").unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message.user_id().unwrap(), Some("user of a handler"));
    let requests = handler.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0][2], b"TEST");
    assert_eq!(requests[0][3], b"127.0.0.1");
    assert_eq!(requests[0][5..], [b"GSSAPI".to_vec(), b"alice@ZMQ.TEST".to_vec()]);
}

/// Conformance: SE-15.
#[test]
fn a_rejected_client_gets_nothing_through() {
    in_realm!();
    for status in [300, 400, 500] {
        let context = context();
        ZapHandler::start(&context, move |request| {
            let denied = request[6] == b"alice@ZMQ.TEST";
            Some(reply("1.0", &request[1], if denied { format!("{status}") } else { "200".into() }.as_str()))
        });
        let (server, endpoint) = secure_server(&context, GssapiServer::new());
        let handshakes = Handshakes::of(&server);
        let alice = client().principal("alice", GssapiNameType::UserName);
        let turned_away = secure_client(&context, alice, &endpoint);
        assert_eq!(handshakes.next_told(), Handshake::FailedAuth(status));
        bounce_fails(&server, &turned_away);
        drop(turned_away);
        let bob = client().principal("bob", GssapiNameType::UserName);
        bounce(&secure_client(&context, bob, &endpoint), &server);
    }
}

/// Conformance: SE-15.
#[test]
fn a_late_or_invalid_reply_accepts_nobody() {
    in_realm!();
    let context = context();
    // The reply comes long after the server has begun to wait for it.
    ZapHandler::start(&context, |request| {
        std::thread::sleep(Duration::from_millis(20));
        Some(reply("1.0", &request[1], "400"))
    });
    assert_eq!(told_by_server(&context, GssapiServer::new(), client()), Handshake::FailedAuth(400));

    let context = common::context();
    ZapHandler::start(&context, |request| Some(reply("1.0", &request[1], "201")));
    assert_eq!(told_by_server(&context, GssapiServer::new(), client()), Handshake::ZAP_INVALID_STATUS);
}

/// Conformance: SE-15.
#[test]
fn the_authenticator_knows_principals() {
    in_realm!();
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_gssapi_principals("TEST", ["bob@ZMQ.TEST"]).unwrap();
    let (server, endpoint) = secure_server(&context, GssapiServer::new().zap_domain("TEST"));
    let handshakes = Handshakes::of(&server);
    let alice = client().principal("alice", GssapiNameType::UserName);
    let turned_away = secure_client(&context, alice, &endpoint);
    assert_eq!(handshakes.next_told(), Handshake::FailedAuth(400));
    drop(turned_away);
    let bob = secure_client(&context, client().principal("bob", GssapiNameType::UserName), &endpoint);
    bob.send("who am I?").unwrap();
    assert_eq!(server.recv().unwrap().user_id().unwrap(), Some("bob@ZMQ.TEST"));
}

/// Conformance: SE-15.
#[test]
fn a_domain_without_a_handler_accepts_nobody_by_default() {
    in_realm!();
    let context = context();
    let closed = GssapiServer::new().zap_domain("TEST");
    let told = told_by_server(&context, closed.clone(), client());
    assert_eq!(told, Handshake::FailedNoDetail(libc::EFAULT));
    let (server, client) = secure_pair(&context, closed.enforce_zap_domain(false), client());
    bounce(&server, &client);
}

/// Checks what a server reports about a client that it rejects, and that a good client is still served.
#[track_caller]
fn server_reports(server: GssapiServer, bad: impl Into<Security>, expected: Handshake) {
    let context = context();
    let (server, endpoint) = secure_server(&context, server);
    let handshakes = Handshakes::of(&server);
    let bad = secure_client(&context, bad, &endpoint);
    assert_eq!(handshakes.next_told(), expected);
    bounce_fails(&server, &bad);
    drop(bad);
    // The client sends first: the server might still have the other client.
    bounce(&secure_client(&context, client(), &endpoint), &server);
}

/// Conformance: SE-16.
#[test]
fn another_mechanism_is_a_mismatch() {
    in_realm!();
    server_reports(GssapiServer::new(), Null::new(), Handshake::MISMATCH);
    server_reports(GssapiServer::new(), PlainClient::new("admin", "password"), Handshake::MISMATCH);
    if zmq::has(zmq::Feature::Curve) {
        use zmq::security::{CurveClient, KeyPair};

        let (own, servers) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap().public_key());
        server_reports(GssapiServer::new(), CurveClient::new(&own, servers), Handshake::MISMATCH);
    }
    // The same with the roles swapped.
    assert_eq!(told_by_client(&context(), Null::new(), client()), Handshake::MISMATCH);
}

/// Conformance: SE-6.
#[test]
fn a_zmtp_1_peer_gets_nothing_through() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let _peer = sneak_in(&endpoint);
    assert_silent(&server);
}

/// Conformance: SE-16.
#[test]
fn a_side_without_encryption_is_detected() {
    in_realm!();
    // The server's READY is the first command that is encrypted or not.
    assert_eq!(
        told_by_client(&context(), GssapiServer::new().plaintext(true), client()),
        Handshake::UNEXPECTED
    );
    assert_eq!(
        told_by_client(&context(), GssapiServer::new(), client().plaintext(true)),
        Handshake::UNEXPECTED
    );
}

/// Conformance: SE-16.
#[test]
fn missing_credentials_are_reported() {
    use GssapiNameType::{HostBased, UserName};

    in_realm!();
    // A service that nobody knows; a client whose key this process does not have.
    let unknown = GssapiClient::new("nobody@localhost", HostBased);
    assert_eq!(told_by_client(&context(), GssapiServer::new(), unknown), NO_CREDENTIALS);
    assert_eq!(
        told_by_client(&context(), GssapiServer::new(), client().principal("mallory", UserName)),
        NO_CREDENTIALS
    );
    // A ticket for another server.
    let astray = GssapiClient::new("elsewhere@localhost", HostBased);
    server_reports(GssapiServer::new(), astray.clone(), Handshake::CRYPTOGRAPHIC);
    let right = GssapiServer::new().principal("zmq@localhost", HostBased);
    server_reports(right.clone(), astray, Handshake::CRYPTOGRAPHIC);
    server_reports(right, GssapiClient::new("server", UserName), Handshake::CRYPTOGRAPHIC);
    // A server without a key for reading tickets.
    let keyless = GssapiServer::new().principal("elsewhere@localhost", HostBased);
    assert_eq!(told_by_server(&context(), keyless, client()), NO_CREDENTIALS);
}

/// Conformance: SE-16.
#[test]
fn a_client_is_accepted_once_it_can_get_a_ticket() {
    in_realm!("server", "later");
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let client_socket = socket(&context, Dealer);
    client_socket.set_security(client()).unwrap();
    client_socket.set_handshake_interval(Duration::from_millis(200)).unwrap();
    let handshakes = Handshakes::of(&client_socket);
    client_socket.connect(&endpoint).unwrap();
    // The failure is reported at once, and the client tries again when the handshake interval is over.
    assert_eq!(handshakes.next(), NO_CREDENTIALS);
    client_socket.send("at last").unwrap();
    assert!(matches!(handshakes.next(), Handshake::FailedNoDetail(_)));
    assert_eq!(handshakes.next(), NO_CREDENTIALS);
    std::fs::copy(realm_file("clients"), realm_file("later")).unwrap();
    assert_eq!(server.recv().unwrap(), "at last");
}

/// Conformance: SE-16.
#[test]
fn a_server_accepts_clients_once_it_has_a_key() {
    in_realm!("later-server", "clients");
    // The same holds if the server connects.
    for server_connects in [false, true] {
        let context = context();
        let (server, client_socket) = (socket(&context, Dealer), socket(&context, Dealer));
        for socket in [&server, &client_socket] {
            socket.set_handshake_interval(Duration::from_millis(200)).unwrap();
        }
        server
            .set_security(GssapiServer::new().principal("zmq@localhost", GssapiNameType::HostBased))
            .unwrap();
        client_socket.set_security(client()).unwrap();
        let handshakes = Handshakes::of(&server);
        if server_connects {
            server.connect(client_socket.bind(TCP).unwrap()).unwrap();
        } else {
            client_socket.connect(server.bind(TCP).unwrap()).unwrap();
        }
        assert_eq!(handshakes.next_told(), NO_CREDENTIALS);
        std::fs::copy(realm_file("server"), realm_file("later-server")).unwrap();
        bounce(&client_socket, &server);
        std::fs::remove_file(realm_file("later-server")).unwrap();
    }
}

/// Conformance: SE-14.
#[test]
fn heartbeats_are_encrypted() {
    in_realm!();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let relay = Relay::to(&endpoint);
    let client_socket = socket(&context, Dealer);
    client_socket.set_security(client()).unwrap();
    client_socket.set_heartbeat_interval(Duration::from_millis(10)).unwrap();
    client_socket.set_heartbeat_timeout(Duration::from_secs(5)).unwrap();
    client_socket.connect(&relay.endpoint).unwrap();
    bounce(&client_socket, &server);
    let before = relay.count();
    eventually("some heartbeats", || (relay.count() > before + 1000).then_some(()));
    assert!(!relay.has_seen(b"\x04PING"));
    bounce(&client_socket, &server);
}

/// Makes the process wait for a moment at its very end, when the libraries have ended but its threads have not.
fn linger_at_exit() {
    let (mut reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
    // SAFETY: a descriptor whose ownership passes to the file, and a mode.
    let file = unsafe { libc::fdopen(writer.into_raw_fd(), c"w".as_ptr()) };
    let text = vec![b'x'; 1 << 20];
    let buffer = vec![0_u8; text.len() + 1].leak();
    // SAFETY: an open file, and memory that lives until the end of the process.
    let buffered = unsafe { libc::setvbuf(file, buffer.as_mut_ptr().cast(), libc::_IOFBF, buffer.len()) };
    assert_eq!(buffered, 0);
    // SAFETY: this many bytes exist, and the buffer has room for them.
    assert_eq!(unsafe { libc::fwrite(text.as_ptr().cast(), 1, text.len(), file) }, text.len());
    // The C library writes these bytes at the very end of the process, and the pair of sockets does not have room for them.
    std::thread::spawn(move || {
        let mut some = [0; 4096];
        while reader.read(&mut some).is_ok() {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn a_process_may_end_with_its_connections() {
    in_realm!();
    linger_at_exit();
    let context = context();
    let (server, endpoint) = secure_server(&context, GssapiServer::new());
    let client_socket = secure_client(&context, client(), endpoint);
    bounce(&client_socket, &server);
    std::thread::spawn(move || while client_socket.send([7; 100]).is_ok() {});
    for _ in 0..1000 {
        server.recv().unwrap();
    }
    std::thread::spawn(move || while server.recv().is_ok() {});
    std::mem::forget(context);
}

/// Both sides switch from one mechanism to another.
#[test]
fn the_last_security_counts() {
    in_realm!();
    let context = context();
    let (one, other) = (socket(&context, Dealer), socket(&context, Dealer));
    one.set_security(client()).unwrap();
    one.set_security(GssapiServer::new()).unwrap();
    other.set_security(GssapiServer::new().plaintext(true)).unwrap();
    other.set_security(client()).unwrap();
    other.connect(one.bind(TCP).unwrap()).unwrap();
    bounce(&one, &other);

    // A principal cannot be removed.
    let named = socket(&context, Dealer);
    let alice = client().principal("alice", GssapiNameType::UserName);
    named.set_security(alice.clone()).unwrap();
    let error = named.set_security(client()).unwrap_err();
    assert_error(error, ErrorKind::WrongState, zmq_sys::EFSM, &["GssapiClient", "principal"]);
    named.set_security(alice).unwrap();
    named.set_security(Null::new()).unwrap();
    let endpoint = named.bind(TCP).unwrap();
    bounce(&named, &connected(&context, Dealer, endpoint));

    for text in ["", "with\0NUL", &"x".repeat(256)] {
        let of_a_client = GssapiClient::new(text, GssapiNameType::HostBased);
        let refused: [Security; 3] = [
            of_a_client.into(),
            client().principal(text, GssapiNameType::UserName).into(),
            GssapiServer::new().principal(text, GssapiNameType::UserName).into(),
        ];
        for security in refused {
            let error = socket(&context, Dealer).set_security(security).unwrap_err();
            assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["principal"]);
        }
    }
    let longest = "x".repeat(255);
    let socket = socket(&context, Any(SocketKind::Dealer));
    socket.set_security(GssapiServer::new().principal(&longest, GssapiNameType::UserName)).unwrap();
    assert_eq!(socket.mechanism().unwrap(), Mechanism::GSSAPI);
}

#[test]
fn ws_does_not_support_gssapi() {
    let context = context();
    for security in [Security::from(client()), GssapiServer::new().into()] {
        let socket = socket(&context, Dealer);
        socket.set_security(security).unwrap();
        for endpoint in ["ws://127.0.0.1:5555", "wss://127.0.0.1:5555"] {
            for error in [socket.bind(endpoint).unwrap_err(), socket.connect(endpoint).unwrap_err()] {
                let kind = ErrorKind::IncompatibleProtocol;
                assert_error(error, kind, zmq_sys::ENOCOMPATPROTO, &[endpoint, "GSSAPI"]);
            }
        }
    }
}
