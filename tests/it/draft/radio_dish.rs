//! RADIO and DISH sockets.

use crate::common;

use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use common::{
    LIMIT, MOMENT, any, assert_empty, bound, connected, context, eventually, has_ipv6, kind_of, socket,
};
use zmq::capability::CanRecv;
use zmq::{Any, Dish, ErrorKind, Message, POLLIN, PollItem, Radio, Socket, SocketKind};

/// Too long to fit into the message's structure.
const LONG: &str = "a group of some 33 characters here";

/// Sends to `group` until a message arrives, and takes all messages that have arrived.
#[track_caller]
fn tune_in<K: CanRecv>(radio: &Socket<Radio>, dish: &Socket<K>, group: &str) {
    eventually("the dish receives a message", || {
        radio.send_to(group, "test").unwrap();
        dish.recv_within(MOMENT / 10).ok()
    });
    radio.send_to(group, "end of test").unwrap();
    while dish.recv().unwrap() != "end of test" {}
}

/// Conformance: DR-2.
#[test]
fn groups_are_joined_once_and_left_once() {
    let context = context();
    let dish = socket(&context, Dish);
    dish.join("eighteen character").unwrap();
    dish.join([b'g'; 255]).unwrap();
    dish.join("").unwrap();
    for (result, text) in [
        (dish.join([b'g'; 256]), "at most 255 bytes"),
        (dish.join("a\0b"), "NUL"),
        (dish.join("eighteen character"), "already joined"),
        (dish.leave("never joined"), "has not joined"),
        (dish.leave([b'g'; 256]), "at most 255 bytes"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(text), "{error}");
    }
    dish.leave("eighteen character").unwrap();
    assert_eq!(kind_of(dish.leave("eighteen character")), ErrorKind::InvalidInput);
    dish.leave([b'g'; 255]).unwrap();
    assert_eq!(kind_of(any(&context, SocketKind::Sub).join("group")), ErrorKind::Unsupported);
}

/// Conformance: DR-2.
#[test]
fn only_joined_groups_arrive() {
    let context = context();
    context.set_ipv6(true).unwrap();
    let mut transports = common::transports("radio");
    if has_ipv6() {
        transports.push("tcp://[::1]:*".to_owned());
    }
    for transport in transports {
        let (radio, endpoint) = bound(&context, Radio, &transport);
        let dish = socket(&context, Dish);
        dish.join("weather").unwrap();
        dish.connect(&endpoint).unwrap();
        tune_in(&radio, &dish, "weather");

        radio.send_to("tides", "not joined").unwrap();
        radio.send_to("weathe", "part of one").unwrap();
        radio.send_to("weather forecast", "more than one").unwrap();
        radio.send_to("weather", "sunny").unwrap();
        let mut items = [PollItem::new(&dish, POLLIN)];
        assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
        assert!(items[0].is_readable());
        let message = dish.recv().unwrap();
        assert_eq!(message, "sunny");
        assert_eq!(message.group(), b"weather");
        assert_eq!(message.clone().group(), b"weather");

        // While connected.
        dish.join(LONG).unwrap();
        tune_in(&radio, &dish, LONG);
        radio.send_to(LONG, [5; 3000]).unwrap();
        let message = dish.recv().unwrap();
        assert_eq!(message.group(), LONG.as_bytes());
        assert_eq!(message, [5; 3000]);

        // The last message to the group that is left is sent before the notification that the DISH has left it.
        dish.leave("weather").unwrap();
        dish.join("after").unwrap();
        tune_in(&radio, &dish, "after");
        radio.send_to("weather", "left").unwrap();
        radio.send_to(LONG, "still joined").unwrap();
        assert_eq!(dish.recv().unwrap(), "still joined");
        assert_empty(&dish);
    }
}

#[test]
fn a_message_without_a_valid_group_is_returned() {
    let context = context();
    let radio = socket(&context, Radio);
    for group in [&[b'g'; 256][..], b"a\0b"] {
        let failure = radio.send_to(group, "message").unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), "message");
    }
    radio.try_send_to([b'g'; 255], "nobody listens").unwrap();
    assert_eq!(Message::from("fresh").group(), b"");
}

#[test]
fn a_message_can_be_forwarded_to_another_group() {
    let context = context();
    let (radio, endpoint) = bound(&context, Radio, "inproc://first");
    let dish = socket(&context, Dish);
    dish.join(LONG).unwrap();
    dish.connect(endpoint).unwrap();
    let (other_radio, endpoint) = bound(&context, Radio, "inproc://second");
    let other = socket(&context, Dish);
    for group in ["short", LONG, "another group that is rather long"] {
        other.join(group).unwrap();
    }
    other.connect(endpoint).unwrap();

    for group in ["short", LONG, "another group that is rather long"] {
        for payload in [&[1; 5][..], &[2; 500]] {
            radio.send_to(LONG, payload).unwrap();
            let message = dish.recv().unwrap();
            other_radio.send_to(group, message.clone()).unwrap();
            // The original message still has its own group.
            assert_eq!(message.group(), LONG.as_bytes());
            let passed = other.recv().unwrap();
            assert_eq!((passed.group(), &passed[..]), (group.as_bytes(), payload));
        }
    }
}

#[test]
fn a_proxy_keeps_the_group() {
    let context = context();
    let (radio, endpoint) = bound(&context, Radio, "inproc://source");
    let relay_in = socket(&context, Dish);
    relay_in.join(LONG).unwrap();
    relay_in.connect(endpoint).unwrap();
    let (relay_out, endpoint) = bound(&context, Radio, "inproc://relay");
    let dish = socket(&context, Dish);
    dish.join(LONG).unwrap();
    dish.connect(endpoint).unwrap();

    std::thread::scope(|threads| {
        let relay = threads.spawn(|| zmq::proxy(&relay_in, &relay_out));
        tune_in(&radio, &dish, LONG);
        for payload in [vec![1; 5], vec![2; 500]] {
            radio.send_to(LONG, payload.clone()).unwrap();
            let message = dish.recv().unwrap();
            assert_eq!(message, payload);
            assert_eq!(message.group(), LONG.as_bytes());
        }
        context.shutdown().unwrap();
        assert_eq!(kind_of(relay.join().unwrap()), ErrorKind::Terminated);
    });
}

/// Conformance: DR-2.
#[test]
fn over_udp_a_radio_connects_and_a_dish_binds() {
    let context = context();
    let (radio, dish) = (socket(&context, Radio), socket(&context, Dish));
    for (error, words) in [
        (radio.bind("udp://127.0.0.1:5556").unwrap_err(), "RADIO sockets can only connect over udp"),
        (dish.connect("udp://127.0.0.1:5556").unwrap_err(), "DISH sockets can only bind over udp"),
    ] {
        assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
        assert!(error.to_string().contains(words), "{error}");
    }
    let pull = socket(&context, zmq::Pull);
    assert_eq!(kind_of(pull.bind("udp://127.0.0.1:5556")), ErrorKind::IncompatibleProtocol);
    let radio = socket(&context, Any(SocketKind::Radio));
    assert_eq!(kind_of(radio.send_multipart(["a", "b"])), ErrorKind::Unsupported);
}

/// A port that was free a moment ago. A UDP socket does not report the port that it got for a wildcard.
fn free_port() -> u16 {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A message to a group arrives at the DISH that joined it, bound to `to_bind`.
#[track_caller]
fn over_udp(to_bind: &str, to_connect: &str, ipv6: bool) {
    let context = context();
    context.set_ipv6(ipv6).unwrap();
    let dish = socket(&context, Dish);
    dish.join("weather").unwrap();
    dish.join(LONG).unwrap();
    assert_eq!(dish.bind(to_bind).unwrap(), to_bind);
    assert_eq!(dish.last_endpoint().unwrap().unwrap(), to_bind);
    let radio = connected(&context, Radio, to_connect);
    tune_in(&radio, &dish, "weather");
    radio.send_to("not joined", "filtered by the dish").unwrap();
    radio.send_to(LONG, "sunny").unwrap();
    let message = dish.recv().unwrap();
    assert_eq!((message.group(), &message[..]), (LONG.as_bytes(), &b"sunny"[..]));
}

/// Conformance: DR-2.
#[test]
fn messages_arrive_by_unicast_over_udp() {
    let port = free_port();
    over_udp(&format!("udp://127.0.0.1:{port}"), &format!("udp://127.0.0.1:{port}"), false);
    let port = free_port();
    over_udp(&format!("udp://*:{port}"), &format!("udp://127.0.0.1:{port}"), false);
    if has_ipv6() {
        let port = free_port();
        over_udp(&format!("udp://[::1]:{port}"), &format!("udp://[::1]:{port}"), true);
    }
}

/// Whether a socket of this machine that has joined a multicast group receives what this machine sends to the group.
fn has_multicast() -> bool {
    let group = Ipv4Addr::new(239, 192, 17, 1);
    let Ok(socket) = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)) else { return false };
    let port = socket.local_addr().unwrap().port();
    socket.set_read_timeout(Some(LIMIT / 10)).unwrap();
    socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED).is_ok()
        && socket.send_to(b"?", (group, port)).is_ok()
        && socket.recv(&mut [0; 1]).is_ok()
}

/// Like [`has_multicast`], with IPv6.
fn has_multicast_v6() -> bool {
    let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0x17, 1);
    let Ok(socket) = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) else { return false };
    let port = socket.local_addr().unwrap().port();
    socket.set_read_timeout(Some(LIMIT / 10)).unwrap();
    socket.join_multicast_v6(&group, 0).is_ok()
        && socket.send_to(b"?", (group, port)).is_ok()
        && socket.recv(&mut [0; 1]).is_ok()
}

/// Conformance: DR-2.
#[test]
fn messages_arrive_by_multicast_over_udp() {
    if has_multicast() {
        let endpoint = format!("udp://239.192.17.2:{}", free_port());
        over_udp(&endpoint, &endpoint, false);
        stays_away_without_loop(&endpoint, false);
    }
    if has_multicast_v6() {
        let endpoint = format!("udp://*;[ff02::17:2]:{}", free_port());
        over_udp(&endpoint, &endpoint, true);
        stays_away_without_loop(&endpoint, true);
    }
}

/// A RADIO whose messages do not come back to this machine, next to a RADIO whose messages do.
#[track_caller]
fn stays_away_without_loop(endpoint: &str, ipv6: bool) {
    let context = context();
    context.set_ipv6(ipv6).unwrap();
    let dish = socket(&context, Dish);
    dish.join("group").unwrap();
    dish.bind(endpoint).unwrap();
    let quiet = socket(&context, Radio);
    quiet.set_multicast_loop(false).unwrap();
    quiet.connect(endpoint).unwrap();
    let radio = connected(&context, Radio, endpoint);
    tune_in(&radio, &dish, "group");
    for _ in 0..10 {
        quiet.send_to("group", "not for this machine").unwrap();
        radio.send_to("group", "for all").unwrap();
        assert_eq!(dish.recv().unwrap(), "for all");
    }
}

/// Conformance: DR-2.
#[test]
fn over_udp_the_length_of_a_message_is_limited() {
    let context = context();
    let port = free_port();
    let dish = socket(&context, Dish);
    dish.join("group").unwrap();
    dish.bind(format!("udp://127.0.0.1:{port}")).unwrap();
    let radio = connected(&context, Radio, format!("udp://127.0.0.1:{port}"));
    tune_in(&radio, &dish, "group");

    radio.send_to("group", [1; 8186]).unwrap();
    assert_eq!(dish.recv().unwrap(), [1; 8186]);
    let failure = radio.send_to("group", [1; 8187]).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::MessageTooLarge);
    assert_eq!(failure.into_message().len(), 8187);
    assert_eq!(kind_of(radio.try_send_to("group", vec![1; 1 << 20])), ErrorKind::MessageTooLarge);
    let radio = radio.into_any();
    assert_eq!(kind_of(radio.send(vec![1; 8192])), ErrorKind::MessageTooLarge);

    // Other transports have no limit.
    let (radio, endpoint) = bound(&context, Radio, "inproc://large");
    let dish = socket(&context, Dish);
    dish.join("group").unwrap();
    dish.connect(endpoint).unwrap();
    radio.send_to("group", vec![1; 1 << 20]).unwrap();
    assert_eq!(dish.recv().unwrap().len(), 1 << 20);
}

#[test]
fn a_forwarder_to_udp_reports_a_message_that_is_too_long() {
    let context = context();
    let (source, endpoint) = bound(&context, Radio, common::TCP);
    let dish = socket(&context, Dish);
    dish.join("group").unwrap();
    dish.connect(endpoint).unwrap();
    let udp = format!("udp://127.0.0.1:{}", free_port());
    let sink = socket(&context, Dish);
    sink.join("group").unwrap();
    sink.bind(&udp).unwrap();
    let radio = connected(&context, Radio, &udp);
    let forwarder = std::thread::spawn(move || zmq::proxy(&dish, &radio).unwrap_err());
    tune_in(&source, &sink, "group");
    source.send_to("group", vec![1; 8187]).unwrap();
    assert_eq!(forwarder.join().unwrap().kind(), ErrorKind::MessageTooLarge);
}

/// What a DISH sends on a new connection, up to the point at which it may join groups.
#[cfg(zmq_vendored)]
fn shake_hands(stream: &mut std::net::TcpStream) {
    use std::io::Write;

    use common::zmtp::{greet, read_frame, ready};

    greet(stream, 0, "NULL");
    stream.write_all(&ready("DISH", b"")).unwrap();
    read_frame(stream);
}

#[test]
#[cfg(zmq_vendored)]
fn a_peer_that_joins_an_invalid_group_is_disconnected() {
    use std::io::{Read, Write};

    let context = context();
    let (radio, endpoint) = bound(&context, Radio, common::TCP);
    for command in [&b"\x04JOIN"[..], b"\x05LEAVE"] {
        let mut stream = std::net::TcpStream::connect(endpoint.address()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        shake_hands(&mut stream);
        let size = u64::try_from(command.len() + 256).unwrap();
        stream.write_all(&[&[6][..], &size.to_be_bytes(), command, &[b'g'; 256]].concat()).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    }
    // The socket still works.
    let dish = socket(&context, Dish);
    dish.join("group").unwrap();
    dish.connect(endpoint).unwrap();
    tune_in(&radio, &dish, "group");
}
