//! Every transport of the linked libzmq and of this machine carries messages, to endpoints made of text, addresses and
//! paths.

use crate::common;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use common::{LIMIT, bound, connected, context, has_ipv6, socket};
use zmq::{Context, Endpoint, ErrorKind, Feature, Message, Pair, Pull, Push, Rep, Req, Socket, Sub, XPub};

/// Sends a message and a reply.
fn carries(server: &Socket<Rep>, client: &Socket<Req>, endpoint: &str) {
    for request in [&b""[..], b"request", &[b'x'; 100_000]] {
        client.send(request).unwrap();
        assert_eq!(server.recv().unwrap(), request, "{endpoint}");
        server.send("reply").unwrap();
        assert_eq!(client.recv().unwrap(), b"reply", "{endpoint}");
    }
}

/// Binds to an endpoint, and connects to the resolved endpoint.
fn carries_what_is_bound(context: &Context, endpoint: impl AsRef<str>) -> Endpoint {
    let (server, resolved) = bound(context, Rep, endpoint.as_ref());
    carries(&server, &connected(context, Req, &resolved), resolved.as_str());
    resolved
}

#[cfg(unix)]
fn scratch_path(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("zmq-transports-{}-{name}", std::process::id()))
}

#[test]
fn tcp_carries_messages_over_ipv4() {
    let context = context();
    let resolved = carries_what_is_bound(&context, Endpoint::tcp((Ipv4Addr::LOCALHOST, 0)));
    let address = resolved.socket_addr().unwrap();
    assert_eq!(address.ip(), IpAddr::from(Ipv4Addr::LOCALHOST));
    assert_ne!(address.port(), 0);
    let (server, resolved) = bound(&context, Rep, "tcp://*:*");
    let port = resolved.socket_addr().unwrap().port();
    let client = connected(&context, Req, Endpoint::tcp((Ipv4Addr::LOCALHOST, port)));
    carries(&server, &client, resolved.as_str());
}

#[test]
fn tcp_carries_messages_over_ipv6() {
    if !has_ipv6() {
        eprintln!("this machine has no IPv6");
        return;
    }
    let context = context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    server.set_ipv6(true).unwrap();
    client.set_ipv6(true).unwrap();
    let resolved = server.bind(Endpoint::tcp((Ipv6Addr::LOCALHOST, 0))).unwrap();
    assert_eq!(resolved.socket_addr().unwrap().ip(), IpAddr::from(Ipv6Addr::LOCALHOST));
    client.connect(&resolved).unwrap();
    carries(&server, &client, resolved.as_str());
}

#[cfg(target_os = "linux")]
#[test]
fn tcp_connects_from_a_source_address() {
    let context = context();
    let (server, resolved) = bound(&context, zmq::Stream, common::TCP);
    let client = connected(&context, zmq::Dealer, format!("tcp://127.0.0.77:0;{}", resolved.address()));
    // The first part is the id of the connection. libzmq reports its address.
    let id = server.recv().unwrap();
    assert!(!id.is_empty());
    assert_eq!(id.peer_address().unwrap(), Some("127.0.0.77"));
    drop(client);
}

#[cfg(unix)]
#[test]
fn ipc_carries_messages_by_path_and_wildcard() {
    let context = context();
    for name in ["socket", "Schlüssel 鍵"] {
        let path = scratch_path(name);
        let endpoint = Endpoint::ipc(&path).unwrap();
        assert_eq!(endpoint.path(), Some(path.as_path()));
        assert_eq!(carries_what_is_bound(&context, &endpoint), endpoint);
        // libzmq leaves the file.
        std::fs::remove_file(path).unwrap();
    }
    let resolved = carries_what_is_bound(&context, "ipc://*");
    assert!(resolved.path().is_some());
    // A path can contain any characters.
    for name in ["*", "@name"] {
        let endpoint = Endpoint::ipc(name).unwrap();
        assert_eq!(endpoint.path(), Some(Path::new(".").join(name).as_path()));
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn ipc_carries_messages_by_an_abstract_name() {
    let context = context();
    let resolved = carries_what_is_bound(&context, format!("ipc://@zmq-transports-{}", std::process::id()));
    assert_eq!(resolved.path(), None);
}

#[test]
fn impossible_paths_are_refused() {
    let longest = if cfg!(any(target_os = "linux", target_os = "android", windows)) { 107 } else { 103 };
    let path = "x".repeat(longest);
    assert_eq!(Endpoint::ipc(&path).unwrap().path(), Some(Path::new(&path)));
    let error = Endpoint::ipc(format!("{path}x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidFilename);
    assert!(error.to_string().contains(&longest.to_string()), "{error}");
    let error = Endpoint::ipc(format!("@{}", "x".repeat(longest - 1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidFilename);
    for path in ["", "a\0b"] {
        assert_eq!(Endpoint::ipc(path).unwrap_err().kind(), ErrorKind::InvalidInput, "{path:?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::OsStr::from_bytes(b"/tmp/\xff");
        let error = Endpoint::ipc(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("UTF-8"), "{error}");
    }
}

#[test]
fn inproc_carries_messages() {
    let context = context();
    let endpoint = Endpoint::inproc("by name").unwrap();
    assert_eq!(carries_what_is_bound(&context, &endpoint), endpoint);
    assert_eq!((endpoint.socket_addr(), endpoint.path()), (None, None));
    for name in ["", "a\0b"] {
        assert_eq!(Endpoint::inproc(name).unwrap_err().kind(), ErrorKind::InvalidInput, "{name:?}");
    }
}

/// Conformance: TR-21.
#[test]
fn ws_carries_messages_with_and_without_a_path() {
    if !zmq::has(Feature::Ws) {
        eprintln!("the linked libzmq has no ws");
        return;
    }
    let context = context();
    for path in ["", "/", "/one/two"] {
        if cfg!(zmq_vendored) || path.len() < 2 {
            let resolved = carries_what_is_bound(&context, format!("ws://127.0.0.1:*{path}"));
            assert_eq!(resolved.socket_addr().unwrap().ip(), IpAddr::from(Ipv4Addr::LOCALHOST));
        }
    }
    let error = socket(&context, Pair).bind("ws://127.0.0.1:99999").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

/// Conformance: TR-21.
#[test]
fn ws_carries_subscriptions_and_does_not_change_shared_bytes() {
    if !zmq::has(Feature::Ws) {
        eprintln!("the linked libzmq has no ws");
        return;
    }
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, "ws://127.0.0.1:*");
    let subscriber = connected(&context, Sub, &endpoint);
    for topic in ["A", "B"] {
        subscriber.subscribe(topic).unwrap();
        assert_eq!(publisher.recv().unwrap(), [&[1], topic.as_bytes()].concat());
    }
    for body in ["C unheard", "A heard", "B heard"] {
        publisher.send(body).unwrap();
    }
    assert_eq!(subscriber.recv().unwrap(), "A heard");
    assert_eq!(subscriber.recv().unwrap(), "B heard");

    // Data that a client sends is masked. The mask must not change memory that others see.
    let (server, endpoint) = bound(&context, Pull, "ws://127.0.0.1:*");
    let client = socket(&context, Push);
    client.set_heartbeat_interval(Duration::from_millis(10)).unwrap();
    client.set_heartbeat_timeout(LIMIT).unwrap();
    client.set_reconnect_interval(None).unwrap();
    client.connect(&endpoint).unwrap();
    static CONSTANT: [u8; 255] = [7; 255];
    for message in [Message::from(vec![9; 65_536]), Message::from_static(&CONSTANT)] {
        let before = message.to_vec();
        client.send(&message).unwrap();
        assert_eq!(server.recv().unwrap(), before);
        assert_eq!(message, before);
    }
}

#[test]
fn missing_transports_are_reported() {
    let context = context();
    let socket = socket(&context, zmq::Pub);
    let others = [
        (Feature::Wss, "wss://127.0.0.1:*", "enable the feature `wss`"),
        (Feature::Pgm, "epgm://127.0.0.1;239.192.1.1:5555", "enable the feature `pgm`"),
        (Feature::Norm, "norm://127.0.0.1:5555", "enable the feature `norm`"),
        (Feature::Vmci, "vmci://*:5555", ""),
        (Feature::Tipc, "tipc://{5560,0,0}", ""),
    ];
    for (feature, endpoint, advice) in others {
        if !zmq::has(feature) {
            let error = socket.bind(endpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProtocolNotSupported, "{endpoint}");
            assert!(error.to_string().contains("without"), "{error}");
            // With another libzmq, a feature of the crate does not help.
            assert!(!cfg!(zmq_vendored) || error.to_string().contains(advice), "{error}");
        }
    }
}

/// Conformance: TR-23.
#[test]
fn tipc_carries_messages_if_the_system_supports_it() {
    if !zmq::has(Feature::Tipc) {
        return;
    }
    let context = context();
    let server = socket(&context, Rep);
    match server.bind("tipc://{5560,0,0}") {
        Ok(_) => carries(&server, &connected(&context, Req, "tipc://{5560,0}"), "tipc"),
        Err(error) => {
            // libzmq is built with it, but the kernel module is not loaded.
            assert_eq!(error.errno(), libc::EAFNOSUPPORT, "{error}");
            eprintln!("this machine has no tipc");
        }
    }
}

#[test]
fn a_pgm_network_has_at_most_three_parts() {
    let context = context();
    let socket = socket(&context, zmq::Sub);
    let error = socket.connect("epgm://lo;239.192.1.1;239.192.1.2;239.192.1.3:5555").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("three parts"), "{error}");
}

#[test]
fn an_endpoint_returns_its_address_or_path() {
    let address = |text: &str| text.parse::<Endpoint>().unwrap().socket_addr();
    let some = |text: &str| Some(text.parse::<SocketAddr>().unwrap());
    assert_eq!(address("tcp://[::1]:5555"), some("[::1]:5555"));
    assert_eq!(address("udp://127.0.0.1:5555"), some("127.0.0.1:5555"));
    assert_eq!(address("ws://127.0.0.1:80/a:1/b"), some("127.0.0.1:80"));
    for text in
        ["tcp://*:5555", "tcp://localhost:5555", "tcp://127.0.0.1:*", "ipc:///tmp/1", "inproc://127.0.0.1:1"]
    {
        assert_eq!(address(text), None, "{text}");
    }
}
