//! The promises of ZeroMQ tutorials, one test for each promise. `tests/interop/` has the tests with peers in Python,
//! JavaScript and C++.

use crate::common;

use std::thread;
use std::time::Duration;

use common::{
    TCP, bound, connected, context, eventually, free_endpoint, ipc_endpoint, readable, socket, transports,
};
use zmq::{Context, Dealer, ErrorKind, Rep, Req, Router};

#[test]
fn the_client_may_start_before_the_server() {
    let context = context();
    let mut endpoints = vec!["inproc://before".to_owned(), free_endpoint()];
    if cfg!(unix) && zmq::has(zmq::Feature::Ipc) {
        endpoints.push(ipc_endpoint("before"));
    }
    for endpoint in endpoints {
        let client = connected(&context, Req, &endpoint);
        client.send("Hello").unwrap();
        let (server, _) = bound(&context, Rep, &endpoint);
        assert_eq!(server.recv().unwrap(), "Hello");
        server.send("World").unwrap();
        assert_eq!(client.recv().unwrap(), "World");
    }
}

#[test]
fn one_socket_serves_many_peers() {
    let context = context();
    let (server, endpoint) = bound(&context, Rep, TCP);
    let clients: Vec<_> = (0..20_u8).map(|_| connected(&context, Req, &endpoint)).collect();
    for (name, client) in (0_u8..).zip(&clients) {
        client.send([name]).unwrap();
    }
    for _ in &clients {
        let request = server.recv().unwrap();
        server.send(request).unwrap();
    }
    for (name, client) in (0_u8..).zip(&clients) {
        assert_eq!(client.recv().unwrap(), [name]);
    }
}

#[test]
fn a_req_spreads_its_requests_evenly_over_its_servers() {
    let context = context();
    let endpoints: Vec<_> = (0..3).map(|_| free_endpoint()).collect();
    let client = socket(&context, Req);
    for endpoint in &endpoints {
        client.connect(endpoint).unwrap();
    }
    let servers: Vec<_> = endpoints.iter().map(|endpoint| bound(&context, Rep, endpoint).0).collect();
    let mut served = [0; 3];
    for index in 0..30 {
        client.send(format!("hello_{index}")).unwrap();
        let server = readable(&servers);
        assert_eq!(servers[server].recv().unwrap(), format!("hello_{index}"));
        servers[server].send("World").unwrap();
        assert_eq!(client.recv().unwrap(), "World");
        served[server] += 1;
    }
    assert_eq!(served, [10, 10, 10]);
}

#[test]
fn a_client_reconnects_to_a_restarted_server() {
    let endpoint = free_endpoint();
    let clients = context();
    let client = socket(&clients, Req);
    client.set_reconnect_interval(Duration::from_millis(10)).unwrap();
    // A request that was on its way when the server ended is lost, so it is sent again.
    client.set_req_relaxed(true).unwrap();
    client.set_req_correlate(true).unwrap();
    client.set_recv_timeout(Duration::from_millis(100)).unwrap();
    client.connect(&endpoint).unwrap();
    for name in ["first", "second", "third"] {
        // Its own context, as in a separate program.
        let server_context = context();
        let server = socket(&server_context, Rep);
        eventually("the endpoint is free", || server.bind(&endpoint).ok());
        let thread = thread::spawn(move || {
            while server.recv().is_ok() {
                server.send(name).unwrap();
            }
        });
        let reply = eventually("the server answers", || {
            client.send("who is there?").unwrap();
            client.recv().ok()
        });
        assert_eq!(reply, name);
        server_context.shutdown().unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn messages_keep_their_boundaries() {
    let context = context();
    for transport in transports("boundaries") {
        let (left, endpoint) = bound(&context, Dealer, &transport);
        let right = connected(&context, Dealer, endpoint);
        let sizes = [0, 1, 5, 10_000, 3, 0, 70_000, 2];
        for size in sizes {
            right.send(vec![b'.'; size]).unwrap();
        }
        for size in sizes {
            let message = left.recv().unwrap();
            assert_eq!(message.len(), size);
            assert!(!message.has_more());
        }
    }
}

#[test]
fn req_and_rep_refuse_calls_out_of_order() {
    let context = context();
    let (server, endpoint) = bound(&context, Rep, TCP);
    let client = connected(&context, Req, endpoint);
    assert_eq!(server.send("World").unwrap_err().kind(), ErrorKind::WrongState);
    assert_eq!(client.recv().unwrap_err().kind(), ErrorKind::WrongState);
    client.send("Hello").unwrap();
    assert_eq!(client.send("Hello").unwrap_err().kind(), ErrorKind::WrongState);
    assert_eq!(server.recv().unwrap(), "Hello");
    assert_eq!(server.recv().unwrap_err().kind(), ErrorKind::WrongState);
    // The server still works.
    server.send("World").unwrap();
    assert_eq!(client.recv().unwrap(), "World");
}

#[test]
fn a_dealer_may_send_many_before_it_receives() {
    let context = context();
    let (server, endpoint) = bound(&context, Router, TCP);
    let client = connected(&context, Dealer, endpoint);
    for index in 0..10 {
        client.send_multipart(("", format!("request {index}"))).unwrap();
    }
    for _ in 0..10 {
        let [id, empty, request] = server.recv_multipart().unwrap().try_into().unwrap();
        server.send_multipart((id, empty, format!("reply to {}", request.to_str().unwrap()))).unwrap();
    }
    for index in 0..10 {
        assert_eq!(client.recv_multipart().unwrap(), ["", &format!("reply to request {index}")]);
    }
}

#[test]
fn a_router_addresses_a_peer_by_its_id() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    let peers = ["first", "second", "third"].map(|id| {
        let peer = socket(&context, Dealer);
        peer.set_routing_id(id).unwrap();
        peer.connect(&endpoint).unwrap();
        peer.send("ready").unwrap();
        peer
    });
    for _ in &peers {
        router.recv_multipart().unwrap();
    }
    router.send_multipart(["second", "for you only"]).unwrap();
    router.send_multipart(["first", "end"]).unwrap();
    router.send_multipart(["third", "end"]).unwrap();
    assert_eq!(peers[1].recv().unwrap(), "for you only");
    assert_eq!(peers[0].recv().unwrap(), "end");
    assert_eq!(peers[2].recv().unwrap(), "end");
}

/// The hello-world program, with the endpoint as its only parameter.
fn hello_world(context: &Context, endpoint: &str) -> Result<Vec<String>, zmq::Error> {
    let responder = socket(context, Rep);
    let endpoint = responder.bind(endpoint)?;
    let server = thread::spawn(move || -> Result<(), zmq::Error> {
        for _ in 0..10 {
            assert_eq!(responder.recv()?, "Hello");
            responder.send("World")?;
        }
        Ok(())
    });
    let requester = socket(context, Req);
    requester.connect(endpoint)?;
    let mut replies = Vec::new();
    for _ in 0..10 {
        requester.send("Hello")?;
        replies.push(requester.recv()?.to_str()?.to_owned());
    }
    server.join().unwrap()?;
    Ok(replies)
}

#[test]
fn a_program_changes_its_transport_by_changing_a_string() {
    for transport in transports("another-transport") {
        // Unlike the contexts of other tests, this one waits for messages on their way.
        common::start_watchdog();
        let context = Context::new().unwrap();
        assert_eq!(hello_world(&context, &transport).unwrap(), ["World"; 10], "{transport}");
    }
}
