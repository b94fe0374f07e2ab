//! Properties of received messages: the ones set by libzmq, by a ZAP handler and by the peer.

use crate::common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::{TCP, bound, connected, context, dealers, eventually, socket};
use zmq::security::Null;
use zmq::{
    Context, Dealer, ErrorKind, Message, POLLIN, Pair, Pull, Push, Rep, Req, Router, Socket, Stream, Version,
};

/// A DEALER that asks a ZAP handler, and a DEALER connected to it. The handler accepts it with this user id and
/// metadata.
fn authenticated(context: &Context, user: &[u8], metadata: &[u8]) -> (Socket<Dealer>, Socket<Dealer>) {
    let handler = socket(context, Rep);
    handler.bind("inproc://zeromq.zap.01").unwrap();
    let server = socket(context, Dealer);
    server.set_security(Null::new().zap_domain("DOMAIN")).unwrap();
    let client = connected(context, Dealer, server.bind(TCP).unwrap());
    let request = handler.recv_multipart().unwrap();
    assert_eq!(request[0], "1.0");
    assert_eq!(request[2], "DOMAIN");
    handler.send_multipart([&b"1.0"[..], &request[1], b"200", b"OK", user, metadata]).unwrap();
    (server, client)
}

/// A property in the encoding of metadata: the length of the name, the name, the length of the value, the value.
fn encoded(name: &str, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(name.len()).unwrap()];
    bytes.extend(name.as_bytes());
    bytes.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
    bytes.extend(value);
    bytes
}

/// Conformance: ME-5.
#[test]
fn a_message_has_properties_of_its_sender() {
    let context = context();
    let (server, client) = authenticated(&context, b"anonymous", &encoded("Hello", b"World"));
    client.send("This is a message").unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message.property("Hello").unwrap(), Some("World"));
    assert_eq!(message.property("Socket-Type").unwrap(), Some("DEALER"));
    assert_eq!(message.socket_type().unwrap(), Some("DEALER"));
    assert_eq!(message.user_id().unwrap(), Some("anonymous"));
    assert_eq!(message.property("User-Id").unwrap(), Some("anonymous"));
    assert_eq!(message.peer_address().unwrap(), Some("127.0.0.1"));
    for absent in ["No Such", "hello", "Routing-Id", ""] {
        assert_eq!(message.property(absent).unwrap(), None, "{absent}");
        assert_eq!(message.property_bytes(absent).unwrap(), None, "{absent}");
    }
    // The client did not ask a handler.
    server.send("and back").unwrap();
    assert_eq!(client.recv().unwrap().user_id().unwrap(), None);
}

/// libzmq stores the descriptor of the connection among them, for itself.
#[test]
fn the_descriptor_of_a_connection_is_not_exposed() {
    let context = context();
    let (server, endpoint) = bound(&context, Dealer, TCP);
    let client = connected(&context, Dealer, endpoint);
    client.send("Hello").unwrap();
    let message = server.recv().unwrap();
    assert!(message.property("Peer-Address").unwrap().is_some());
    assert_eq!(message.property("__fd").unwrap(), None);
    assert_eq!(message.property_bytes("__fd").unwrap(), None);
}

/// Conformance: ME-6.
#[test]
fn all_frames_have_the_properties() {
    let context = context();
    let (server, endpoint) = bound(&context, Router, TCP);
    let client = connected(&context, Req, endpoint);
    client.send("Hello").unwrap();
    // When a ROUTER reads its events, it takes the first frame of the message out of its queue.
    eventually("the request has arrived", || server.events().unwrap().contains(POLLIN).then_some(()));
    let request = server.recv_multipart().unwrap();
    assert_eq!(request.len(), 3);
    // libzmq 4.3.4 loses the properties of a frame that it generated and read ahead: the id.
    let forgotten = usize::from(zmq::version() < Version::new(4, 3, 5));
    for frame in request.iter().skip(forgotten) {
        assert_eq!(frame.socket_type().unwrap(), Some("REQ"));
        assert_eq!(frame.peer_address().unwrap(), Some("127.0.0.1"));
    }
}

/// Conformance: ST-6.
#[test]
fn the_id_frame_of_a_stream_has_the_address_of_the_peer() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let mut peer = TcpStream::connect(endpoint.address()).unwrap();
    peer.write_all(b"hello").unwrap();
    for content in ["", "hello"] {
        let message = server.recv_multipart().unwrap();
        assert_eq!(message[1], content);
        assert_eq!(message[0].peer_address().unwrap(), Some("127.0.0.1"));
    }
}

/// Conformance: ME-3.
#[test]
fn a_message_reports_shared_bytes() {
    let message = Message::from(vec![0; 1024]);
    let copy = message.clone();
    assert!(copy.is_shared());
    assert!(Message::from_static(b"constant data").is_shared());
    assert!(!Message::from(vec![0; 1024]).is_shared());
}

/// Also of a message whose few bytes lie inside it.
#[test]
fn clones_keep_the_properties_alive() {
    for len in [0, 5, 33, 34, 1000] {
        let context = context();
        let (server, client) = dealers(&context, TCP);
        client.send(vec![1; len]).unwrap();
        let message = server.recv().unwrap();
        let mut copies = vec![message.clone(); 20];
        copies[0].clone_from(&message);
        drop((message, server, client));
        // The properties are freed once the connection, which has them too, is gone.
        drop(context);
        while let Some(copy) = copies.pop() {
            assert_eq!(copy.socket_type().unwrap(), Some("DEALER"), "{len} bytes");
            assert_eq!(copy, vec![1; len]);
        }
    }
}

#[test]
fn a_clone_keeps_the_properties_and_a_forwarded_message_loses_them() {
    let context = context();
    let (server, client) = dealers(&context, TCP);
    client.send(vec![1; 1000]).unwrap();
    let message = server.recv().unwrap();
    let copy = message.clone();
    drop(message);
    assert_eq!(copy.socket_type().unwrap(), Some("DEALER"));

    let (sink, source) = (socket(&context, Pull), socket(&context, Push));
    sink.bind("inproc://relayed").unwrap();
    source.connect("inproc://relayed").unwrap();
    source.send(copy).unwrap();
    assert_eq!(sink.recv().unwrap().socket_type().unwrap(), None);

    // Also if it could not be sent.
    client.send("again").unwrap();
    let message = server.recv().unwrap();
    let alone = socket(&context, Push);
    let message = alone.try_send(message).unwrap_err().into_message();
    assert_eq!(message, "again");
    assert_eq!(message.property("Socket-Type").unwrap(), None);
}

#[test]
fn messages_over_inproc_and_own_messages_have_no_properties() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    left.bind("inproc://properties").unwrap();
    right.connect("inproc://properties").unwrap();
    left.send("Hello").unwrap();
    for message in [right.recv().unwrap(), Message::new(), Message::from("Hello")] {
        assert_eq!(message.peer_address().unwrap(), None);
        assert_eq!(message.identity(), None);
    }
}

#[test]
fn a_message_has_the_routing_id_that_its_peer_announced() {
    let context = context();
    let (server, endpoint) = bound(&context, Dealer, TCP);
    for (id, expected) in
        [(&b"worker-7"[..], &b"worker-7"[..]), (b"cut\0off", b"cut"), (b"\xFF\xFE", b"\xFF\xFE")]
    {
        let client = socket(&context, Dealer);
        client.set_routing_id(id).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("Hello").unwrap();
        assert_eq!(server.recv().unwrap().identity(), Some(expected));
    }
    let client = connected(&context, Dealer, &endpoint);
    client.send("Hello").unwrap();
    assert_eq!(server.recv().unwrap().identity(), Some(&b""[..]));
    // Other socket types announce no id.
    let (sink, endpoint) = bound(&context, Pull, TCP);
    let source = connected(&context, Push, &endpoint);
    source.send("Hello").unwrap();
    assert_eq!(sink.recv().unwrap().identity(), None);
}

#[test]
fn a_name_with_a_nul_is_refused() {
    let message = Message::from("Hello");
    for name in ["\0", "Peer-Address\0", "a\0b"] {
        let error = message.property(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            error.to_string(),
            format!("property {}: the name must not contain a NUL byte", name.escape_debug())
        );
        assert_eq!(message.property_bytes(name).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let long = "x".repeat(1 << 20);
    assert_eq!(message.property(&long).unwrap(), None);
}

#[test]
fn a_value_may_not_be_text() {
    let context = context();
    let metadata =
        [encoded("Text", "Grüße".as_bytes()), encoded("Bytes", b"\xFF\xFE\0\x01"), encoded("None", b"")]
            .concat();
    let (server, client) = authenticated(&context, b"\x80", &metadata);
    client.send("Hello").unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message.property("Text").unwrap(), Some("Grüße"));
    assert_eq!(message.property("None").unwrap(), Some(""));
    let error = message.property("Bytes").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().starts_with("property Bytes: not UTF-8"), "{error}");
    // Up to the first NUL.
    assert_eq!(message.property_bytes("Bytes").unwrap(), Some(&b"\xFF\xFE"[..]));
    assert_eq!(message.user_id().unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(message.property_bytes("User-Id").unwrap(), Some(&b"\x80"[..]));
}

/// A peer that speaks ZMTP by itself, and announces any metadata.
#[test]
fn a_peer_may_announce_any_properties() {
    let context = context();
    let (server, endpoint) = bound(&context, Pull, TCP);
    let mut peer = TcpStream::connect(endpoint.address()).unwrap();
    let mut greeting = vec![0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0];
    greeting.extend(b"NULL");
    greeting.resize(64, 0);
    peer.write_all(&greeting).unwrap();
    let mut theirs = [0; 64];
    peer.read_exact(&mut theirs).unwrap();

    let properties =
        [encoded("Socket-Type", b"PUSH"), encoded("X-Odd", b"\xC3\x28"), encoded("Identity", b"\xFF")];
    let mut ready = b"\x05READY".to_vec();
    ready.extend(properties.concat());
    let mut frame = vec![4, u8::try_from(ready.len()).unwrap()];
    frame.extend(ready);
    frame.extend([0, 5]);
    frame.extend(b"Hello");
    peer.write_all(&frame).unwrap();

    let message = server.recv().unwrap();
    assert_eq!(message, "Hello");
    assert_eq!(message.socket_type().unwrap(), Some("PUSH"));
    assert_eq!(message.property("X-Odd").unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(message.property_bytes("X-Odd").unwrap(), Some(&b"\xC3\x28"[..]));
    assert_eq!(message.identity(), Some(&b"\xFF"[..]));
}

#[cfg(unix)]
#[test]
fn over_ipc_the_address_is_the_process_of_the_peer() {
    if !zmq::has(zmq::Feature::Ipc) {
        return;
    }
    let context = context();
    let (server, client) = dealers(&context, "ipc://*");
    client.send("Hello").unwrap();
    let message = server.recv().unwrap();
    if let Some(address) = message.peer_address().unwrap() {
        assert!(address.ends_with(&format!(":{}", std::process::id())), "{address}");
    }
}

/// Threads that drop messages of one connection, whose properties are shared.
#[test]
fn messages_of_one_connection_can_be_dropped_in_several_threads() {
    let context = context();
    let (server, client) = dealers(&context, TCP);
    let messages: Vec<Message> = (0..100_u8)
        .map(|number| {
            client.send([number]).unwrap();
            server.recv().unwrap()
        })
        .collect();
    drop((server, client));
    std::thread::scope(|threads| {
        for message in messages {
            threads.spawn(move || {
                assert_eq!(message.clone().socket_type().unwrap(), Some("DEALER"));
                assert_eq!(message.peer_address().unwrap(), Some("127.0.0.1"));
            });
        }
    });
}

/// Conformance: ME-7.
#[cfg(zmq_draft)]
#[test]
fn each_side_can_send_metadata() {
    let context = context();
    let (server, client) = (socket(&context, Dealer), socket(&context, Dealer));
    server.add_metadata("X-server", "one").unwrap();
    client.add_metadata("X-client", "two").unwrap();
    client.connect(server.bind(TCP).unwrap()).unwrap();
    client.send("Hello").unwrap();
    assert_eq!(server.recv().unwrap().property("X-client").unwrap(), Some("two"));
    server.send("World").unwrap();
    assert_eq!(client.recv().unwrap().property("X-server").unwrap(), Some("one"));
    for (name, value) in [("", "value"), ("X-", "value"), ("X-name", ""), ("name", "value"), ("X-a\0b", "c")]
    {
        let error = server.add_metadata(name, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}: {value:?}");
    }
}
