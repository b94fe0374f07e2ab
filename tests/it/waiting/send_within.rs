//! Sending with a time limit for one call.

use std::thread;
use std::time::{Duration, Instant};

use crate::common::{LIMIT, MOMENT, TCP, any, assert_empty, bound, connected, context, kind_of, socket};
use zmq::{Context, Dealer, ErrorKind, Multipart, Pull, Push, Rep, Req, Router, Socket, SocketKind};

/// A PUSH whose queue is full, and the PULL that has room for one more message.
fn full(context: &Context) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (socket(context, Push), socket(context, Pull));
    push.set_send_hwm(1).unwrap();
    pull.set_recv_hwm(1).unwrap();
    pull.bind("inproc://full").unwrap();
    push.connect("inproc://full").unwrap();
    while push.try_send("filler").is_ok() {}
    (push, pull)
}

#[test]
fn a_message_that_is_not_accepted_in_time_is_returned() {
    let context = context();
    let (push, pull) = full(&context);
    let start = Instant::now();
    let failure = push.send_within("one too many", MOMENT).unwrap_err();
    assert!(start.elapsed() >= MOMENT, "{:?}", start.elapsed());
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert_eq!(failure.into_message(), "one too many");
    let failure = push.send_multipart_within(["one", "too", "many"], MOMENT).unwrap_err();
    assert!(start.elapsed() >= 2 * MOMENT, "{:?}", start.elapsed());
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert_eq!(failure.into_message(), ["one", "too", "many"]);
    assert_eq!(push.send_timeout().unwrap(), Some(LIMIT));

    // None of them was sent.
    while let Ok(message) = pull.try_recv_multipart() {
        assert_eq!(message, ["filler"]);
    }
    push.send_within("next", LIMIT).unwrap();
    assert_eq!(pull.recv_multipart().unwrap(), ["next"]);
}

#[test]
fn a_message_waits_for_room() {
    let context = context();
    let (push, pull) = full(&context);
    // Shorter than the call's own limit, and without effect on it.
    push.set_send_timeout(Duration::from_millis(1)).unwrap();
    let sender = thread::spawn(move || {
        push.send_within("single", LIMIT).unwrap();
        push.send_multipart_within(["two", "parts"], LIMIT).unwrap();
        assert_eq!(push.send_timeout().unwrap(), Some(Duration::from_millis(1)));
        push
    });
    let mut messages = vec![pull.recv_multipart().unwrap()];
    while *messages.last().unwrap() != ["two", "parts"] {
        messages.push(pull.recv_multipart().unwrap());
    }
    assert_eq!(messages[messages.len() - 2], ["single"]);
    assert_empty(&pull);
    drop(sender.join().unwrap());
}

#[test]
fn zero_does_not_wait_and_less_than_a_millisecond_does() {
    let context = context();
    let (push, _pull) = full(&context);
    assert_eq!(kind_of(push.send_within("", Duration::ZERO)), ErrorKind::WouldBlock);
    assert_eq!(kind_of(push.send_multipart_within(["", ""], Duration::ZERO)), ErrorKind::WouldBlock);
    let time = Duration::from_micros(1500);
    let start = Instant::now();
    assert_eq!(kind_of(push.send_within("", time)), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= time, "{:?}", start.elapsed());
}

/// A limit beyond libzmq's range means no limit.
#[test]
fn a_send_without_a_time_limit_ends_with_the_context() {
    let context = context();
    let (push, pull) = full(&context);
    let sender = thread::spawn(move || {
        let failure = push.send_within("one too many", Duration::MAX).unwrap_err();
        (failure.kind(), failure.into_message())
    });
    context.shutdown().unwrap();
    assert_eq!(sender.join().unwrap(), (ErrorKind::Terminated, "one too many".into()));
    drop(pull);
}

#[test]
fn the_rest_of_a_message_never_waits() {
    let context = context();
    let (push, pull) = (socket(&context, Push), socket(&context, Pull));
    pull.bind("inproc://rest").unwrap();
    push.connect("inproc://rest").unwrap();
    push.send_more("first").unwrap();
    push.disconnect("inproc://rest").unwrap();
    let start = Instant::now();
    let failure = push.send_within("last", LIMIT).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::MultipartAborted);
    assert_eq!(failure.into_message(), "last");
    // The previous message was abandoned, so this is the first part of a new message, and waits.
    let failure = push.send_within("next", MOMENT).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn a_message_goes_to_a_peer_that_connects_in_time() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let sender = thread::spawn(move || {
        push.send_multipart_within(["two", "parts"], LIMIT).unwrap();
        push
    });
    let pull = connected(&context, Pull, endpoint);
    assert_eq!(pull.recv_multipart().unwrap(), ["two", "parts"]);
    drop(sender.join().unwrap());
}

#[test]
fn requests_and_replies_still_alternate() {
    let context = context();
    let (replier, endpoint) = bound(&context, Rep, TCP);
    let requester = connected(&context, Req, endpoint);
    requester.send_within("Hello", LIMIT).unwrap();
    assert_eq!(kind_of(requester.send_within("again", LIMIT)), ErrorKind::WrongState);
    assert_eq!(replier.recv().unwrap(), "Hello");
    replier.send_multipart_within(["World"], LIMIT).unwrap();
    assert_eq!(requester.recv().unwrap(), "World");
}

#[test]
fn a_router_needs_a_peer_and_content() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    router.set_router_mandatory(true).unwrap();
    let dealer = connected(&context, Dealer, endpoint);
    dealer.send("Hello").unwrap();
    let [id, _] = router.recv_multipart().unwrap().try_into().unwrap();
    assert_eq!(kind_of(router.send_multipart_within(["nobody", ""], LIMIT)), ErrorKind::HostUnreachable);
    let failure = router.send_within(&id, LIMIT).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::InvalidInput);
    let text = failure.to_string();
    assert!(text.contains("the peer's id") && text.contains("content"), "{text}");
    assert_eq!(failure.into_message(), id);
    let failure = router.send_multipart_within([&id], LIMIT).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::InvalidInput);
    assert_eq!(failure.into_message(), Multipart::from([&id]));
    router.send_more(&id).unwrap();
    router.send_within("World", LIMIT).unwrap();
    assert_eq!(dealer.recv().unwrap(), "World");
}

#[test]
fn sockets_that_cannot_send_fail_at_once() {
    let context = context();
    let pull = any(&context, SocketKind::Pull);
    assert_eq!(kind_of(pull.send_within("", LIMIT)), ErrorKind::Unsupported);
    assert_eq!(kind_of(pull.send_multipart_within(["", ""], LIMIT)), ErrorKind::Unsupported);
}

#[cfg(zmq_draft)]
mod draft {
    use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

    use zmq::message::RoutingId;
    use zmq::{Client, Dgram, Server};

    use super::*;
    use crate::common::wait_until;

    /// A SERVER that can send nothing more to its client.
    fn answered(context: &Context) -> (Socket<Server>, RoutingId, Socket<Client>) {
        let (server, client) = (socket(context, Server), socket(context, Client));
        server.set_send_hwm(1).unwrap();
        client.set_recv_hwm(1).unwrap();
        server.bind("inproc://answered").unwrap();
        client.connect("inproc://answered").unwrap();
        client.send("Hello").unwrap();
        let (id, _) = server.recv_from().unwrap();
        while server.try_send_to(id, "filler").is_ok() {}
        (server, id, client)
    }

    #[test]
    fn a_server_waits_for_room_at_its_peer() {
        let context = context();
        let (server, id, client) = answered(&context);
        let start = Instant::now();
        let failure = server.send_to_within(id, "one too many", MOMENT).unwrap_err();
        assert!(start.elapsed() >= MOMENT, "{:?}", start.elapsed());
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        assert_eq!(failure.into_message(), "one too many");
        assert_eq!(server.send_timeout().unwrap(), Some(LIMIT));
        assert_eq!(kind_of(server.send_to_within(id, "", Duration::ZERO)), ErrorKind::WouldBlock);
        thread::scope(|threads| {
            let sender = threads.spawn(|| server.send_to_within(id, "last", LIMIT));
            while client.recv().unwrap() != "last" {}
            sender.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_wait_for_room_ends_with_the_context() {
        let context = context();
        let (server, id, _client) = answered(&context);
        thread::scope(|threads| {
            let sender = threads.spawn(|| server.send_to_within(id, "", Duration::MAX));
            context.shutdown().unwrap();
            assert_eq!(kind_of(sender.join().unwrap()), ErrorKind::Terminated);
        });
    }

    #[test]
    fn a_client_waits_for_a_server() {
        let context = context();
        let (client, endpoint) = bound(&context, Client, TCP);
        let start = Instant::now();
        assert_eq!(kind_of(client.send_within("to nobody", MOMENT)), ErrorKind::WouldBlock);
        assert!(start.elapsed() >= MOMENT, "{:?}", start.elapsed());
        thread::scope(|threads| {
            let sender = threads.spawn(|| client.send_within("Hello", LIMIT));
            let server = connected(&context, Server, endpoint);
            assert_eq!(server.recv_from_within(LIMIT).unwrap().1, "Hello");
            sender.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_datagram_is_accepted_at_once() {
        let context = context();
        let (from, _) = bound(&context, Dgram, "udp://127.0.0.1:*");
        let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        receiver.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let SocketAddr::V4(address) = receiver.local_addr().unwrap() else { panic!("it is IPv4") };
        wait_until(|| {
            from.send_to_within(address, "Hello", LIMIT).unwrap();
            receiver.recv(&mut [0; 5]).is_ok()
        });
    }

    #[test]
    fn a_multipart_message_is_refused_by_value() {
        let context = context();
        let (client, _) = bound(&context, Client, TCP);
        let client = client.into_any();
        assert_eq!(kind_of(client.send_multipart_within(["", ""], LIMIT)), ErrorKind::Unsupported);
    }
}
