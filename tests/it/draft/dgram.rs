//! DGRAM sockets.

use crate::common;

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::Duration;

use common::{LIMIT, any, context, eventually, kind_of, socket};
use zmq::{Context, Dgram, ErrorKind, POLLIN, POLLOUT, PollItem, Socket, SocketKind};

/// A bound socket and its address. The port was free a moment ago.
fn bound(context: &Context) -> (Socket<Dgram>, SocketAddrV4) {
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let dgram = socket(context, Dgram);
    let endpoint = format!("udp://{address}");
    assert_eq!(dgram.bind(&endpoint).unwrap(), *endpoint);
    assert_eq!(dgram.last_endpoint().unwrap().unwrap(), *endpoint);
    (dgram, address)
}

/// libzmq binds UDP in the background, so the first datagrams may be lost.
fn send_until_received(
    from: &Socket<Dgram>,
    to: &Socket<Dgram>,
    address: SocketAddrV4,
    body: &[u8],
) -> SocketAddrV4 {
    let (sender, message) = eventually("a datagram arrives", || {
        from.send_to(address, body).unwrap();
        to.recv_from_within(Duration::from_millis(10)).ok()
    });
    assert_eq!(message, body);
    // Datagrams that were sent before may still be on their way. They arrive in order.
    from.send_to(address, "the last one").unwrap();
    while to.recv_from().unwrap().1 != "the last one" {}
    sender
}

/// Conformance: DR-4.
#[test]
fn datagrams_go_to_an_address_and_back() {
    let context = context();
    let ((left, left_address), (right, right_address)) = (bound(&context), bound(&context));
    let sender = send_until_received(&left, &right, right_address, b"Is someone there?");
    assert_eq!(sender, left_address);
    right.send_to(sender, "Yes, there is!").unwrap();
    let (sender, body) = left.recv_from().unwrap();
    assert_eq!(sender, right_address);
    assert_eq!(body, "Yes, there is!");
    right.send_to(left_address, "").unwrap();
    assert_eq!(left.recv_from().unwrap().1, "");

    // Any UDP program is a peer.
    let plain = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    plain.set_read_timeout(Some(LIMIT)).unwrap();
    plain.send_to(b"plain", left_address).unwrap();
    let mut items = [PollItem::new(&left, POLLIN)];
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    let (sender, body) = left.recv_from().unwrap();
    assert_eq!(body, "plain");
    left.send_to(sender, "answer").unwrap();
    let mut buffer = [0; 10];
    let (len, from) = plain.recv_from(&mut buffer).unwrap();
    assert_eq!((buffer.get(..len), from), (Some(&b"answer"[..]), left_address.into()));
    assert_eq!(left.events().unwrap(), POLLOUT);
}

/// Conformance: DR-4.
#[test]
fn a_dgram_binds_to_udp_and_does_not_connect() {
    let context = context();
    let dgram = socket(&context, Dgram);
    for endpoint in ["udp://127.0.0.1:5556", "tcp://127.0.0.1:5556", "ipc:///tmp/dgram", "inproc://dgram"] {
        let error = dgram.connect(endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
        assert!(error.to_string().contains("call bind; send_to takes the address"), "{error}");
    }
    for endpoint in ["tcp://127.0.0.1:*", "ipc://*", "inproc://dgram", "ws://127.0.0.1:*"] {
        assert_eq!(kind_of(dgram.bind(endpoint)), ErrorKind::IncompatibleProtocol);
    }
    assert_eq!(kind_of(dgram.bind("pigeon://loft")), ErrorKind::ProtocolNotSupported);
    // The address of a sender has no room for IPv6.
    dgram.set_ipv6(true).unwrap();
    for endpoint in ["udp://[::1]:5556", "udp://*:5556"] {
        let error = dgram.bind(endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
        assert!(error.to_string().contains("set_ipv6(false)"), "{error}");
    }
}

#[test]
fn a_dgram_sends_only_once_it_is_bound() {
    let context = context();
    let there = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
    let dgram = socket(&context, Dgram);
    let failure = dgram.send_to(there, "too soon").unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WrongState);
    assert_eq!(failure.into_message(), "too soon");
    assert_eq!(kind_of(dgram.try_send_to(there, "too soon")), ErrorKind::WrongState);
    assert_eq!(kind_of(dgram.try_recv_from()), ErrorKind::WouldBlock);

    let (dgram, address) = bound(&context);
    dgram.send_to(there, "in time").unwrap();
    // It stays bound: libzmq has no way to unbind udp, and a socket has only one udp address.
    let error = dgram.unbind(format!("udp://{address}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("closing the socket"), "{error}");
    assert_eq!(kind_of(dgram.bind("udp://127.0.0.1:*")), ErrorKind::WrongState);
    dgram.send_to(there, "still in time").unwrap();

    context.shutdown().unwrap();
    let end = eventually("the send fails because the context is shut down", || {
        dgram.send_to(there, "too late").err()
    });
    assert_eq!(end.kind(), ErrorKind::Terminated);
}

#[test]
#[cfg(unix)]
fn a_bind_that_fails_is_reported() {
    let context = context();
    let occupant = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = occupant.local_addr().unwrap().port();
    let dish = socket(&context, zmq::Dish);
    for host in ["127.0.0.1", "*"] {
        let endpoint = format!("udp://{host}:{port}");
        let error = socket(&context, Dgram).bind(&endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&endpoint), "{error}");
        assert_eq!(kind_of(dish.bind(&endpoint)), ErrorKind::AddrInUse);
    }
    assert_eq!(kind_of(socket(&context, Dgram).bind("udp://203.0.113.77:5556")), ErrorKind::AddrNotAvailable);
    // The crate may bind it again.
    drop(occupant);
    let (_first, address) = bound(&context);
    socket(&context, Dgram).bind(format!("udp://{address}")).unwrap();
}

#[test]
fn a_message_that_cannot_be_a_datagram_is_returned() {
    let context = context();
    let ((left, _), (right, address)) = (bound(&context), bound(&context));
    send_until_received(&left, &right, address, &[1; 100]);
    left.send_to(address, [7; 8192]).unwrap();
    assert_eq!(right.recv_from().unwrap().1, [7; 8192]);
    let failure = left.send_to(address, [7; 8193]).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::MessageTooLarge);
    assert_eq!(failure.into_message().len(), 8193);
    for address in [SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0), SocketAddrV4::new(Ipv4Addr::BROADCAST, 9)] {
        assert_eq!(kind_of(left.send_to(address, "nowhere")), ErrorKind::InvalidInput);
    }
    left.send_to(address, "still well").unwrap();
    assert_eq!(right.recv_from().unwrap().1, "still well");
}

#[test]
fn a_dgram_of_type_any_cannot_send() {
    let context = context();
    let dgram = any(&context, SocketKind::Dgram);
    assert_eq!(kind_of(dgram.send("body")), ErrorKind::Unsupported);
    assert_eq!(kind_of(dgram.send_more("127.0.0.1:9")), ErrorKind::Unsupported);
    assert_eq!(kind_of(dgram.send_multipart(["127.0.0.1:9", "body"])), ErrorKind::Unsupported);
    let dgram: Socket<Dgram> = dgram.downcast().unwrap();
    assert!(!dgram.thread_safe().unwrap());
}

#[test]
fn a_dgram_waits_for_room() {
    let context = context();
    let dgram = context.socket(Dgram).unwrap();
    dgram.set_send_hwm(1).unwrap();
    dgram.set_send_timeout(LIMIT).unwrap();
    dgram.bind("udp://127.0.0.1:*").unwrap();
    let there = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
    for _ in 0..2000 {
        dgram.send_to(there, "one of many").unwrap();
    }
}
