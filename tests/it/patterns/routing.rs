//! Routing ids that are taken over, chosen for a peer, and reported.

use crate::common;

use common::{TCP, assert_silent, context, free_endpoint, socket, transports};
use zmq::{Context, Dealer, ErrorKind, Router, Socket, Stream};

/// A DEALER with this id, which has sent a message.
fn dealer(context: &Context, endpoint: impl AsRef<str>, id: &str) -> Socket<Dealer> {
    let dealer = socket(context, Dealer);
    dealer.set_routing_id(id).unwrap();
    dealer.connect(endpoint).unwrap();
    dealer.send("Hello").unwrap();
    dealer
}

/// Conformance: RO-4.
#[test]
fn a_routing_id_can_be_taken_over() {
    for endpoint in transports("handover") {
        let context = context();
        let router = socket(&context, Router);
        router.set_router_handover(true).unwrap();
        let endpoint = router.bind(endpoint).unwrap();
        let first = dealer(&context, &endpoint, "X");
        assert_eq!(router.recv_multipart().unwrap(), ["X", "Hello"]);
        let second = dealer(&context, &endpoint, "X");
        assert_eq!(router.recv_multipart().unwrap(), ["X", "Hello"]);
        router.send_multipart(["X", "for the second"]).unwrap();
        assert_eq!(second.recv().unwrap(), "for the second");
        assert_silent(&first);
    }
}

/// Conformance: RO-6.
#[cfg(zmq_vendored)]
#[test]
fn a_router_can_name_the_peer_that_it_connects_to() {
    for named in [false, true] {
        for endpoint in transports("named-peer") {
            let context = context();
            let server = socket(&context, Router);
            let client = socket(&context, Router);
            if named {
                client.set_routing_id("client").unwrap();
                server.set_routing_id("server").unwrap();
            }
            let endpoint = server.bind(&endpoint).unwrap();
            client.connect_with_routing_id(&endpoint, "conn1").unwrap();
            // Immediately: nothing was received yet.
            client.set_router_mandatory(true).unwrap();
            client.send_multipart(["conn1", "Hello"]).unwrap();
            let [id, body] = server.recv_multipart().unwrap().try_into().unwrap();
            assert_eq!(body, "Hello");
            if named {
                assert_eq!(id, "client");
            } else {
                assert_eq!((id.len(), id[0]), (5, 0));
            }
            server.send_multipart([id, "World".into()]).unwrap();
            assert_eq!(client.recv_multipart().unwrap(), ["conn1", "World"]);
        }
    }
}

/// Conformance: RO-7.
#[cfg(zmq_vendored)]
#[test]
fn names_for_peers_are_distinct() {
    let context = context();
    let [x, y, z] = ["X", "Y", "Z"].map(|id| {
        let router = socket(&context, Router);
        router.set_routing_id(id).unwrap();
        let endpoint = router.bind(TCP).unwrap();
        (router, endpoint)
    });
    y.0.connect_with_routing_id(&x.1, "X").unwrap();
    y.0.send_multipart(["X", "from Y"]).unwrap();
    assert_eq!(x.0.recv_multipart().unwrap(), ["Y", "from Y"]);
    x.0.connect_with_routing_id(&z.1, "Z").unwrap();
    x.0.send_multipart(["Z", "from X"]).unwrap();
    assert_eq!(z.0.recv_multipart().unwrap(), ["X", "from X"]);
    assert_silent(&y.0);
}

#[cfg(zmq_vendored)]
#[test]
fn a_name_that_is_taken_is_refused() {
    let context = context();
    let (server, endpoint) = common::bound(&context, Router, TCP);
    let client = socket(&context, Router);
    client.connect_with_routing_id(&endpoint, "peer").unwrap();
    let error = client.connect_with_routing_id(&endpoint, "peer").unwrap_err();
    assert_eq!((error.kind(), error.errno()), (ErrorKind::AddrInUse, libc::EADDRINUSE));
    assert!(error.to_string().contains("as \"peer\""), "{error}");

    // An id that a peer has chosen itself counts too.
    let _peer = dealer(&context, &endpoint, "chosen");
    assert_eq!(server.recv_multipart().unwrap(), ["chosen", "Hello"]);
    let error = server.connect_with_routing_id(free_endpoint(), "chosen").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    server.connect_with_routing_id(free_endpoint(), "free").unwrap();
}

#[cfg(zmq_vendored)]
#[test]
fn a_name_is_for_one_connection_alone() {
    let context = context();
    let (server, endpoint) = common::bound(&context, Router, TCP);
    let client = socket(&context, Router);
    client.set_router_mandatory(true).unwrap();
    // A call that fails does not keep the id in use.
    for endpoint in ["tcp://*:1", "carrier-pigeon://loft", "no endpoint"] {
        assert!(client.connect_with_routing_id(endpoint, "peer").is_err());
    }
    client.connect(&endpoint).unwrap();
    assert_eq!(client.send_more("peer").unwrap_err().kind(), ErrorKind::HostUnreachable);
    client.connect_with_routing_id(&endpoint, "peer").unwrap();
    client.send_multipart(["peer", "Hello"]).unwrap();
    assert_eq!(server.recv_multipart().unwrap()[1], "Hello");
}

#[test]
fn names_for_peers_have_the_limits_of_routing_ids() {
    let context = context();
    let router = socket(&context, Router);
    for id in [&b""[..], b"\0id", &[1; 256]] {
        let error = router.connect_with_routing_id(free_endpoint(), id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    router.set_immediate(true).unwrap();
    let error = router.connect_with_routing_id(free_endpoint(), "id").unwrap_err();
    let expected = if cfg!(zmq_vendored) { ErrorKind::WrongState } else { ErrorKind::Unsupported };
    assert_eq!(error.kind(), expected);
}

/// Conformance: ST-9.
#[cfg(zmq_vendored)]
#[test]
fn a_stream_can_name_the_connection_that_it_makes() {
    let context = context();
    let server = socket(&context, Stream);
    server.set_stream_notify(false).unwrap();
    let endpoint = server.bind(TCP).unwrap();
    let client = socket(&context, Stream);
    client.set_stream_notify(false).unwrap();
    client.connect_with_routing_id(&endpoint, "conn1").unwrap();
    client.send_multipart(["conn1", "Hello"]).unwrap();
    let [id, bytes] = server.recv_multipart().unwrap().try_into().unwrap();
    assert_eq!((id.len(), id[0]), (5, 0));
    assert_eq!(bytes, "Hello");
    server.send_multipart([id, "World".into()]).unwrap();
    assert_eq!(client.recv_multipart().unwrap(), ["conn1", "World"]);
}

#[test]
fn a_stream_need_not_report_connections() {
    let context = context();
    let server = socket(&context, Stream);
    server.set_stream_notify(false).unwrap();
    let endpoint = server.bind(TCP).unwrap();
    let peer = std::net::TcpStream::connect(endpoint.address()).unwrap();
    std::io::Write::write_all(&mut &peer, b"bytes").unwrap();
    assert_eq!(server.recv_multipart().unwrap()[1], "bytes");
    drop(peer);
    assert_silent(&server);
}

/// Conformance: RO-14.
#[cfg(zmq_draft)]
#[test]
fn a_router_can_be_notified_of_connections() {
    use zmq::option::RouterNotify;

    let both = RouterNotify::CONNECT | RouterNotify::DISCONNECT;
    for events in [RouterNotify::CONNECT, RouterNotify::DISCONNECT, both] {
        let context = context();
        let router = socket(&context, Router);
        router.set_router_notify(events).unwrap();
        let endpoint = router.bind(TCP).unwrap();
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id("X").unwrap();
        dealer.connect(endpoint).unwrap();
        if events.contains(RouterNotify::CONNECT) {
            assert_eq!(router.recv_multipart().unwrap(), ["X", ""]);
        }
        dealer.send("Hello").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["X", "Hello"]);
        drop(dealer);
        if events.contains(RouterNotify::DISCONNECT) {
            assert_eq!(router.recv_multipart().unwrap(), ["X", ""]);
        }
        assert_silent(&router);
    }
}

/// Conformance: RO-14.
#[cfg(zmq_draft)]
#[test]
fn an_incomplete_message_is_not_delivered_at_the_end() {
    use zmq::option::RouterNotify;

    let context = context();
    let router = socket(&context, Router);
    router.set_router_notify(RouterNotify::DISCONNECT).unwrap();
    router.set_max_message_size(64).unwrap();
    let endpoint = router.bind(TCP).unwrap();
    let dealer = socket(&context, Dealer);
    dealer.set_routing_id("X").unwrap();
    dealer.set_reconnect_interval(std::time::Duration::from_secs(60)).unwrap();
    dealer.connect(endpoint).unwrap();
    dealer.send("Hello").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["X", "Hello"]);
    dealer.send_multipart([vec![1; 10], vec![2; 100]]).unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["X", ""]);
    assert_silent(&router);
}
