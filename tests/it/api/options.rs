//! The effects of options. Other tests check that each option can be set and read.

use crate::common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::zmtp::{connect, ready};
use common::{
    LIMIT, MOMENT, TCP, any, bound, connected, connecting_kinds, context, eventually, free_endpoint,
    has_ipv6, meet, socket,
};
use zmq::{Context, Dealer, ErrorKind, POLLIN, Pair, PollItem, Pull, Push, Router, Socket, Stream};

/// Waits for the notification of a STREAM that a connection was made or lost.
fn notice(stream: &Socket<Stream>) {
    let message = stream.recv_multipart().unwrap();
    assert!(message[1].is_empty());
}

/// Conformance: OP-1.
#[test]
fn a_receive_does_not_end_before_its_timeout() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let timeout = Duration::from_millis(100);
    pull.set_recv_timeout(timeout).unwrap();
    let start = Instant::now();
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= timeout - Duration::from_millis(1), "{:?}", start.elapsed());

    let start = Instant::now();
    assert_eq!(pull.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() < timeout);

    pull.set_recv_timeout(LIMIT).unwrap();
    let push = connected(&context, Push, endpoint);
    push.set_send_timeout(timeout).unwrap();
    push.send("work").unwrap();
    assert_eq!(pull.recv().unwrap(), "work");
}

#[test]
fn one_call_may_have_another_timeout() {
    let (pull, _) = bound(&context(), Pull, TCP);
    pull.set_recv_timeout(None).unwrap();
    let start = Instant::now();
    assert_eq!(pull.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= MOMENT - Duration::from_millis(1));
    assert_eq!(pull.recv_timeout().unwrap(), None);
    assert_eq!(pull.recv_within(Duration::ZERO).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_send_timeout_applies_to_whole_messages() {
    let push = socket(&context(), Push);
    push.set_send_hwm(1).unwrap();
    push.set_send_timeout(MOMENT).unwrap();
    push.connect(free_endpoint()).unwrap();
    push.send_multipart(["fits", "in"]).unwrap();
    let start = Instant::now();
    let failure = push.send_multipart(["does", "not"]).unwrap_err();
    assert!(start.elapsed() >= MOMENT - Duration::from_millis(1));
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert_eq!(failure.into_message(), ["does", "not"]);
}

/// O7
#[test]
fn high_water_marks_are_set_before_the_first_bind_or_connect() {
    let context = context();
    for kind in connecting_kinds() {
        let (binds, connects) = (any(&context, kind), any(&context, kind));
        let endpoint = binds.bind(TCP).unwrap();
        connects.connect(endpoint).unwrap();
        for socket in [binds, connects] {
            let error = socket.set_send_hwm(5).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WrongState, "{kind}");
            assert_eq!(socket.set_recv_hwm(5).unwrap_err().kind(), ErrorKind::WrongState, "{kind}");
            assert_eq!(socket.send_hwm().unwrap(), 1000);
        }
    }
    let unbound = socket(&context, Push);
    assert!(unbound.bind("tcp://no such host:1").is_err());
    unbound.set_send_hwm(5).unwrap();
    assert_eq!(unbound.send_hwm().unwrap(), 5);
}

/// Conformance: G-10.
#[test]
fn values_that_libzmq_refuses_keep_its_error_number() {
    let socket = socket(&context(), Dealer);
    let refused = [
        socket.set_send_hwm(u32::MAX),
        socket.set_routing_id(""),
        socket.set_routing_id([1; 256]),
        socket.set_max_message_size(u64::MAX),
        socket.set_tcp_keepalive_count(0),
    ];
    for error in refused.map(Result::unwrap_err) {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert_eq!(error.errno(), libc::EINVAL, "{error}");
    }
    let error = socket.set_routing_id("").unwrap_err();
    assert!(error.to_string().contains("routing_id"), "{error}");
}

#[test]
fn an_error_shows_bytes_as_text_with_escapes() {
    let socket = socket(&context(), Dealer);
    let error = socket.set_routing_id(b"\0caf\xC3\xA9").unwrap_err().to_string();
    assert!(error.starts_with(r#"set routing_id "\x00caf\xc3\xa9": "#), "{error}");
    let error = socket.set_routing_id([b'a'; 256]).unwrap_err().to_string();
    assert!(error.starts_with("set routing_id \"aaa"), "{error}");
    assert!(error.contains("aaa...: "), "{error}");
}

#[test]
fn immediate_queues_only_for_connected_peers() {
    let context = context();
    let endpoint = free_endpoint();
    let push = socket(&context, Push);
    push.set_immediate(true).unwrap();
    push.connect(&endpoint).unwrap();
    assert_eq!(push.try_send("to nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
    let (pull, _) = bound(&context, Pull, &endpoint);
    push.send("to somebody").unwrap();
    assert_eq!(pull.recv().unwrap(), "to somebody");
}

#[test]
fn a_peer_that_sends_too_much_is_disconnected() {
    let context = context();
    let dealer = socket(&context, Dealer);
    dealer.set_max_message_size(100).unwrap();
    let endpoint = dealer.bind(TCP).unwrap();

    let peer = connected(&context, Dealer, &endpoint);
    peer.send(vec![1; 100]).unwrap();
    assert_eq!(dealer.recv().unwrap().len(), 100);
    peer.send(vec![2; 101]).unwrap();
    // The peer comes again by itself, without the message.
    eventually("the peer is back", || {
        let _ = peer.try_send("small");
        dealer.try_recv().ok().map(|message| assert_eq!(message, "small"))
    });
}

#[test]
fn a_connection_is_closed_if_a_plain_peer_announces_too_much() {
    let context = context();
    let pull = socket(&context, Pull);
    pull.set_max_message_size(1000).unwrap();
    let endpoint = pull.bind(TCP).unwrap();
    let mut peer = connect(&endpoint, 0, "NULL");
    peer.write_all(&ready("PUSH", b"")).unwrap();
    // A frame of 2^62 bytes. Allocating memory for it would be unwise.
    peer.write_all(&[2, 0x40, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    // Closed or reset: in either case the connection ends.
    let end = peer.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(std::io::ErrorKind::ConnectionReset)), "{end:?}");
    assert_eq!(pull.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    let push = connected(&context, Push, endpoint);
    meet(&push, &pull);
}

#[test]
fn linger_keeps_sent_messages_for_the_peer() {
    common::start_watchdog();
    let context = common::context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let elsewhere = Context::new().unwrap();
    let push = connected(&elsewhere, Push, endpoint);
    assert_eq!(push.linger().unwrap(), None);
    for _ in 0..100 {
        push.send(vec![1; 10_000]).unwrap();
    }
    drop((push, elsewhere));
    for _ in 0..100 {
        assert_eq!(pull.recv().unwrap().len(), 10_000);
    }
}

/// Conformance: G-4.
#[test]
fn the_context_waits_for_the_linger_period() {
    common::start_watchdog();
    let linger = Duration::from_millis(100);
    let context = Context::new().unwrap();
    let push = connected(&context, Push, free_endpoint());
    push.send("nobody will ever read this").unwrap();
    push.set_linger(linger).unwrap();
    let start = Instant::now();
    drop(push);
    assert!(start.elapsed() < linger, "closing waits");
    drop(context);
    assert!(start.elapsed() >= linger - Duration::from_millis(2), "{:?}", start.elapsed());
    assert!(start.elapsed() < LIMIT);
}

#[test]
fn without_linger_the_context_does_not_wait() {
    common::start_watchdog();
    let context = Context::new().unwrap();
    let push = connected(&context, Push, free_endpoint());
    push.send("nobody will ever read this").unwrap();
    push.close(Duration::ZERO).unwrap();
    let start = Instant::now();
    drop(context);
    assert!(start.elapsed() < LIMIT);
}

/// CTX-8
#[test]
fn a_context_that_is_not_blocky_makes_sockets_without_linger() {
    let context = Context::new().unwrap();
    assert_eq!(context.socket(Push).unwrap().linger().unwrap(), None);
    context.set_blocky(false).unwrap();
    assert_eq!(context.socket(Push).unwrap().linger().unwrap(), Some(Duration::ZERO));
}

#[test]
fn a_router_receives_the_routing_id_of_its_peer() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    for id in [vec![1], vec![b'A', 0, b'B'], vec![255; 255]] {
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id(&id).unwrap();
        dealer.connect(&endpoint).unwrap();
        dealer.send("Hello").unwrap();
        assert_eq!(router.recv_multipart().unwrap()[0], id);
    }
}

#[test]
fn connections_work_with_keep_alive() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    for socket in [&left, &right] {
        socket.set_tcp_keepalive(true).unwrap();
        socket.set_tcp_keepalive_count(3).unwrap();
        socket.set_tcp_keepalive_idle(Duration::from_secs(60)).unwrap();
        socket.set_tcp_keepalive_interval(Duration::from_secs(5)).unwrap();
    }
    right.connect(left.bind(TCP).unwrap()).unwrap();
    common::bounce(&right, &left);
}

#[test]
fn ipv6_is_disabled_by_default() {
    let context = context();
    if !has_ipv6() {
        eprintln!("this machine has no IPv6 loopback address");
        return;
    }
    let v4_only = socket(&context, Pair);
    assert!(!v4_only.ipv6().unwrap());
    assert!(v4_only.bind("tcp://[::1]:*").is_err());
    v4_only.set_ipv6(true).unwrap();
    let endpoint = v4_only.bind("tcp://[::1]:*").unwrap();
    let peer = socket(&context, Pair);
    peer.set_ipv6(true).unwrap();
    peer.connect(endpoint).unwrap();
    common::bounce(&peer, &v4_only);
}

#[test]
fn events_report_which_calls_would_not_wait() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, "inproc://events");
    let push = socket(&context, Push);
    push.set_send_hwm(1).unwrap();
    assert!(push.events().unwrap().is_empty());
    push.connect(endpoint).unwrap();
    assert_eq!(push.events().unwrap(), zmq::POLLOUT);
    assert!(pull.events().unwrap().is_empty());
    push.send("work").unwrap();
    assert_eq!(pull.events().unwrap(), POLLIN);
    assert_eq!(pull.recv().unwrap(), "work");
    assert!(pull.events().unwrap().is_empty());
}

#[test]
fn the_last_endpoint_stays() {
    let context = context();
    let pull = socket(&context, Pull);
    assert_eq!(pull.last_endpoint().unwrap(), None);
    let endpoint = pull.bind(TCP).unwrap();
    assert_eq!(pull.last_endpoint().unwrap().as_ref(), Some(&endpoint));
    let other = pull.bind("inproc://last-endpoint").unwrap();
    assert_eq!(pull.last_endpoint().unwrap(), Some(other));
    pull.unbind(endpoint).unwrap();
    assert_eq!(pull.last_endpoint().unwrap().unwrap(), "inproc://last-endpoint");
}

#[test]
fn every_option_call_fails_after_a_shutdown() {
    let context = context();
    let push = socket(&context, Push);
    context.shutdown().unwrap();
    eventually("the socket reports the shutdown", || push.events().err());
    assert_eq!(push.linger().unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(push.set_linger(None).unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(push.close(None).unwrap_err().kind(), ErrorKind::Terminated);
}

#[test]
fn the_backlog_does_not_limit_the_peers() {
    let context = context();
    let stream = socket(&context, Stream);
    stream.set_backlog(1).unwrap();
    let endpoint = stream.bind(TCP).unwrap();
    let peers: Vec<_> = (0..5).map(|_| TcpStream::connect(endpoint.address()).unwrap()).collect();
    for _ in &peers {
        notice(&stream);
    }
    assert_eq!(zmq::poll(&mut [PollItem::new(&stream, POLLIN)], Duration::ZERO).unwrap(), 0);
}

/// Text that ends up in logs.
#[test]
fn an_error_truncates_long_values_and_hides_secrets() {
    let context = context();
    let subscriber = socket(&context, zmq::Sub);
    let error = subscriber.subscribe(vec![b'x'; 1 << 20]).unwrap_err().to_string();
    assert!(error.starts_with("set subscribe \"xxx") && error.len() < 300, "{error}");
    #[cfg(zmq_draft)]
    {
        let error = subscriber.set_socks_username("who\0").unwrap_err().to_string();
        assert!(error.contains("who"), "{error}");
        let error = subscriber.set_socks_password("hush\0").unwrap_err().to_string();
        assert!(error.starts_with("set socks_password [redacted]") && !error.contains("hush"), "{error}");
    }
}
