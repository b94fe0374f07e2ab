//! STREAM sockets: peers that use plain TCP, on either side.

use crate::common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
#[cfg(zmq_vendored)]
use std::sync::Arc;

use common::zmtp::greeting;
use common::{LIMIT, TCP, bound, connected, context, eventually, socket};
#[cfg(zmq_vendored)]
use zmq::monitor::Events;
use zmq::{Dealer, Endpoint, ErrorKind, Message, Socket, Stream};

/// The id of a peer that has just connected or disconnected, which a STREAM reports with an empty chunk.
fn notice(stream: &Socket<Stream>) -> Message {
    let [id, empty] = stream.recv_multipart().unwrap().try_into().unwrap();
    assert_eq!((id.len(), id[0]), (5, 0));
    assert!(empty.is_empty(), "data arrived instead of a notification");
    id
}

/// Reads this many bytes from one peer, in any number of chunks.
fn read_from(stream: &Socket<Stream>, peer: &Message, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < len {
        let [id, chunk] = stream.recv_multipart().unwrap().try_into().unwrap();
        assert_eq!(id, *peer);
        assert!(!chunk.is_empty(), "the peer closed after {} bytes", bytes.len());
        bytes.extend_from_slice(&chunk);
    }
    bytes
}

/// Reads everything that a plain client gets until the connection is closed. The STREAM needs some calls for that.
fn read_to_end(client: &mut TcpStream, stream: &Socket<Stream>) -> Vec<u8> {
    client.set_nonblocking(true).unwrap();
    let mut bytes = Vec::new();
    eventually("the connection is closed", || {
        stream.events().unwrap();
        match client.read_to_end(&mut bytes) {
            Ok(_) => Some(()),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                None
            }
        }
    });
    bytes
}

fn tcp_client(endpoint: &Endpoint) -> TcpStream {
    let client = TcpStream::connect(endpoint.address()).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    client
}

/// Conformance: ST-1.
#[test]
fn both_sides_are_notified_of_the_connection() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let client = connected(&context, Stream, endpoint);
    let to_client = notice(&server);
    let to_server = notice(&client);
    assert_eq!(client.routing_id().unwrap(), *to_server);

    client.send_multipart((&to_server, "Hello")).unwrap();
    assert_eq!(read_from(&server, &to_client, 5), b"Hello");
    server.send_multipart((&to_client, "World")).unwrap();
    assert_eq!(read_from(&client, &to_server, 5), b"World");
}

/// Sends the greeting of a ROUTER: ZMTP 3.0 with the mechanism NULL.
fn greet_as_router(stream: &Socket<Stream>, peer: &Message) {
    stream.send_multipart((peer, greeting(0, "NULL"))).unwrap();
    let ready = b"\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0";
    stream.send_multipart((peer, ready)).unwrap();
}

/// Conformance: ST-2.
#[test]
fn a_stream_shows_the_wire_protocol() {
    let context = context();
    let (stream, endpoint) = bound(&context, Stream, TCP);
    let dealer = connected(&context, Dealer, endpoint);
    let peer = notice(&stream);
    let signature = read_from(&stream, &peer, 10);
    assert_eq!((signature[0], signature[9]), (0xff, 0x7f));

    greet_as_router(&stream, &peer);

    // The rest of the greeting, and READY.
    let ours = read_from(&stream, &peer, 97 - signature.len());
    let theirs = [signature, ours].concat();
    assert_eq!(theirs[10], 3);
    assert_eq!(&theirs[12..16], b"NULL");
    assert_eq!(&theirs[64..72], b"\x04\x29\x05READY");
    assert!(theirs.windows(6).any(|window| window == b"DEALER"));

    stream.send_multipart((&peer, b"\0\x05World")).unwrap();
    assert_eq!(dealer.recv().unwrap(), "World");
    dealer.send("Hello").unwrap();
    assert_eq!(read_from(&stream, &peer, 7), b"\0\x05Hello");
}

/// Conformance: ST-3.
#[test]
fn a_long_message_is_its_header_and_its_bytes() {
    let context = context();
    let (stream, endpoint) = bound(&context, Stream, TCP);
    let dealer = connected(&context, Dealer, endpoint);
    dealer.send(vec![7; 64_000]).unwrap();
    let peer = notice(&stream);
    greet_as_router(&stream, &peer);
    let bytes = read_from(&stream, &peer, 64 + 43 + 9 + 64_000);
    // A long frame, the last one of its message, with a length of 8 bytes.
    assert_eq!(bytes[107..116], [2, 0, 0, 0, 0, 0, 0, 0xfa, 0]);
    assert!(bytes[116..].iter().all(|&byte| byte == 7));
}

/// Conformance: ST-7.
#[test]
fn an_empty_chunk_may_be_constant() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let mut client = tcp_client(&endpoint);
    let peer = notice(&server);
    server.send_multipart([peer, Message::from_static(b"")]).unwrap();
    assert!(read_to_end(&mut client, &server).is_empty());
}

/// Conformance: ST-4.
#[test]
fn a_stream_can_serve_http() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let mut client = tcp_client(&endpoint);
    let peer = notice(&server);
    let request = b"GET / HTTP/1.0\r\n\r\n";
    client.write_all(request).unwrap();
    assert_eq!(read_from(&server, &peer, request.len()), request);

    let response = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello, World!";
    server.send_multipart((&peer, response)).unwrap();
    // An empty chunk closes the connection.
    server.send_multipart((&peer, "")).unwrap();
    assert_eq!(read_to_end(&mut client, &server), response.as_bytes());
}

/// Conformance: ST-5.
#[test]
fn an_empty_chunk_disconnects() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let client = connected(&context, Stream, endpoint);
    let to_client = notice(&server);
    let to_server = notice(&client);
    client.send_multipart((&to_server, "")).unwrap();
    let message = eventually("the server receives the notification", || {
        client.events().unwrap();
        server.try_recv_multipart().ok()
    });
    assert_eq!(message, [&to_client[..], b""]);
}

#[test]
fn a_closed_tcp_peer_is_reported_and_unreachable() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let client = tcp_client(&endpoint);
    let peer = notice(&server);
    drop(client);
    assert_eq!(notice(&server), peer);
    eventually("the peer is unknown", || {
        server.events().unwrap();
        let failure = server.try_send_multipart((&peer, "Hello")).err()?;
        (failure.kind() == ErrorKind::HostUnreachable).then_some(())
    });
}

/// Conformance: ST-8.
#[test]
fn more_bytes_than_one_chunk_arrive_in_order() {
    let bytes: Vec<u8> = [0xde, 0xad, 0xbe, 0xef].into_iter().chain((0..=255).cycle()).take(8193).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = context();
    let client = connected(&context, Stream, format!("tcp://{}", listener.local_addr().unwrap()));
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(&bytes).unwrap();

    let peer = notice(&client);
    assert_eq!(read_from(&client, &peer, bytes.len()), bytes);
}

#[test]
fn a_plain_tcp_echo_server_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = context();
    let client = connected(&context, Stream, format!("tcp://{}", listener.local_addr().unwrap()));
    let (mut server, _) = listener.accept().unwrap();
    server.set_read_timeout(Some(LIMIT)).unwrap();

    let peer = notice(&client);
    client.send_multipart((&peer, "Hello")).unwrap();
    let mut buffer = [0; 5];
    server.read_exact(&mut buffer).unwrap();
    server.write_all(&buffer).unwrap();
    assert_eq!(read_from(&client, &peer, 5), b"Hello");
}

#[test]
fn one_stream_serves_several_tcp_peers() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let mut clients: Vec<_> = (0..3)
        .map(|_| {
            let client = tcp_client(&endpoint);
            (client, notice(&server))
        })
        .collect();
    for (index, (client, _)) in (0_u8..).zip(&mut clients) {
        client.write_all(&[index]).unwrap();
    }
    for _ in 0..3 {
        let [id, chunk] = server.recv_multipart().unwrap().try_into().unwrap();
        server.send_multipart((id, chunk)).unwrap();
    }
    for (index, (client, _)) in (0_u8..).zip(&mut clients) {
        let mut buffer = [0];
        client.read_exact(&mut buffer).unwrap();
        assert_eq!(buffer, [index]);
    }
}

/// Conformance: G-13.
#[test]
fn an_unknown_peer_is_refused() {
    let context = context();
    let (server, _) = bound(&context, Stream, TCP);
    let failure = server.send_multipart(["nobody", "Hello"]).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
    assert_eq!(failure.into_message(), ["nobody", "Hello"]);
}

#[test]
fn a_stream_does_not_support_inproc() {
    let stream = socket(&context(), Stream);
    assert_eq!(stream.bind("inproc://stream").unwrap_err().kind(), ErrorKind::IncompatibleProtocol);
    assert_eq!(stream.connect("inproc://stream").unwrap_err().kind(), ErrorKind::IncompatibleProtocol);
}

/// The rest of a message is dropped if its peer leaves after the id was taken. Its memory is still released.
#[test]
#[cfg(zmq_vendored)]
fn a_message_to_a_peer_that_leaves_is_released() {
    let context = context();
    let (server, endpoint) = bound(&context, Stream, TCP);
    let ends = server.monitor(Events::DISCONNECTED).unwrap();
    let mut client = tcp_client(&endpoint);
    let id = notice(&server);
    server.send_more(id).unwrap();
    // Its last message keeps the queues of the connection until somebody receives it.
    client.write_all(b"the end").unwrap();
    drop(client);
    ends.recv_within(LIMIT).unwrap();

    let bytes = Arc::new([7; 100]);
    // The socket learns of the end in one of its calls.
    eventually("the end of the connection is reported", || {
        server.events().unwrap().contains(zmq::POLLIN).then_some(())
    });
    server.send(Message::from_owner(Shared(Arc::clone(&bytes)))).unwrap();
    drop((server, ends, context));
    assert_eq!(Arc::strong_count(&bytes), 1, "the owner was never dropped");
}

#[cfg(zmq_vendored)]
struct Shared(Arc<[u8; 100]>);

#[cfg(zmq_vendored)]
impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0[..]
    }
}
