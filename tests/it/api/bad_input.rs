//! Bad input: the error names the operation and the value, no message is lost, and the socket still works.

use crate::common;

use std::net::TcpListener;
use std::time::Duration;

use common::{NO_INTERFACE, TCP, assert_error, bounce, context, free_endpoint, socket};
use zmq::zmq_sys::{EFSM, ETERM};
use zmq::{
    Context, Dealer, Error, ErrorKind, Message, MessageMut, Multipart, Pair, Pull, Rep, Req, Router, Socket,
};

/// Checks that a socket still works as well as before.
#[track_caller]
fn assert_unharmed(server: &Socket<Pair>) {
    let client = socket(&server.context(), Pair);
    client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    bounce(&client, server);
}

/// The errors of bind and connect, each with the name of the operation that it must contain.
fn both(socket: &Socket<Pair>, endpoint: &str) -> [(&'static str, Error); 2] {
    [("bind", socket.bind(endpoint).unwrap_err()), ("connect", socket.connect(endpoint).unwrap_err())]
}

#[test]
fn errors_distinguish_a_retry_from_the_end() {
    let context = context();
    let pair = socket(&context, Pair);
    let failure = pair.try_send("to nobody").unwrap_err();
    assert!(failure.is_would_block() && !failure.is_terminated());
    assert!(failure.error().is_would_block());
    pair.set_recv_timeout(Duration::from_millis(1)).unwrap();
    assert!(pair.recv_string().unwrap_err().is_would_block());
    let error = pair.try_recv().unwrap_err();
    assert!(error.is_would_block() && !error.is_terminated());
    assert_eq!(error.kind().to_string(), "operation would block");

    context.shutdown().unwrap();
    assert!(pair.recv().unwrap_err().is_terminated());
    assert!(pair.recv_string().unwrap_err().is_terminated());
    let failure = pair.send("too late").unwrap_err();
    assert!(failure.is_terminated() && !failure.is_would_block());
    assert_eq!(Error::from(failure).kind().to_string(), "context terminated");
}

#[test]
fn a_nul_within_an_endpoint_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for (operation, error) in both(&socket, "inproc://a\0b") {
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &[operation, r"inproc://a\0b", "NUL"]);
    }
    for error in [socket.unbind("a\0b").unwrap_err(), socket.disconnect("a\0b").unwrap_err()] {
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &[r"a\0b", "NUL"]);
    }
    assert_unharmed(&socket);
}

/// Conformance: G-9.
#[test]
fn an_endpoint_without_a_transport_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for endpoint in ["127.0.0.1:5555", ""] {
        for (operation, error) in both(&socket, endpoint) {
            assert_error(
                error,
                ErrorKind::InvalidInput,
                libc::EINVAL,
                &[operation, endpoint, "tcp://host:port"],
            );
        }
    }
    assert_unharmed(&socket);
}

/// Conformance: G-9.
#[test]
fn an_unknown_transport_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for (operation, error) in both(&socket, "carrier-pigeon://loft") {
        let names = [operation, "carrier-pigeon://loft", "no such transport"];
        assert_error(error, ErrorKind::ProtocolNotSupported, libc::EPROTONOSUPPORT, &names);
    }
    assert_unharmed(&socket);
}

/// Conformance: G-9.
#[test]
fn a_transport_that_the_socket_type_does_not_support_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for (operation, error) in both(&socket, "udp://127.0.0.1:1") {
        let names =
            [operation, "udp://127.0.0.1:1", if cfg!(zmq_draft) { "DISH, DGRAM and RADIO" } else { "draft" }];
        assert_error(error, ErrorKind::IncompatibleProtocol, zmq::zmq_sys::ENOCOMPATPROTO, &names);
    }
    for (operation, error) in both(&socket, "norm://239.192.1.1:5555") {
        let names = [operation, "PAIR sockets do not use norm", "PUB, XPUB, SUB and XSUB sockets do"];
        assert_error(error, ErrorKind::IncompatibleProtocol, zmq::zmq_sys::ENOCOMPATPROTO, &names);
    }
    assert_unharmed(&socket);
}

/// Conformance: G-9.
#[test]
fn connect_refuses_a_wildcard() {
    let context = context();
    let socket = socket(&context, Pair);
    for endpoint in ["tcp://*:1", "tcp://*:*", "tcp://127.0.0.1:*"] {
        let error = socket.connect(endpoint).unwrap_err();
        assert_error(
            error,
            ErrorKind::InvalidInput,
            libc::EINVAL,
            &["connect", endpoint, "wildcard is for bind"],
        );
    }
    assert_unharmed(&socket);
}

/// Conformance: G-9.
#[test]
fn an_interface_that_does_not_exist_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    let error = socket.bind(NO_INTERFACE).unwrap_err();
    let names = ["bind", NO_INTERFACE, "no network interface"];
    assert_error(error, ErrorKind::NoSuchDevice, libc::ENODEV, &names);
    assert_unharmed(&socket);
}

/// 192.0.2.0/24 is reserved for documentation, so no machine has such an address.
///
/// Conformance: G-9.
#[test]
fn bind_refuses_an_address_of_another_machine() {
    let context = context();
    let socket = socket(&context, Pair);
    let error = socket.bind("tcp://192.0.2.1:*").unwrap_err();
    assert_error(
        error,
        ErrorKind::AddrNotAvailable,
        libc::EADDRNOTAVAIL,
        &["bind", "tcp://192.0.2.1:*", "of this machine"],
    );
    assert_unharmed(&socket);
}

#[test]
fn an_incomplete_endpoint_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for (endpoint, lacks) in [
        ("tcp://127.0.0.1", "a port"),
        ("tcp://127.0.0.1:", "a port"),
        ("tcp://", "a port"),
        ("inproc://", "a name"),
    ] {
        for (operation, error) in both(&socket, endpoint) {
            assert_error(
                error,
                ErrorKind::InvalidInput,
                libc::EINVAL,
                &[operation, endpoint, "needs", lacks],
            );
        }
    }
    assert_unharmed(&socket);
}

#[test]
fn unbind_and_disconnect_refuse_an_unknown_endpoint() {
    let context = context();
    let socket = socket(&context, Pair);
    socket.bind(TCP).unwrap();
    let mut never_taken = vec![(TCP, "that bind returned"), ("inproc://nobody", "")];
    if zmq::has(zmq::Feature::Ipc) {
        never_taken.push(("ipc:///tmp/nobody", ""));
    }
    for (endpoint, advice) in never_taken {
        let (unbound, disconnected) = (socket.unbind(endpoint), socket.disconnect(endpoint));
        let names = ["unbind", endpoint, "not bound", advice];
        assert_error(unbound.unwrap_err(), ErrorKind::NotFound, libc::ENOENT, &names);
        let names = ["disconnect", endpoint, "not connected", advice];
        assert_error(disconnected.unwrap_err(), ErrorKind::NotFound, libc::ENOENT, &names);
    }
    assert_unharmed(&socket);
}

#[test]
fn invalid_ports_are_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    for endpoint in ["tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:http"] {
        for (operation, error) in both(&socket, endpoint) {
            assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &[operation, endpoint, "65535"]);
        }
    }
    assert_unharmed(&socket);
}

#[test]
fn a_port_in_use_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", taken.local_addr().unwrap());
    let context = context();
    let socket = socket(&context, Pair);
    let error = socket.bind(&endpoint).unwrap_err();
    assert_error(error, ErrorKind::AddrInUse, libc::EADDRINUSE, &["bind", &endpoint]);
    assert_unharmed(&socket);
}

#[test]
fn an_inproc_name_in_use_is_refused() {
    let context = context();
    let (socket, other) = (socket(&context, Pair), socket(&context, Pair));
    other.bind("inproc://taken").unwrap();
    let error = socket.bind("inproc://taken").unwrap_err();
    assert_error(error, ErrorKind::AddrInUse, libc::EADDRINUSE, &["bind", "inproc://taken"]);
    assert_unharmed(&socket);
}

#[test]
fn an_endpoint_that_was_never_bound_is_not_found() {
    let context = context();
    let socket = socket(&context, Pair);
    let endpoint = free_endpoint();
    assert_error(
        socket.unbind(&endpoint).unwrap_err(),
        ErrorKind::NotFound,
        libc::ENOENT,
        &["unbind", &endpoint],
    );
    let error = socket.disconnect(&endpoint).unwrap_err();
    assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["disconnect", &endpoint]);
    assert_unharmed(&socket);
}

#[cfg(unix)]
mod ipc {
    use super::*;
    use common::Directory;

    #[test]
    fn a_path_that_is_too_long_is_refused() {
        let directory = Directory::new();
        let endpoint = directory.ipc(&"x".repeat(200));
        let context = context();
        let socket = socket(&context, Pair);
        for (operation, error) in both(&socket, &endpoint) {
            let names = [operation, &endpoint, "at most"];
            assert_error(error, ErrorKind::InvalidFilename, libc::ENAMETOOLONG, &names);
        }
        assert_unharmed(&socket);
    }

    /// Conformance: G-9.
    #[test]
    fn a_directory_that_does_not_exist_is_reported() {
        let directory = Directory::new();
        let endpoint = directory.ipc("missing/socket");
        let context = context();
        let socket = socket(&context, Pair);
        let error = socket.bind(&endpoint).unwrap_err();
        assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["bind", &endpoint, "directory"]);
        assert!(!directory.path("missing").exists());
        assert_unharmed(&socket);
    }

    #[test]
    fn a_path_through_a_file_is_refused() {
        let directory = Directory::new();
        std::fs::write(directory.path("file"), "precious").unwrap();
        let endpoint = directory.ipc("file/socket");
        let context = context();
        let socket = socket(&context, Pair);
        let error = socket.bind(&endpoint).unwrap_err();
        assert_error(error, ErrorKind::NotADirectory, libc::ENOTDIR, &["bind", &endpoint]);
        assert_eq!(std::fs::read_to_string(directory.path("file")).unwrap(), "precious");
        assert_unharmed(&socket);
    }

    #[test]
    fn an_existing_file_is_not_replaced() {
        let directory = Directory::new();
        std::fs::write(directory.path("file"), "precious").unwrap();
        let endpoint = directory.ipc("file");
        let context = context();
        let socket = socket(&context, Pair);
        let error = socket.bind(&endpoint).unwrap_err();
        assert_error(error, ErrorKind::AlreadyExists, libc::EEXIST, &["bind", &endpoint, "does not replace"]);
        assert_eq!(std::fs::read_to_string(directory.path("file")).unwrap(), "precious");
        assert_unharmed(&socket);
    }
}

#[test]
fn a_message_too_big_to_allocate_is_an_error() {
    for len in [usize::MAX, usize::MAX - 63, isize::MAX.unsigned_abs()] {
        let error = MessageMut::try_zeroed(len).unwrap_err();
        let size = len.to_string();
        assert_error(error, ErrorKind::OutOfMemory, libc::ENOMEM, &["new message", &size]);
    }
}

#[test]
fn an_option_out_of_range_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    let before = (socket.recv_hwm().unwrap(), socket.backlog().unwrap(), socket.routing_id().unwrap());
    let refused = [
        (socket.set_recv_hwm(u32::MAX), "recv_hwm 4294967295"),
        (socket.set_send_hwm(1 << 31), "send_hwm 2147483648"),
        (socket.set_backlog(u32::MAX), "backlog 4294967295"),
        (socket.set_reconnect_interval(Duration::ZERO), "reconnect_interval"),
        (socket.set_max_message_size(u64::MAX), "max_message_size"),
        (socket.set_tcp_keepalive_count(0), "tcp_keepalive_count"),
        (socket.set_tcp_keepalive_idle(Duration::MAX), "tcp_keepalive_idle"),
        (socket.set_routing_id(""), "routing_id"),
        (socket.set_routing_id([1; 256]), "routing_id"),
    ];
    for (result, names) in refused {
        assert_error(result.expect_err(names), ErrorKind::InvalidInput, libc::EINVAL, &["set ", names]);
    }
    let after = (socket.recv_hwm().unwrap(), socket.backlog().unwrap(), socket.routing_id().unwrap());
    assert_eq!(after, before);
    assert_unharmed(&socket);
}

#[test]
fn an_option_set_too_late_is_refused() {
    let context = context();
    let socket = socket(&context, Pair);
    socket.bind("inproc://too late").unwrap();
    for (result, names) in [
        (socket.set_send_hwm(7), "send_hwm 7"),
        (socket.set_recv_hwm(7), "recv_hwm 7"),
        (socket.set_immediate(true), "immediate"),
    ] {
        assert_error(result.unwrap_err(), ErrorKind::WrongState, EFSM, &["set ", names, "before"]);
    }
    assert_unharmed(&socket);
}

#[test]
fn a_request_or_reply_out_of_order_is_returned() {
    let context = context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    client.connect(server.bind("inproc://order").unwrap()).unwrap();

    assert_error(client.recv().unwrap_err(), ErrorKind::WrongState, EFSM, &["recv"]);
    let failure = server.send("a reply to nothing").unwrap_err();
    assert_error(failure.error().clone(), ErrorKind::WrongState, EFSM, &["send"]);
    assert_eq!(failure.into_message(), "a reply to nothing");

    client.send("request").unwrap();
    assert!(client.events().unwrap().is_empty(), "the requester is writable before it has its reply");
    let failure = client.send_multipart(["a second", "request"]).unwrap_err();
    assert_error(failure.error().clone(), ErrorKind::WrongState, EFSM, &["send"]);
    assert_eq!(failure.into_message(), ["a second", "request"]);

    assert_eq!(server.recv().unwrap(), "request");
    assert_error(server.recv().unwrap_err(), ErrorKind::WrongState, EFSM, &["recv"]);
    server.send("reply").unwrap();
    assert_eq!(client.recv().unwrap(), "reply");
    bounce(&client, &server);
}

#[test]
fn a_message_to_a_peer_that_does_not_exist_is_returned() {
    let context = context();
    let (router, dealer) = (socket(&context, Router), socket(&context, Dealer));
    router.set_router_mandatory(true).unwrap();
    let failure = router.send_multipart(["nobody", "Hello"]).unwrap_err();
    assert_error(failure.error().clone(), ErrorKind::HostUnreachable, libc::EHOSTUNREACH, &["send"]);
    assert_eq!(failure.into_message(), ["nobody", "Hello"]);

    dealer.set_routing_id("somebody").unwrap();
    dealer.connect(router.bind("inproc://peers").unwrap()).unwrap();
    dealer.send("here").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["somebody", "here"]);
    router.send_multipart(["somebody", "Hello"]).unwrap();
    assert_eq!(dealer.recv().unwrap(), "Hello");
}

#[test]
fn calls_fail_when_the_context_is_shut_down() {
    let context = context();
    let (sink, pair) = (socket(&context, Pull), socket(&context, Pair));
    context.shutdown().unwrap();
    for error in [
        sink.recv().unwrap_err(),
        sink.try_recv().unwrap_err(),
        sink.recv_within(Duration::from_secs(1)).unwrap_err(),
        sink.recv_multipart().unwrap_err(),
        sink.recv_into(&mut [0; 8]).unwrap_err(),
        sink.recv_string().unwrap_err().into(),
    ] {
        assert_error(error, ErrorKind::Terminated, ETERM, &["recv"]);
    }
    let failure = pair.send("kept").unwrap_err();
    assert_error(failure.error().clone(), ErrorKind::Terminated, ETERM, &["send"]);
    assert_eq!(failure.into_message(), "kept");
    for (operation, error) in both(&pair, "inproc://late") {
        assert_error(error, ErrorKind::Terminated, ETERM, &[operation, "inproc://late"]);
    }
    assert_error(context.socket(Pair).unwrap_err(), ErrorKind::Terminated, ETERM, &["socket", "PAIR"]);
}

#[test]
fn one_socket_too_many_is_refused() {
    let context = Context::builder().max_sockets(2).build().unwrap();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    let error = context.socket(Pair).unwrap_err();
    assert_error(error, ErrorKind::TooManySockets, libc::EMFILE, &["socket", "PAIR", "limit is 2"]);
    right.connect(left.bind("inproc://both").unwrap()).unwrap();
    bounce(&right, &left);
}

#[test]
fn bytes_that_are_not_text_are_returned() {
    let bytes: &[u8] = b"caf\xe9 \xff and more than thirty-three bytes of it";
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://text").unwrap()).unwrap();
    right.send(bytes).unwrap();
    right.send(bytes).unwrap();

    let failure = left.recv_string().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::InvalidData);
    let size = format!("{} bytes", bytes.len());
    assert_error(
        failure.error().clone(),
        ErrorKind::InvalidData,
        libc::EINVAL,
        &["recv", &size, "not UTF-8"],
    );
    assert_eq!(&failure.into_message().expect("received, and handed back")[..], bytes);

    let message = left.recv().unwrap();
    let error = message.to_str().unwrap_err();
    assert_error(error, ErrorKind::InvalidData, libc::EINVAL, &["convert", &size, "index 3"]);
    let failure = message.into_string().unwrap_err();
    assert_eq!(&failure.into_message().unwrap()[..], bytes);
    bounce(&right, &left);
}

#[test]
fn another_number_of_frames_is_an_error() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://frames").unwrap()).unwrap();
    right.send_multipart(["one", "two", "three"]).unwrap();
    let multipart = left.recv_multipart().unwrap();

    let failure = <[Message; 2]>::try_from(multipart).unwrap_err();
    assert!(failure.to_string().contains("3 frames"), "{failure}");
    let multipart = failure.into_multipart();
    assert_eq!(multipart, ["one", "two", "three"]);
    let failure = <[Message; 4]>::try_from(multipart).unwrap_err();
    assert_error(
        failure,
        ErrorKind::InvalidData,
        libc::EINVAL,
        &["convert", "3 frames", "expected 4 frames"],
    );

    let error = Multipart::try_from(Vec::<Message>::new()).unwrap_err();
    assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["no frames"]);
    bounce(&right, &left);
}
