//! Heartbeats, the handshake interval and reconnecting, as a peer observes them.

use crate::common;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::zmtp::greet;
use common::{LIMIT, TCP, any, assert_silent, bound, context, socket};
use zmq::capability::Kind;
use zmq::{Dealer, Router, Socket, SocketKind};

const READY_DEALER: &[u8] = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER";
const READY_ROUTER: &[u8] = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER";

/// A peer that only exchanges bytes, after the handshake.
fn handshake(mut stream: TcpStream, ready: &[u8]) -> TcpStream {
    stream.set_nodelay(true).unwrap();
    greet(&mut stream, 0, "NULL");
    stream.write_all(ready).unwrap();
    assert!(frame(&mut stream).unwrap().starts_with(b"\x05READY"));
    stream
}

/// The next frame's body.
fn frame(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = [0; 2];
    stream.read_exact(&mut header)?;
    assert_eq!(header[0] & 2, 0, "a long frame");
    let mut body = vec![0; usize::from(header[1])];
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// Reads until the other side has closed the connection.
fn wait_for_the_end(stream: &mut TcpStream) {
    let end = stream.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
}

/// Sends a heartbeat: the peer should give up after `ttl` tenths of a second.
fn ping(stream: &mut TcpStream, ttl: u16, context: &[u8]) {
    let body = [b"\x04PING", &ttl.to_be_bytes()[..], context].concat();
    stream.write_all(&[4, u8::try_from(body.len()).unwrap()]).unwrap();
    stream.write_all(&body).unwrap();
}

fn raw_dealer<K: Kind>(socket: &Socket<K>) -> TcpStream {
    let endpoint = socket.last_endpoint().unwrap().unwrap();
    handshake(TcpStream::connect(endpoint.address()).unwrap(), READY_DEALER)
}

/// Conformance: HB-1.
#[test]
fn a_peer_that_answers_no_heartbeat_is_disconnected() {
    let router = socket(&context(), Router);
    router.set_heartbeat_interval(Duration::from_millis(50)).unwrap();
    router.bind(TCP).unwrap();
    let start = Instant::now();
    let mut peer = raw_dealer(&router);
    assert!(frame(&mut peer).unwrap().starts_with(b"\x04PING"));
    wait_for_the_end(&mut peer);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[test]
fn the_heartbeat_timeout_can_be_longer_than_the_interval() {
    let router = socket(&context(), Router);
    router.set_heartbeat_interval(Duration::from_millis(20)).unwrap();
    router.set_heartbeat_timeout(Duration::from_millis(200)).unwrap();
    router.bind(TCP).unwrap();
    let start = Instant::now();
    let mut peer = raw_dealer(&router);
    wait_for_the_end(&mut peer);
    assert!(start.elapsed() >= Duration::from_millis(199), "{:?}", start.elapsed());
}

/// Conformance: HB-2.
#[test]
fn heartbeats_are_answered_with_their_context() {
    let (router, _) = bound(&context(), Router, TCP);
    let mut peer = raw_dealer(&router);
    ping(&mut peer, 0, b"LOL");
    assert_eq!(frame(&mut peer).unwrap(), b"\x04PONGLOL");
    // Only the first 16 bytes of a longer context.
    ping(&mut peer, 0, &[b'x'; 58]);
    assert_eq!(frame(&mut peer).unwrap(), [&b"\x04PONG"[..], &[b'x'; 16]].concat());
    peer.write_all(b"\0\x05Hello").unwrap();
    assert_eq!(router.recv_multipart().unwrap()[1], "Hello");
}

/// Conformance: HB-3.
#[test]
fn a_ping_contains_the_ttl() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dealer = socket(&context(), Dealer);
    dealer.set_heartbeat_interval(Duration::from_millis(20)).unwrap();
    dealer.set_heartbeat_timeout(LIMIT).unwrap();
    dealer.set_heartbeat_ttl(Duration::from_millis(1500)).unwrap();
    dealer.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let mut peer = handshake(listener.accept().unwrap().0, READY_ROUTER);
    assert_eq!(frame(&mut peer).unwrap(), b"\x04PING\0\x0f");
}

/// Conformance: HB-3.
#[test]
fn a_socket_disconnects_after_the_ttl_of_its_peer() {
    for kind in [SocketKind::Router, SocketKind::Dealer] {
        let server = any(&context(), kind);
        server.bind(TCP).unwrap();
        let mut peer = raw_dealer(&server);
        let start = Instant::now();
        ping(&mut peer, 1, b"");
        assert_eq!(frame(&mut peer).unwrap(), b"\x04PONG");
        wait_for_the_end(&mut peer);
        assert!(start.elapsed() >= Duration::from_millis(99), "{:?}", start.elapsed());
    }
}

/// Conformance: OP-7, OP-8.
#[test]
fn times_are_rounded_as_on_the_wire() {
    let dealer = socket(&context(), Dealer);
    for (set, kept) in [(99, 100), (100, 100), (65_401, 65_500), (65_500, 65_500)] {
        dealer.set_heartbeat_ttl(Duration::from_millis(set)).unwrap();
        assert_eq!(dealer.heartbeat_ttl().unwrap(), Some(Duration::from_millis(kept)));
    }
    // libzmq accepts up to 109 minutes, but the peer then waits for a different time.
    let error = dealer.set_heartbeat_ttl(Duration::from_millis(65_501)).unwrap_err();
    assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
    assert_eq!(dealer.handshake_interval().unwrap(), Some(Duration::from_secs(30)));
    dealer.set_handshake_interval(Duration::from_millis(100)).unwrap();
    assert_eq!(dealer.handshake_interval().unwrap(), Some(Duration::from_millis(100)));
}

/// Conformance: HB-4.
#[test]
fn peers_that_answer_heartbeats_stay_connected() {
    use SocketKind::{Dealer, Pair, Pull, Push, Rep, Req, Router, Sub, XPub};
    let context = context();
    let timeout = Duration::from_millis(500);
    let pairs: Vec<_> = [(Router, Dealer), (Rep, Req), (Pull, Push), (XPub, Sub), (Pair, Pair)]
        .into_iter()
        .map(|(binds, connects)| {
            let (server, client) = (any(&context, binds), any(&context, connects));
            server.set_heartbeat_interval(Duration::from_millis(20)).unwrap();
            server.set_heartbeat_timeout(timeout).unwrap();
            // If it is disconnected, it does not come back.
            client.set_reconnect_interval(None).unwrap();
            client.connect(server.bind(TCP).unwrap()).unwrap();
            if connects == Sub {
                client.subscribe("").unwrap();
                server.recv().unwrap();
            }
            (server, client)
        })
        .collect();
    // Long enough for a peer that does not answer to be disconnected.
    let (silent, _) = bound(&context, zmq::Pull, "inproc://silent");
    let outcome = silent.recv_within(timeout + Duration::from_millis(100));
    assert_eq!(outcome.unwrap_err().kind(), zmq::ErrorKind::WouldBlock);
    for (server, client) in pairs {
        let (from, to) = if server.kind() == XPub { (&server, &client) } else { (&client, &server) };
        from.send("still there").unwrap();
        assert_eq!(to.recv_multipart().unwrap().last().unwrap(), "still there");
    }
}

/// Conformance: MO-6.
#[test]
fn a_silent_peer_is_disconnected_during_the_handshake() {
    let dealer = socket(&context(), Dealer);
    dealer.set_handshake_interval(Duration::from_millis(100)).unwrap();
    let endpoint = dealer.bind(TCP).unwrap();
    let start = Instant::now();
    let mut peer = TcpStream::connect(endpoint.address()).unwrap();
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    wait_for_the_end(&mut peer);
    assert!(start.elapsed() >= Duration::from_millis(99), "{:?}", start.elapsed());

    // The same for a socket that connects.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    dealer.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let mut peer = listener.accept().unwrap().0;
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    wait_for_the_end(&mut peer);
}

/// Conformance: RC-6.
#[test]
fn a_reconnect_happens_after_the_interval() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dealer = socket(&context(), Dealer);
    let interval = Duration::from_millis(150);
    dealer.set_reconnect_interval(interval).unwrap();
    dealer.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let peer = handshake(listener.accept().unwrap().0, READY_ROUTER);
    let start = Instant::now();
    drop(peer);
    let mut peer = handshake(listener.accept().unwrap().0, READY_ROUTER);
    assert!(start.elapsed() >= interval - Duration::from_millis(5), "{:?}", start.elapsed());
    dealer.send("Hello").unwrap();
    assert_eq!(frame(&mut peer).unwrap(), b"Hello");
}

/// Conformance: RC-5.
#[test]
fn a_reconnect_does_not_happen_before_the_interval() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dealer = socket(&context(), Dealer);
    dealer.set_reconnect_interval(Duration::from_secs(60)).unwrap();
    dealer.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    drop(handshake(listener.accept().unwrap().0, READY_ROUTER));
    assert_silent(&dealer);
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// Conformance: RC-7.
#[cfg(zmq_draft)]
#[test]
fn a_refused_connection_can_stop_reconnects() {
    use zmq::option::ReconnectStop;
    use zmq::{ErrorKind, Push};

    let context = context();
    let push = socket(&context, Push);
    push.set_reconnect_interval(Duration::from_millis(1)).unwrap();
    push.set_reconnect_stop(ReconnectStop::CONNECTION_REFUSED).unwrap();
    push.connect(common::free_endpoint()).unwrap();
    // The queue ends with the connection: there is no peer to send to.
    common::eventually("the socket gives up the endpoint", || {
        let failure = push.try_send("to nobody").err()?;
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        Some(())
    });
}

/// Conformance: RC-7.
#[cfg(zmq_draft)]
#[test]
fn a_failed_handshake_can_stop_reconnects() {
    use zmq::option::ReconnectStop;
    use zmq::{ErrorKind, Push};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = context();
    let push = socket(&context, Push);
    push.set_reconnect_interval(Duration::from_millis(1)).unwrap();
    push.set_handshake_interval(Duration::from_millis(50)).unwrap();
    push.set_reconnect_stop(ReconnectStop::HANDSHAKE_FAILED).unwrap();
    push.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let mut silent = listener.accept().unwrap().0;
    silent.set_read_timeout(Some(LIMIT)).unwrap();
    wait_for_the_end(&mut silent);
    common::eventually("the socket gives up the endpoint", || {
        let failure = push.try_send("to nobody").err()?;
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        Some(())
    });
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}
