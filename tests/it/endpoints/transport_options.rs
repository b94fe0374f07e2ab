//! Options of the underlying transports, and listening sockets that were created elsewhere.

use crate::common;

#[cfg(unix)]
use std::net::{TcpListener, TcpStream, UdpSocket};

use common::{LIMIT, TCP, bounce, connected, context, socket};
use zmq::{Context, ErrorKind, Pair};
#[cfg(unix)]
use zmq::{Rep, Req};

/// Conformance: OP-4.
#[test]
fn connections_work_with_a_type_of_service_set() {
    let context = context();
    for tos in [0x28, 0x58, 0xff] {
        let (left, right) = (socket(&context, Pair), socket(&context, Pair));
        left.set_tos(tos).unwrap();
        right.set_tos(tos).unwrap();
        right.connect(left.bind(TCP).unwrap()).unwrap();
        bounce(&right, &left);
    }
}

/// Conformance: OP-2, OP-9.
#[test]
fn connections_work_with_buffer_sizes_and_limits() {
    let context = context();
    for size in [0, 16_384, i32::MAX.unsigned_abs()] {
        let (left, right) = (socket(&context, Pair), socket(&context, Pair));
        for socket in [&left, &right] {
            socket.set_send_buffer(size).unwrap();
            socket.set_recv_buffer(size).unwrap();
            socket.set_connect_timeout(LIMIT).unwrap();
            socket.set_tcp_max_retransmit_timeout(LIMIT).unwrap();
            #[cfg(zmq_draft)]
            {
                socket.set_busy_poll(std::time::Duration::from_micros(1)).unwrap();
                socket.set_priority(6).unwrap();
                socket.set_loopback_fastpath(true).unwrap();
            }
        }
        right.connect(left.bind(TCP).unwrap()).unwrap();
        bounce(&right, &left);
    }
}

#[cfg(zmq_draft)]
#[test]
fn batches_may_be_small_or_large() {
    let context = context();
    let of_the_bundled_library: &[u32] = if cfg!(zmq_vendored) { &[1, 9, 1025] } else { &[] };
    for &size in [16, 24, 1024, 1 << 24].iter().chain(of_the_bundled_library) {
        for (in_size, out_size) in [(size, size), (8192, 1)] {
            let (left, right) = (socket(&context, Pair), socket(&context, Pair));
            for socket in [&left, &right] {
                socket.set_in_batch_size(in_size).unwrap();
                socket.set_out_batch_size(out_size).unwrap();
            }
            right.connect(left.bind(TCP).unwrap()).unwrap();
            bounce(&right, &left);
            // Some messages share the buffer in which they were received.
            let sent: Vec<_> = [0, 1, 33, 34, 255, 256, 10_000].map(|len| vec![7; len]).into();
            for body in &sent {
                right.send(body).unwrap();
            }
            let received: Vec<_> = sent.iter().map(|_| left.recv().unwrap()).collect();
            assert!(received.iter().eq(&sent), "in {in_size}, out {out_size}");
        }
    }
}

#[cfg(zmq_draft)]
#[test]
fn properties_of_any_length_pass_the_handshake() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    for (index, len) in [1, 300, 100_000].into_iter().enumerate() {
        left.add_metadata(format!("X-{index}"), "v".repeat(len)).unwrap();
        right.add_metadata(format!("X-{}", "n".repeat(253)), "v".repeat(len)).unwrap();
    }
    right.connect(left.bind(TCP).unwrap()).unwrap();
    bounce(&right, &left);
}

/// Conformance: OP-3.
#[test]
fn binding_to_a_missing_device_is_an_error() {
    let pair = socket(&context(), Pair);
    pair.set_bound_device("no-such-device").unwrap();
    let error = pair.bind(TCP).unwrap_err();
    let kinds = [ErrorKind::NoSuchDevice, ErrorKind::PermissionDenied, ErrorKind::Unsupported];
    assert!(kinds.contains(&error.kind()), "{error}");
    pair.set_bound_device(None).unwrap();
    pair.bind(TCP).unwrap();
}

#[test]
fn affinity_needs_existing_threads() {
    let context = common::context_with(Context::builder().io_threads(2));
    let pair = socket(&context, Pair);
    pair.set_affinity(0b10).unwrap();
    let endpoint = pair.bind(TCP).unwrap();
    pair.set_affinity(0b100).unwrap();
    assert_eq!(pair.bind(TCP).unwrap_err().kind(), ErrorKind::NoIoThread);
    let peer = connected(&context, Pair, endpoint);
    bounce(&peer, &pair);
}

#[test]
fn affinity_has_bits_for_64_threads() {
    let context = common::context_with(Context::builder().io_threads(65));
    let pair = socket(&context, Pair);
    assert_eq!(pair.set_affinity(1).unwrap_err().kind(), ErrorKind::InvalidInput);
    pair.set_affinity(0).unwrap();
    pair.bind(TCP).unwrap();
}

/// Conformance: TR-19.
#[cfg(unix)]
#[test]
fn a_tcp_socket_that_already_listens_can_be_bound() {
    let context = context();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    let responder = socket(&context, Rep);
    assert_eq!(responder.bind_fd(&endpoint, listener).unwrap(), endpoint.as_str());
    let requester = connected(&context, Req, &endpoint);
    bounce(&requester, &responder);
    // The descriptor belongs to libzmq now, and is closed when the socket unbinds.
    responder.unbind(&endpoint).unwrap();
    common::eventually("the port is free", || TcpListener::bind(endpoint.trim_start_matches("tcp://")).ok());
    // The next bind is an ordinary one.
    assert_ne!(responder.bind(TCP).unwrap(), endpoint.as_str());
}

/// Conformance: TR-19.
#[cfg(unix)]
#[test]
fn an_ipc_socket_that_already_listens_can_be_bound() {
    let context = context();
    let endpoint = common::ipc_endpoint("bind-fd");
    let path = endpoint.trim_start_matches("ipc://");
    let _ = std::fs::remove_file(path);
    let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
    let left = socket(&context, Pair);
    assert_eq!(left.bind_fd(&endpoint, listener).unwrap(), endpoint.as_str());
    let right = connected(&context, Pair, &endpoint);
    bounce(&right, &left);
    drop((left, right));
    std::fs::remove_file(path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_descriptor_that_does_not_listen_is_refused() {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::{UnixListener, UnixStream};

    let context = context();
    let pair = socket(&context, Pair);
    let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener();
    let path = common::ipc_endpoint("no-tcp");
    let path = path.trim_start_matches("ipc://");
    let _ = std::fs::remove_file(path);
    let wrong: [(&str, OwnedFd); 7] = [
        ("tcp://127.0.0.1:1", std::fs::File::open("/dev/null").unwrap().into()),
        ("tcp://127.0.0.1:1", UdpSocket::bind("127.0.0.1:0").unwrap().into()),
        ("tcp://127.0.0.1:1", TcpStream::connect(server.local_addr().unwrap()).unwrap().into()),
        ("tcp://127.0.0.1:1", UnixListener::bind(path).unwrap().into()),
        ("ipc:///tmp/path", UnixStream::pair().unwrap().0.into()),
        ("ipc:///tmp/path", listener().into()),
        ("inproc://name", listener().into()),
    ];
    for (endpoint, fd) in wrong {
        let error = pair.bind_fd(endpoint, fd).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    std::fs::remove_file(path).unwrap();
    assert_eq!(pair.last_endpoint().unwrap(), None);
    pair.bind(TCP).unwrap();
}

#[cfg(unix)]
#[test]
fn a_descriptor_that_was_not_bound_is_closed() {
    let context = context();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pair = socket(&context, Pair);
    context.shutdown().unwrap();
    common::eventually("the socket reports the shutdown", || pair.events().err());
    let error = pair.bind_fd(format!("tcp://{address}"), listener).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated);
    common::eventually("nobody listens at the address", || TcpListener::bind(address).ok());
}

#[cfg(not(zmq_vendored))]
#[test]
fn a_socks_proxy_needs_the_bundled_libzmq() {
    let pair = socket(&context(), Pair);
    assert_eq!(pair.set_socks_proxy("127.0.0.1:1080").unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn vmci_options_are_unsupported_without_vmci() {
    let pair = socket(&context(), Pair);
    if !zmq::has(zmq::Feature::Vmci) {
        let error = pair.set_vmci_buffer_size(65_536).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("vmci"), "{error}");
    }
}

#[test]
fn options_without_a_method_can_be_set_as_raw_values() {
    let context = Context::new().unwrap();
    let pair = context.socket(Pair).unwrap();
    let tos = zmq::zmq_sys::ZMQ_TOS;
    // SAFETY: the options in this test are ints or unknown numbers.
    let set = |option, value: &[u8]| unsafe { pair.set_raw_option(option, value) };
    // SAFETY: reading it changes nothing.
    let get = |value: &mut [u8]| unsafe { pair.raw_option(tos, value) };
    let mut value = [0; 4];

    set(tos, &7_i32.to_ne_bytes()).unwrap();
    assert_eq!(get(&mut value).unwrap(), 4);
    assert_eq!(i32::from_ne_bytes(value), 7);
    let error = set(tos, &[1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("option 57"), "{error}");
    assert_eq!(set(-1, &[0; 4]).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(get(&mut value[..3]).unwrap_err().kind(), ErrorKind::InvalidInput);

    context.shutdown().unwrap();
    common::eventually("the socket reports the shutdown", || pair.events().err());
    assert_eq!(set(tos, &7_i32.to_ne_bytes()).unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(get(&mut value).unwrap_err().kind(), ErrorKind::Terminated);
}
