//! A message of a ROUTER or a STREAM begins with the peer's id. Any other message is refused, and does not affect later
//! messages.

use crate::common;

use std::io::Read;
use std::net::TcpStream;
use std::thread;

use common::{LIMIT, TCP, bound, connected, context, socket};
use zmq::proxy::Proxy;
use zmq::{
    Any, Context, Dealer, ErrorKind, Message, Pull, Push, Router, SendError, Socket, SocketKind, Stream,
};

/// A STREAM with a plain TCP client, and the client's id.
fn served(context: &Context) -> (Socket<Stream>, TcpStream, Message) {
    let (stream, endpoint) = bound(context, Stream, TCP);
    let client = TcpStream::connect(endpoint.address()).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    let [id, _] = stream.recv_multipart().unwrap().try_into().unwrap();
    (stream, client, id)
}

fn piped(context: &Context) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (socket(context, Push), socket(context, Pull));
    let endpoint = push.bind(TCP).unwrap();
    pull.connect(&endpoint).unwrap();
    (push, pull)
}

fn read(client: &mut TcpStream, expected: &str) {
    let mut bytes = vec![0; expected.len()];
    client.read_exact(&mut bytes).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

fn is_given_back(failure: SendError, message: &str) {
    assert_eq!(failure.kind(), ErrorKind::InvalidInput);
    let text = failure.to_string();
    assert!(text.starts_with("send ") && text.contains("the peer's id"), "{text}");
    assert_eq!(failure.into_message(), message);
}

#[test]
fn a_stream_refuses_messages_without_an_id() {
    let context = context();
    let (stream, mut client, id) = served(&context);
    is_given_back(stream.send("no id").unwrap_err(), "no id");
    is_given_back(stream.try_send("no id").unwrap_err(), "no id");
    for parts in [vec!["one"], vec!["1", "2", "3"]] {
        let message = zmq::Multipart::try_from(parts).unwrap();
        let failure = stream.send_multipart(message.clone()).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), message);
        let failure = stream.try_send_multipart(message).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
    }
    stream.send_multipart((&id, "two")).unwrap();
    read(&mut client, "two");

    // The same if the socket type is known only at run time.
    let stream: Socket<Any> = stream.into_any();
    assert_eq!(stream.kind(), SocketKind::Stream);
    is_given_back(stream.send("no id").unwrap_err(), "no id");
    stream.send_multipart((&id, "three")).unwrap();
    read(&mut client, "three");
}

#[test]
fn a_stream_takes_one_part_after_an_id() {
    let context = context();
    let (stream, mut client, id) = served(&context);
    // The second part is the last one, whatever its flag says.
    stream.send_more(&id).unwrap();
    stream.send_more("one").unwrap();
    is_given_back(stream.send("no id").unwrap_err(), "no id");
    let failure = stream.send_more("nobody's id").unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
    stream.try_send_more(&id).unwrap();
    stream.try_send("two").unwrap();

    // After the id, only one part is left to send.
    stream.send_more(&id).unwrap();
    assert_eq!(stream.send_multipart((&id, "three")).unwrap_err().kind(), ErrorKind::InvalidInput);
    stream.send_multipart(["three"]).unwrap();
    read(&mut client, "onetwothree");
}

#[test]
fn a_router_refuses_messages_without_an_id() {
    let context = context();
    for mandatory in [false, true] {
        let (router, endpoint) = bound(&context, Router, TCP);
        router.set_router_mandatory(mandatory).unwrap();
        let dealer = connected(&context, Dealer, endpoint);
        dealer.send("Hello").unwrap();
        let [id, _] = router.recv_multipart().unwrap().try_into().unwrap();
        is_given_back(router.send("no id").unwrap_err(), "no id");
        is_given_back(router.try_send("no id").unwrap_err(), "no id");
        assert_eq!(router.send_multipart(["one"]).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(router.try_send_multipart(["one"]).unwrap_err().kind(), ErrorKind::InvalidInput);
        router.send_more(&id).unwrap();
        router.send_more("one").unwrap();
        router.send("two").unwrap();
        assert_eq!(dealer.recv_multipart().unwrap(), ["one", "two"]);
        let router = router.into_any();
        is_given_back(router.send("no id").unwrap_err(), "no id");
        router.send_multipart((&id, "three")).unwrap();
        assert_eq!(dealer.recv().unwrap(), "three");
    }
}

/// Anybody who can send to a proxy can choose the number of parts. The proxy drops a message without a peer, as a
/// ROUTER does.
#[test]
fn a_proxy_to_a_router_drops_messages_without_an_id() {
    let context = context();
    let ((frontend, at_front), (backend, at_back)) =
        (bound(&context, Router, TCP), bound(&context, Dealer, TCP));
    let (capture, _sink) = piped(&context);
    let queue =
        thread::spawn(move || Proxy::new(&frontend, &backend).capture(&capture).run().unwrap_err().kind());
    let (client, worker) = (connected(&context, Dealer, at_front), connected(&context, Dealer, at_back));
    client.send("Hello").unwrap();
    let [id, _] = worker.recv_multipart().unwrap().try_into().unwrap();
    worker.send("no id").unwrap();
    worker.send_multipart((&id, "World")).unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    context.shutdown().unwrap();
    assert_eq!(queue.join().unwrap(), ErrorKind::Terminated);
}

#[test]
fn a_proxy_to_a_stream_ends_with_an_error_and_the_socket_still_works() {
    let context = context();
    let (stream, mut client, id) = served(&context);
    let (push, pull) = piped(&context);
    push.send("no id").unwrap();
    let error = zmq::proxy(&pull, &stream).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    stream.send_multipart((&id, "Hello")).unwrap();
    read(&mut client, "Hello");
}

/// The proxy ignores a copy that cannot be delivered.
#[test]
fn a_capture_socket_that_needs_an_id_misses_other_messages() {
    let context = context();
    let (push, frontend) = piped(&context);
    let (backend, pull) = (socket(&context, Push), socket(&context, Pull));
    let endpoint = backend.bind(TCP).unwrap();
    pull.connect(&endpoint).unwrap();
    let (capture, mut client, id) = served(&context);
    let handle = zmq::proxy::Handle::new();
    let control = handle.clone();
    let proxy = thread::spawn(move || {
        Proxy::new(&frontend, &backend).capture(&capture).control(&control).run().unwrap();
    });
    push.send("no id").unwrap();
    push.send_multipart((&id, "Hello")).unwrap();
    assert_eq!(pull.recv().unwrap(), "no id");
    assert_eq!(pull.recv_multipart().unwrap()[1], "Hello");
    read(&mut client, "Hello");
    // The numbers are exact from now on.
    handle.pause().unwrap();
    assert_eq!(handle.statistics().unwrap().uncaptured, 1);
    handle.terminate().unwrap();
    proxy.join().unwrap();
}
