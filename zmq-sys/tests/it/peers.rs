//! Peers that violate the protocol. The README of `zmq-src` has a table of the defects that these tests found.

use std::ffi::{CString, c_int};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use crate::raw::*;
use zmq_sys::*;

/// A bound socket with a context of its own, and its endpoint.
struct Server {
    socket: Socket,
    endpoint: String,
    context: Context,
}

impl Server {
    fn new(kind: c_int, options: &[(c_int, c_int)]) -> Server {
        Server::at("tcp://127.0.0.1:*", kind, options)
    }

    fn at(endpoint: &str, kind: c_int, options: &[(c_int, c_int)]) -> Server {
        let context = Context::new();
        let socket = context.socket(kind);
        for &(option, value) in options {
            socket.set(option, value);
        }
        let endpoint = socket.bind(endpoint);
        Server { socket, endpoint, context }
    }

    /// Returns a plain connection to the socket.
    fn connection(&self) -> TcpStream {
        let address = self.endpoint.split_once("://").unwrap().1;
        let connection = TcpStream::connect(address.trim_end_matches('/')).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        connection
    }

    /// Returns a connection that has announced this socket type and finished the handshake.
    fn peer(&self, kind: &str) -> TcpStream {
        introduced(self.connection(), &ready(kind))
    }

    /// Returns a connection like `peer`, which has also announced a routing id.
    fn peer_called(&self, name: &str, kind: &str) -> TcpStream {
        introduced(self.connection(), &ready_as(name, kind))
    }
}

/// Makes the handshake and returns the connection.
fn introduced(mut peer: TcpStream, ready: &[u8]) -> TcpStream {
    peer.write_all(&greeting("NULL", 1)).unwrap();
    peer.write_all(&command(ready)).unwrap();
    peer.read_exact(&mut [0; 64]).unwrap();
    let [_, len] = read(&mut peer);
    peer.read_exact(&mut vec![0; usize::from(len)]).unwrap();
    peer
}

fn ready(kind: &str) -> Vec<u8> {
    let mut ready = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
    ready.push(u8::try_from(kind.len()).unwrap());
    ready.extend(kind.as_bytes());
    ready
}

fn ready_as(name: &str, kind: &str) -> Vec<u8> {
    let mut ready = ready(kind);
    ready.extend(b"\x08Identity\0\0\0");
    ready.push(u8::try_from(name.len()).unwrap());
    ready.extend(name.as_bytes());
    ready
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    match u8::try_from(body.len()) {
        Ok(len) => [&[flags, len], body].concat(),
        Err(_) => {
            let len = u64::try_from(body.len()).unwrap();
            [&[flags | 2], &len.to_be_bytes()[..], body].concat()
        }
    }
}

fn command(body: &[u8]) -> Vec<u8> {
    frame(4, body)
}

fn read<const N: usize>(peer: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    peer.read_exact(&mut bytes).unwrap();
    bytes
}

/// Waits until the other side closes the connection, and returns whether it does.
fn is_closed(peer: &mut TcpStream) -> bool {
    match peer.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Resets a connection.
fn reset(connection: TcpStream) {
    let now = libc::linger { l_onoff: 1, l_linger: 0 };
    let len = u32::try_from(size_of_val(&now)).unwrap();
    let fd = connection.as_raw_fd();
    let set =
        unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, (&raw const now).cast(), len) };
    assert_eq!(set, 0);
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Returns how many descriptors libzmq's threads watch, as the kernel reports it.
fn watched() -> usize {
    let pollers = fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
    pollers.map(|poller| fs::read_to_string(poller.path()).unwrap_or_default().matches("tfd:").count()).sum()
}

/// Resets a connection that libzmq does not read any more, and waits until libzmq has noticed.
fn reset_unread(connection: TcpStream) {
    let before = watched();
    reset(connection);
    eventually("the end of the connection is seen", || watched() < before);
}

#[test]
fn a_short_ping_is_not_answered_with_bytes_of_the_memory() {
    let _alone = alone();
    let server = Server::new(ZMQ_PULL, &[]);
    let mut peer = server.peer("PUSH");
    for ping in [&b"\x04PING"[..], b"\x04PING\0", b"\x04PING\0\0mine"] {
        peer.write_all(&command(ping)).unwrap();
    }
    assert_eq!(&read(&mut peer), b"\x04\x09\x04PONGmine");
}

#[test]
fn a_late_ping_may_come_from_a_closed_peer() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for _ in 0..5 {
        let server = Server::new(ZMQ_PULL, &[(ZMQ_RCVHWM, 1)]);
        let mut peer = server.peer("PUSH");
        // More messages than the queue has room for, so that some wait.
        let messages =
            [&frame(0, b"one")[..], &frame(0, b"two"), &command(b"\x04PING\0\0"), &frame(0, b"three")];
        peer.write_all(&messages.concat()).unwrap();
        eventually("the first one is there", || {
            let mut item = zmq_pollitem_t { socket: server.socket.0, fd: 0, events: 1, revents: 0 };
            unsafe { zmq_poll(&raw mut item, 1, 0) == 1 }
        });
        reset_unread(peer);
        assert_eq!(server.socket.recv(), b"one");
        assert_eq!(server.socket.recv(), b"two");
        let _ = server.socket.try_recv(ZMQ_DONTWAIT);
        let mut other = server.peer("PUSH");
        other.write_all(&frame(0, b"served")).unwrap();
        eventually("another is served", || server.socket.try_recv(0).unwrap() == b"served");
    }
}

const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nHost: host\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

#[test]
fn an_invalid_ws_frame_ends_the_connection() {
    let _alone = alone();
    let server = Server::at("ws://127.0.0.1:*", ZMQ_PULL, &[]);
    for bad in
        [&b"\x01\x80"[..], b"\x83\x80\0\0\0\0", b"\x82\x02\0x", b"\x82\x80\0\0\0\0", b"\x82\xfe\0\0\0\0\0\0"]
    {
        let mut peer = server.connection();
        peer.write_all(UPGRADE).unwrap();
        // Reads the answer to the handshake, so that the frame is sent separately.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.extend(read::<1>(&mut peer));
        }
        peer.write_all(bad).unwrap();
        assert!(is_closed(&mut peer), "{bad:?}");
    }
}

#[test]
fn a_ws_handshake_has_the_time_limit_of_the_option() {
    let _alone = alone();
    let server = Server::at("ws://127.0.0.1:*", ZMQ_PULL, &[(ZMQ_HANDSHAKE_IVL, 50)]);
    for part in [&UPGRADE[..0], &UPGRADE[..20], UPGRADE] {
        let mut peer = server.connection();
        peer.write_all(part).unwrap();
        assert!(is_closed(&mut peer));
    }
}

#[test]
fn a_pair_closes_the_connections_that_it_rejects() {
    let _alone = alone();
    let server = Server::new(ZMQ_PAIR, &[]);
    let mut first = server.peer("PAIR");
    first.write_all(&frame(0, b"first")).unwrap();
    assert_eq!(server.socket.recv(), b"first");
    let events = server.context.monitor(&server.socket, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    let before = descriptors();
    for _ in 0..5 {
        let mut second = server.peer("PAIR");
        // The socket knows of the connection, and rejects it in the next call.
        assert_eq!(events.recv().len(), 6);
        assert!(events.recv().starts_with(b"tcp://"));
        second.write_all(&frame(0, b"second").repeat(2)).unwrap();
        assert_eq!(server.socket.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
        server.context.io_thread_catches_up();
        assert_eq!(server.socket.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
        // The connection is closed, although the peer could send more.
        match second.read(&mut [0]) {
            Ok(0) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
            Ok(_) => panic!("the rejected peer received data"),
        }
    }
    eventually("the connections are closed", || {
        assert_eq!(server.socket.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
        descriptors() == before
    });
    first.write_all(&frame(0, b"still there")).unwrap();
    assert_eq!(server.socket.recv(), b"still there");
}

#[test]
fn router_and_rep_close_connections_whose_id_is_taken() {
    let _alone = alone();
    for (kind, peer) in [(ZMQ_ROUTER, "DEALER"), (ZMQ_REP, "REQ")] {
        let server = Server::new(kind, &[(ZMQ_RCVHWM, 1)]);
        // Returns the content that a REP receives, or that a ROUTER receives after the id.
        let received = || match server.socket.try_recv(ZMQ_DONTWAIT) {
            Ok(id) if kind == ZMQ_ROUTER => {
                assert_eq!(id, b"name");
                assert_eq!(server.socket.recv(), b"");
                Some(server.socket.recv())
            }
            other => other.ok(),
        };
        let message = |body: &[u8]| [frame(1, b""), frame(0, body)].concat();
        let mut first = server.peer_called("name", peer);
        first.write_all(&message(b"first")).unwrap();
        eventually("the first is heard", || received().is_some_and(|body| body == b"first"));
        if kind == ZMQ_REP {
            server.socket.send(b"reply");
        }
        let before = descriptors();
        for count in [0, 1, 5, 5, 5] {
            let mut second = server.peer_called("name", peer);
            second.write_all(&message(b"second").repeat(count)).unwrap();
        }
        eventually("the connections are closed", || {
            assert_eq!(received(), None);
            descriptors() == before
        });
        first.write_all(&message(b"still there")).unwrap();
        eventually("the first is heard again", || received().is_some_and(|body| body == b"still there"));
    }
}

#[test]
fn a_router_connects_again_to_a_peer_whose_id_was_taken() {
    let _alone = alone();
    let context = Context::new();
    let router = context.socket(ZMQ_ROUTER);
    router.set(ZMQ_RCVHWM, 1);
    router.set(ZMQ_RECONNECT_IVL, 1);
    let connected = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        router.connect(&endpoint);
        (listener, CString::new(endpoint).unwrap())
    };
    let accepted = |listener: &TcpListener| {
        listener.set_nonblocking(true).unwrap();
        let mut connection = None;
        eventually("the socket connects", || {
            // The socket processes new peers in a call. It receives nothing from rejected peers.
            while let Ok(part) = router.try_recv(ZMQ_DONTWAIT) {
                assert_ne!(part, b"second");
            }
            connection = listener.accept().ok();
            connection.is_some()
        });
        let (connection, _) = connection.unwrap();
        connection.set_nonblocking(false).unwrap();
        introduced(connection, &ready_as("name", "DEALER"))
    };
    let heard = |peer: &mut TcpStream, body: &[u8]| {
        peer.write_all(&frame(0, body)).unwrap();
        assert_eq!(router.recv(), b"name");
        assert_eq!(router.recv(), body);
    };

    let (listener, endpoint) = connected();
    let mut first = accepted(&listener);
    heard(&mut first, b"first");
    let (other, _) = connected();
    for _ in 0..5 {
        let mut second = accepted(&other);
        second.write_all(&frame(0, b"second").repeat(5)).unwrap();
    }
    assert_eq!(cvt(unsafe { zmq_disconnect(router.0, endpoint.as_ptr()) }), Ok(()));
    // The name is free when the socket has noticed the end of the first connection.
    eventually("the name is free", || {
        let mut second = accepted(&other);
        second.write_all(&frame(0, b"late")).unwrap();
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            router.try_recv(ZMQ_DONTWAIT).is_ok_and(|id| id == b"name" && router.recv() == b"late")
        })
    });
}

#[test]
fn closed_peers_do_not_prevent_the_end_of_a_context() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for _ in 0..5 {
        let server = Server::new(ZMQ_PULL, &[(ZMQ_RCVHWM, 1), (ZMQ_LINGER, -1)]);
        let mut peer = server.peer("PUSH");
        peer.write_all(&frame(0, b"never read").repeat(3)).unwrap();
        eventually("the first one is there", || {
            let mut item = zmq_pollitem_t { socket: server.socket.0, fd: 0, events: 1, revents: 0 };
            unsafe { zmq_poll(&raw mut item, 1, 0) == 1 }
        });
        reset_unread(peer);
    }
}

#[test]
fn a_push_closes_the_connections_of_peers_that_send() {
    let _alone = alone();
    let server = Server::new(ZMQ_PUSH, &[(ZMQ_RCVHWM, 1)]);
    let before = descriptors();
    for _ in 0..5 {
        let mut peer = server.peer("PULL");
        peer.write_all(&frame(0, b"never read").repeat(5)).unwrap();
    }
    eventually("the connections are closed", || descriptors() == before);
}

#[test]
fn malformed_requests_of_closed_peers_do_not_affect_replies() {
    let _alone = alone();
    let server = Server::new(ZMQ_REP, &[]);
    let mut client = server.peer("REQ");
    let before = descriptors();
    let mut peer = server.peer("REQ");
    // The request has no empty part, which would end the envelope.
    peer.write_all(&[frame(1, b"request"), frame(0, b"end")].concat()).unwrap();
    drop(peer);
    eventually("the peer is gone", || descriptors() == before);
    client.write_all(&[frame(1, b""), frame(0, b"request")].concat()).unwrap();
    assert_eq!(server.socket.recv(), b"request");
    server.socket.send(b"reply");
    assert_eq!(&read(&mut client), b"\x01\0\0\x05reply");
}

#[test]
fn the_first_message_of_an_old_protocol_may_arrive_while_the_socket_closes() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for _ in 0..200 {
        let server = Server::new(ZMQ_ROUTER, &[]);
        let mut peers: Vec<_> = (0..20).map(|_| server.connection()).collect();
        for peer in &mut peers {
            peer.write_all(b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05").unwrap();
        }
        let words = std::thread::spawn(move || {
            for peer in &mut peers {
                let _ = peer.write_all(&frame(0, b"name"));
            }
        });
        drop(server);
        words.join().unwrap();
    }
}

/// Only glibc reports how much memory is in use.
#[cfg(all(feature = "draft", target_env = "gnu", not(windows)))]
mod draft {
    use super::*;

    #[test]
    fn a_dish_frees_groups_whose_message_never_arrives() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let server = Server::new(ZMQ_DISH, &[]);
        let open = descriptors();
        let rounds = |count| {
            for _ in 0..count {
                // The group is too long to be stored inside the message.
                server.peer("RADIO").write_all(&frame(1, &[b'x'; 255])).unwrap();
            }
            eventually("the connections are closed", || descriptors() == open);
            // The socket frees the groups in its next calls.
            for _ in 0..5 {
                assert_eq!(server.socket.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
                server.context.io_thread_catches_up();
            }
            unsafe { libc::mallinfo2() }.uordblks
        };
        let before = rounds(50);
        let after = rounds(1000);
        assert!(after < before + 1000 * 100, "{before} bytes, then {after}");
    }
}
