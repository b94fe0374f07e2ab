//! Endpoints: what can be bound and connected over each transport, what `bind` returns, and how to undo both.

use crate::common;

use std::collections::HashSet;
use std::thread;

#[cfg(zmq_vendored)]
use common::process::rounds;
use common::{
    LIMIT, MOMENT, assert_error, bounce, connecting_kinds, context, free_endpoint, must_end, socket,
    wait_until,
};
use zmq::capability::Kind;
use zmq::zmq_sys::{ENOCOMPATPROTO, ETERM};
use zmq::{
    Any, Context, Dealer, Endpoint, ErrorKind, POLLOUT, Pair, Pub, Pull, Push, Rep, Req, Router, SocketKind,
    Stream, Sub,
};

#[test]
fn an_endpoint_is_a_validated_string() {
    let endpoint: Endpoint = "tcp://127.0.0.1:5555".parse().unwrap();
    assert_eq!(endpoint, "tcp://127.0.0.1:5555");
    assert_eq!(endpoint.as_str(), "tcp://127.0.0.1:5555");
    assert_eq!((endpoint.transport(), endpoint.address()), ("tcp", "127.0.0.1:5555"));
    assert_eq!(endpoint.to_string(), "tcp://127.0.0.1:5555");
    assert_eq!(format!("{endpoint:?}"), "\"tcp://127.0.0.1:5555\"");
    assert_eq!(Endpoint::try_from("tcp://127.0.0.1:5555").unwrap(), endpoint);
    assert_eq!(Endpoint::try_from(String::from(endpoint.clone())).unwrap(), endpoint);
    assert_eq!(HashSet::from([endpoint.clone(), endpoint.clone()]).len(), 1);

    let path: Endpoint = "ipc:///tmp/a://b".parse().unwrap();
    assert_eq!((path.transport(), path.address()), ("ipc", "/tmp/a://b"));
    assert!(path < endpoint);

    for text in ["", "nothing", "tcp:/one-slash", "tcp://host:65536", "tcp://host:http", "inproc://a\0b"] {
        let error = text.parse::<Endpoint>().unwrap_err();
        assert_error(
            error,
            ErrorKind::InvalidInput,
            libc::EINVAL,
            &["endpoint", text.trim_end_matches("\0b")],
        );
    }
}

/// Conformance: TR-1, TR-3.
#[test]
fn a_wildcard_is_resolved_and_can_be_unbound() {
    let has_ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    let cases = [
        ("tcp://*:*", false),
        ("tcp://*:*", true),
        ("tcp://127.0.0.1:*", false),
        ("tcp://127.0.0.1:*", true),
        ("tcp://127.0.0.1:0", false),
        ("tcp://localhost:*", false),
        ("tcp://[::1]:*", true),
    ];
    for (wildcard, ipv6) in cases {
        if wildcard.contains("::1") && !has_ipv6 {
            println!("this machine has no IPv6: {wildcard} not tested");
            continue;
        }
        let context = context();
        context.set_ipv6(ipv6).unwrap();
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        if wildcard.contains("localhost") && zmq::version() < zmq::Version::new(4, 3, 5) {
            // Before the colon, only interfaces and addresses are allowed.
            assert_eq!(server.bind(wildcard).unwrap_err().kind(), ErrorKind::NoSuchDevice);
            continue;
        }
        assert_eq!(server.last_endpoint().unwrap(), None);
        let endpoint = server.bind(wildcard).unwrap();
        let (_, port) = endpoint.as_str().rsplit_once(':').unwrap();
        assert_ne!(port.parse::<u16>().unwrap(), 0, "{endpoint}");
        assert_eq!(server.last_endpoint().unwrap().as_ref(), Some(&endpoint));

        client.connect(&endpoint).unwrap();
        bounce(&client, &server);
        client.disconnect(&endpoint).unwrap();

        assert_error(
            server.unbind(wildcard).unwrap_err(),
            ErrorKind::NotFound,
            libc::ENOENT,
            &["unbind", wildcard],
        );
        server.unbind(&endpoint).unwrap();
        assert_eq!(server.last_endpoint().unwrap(), Some(endpoint), "stays after unbind");
    }
}

/// Conformance: TR-2.
#[test]
fn bind_returns_a_resolved_endpoint_unchanged() {
    let context = context();
    let socket = socket(&context, Rep);
    for endpoint in [free_endpoint(), free_endpoint(), "inproc://a name".to_owned()] {
        assert_eq!(socket.bind(&endpoint).unwrap(), *endpoint);
        assert_eq!(socket.last_endpoint().unwrap().unwrap(), *endpoint);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bind_accepts_the_name_of_an_interface() {
    let context = context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    let endpoint = server.bind("tcp://lo:*").unwrap();
    assert!(endpoint.as_str().starts_with("tcp://127.0.0.1:"), "{endpoint}");
    client.connect(&endpoint).unwrap();
    bounce(&client, &server);
}

/// Conformance: TR-8.
#[test]
fn connect_accepts_a_source_address() {
    let context = context();
    let server = socket(&context, Rep);
    let endpoint = server.bind("tcp://127.0.0.1:*").unwrap();
    let sources: &[_] = if cfg!(target_os = "linux") { &["127.0.0.1:0", "lo:0"] } else { &["127.0.0.1:0"] };
    for source in sources {
        let client = socket(&context, Req);
        client.connect(format!("tcp://{source};{}", endpoint.address())).unwrap();
        bounce(&client, &server);
    }
}

/// Conformance: TR-4.
#[test]
fn after_unbind_the_peers_are_gone() {
    let context = context();
    let (sender, receiver) = (socket(&context, Push), socket(&context, Pull));
    let endpoint = sender.bind("tcp://127.0.0.1:*").unwrap();
    receiver.connect(&endpoint).unwrap();
    sender.send("Hello").unwrap();
    assert_eq!(receiver.recv().unwrap(), "Hello");
    sender.unbind(&endpoint).unwrap();
    wait_until(|| !sender.events().unwrap().contains(POLLOUT));
    assert_eq!(sender.try_send("nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// A server that unbinds before its last reply loses the reply.
#[test]
fn after_unbind_replies_cannot_be_sent() {
    let context = context();
    let (router, dealer) = (socket(&context, Router), socket(&context, Dealer));
    router.set_router_mandatory(true).unwrap();
    let endpoint = router.bind("tcp://127.0.0.1:*").unwrap();
    dealer.connect(&endpoint).unwrap();
    dealer.send("Hello").unwrap();
    let request = router.recv_multipart().unwrap();
    router.unbind(&endpoint).unwrap();
    wait_until(|| {
        let sent = router.try_send_multipart(request.clone());
        sent.is_err_and(|failure| failure.kind() == ErrorKind::HostUnreachable)
    });
}

/// Conformance: TR-5.
#[test]
fn after_disconnect_the_peer_is_gone() {
    let context = context();
    let (receiver, sender) = (socket(&context, Pull), socket(&context, Push));
    let endpoint = receiver.bind("tcp://127.0.0.1:*").unwrap();
    sender.connect(&endpoint).unwrap();
    sender.send("Hello").unwrap();
    assert_eq!(receiver.recv().unwrap(), "Hello");
    sender.disconnect(&endpoint).unwrap();
    wait_until(|| !sender.events().unwrap().contains(POLLOUT));
    assert_eq!(sender.try_send("nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: TR-6.
#[test]
fn a_tcp_endpoint_can_be_connected_before_it_is_bound() {
    let context = context();
    let (server, client) = (socket(&context, Dealer), socket(&context, Dealer));
    let endpoint = free_endpoint();
    client.connect(&endpoint).unwrap();
    for text in ["one", "two", "three"] {
        client.send(text).unwrap();
    }
    server.bind(&endpoint).unwrap();
    for text in ["one", "two", "three"] {
        assert_eq!(server.recv().unwrap(), text);
    }
}

/// Conformance: TR-7, G-9.
#[test]
fn connect_accepts_names_and_refuses_invalid_ones() {
    let context = context();
    let socket = socket(&context, Dealer);
    socket.connect("tcp://localhost:1234").unwrap();
    socket.set_ipv6(true).unwrap();
    socket.connect("tcp://[::1]:1234").unwrap();
    let refused = [
        "tcp://localhost:invalid",
        "tcp://127.0.0.1:0",
        "tcp://in val id:1234",
        "tcp://",
        "inproc://",
        "://",
        "",
    ];
    for endpoint in refused {
        let error = socket.connect(endpoint).unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["connect", endpoint]);
    }
}

#[test]
fn a_port_beyond_16_bits_is_refused() {
    let context = context();
    let socket = socket(&context, Dealer);
    for endpoint in ["tcp://127.0.0.1:65536", "tcp://127.0.0.1:99999", "tcp://*:70000", "tcp://[::1]:65537"] {
        for (operation, error) in
            [("bind", socket.bind(endpoint).unwrap_err()), ("connect", socket.connect(endpoint).unwrap_err())]
        {
            assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &[operation, endpoint, "65535"]);
        }
    }
    assert_eq!(socket.last_endpoint().unwrap(), None, "the failed call bound an endpoint");
}

/// Conformance: G-8.
#[test]
fn a_bound_endpoint_is_in_use() {
    let context = context();
    let (first, second) = (socket(&context, Rep), socket(&context, Rep));
    for wildcard in ["tcp://127.0.0.1:*", "inproc://taken"] {
        let endpoint = first.bind(wildcard).unwrap();
        let error = second.bind(&endpoint).unwrap_err();
        assert_error(error, ErrorKind::AddrInUse, libc::EADDRINUSE, &["bind", endpoint.as_str()]);
    }
}

/// Conformance: G-8.
#[test]
fn an_unknown_endpoint_is_not_found() {
    let context = context();
    let socket = socket(&context, Dealer);
    for endpoint in ["tcp://127.0.0.1:1234", "inproc://nobody"] {
        let error = socket.unbind(endpoint).unwrap_err();
        assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["unbind", endpoint]);
        let error = socket.disconnect(endpoint).unwrap_err();
        assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["disconnect", endpoint]);
    }
}

#[test]
fn a_socket_binds_and_unbinds_again_and_again() {
    let context = context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    for _ in 0..200 {
        let tcp = server.bind("tcp://127.0.0.1:*").unwrap();
        server.bind("inproc://again").unwrap();
        server.unbind(&tcp).unwrap();
        server.unbind("inproc://again").unwrap();
    }
    client.connect(server.bind("inproc://again").unwrap()).unwrap();
    bounce(&client, &server);
}

#[test]
fn unbind_frees_a_port_for_others() {
    let context = context();
    let (first, second, client) = (socket(&context, Rep), socket(&context, Rep), socket(&context, Req));
    let endpoint = first.bind(free_endpoint()).unwrap();
    first.unbind(&endpoint).unwrap();
    // The endpoint is free once the I/O thread has closed the listener.
    wait_until(|| second.bind(&endpoint).is_ok());
    client.connect(&endpoint).unwrap();
    bounce(&client, &second);
}

/// Also while libzmq's own thread still reports the previous unbind.
#[cfg(zmq_vendored)]
#[test]
fn a_port_is_bound_and_unbound_again_and_again() {
    thread::scope(|threads| {
        for _ in 0..6 {
            threads.spawn(|| {
                let context = context();
                let server = socket(&context, Rep);
                let endpoint = free_endpoint();
                for _ in 0..rounds(3000) {
                    wait_until(|| server.bind(&endpoint).is_ok());
                    server.unbind(&endpoint).unwrap();
                }
            });
        }
    });
}

/// Conformance: TR-13.
#[test]
fn an_inproc_name_can_be_bound_before_or_after_a_connect() {
    for bind_first in [true, false] {
        let context = context();
        let (server, client) = (socket(&context, Pair), socket(&context, Pair));
        if bind_first {
            server.bind("inproc://a").unwrap();
        }
        client.connect("inproc://a").unwrap();
        client.send("early").unwrap();
        if !bind_first {
            server.bind("inproc://a").unwrap();
        }
        client.send("late").unwrap();
        assert_eq!(server.recv().unwrap(), "early");
        assert_eq!(server.recv().unwrap(), "late");
        bounce(&client, &server);
    }
}

/// Conformance: TR-14.
#[test]
fn a_pub_drops_what_it_sends_before_the_subscriber_is_bound() {
    let context = context();
    let (publisher, subscriber) = (socket(&context, Pub), socket(&context, Sub));
    publisher.connect("inproc://late").unwrap();
    publisher.send("lost").unwrap();
    subscriber.subscribe("").unwrap();
    subscriber.bind("inproc://late").unwrap();
    // When the publisher reads the events, it sees the subscription, which has already arrived.
    publisher.events().unwrap();
    publisher.send("found").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "found");
}

/// Conformance: TR-15.
#[test]
fn many_inproc_connections_wait_for_one_bind() {
    let context = context();
    let senders: Vec<_> = (0..10)
        .map(|_| {
            let sender = socket(&context, Push);
            sender.connect("inproc://sink").unwrap();
            sender.send("Hello").unwrap();
            sender
        })
        .collect();
    let receiver = socket(&context, Pull);
    receiver.bind("inproc://sink").unwrap();
    for _ in &senders {
        assert_eq!(receiver.recv().unwrap(), "Hello");
    }
    assert_eq!(receiver.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: TR-15.
#[test]
fn inproc_connections_and_a_bind_may_happen_at_the_same_time() {
    let context = context();
    let receiver = socket(&context, Pull);
    thread::scope(|threads| {
        for _ in 0..30 {
            threads.spawn(|| {
                let sender = socket(&context, Push);
                // The sender may be closed before the bind.
                sender.set_linger(None).unwrap();
                sender.connect("inproc://race").unwrap();
                sender.send("Hello").unwrap();
            });
        }
        receiver.bind("inproc://race").unwrap();
        for _ in 0..30 {
            assert_eq!(receiver.recv().unwrap(), "Hello");
        }
    });
}

/// Conformance: TR-16.
#[test]
fn many_threads_may_bind_and_connect_inproc_names() {
    let context = context();
    thread::scope(|threads| {
        for pair in 0..50 {
            let name = format!("inproc://{pair}");
            let (server, client) = (socket(&context, Pair), socket(&context, Pair));
            let bound = name.clone();
            threads.spawn(move || {
                server.bind(&bound).unwrap();
                assert_eq!(server.recv().unwrap(), "Hello");
            });
            threads.spawn(move || {
                // The client may be closed before the bind.
                client.set_linger(None).unwrap();
                client.connect(&name).unwrap();
                client.send("Hello").unwrap();
            });
        }
    });
}

/// Conformance: TR-17.
#[test]
fn unbind_frees_an_inproc_name_for_others() {
    let context = context();
    let (first, second, client) = (socket(&context, Rep), socket(&context, Rep), socket(&context, Req));
    first.bind("inproc://name").unwrap();
    first.unbind("inproc://name").unwrap();
    second.bind("inproc://name").unwrap();
    client.connect("inproc://name").unwrap();
    bounce(&client, &second);
}

#[test]
fn a_closed_socket_frees_its_inproc_name() {
    let context = context();
    let (first, second, client) = (socket(&context, Rep), socket(&context, Rep), socket(&context, Req));
    first.bind("inproc://name").unwrap();
    drop(first);
    // libzmq's own thread releases the name a little later.
    wait_until(|| second.bind("inproc://name").is_ok());
    client.connect("inproc://name").unwrap();
    bounce(&client, &second);
}

/// Sockets of one type that all wait for one inproc name, and a context that ends, with or without a shutdown.
fn wait_for_one_name<K: Kind>(kind: K, shutdown: bool) {
    must_end(move || {
        let context = Context::new().unwrap();
        let sockets: Vec<_> = (0..20)
            .map(|_| {
                let socket = context.socket(kind).unwrap();
                socket.connect("inproc://never").unwrap();
                socket
            })
            .collect();
        if shutdown {
            context.shutdown().unwrap();
            let error = sockets[0].connect("inproc://another").unwrap_err();
            assert_error(error, ErrorKind::Terminated, ETERM, &["connect", "inproc://another"]);
        }
    });
}

/// Conformance: TR-17.
#[test]
fn sockets_that_wait_for_an_inproc_name_do_not_delay_the_end() {
    for kind in connecting_kinds() {
        if !matches!(kind, SocketKind::Stream | SocketKind::Router | SocketKind::Rep) {
            wait_for_one_name(Any(kind), false);
            wait_for_one_name(Any(kind), true);
        }
    }
}

/// libzmq sends these socket types the routing id of the peer that they meet, and cannot send it to a socket that was
/// rejected.
///
/// Conformance: TR-17.
#[test]
fn routers_that_wait_for_an_inproc_name_do_not_delay_the_end() {
    for shutdown in [false, true] {
        wait_for_one_name(Router, shutdown);
        wait_for_one_name(Rep, shutdown);
    }
}

/// The same with a PAIR of the user.
#[test]
fn a_pair_does_not_bind_where_several_sockets_wait() {
    let context = context();
    let routers = [socket(&context, Router), socket(&context, Router)];
    for router in &routers {
        router.connect("inproc://pair").unwrap();
    }
    let pair = socket(&context, Pair);
    let error = pair.bind("inproc://pair").unwrap_err();
    assert_eq!((error.kind(), error.errno()), (ErrorKind::AddrInUse, libc::EADDRINUSE));

    let dealer = socket(&context, Dealer);
    dealer.bind("inproc://pair").unwrap();
    for router in &routers {
        let (_id, rest) = {
            dealer.send("Hello").unwrap();
            router.recv_multipart().unwrap().split_first()
        };
        assert_eq!(rest.unwrap(), ["Hello"]);
    }
}

/// Conformance: TR-18.
#[test]
fn a_router_receives_the_id_of_a_dealer_that_connected_first() {
    let context = context();
    let (router, dealer) = (socket(&context, Router), socket(&context, Dealer));
    dealer.connect("inproc://late").unwrap();
    dealer.send_multipart(["A", "B"]).unwrap();
    router.bind("inproc://late").unwrap();
    let (id, rest) = router.recv_multipart().unwrap().split_first();
    assert!(id.has_more() && !id.is_empty());
    assert_eq!(rest.unwrap(), ["A", "B"]);
    router.send_multipart([id, "reply".into()]).unwrap();
    assert_eq!(dealer.recv().unwrap(), "reply");
}

#[test]
fn an_inproc_name_may_contain_any_text_but_not_be_empty() {
    let context = context();
    for name in ["*", "a/b", "a b", "täg", "name:99999", "zeromq.zap.02", &"long".repeat(300)] {
        let endpoint = format!("inproc://{name}");
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        assert_eq!(server.bind(&endpoint).unwrap(), *endpoint);
        client.connect(&endpoint).unwrap();
        bounce(&client, &server);
    }
}

/// A frame that arrived there would end the process.
#[test]
fn a_stream_socket_refuses_inproc() {
    let context = context();
    for stream in [socket(&context, Any(SocketKind::Stream)), socket(&context, Stream).into_any()] {
        for error in [stream.bind("inproc://a").unwrap_err(), stream.connect("inproc://a").unwrap_err()] {
            assert_error(error, ErrorKind::IncompatibleProtocol, ENOCOMPATPROTO, &["inproc://a", "STREAM"]);
        }
    }
}

/// A handshake with another socket type there would end the process.
#[test]
fn only_rep_and_router_bind_the_name_of_the_zap_handler() {
    for &kind in SocketKind::ALL {
        let context = context();
        let result = socket(&context, Any(kind)).bind("inproc://zeromq.zap.01");
        match kind {
            SocketKind::Rep | SocketKind::Router => drop(result.unwrap()),
            _ => assert_error(
                result.unwrap_err(),
                ErrorKind::IncompatibleProtocol,
                ENOCOMPATPROTO,
                &["bind", "inproc://zeromq.zap.01"],
            ),
        }
    }
}

#[cfg(unix)]
mod ipc {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    use super::*;
    use common::Directory;

    /// Conformance: TR-9.
    #[test]
    fn a_wildcard_makes_a_new_path_each_time() {
        let context = context();
        let (server, client) = (socket(&context, Pair), socket(&context, Pair));
        let other = socket(&context, Pair);
        let endpoint = server.bind("ipc://*").unwrap();
        assert_ne!(other.bind("ipc://*").unwrap(), endpoint);
        client.connect(&endpoint).unwrap();
        bounce(&client, &server);
        assert_error(server.unbind("ipc://*").unwrap_err(), ErrorKind::NotFound, libc::ENOENT, &["ipc://*"]);
        server.unbind(&endpoint).unwrap();
        wait_until(|| !Path::new(endpoint.address()).exists());
    }

    #[test]
    fn a_path_can_be_connected_before_it_is_bound() {
        let directory = Directory::new();
        let endpoint = directory.ipc("socket");
        let context = context();
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        client.connect(&endpoint).unwrap();
        assert_eq!(server.bind(&endpoint).unwrap(), *endpoint);
        bounce(&client, &server);
    }

    /// Conformance: TR-10.
    #[test]
    fn the_longest_path_is_the_limit_of_the_system() {
        let directory = Directory::new();
        let room = if cfg!(any(target_os = "linux", target_os = "android")) { 107 } else { 103 };
        let prefix = directory.path("").as_os_str().len();
        let context = context();
        let (server, client) = (socket(&context, Pair), socket(&context, Pair));

        let too_long = directory.ipc(&"x".repeat(room - prefix + 1));
        for error in [server.bind(&too_long).unwrap_err(), client.connect(&too_long).unwrap_err()] {
            assert_error(
                error,
                ErrorKind::InvalidFilename,
                libc::ENAMETOOLONG,
                &[&too_long, &room.to_string()],
            );
        }
        let longest = directory.ipc(&"x".repeat(room - prefix));
        server.bind(&longest).unwrap();
        client.connect(&longest).unwrap();
        bounce(&client, &server);
    }

    /// Conformance: TR-11.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_name_is_not_a_file() {
        let endpoint = format!("ipc://@zmq-test-{}", std::process::id());
        let context = context();
        let (server, client) = (socket(&context, Dealer), socket(&context, Dealer));
        assert_eq!(server.bind(&endpoint).unwrap(), *endpoint);
        client.connect(&endpoint).unwrap();
        bounce(&client, &server);
        assert_error(
            server.bind("ipc://@").unwrap_err(),
            ErrorKind::InvalidInput,
            libc::EINVAL,
            &["ipc://@"],
        );
    }

    /// The name is looked up in the current directory, where no other test has a file with this name.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_with_an_abstract_name_is_left_alone() {
        let name = format!("@zmq-file-{}", std::process::id());
        std::fs::write(&name, "somebody's").unwrap();
        let server = socket(&context(), Dealer);
        let bound = server.bind(format!("ipc://{name}"));
        let kept = std::fs::read(&name);
        std::fs::remove_file(&name).unwrap();
        assert_eq!(kept.unwrap(), b"somebody's");
        if cfg!(zmq_vendored) {
            bound.unwrap();
        } else {
            assert_error(bound.unwrap_err(), ErrorKind::AlreadyExists, libc::EEXIST, &["bind", &name]);
            server.bind(format!("ipc://{name}")).unwrap();
        }
    }

    /// Conformance: TR-12.
    #[test]
    fn a_peer_reconnects_when_its_path_is_bound_again() {
        let directory = Directory::new();
        let endpoint = directory.ipc("socket");
        let context = context();
        let receiver = socket(&context, Pull);
        receiver.connect(&endpoint).unwrap();
        for text in ["first", "second"] {
            let sender = socket(&context, Push);
            // The previous socket releases the path a little after it is closed.
            wait_until(|| sender.bind(&endpoint).is_ok());
            sender.send(text).unwrap();
            assert_eq!(receiver.recv().unwrap(), text);
        }
    }

    #[test]
    fn a_file_is_never_replaced() {
        let directory = Directory::new();
        let context = context();
        let server = socket(&context, Rep);
        std::fs::write(directory.path("file"), "precious").unwrap();
        std::os::unix::fs::symlink(directory.path("file"), directory.path("link")).unwrap();
        std::fs::create_dir(directory.path("directory")).unwrap();
        for name in ["file", "link", "directory"] {
            let endpoint = directory.ipc(name);
            let error = server.bind(&endpoint).unwrap_err();
            assert_error(error, ErrorKind::AlreadyExists, libc::EEXIST, &["bind", &endpoint]);
        }
        assert_eq!(std::fs::read_to_string(directory.path("file")).unwrap(), "precious");
        assert!(directory.path("link").is_symlink());
        assert!(directory.path("directory").is_dir());
    }

    #[test]
    fn a_listener_is_never_replaced() {
        let directory = Directory::new();
        let context = context();
        let (first, second, client) = (socket(&context, Rep), socket(&context, Rep), socket(&context, Req));

        let foreign = UnixListener::bind(directory.path("foreign")).unwrap();
        let ours = first.bind(directory.ipc("ours")).unwrap();
        for endpoint in [directory.ipc("foreign"), directory.ipc("ours")] {
            let error = second.bind(&endpoint).unwrap_err();
            assert_error(error, ErrorKind::AddrInUse, libc::EADDRINUSE, &["bind", &endpoint]);
        }
        client.connect(&ours).unwrap();
        bounce(&client, &first);
        std::os::unix::net::UnixStream::connect(directory.path("foreign")).unwrap();
        foreign.accept().unwrap();
    }

    #[test]
    fn a_socket_file_left_behind_is_replaced() {
        let directory = Directory::new();
        let context = context();
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        // The standard library leaves the file behind.
        drop(UnixListener::bind(directory.path("stale")).unwrap());
        assert!(directory.path("stale").symlink_metadata().unwrap().file_type().is_socket());
        client.connect(server.bind(directory.ipc("stale")).unwrap()).unwrap();
        bounce(&client, &server);
    }
}

#[test]
fn one_socket_serves_several_transports_at_once() {
    let context = context();
    let server = socket(&context, Rep);
    let tcp = server.bind("tcp://127.0.0.1:*").unwrap();
    let inproc = server.bind("inproc://several").unwrap();
    for endpoint in [tcp, inproc] {
        let client = socket(&context, Req);
        client.connect(&endpoint).unwrap();
        bounce(&client, &server);
    }
    assert_eq!(server.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(server.recv_timeout().unwrap(), Some(LIMIT), "as before");
}
