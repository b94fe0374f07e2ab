//! Waiting for several sockets and descriptors at once.

use crate::common;

use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, MOMENT, assert_error, context, must_end, socket};
use zmq::zmq_sys::ETERM;
use zmq::{
    Dealer, ErrorKind, POLLERR, POLLIN, POLLOUT, POLLPRI, Pair, PollEvents, PollItem, Pub, Pull, Push, Rep,
    Req, Router, Sub, XPub,
};

#[test]
fn event_sets_can_be_joined() {
    let both = POLLIN | POLLOUT;
    assert!(both.contains(POLLIN) && both.contains(both) && !POLLIN.contains(both));
    assert!(both.intersects(POLLIN | POLLERR) && !both.intersects(POLLERR));
    assert_eq!(both & (POLLOUT | POLLERR), POLLOUT);
    assert!(PollEvents::NONE.is_empty() && !POLLPRI.is_empty());
    assert_eq!(PollEvents::from_bits(both.bits()), both);
    assert_eq!((POLLIN.bits(), POLLOUT.bits(), POLLERR.bits(), POLLPRI.bits()), (1, 2, 4, 8));
    assert_eq!(PollEvents::default(), PollEvents::NONE);
    assert_eq!(format!("{:?}", both | POLLERR), "POLLIN | POLLOUT | POLLERR");
    assert_eq!(format!("{:?}", PollEvents::NONE), "NONE");
    let mut events = POLLIN;
    events |= POLLPRI;
    assert_eq!(events, POLLIN | POLLPRI);
}

#[test]
fn a_socket_waits_for_its_own_events() {
    let context = context();
    let (sink, source) = (socket(&context, Pull), socket(&context, Push));
    assert!(source.poll(POLLIN | POLLOUT, MOMENT).unwrap().is_empty());
    source.connect(sink.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    assert_eq!(source.poll(POLLIN | POLLOUT, None).unwrap(), POLLOUT);
    assert!(sink.poll(POLLIN, Duration::ZERO).unwrap().is_empty());
    let start = Instant::now();
    assert!(sink.poll(POLLIN, MOMENT).unwrap().is_empty());
    assert!(start.elapsed() >= MOMENT - Duration::from_millis(2), "{:?}", start.elapsed());
    let waiting = thread::spawn(move || {
        let events = sink.poll(POLLIN, None).unwrap();
        (events, sink.try_recv().unwrap())
    });
    source.send("Hello").unwrap();
    assert_eq!(waiting.join().unwrap(), (POLLIN, "Hello".into()));
    // Such a call would never return.
    for events in [PollEvents::NONE, POLLERR] {
        assert_error(
            source.poll(events, None).unwrap_err(),
            ErrorKind::InvalidInput,
            libc::EINVAL,
            &["poll"],
        );
        assert!(source.poll(events, Duration::ZERO).unwrap().is_empty());
    }
    context.shutdown().unwrap();
    assert_error(source.poll(POLLOUT, None).unwrap_err(), ErrorKind::Terminated, ETERM, &["poll"]);
}

#[test]
fn poll_reports_which_of_two_sockets_has_a_message() {
    let context = context();
    let (first, second) = (socket(&context, Pull), socket(&context, Pull));
    let sender = socket(&context, Push);
    first.bind("tcp://127.0.0.1:*").unwrap();
    sender.connect(second.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    let mut items = [PollItem::new(&first, POLLIN), PollItem::new(&second, POLLIN)];
    assert_eq!(zmq::poll(&mut items, MOMENT).unwrap(), 0);
    assert!(items.iter().all(|item| item.returned_events().is_empty()));

    sender.send("Hello").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(!items[0].is_readable() && items[1].is_readable());
    assert_eq!(items[1].returned_events(), POLLIN);
    // The items remain, and the sockets can be used meanwhile.
    assert_eq!(second.recv().unwrap(), "Hello");
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);
    assert!(!items[1].is_readable());
}

#[test]
fn messages_for_both_sockets_make_two_events() {
    let context = context();
    let (publisher, first, second) = (socket(&context, Pub), socket(&context, Sub), socket(&context, Sub));
    publisher.bind("inproc://both").unwrap();
    for subscriber in [&first, &second] {
        subscriber.connect("inproc://both").unwrap();
        subscriber.subscribe("").unwrap();
    }
    publisher.events().unwrap();
    publisher.send("Hello").unwrap();
    let mut items = [PollItem::new(&first, POLLIN), PollItem::new(&second, POLLIN)];
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 2);
    assert!(items.iter().all(PollItem::is_readable));
}

/// Conformance: PO-1.
#[cfg(unix)]
#[test]
fn sockets_and_descriptors_can_be_polled_together() {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    let context = context();
    let (receiver, sender) = (socket(&context, Pull), socket(&context, Push));
    sender.connect(receiver.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    let (udp, peer) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let mut items = [PollItem::new(&receiver, POLLIN), PollItem::from_fd(udp.as_fd(), POLLIN)];
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);

    peer.send_to(b"datagram", udp.local_addr().unwrap()).unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(!items[0].is_readable() && items[1].is_readable());

    udp.recv(&mut [0; 16]).unwrap();
    sender.send("Hello").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_readable() && !items[1].is_readable());

    items[1].set_events(POLLIN | POLLOUT);
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 2);
    assert!(items[1].is_writable() && !items[1].is_readable());

    let mut only = [PollItem::from_fd(udp.as_fd(), POLLIN)];
    assert_eq!(zmq::poll(&mut only, Duration::ZERO).unwrap(), 0);
    peer.send_to(b"datagram", udp.local_addr().unwrap()).unwrap();
    assert_eq!(zmq::poll(&mut only, None).unwrap(), 1);
}

/// If a descriptor is closed without its owner's knowledge, the poll reports an error for it.
///
/// Conformance: G-12.
#[cfg(unix)]
#[test]
fn a_descriptor_that_is_not_open_has_an_error() {
    use std::os::fd::BorrowedFd;

    // SAFETY: no descriptor has this number, so nothing can happen to it; libzmq only passes it to the system.
    let closed = unsafe { BorrowedFd::borrow_raw(1_000_000) };
    let context = context();
    let socket = socket(&context, Pull);
    let mut items = [PollItem::new(&socket, POLLIN), PollItem::from_fd(closed, POLLIN)];
    assert_eq!(zmq::poll(&mut items, None).unwrap(), 1);
    assert!(items[1].is_error() && !items[1].is_readable());
    assert!(!items[0].is_error());
}

#[cfg(unix)]
#[test]
fn a_hung_up_descriptor_ends_the_wait() {
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    let (stream, peer) = UnixStream::pair().unwrap();
    let mut items = [PollItem::from_fd(stream.as_fd(), POLLIN)];
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);
    drop(peer);
    assert_eq!(zmq::poll(&mut items, None).unwrap(), 1);
    assert!(items[0].is_readable(), "{:?}", items[0]);
}

#[test]
fn an_item_without_events_is_skipped() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://none").unwrap()).unwrap();
    right.send("Hello").unwrap();
    let mut items = [PollItem::new(&left, PollEvents::NONE), PollItem::new(&left, POLLIN)];
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].returned_events().is_empty());
    items[1].set_events(PollEvents::NONE);
    assert_eq!(items[1].events(), PollEvents::NONE);
    let start = Instant::now();
    assert_eq!(zmq::poll(&mut items, MOMENT).unwrap(), 0);
    assert!(start.elapsed() >= MOMENT);
}

#[test]
fn the_same_socket_can_be_polled_twice() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://twice").unwrap()).unwrap();
    right.send("Hello").unwrap();
    let mut items = [PollItem::new(&left, POLLIN), PollItem::new(&left, POLLOUT)];
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 2);
    assert_eq!(items[0].returned_events(), POLLIN);
    assert_eq!(items[1].returned_events(), POLLOUT);
}

#[test]
fn pollout_reports_whether_a_message_would_be_taken() {
    let context = context();
    let (sender, receiver) = (socket(&context, Push), socket(&context, Pull));
    sender.set_send_hwm(1).unwrap();
    receiver.set_recv_hwm(1).unwrap();
    sender.bind("inproc://out").unwrap();
    {
        let mut items = [PollItem::new(&sender, POLLOUT)];
        assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0, "a socket without a peer is writable");
    }
    receiver.connect("inproc://out").unwrap();
    let mut items = [PollItem::new(&sender, POLLOUT)];
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_writable());
    while sender.try_send("filler").is_ok() {}
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0, "a socket with a full queue is writable");
    while receiver.try_recv().is_ok() {}
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    sender.try_send("taken").unwrap();
}

#[test]
fn req_and_rep_are_readable_and_writable_in_turn() {
    let context = context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    client.connect(server.bind("inproc://turns").unwrap()).unwrap();
    let both = POLLIN | POLLOUT;
    let mut items = [PollItem::new(&server, both), PollItem::new(&client, both)];
    let mut turn = || {
        zmq::poll(&mut items, Duration::ZERO).unwrap();
        [items[0].returned_events(), items[1].returned_events()]
    };
    assert_eq!(turn(), [PollEvents::NONE, POLLOUT]);
    client.send("request").unwrap();
    assert_eq!(turn(), [POLLIN, PollEvents::NONE]);
    server.recv().unwrap();
    assert_eq!(turn(), [POLLOUT, PollEvents::NONE]);
    server.send("reply").unwrap();
    assert_eq!(turn(), [PollEvents::NONE, POLLIN]);
    client.recv().unwrap();
    assert_eq!(turn(), [PollEvents::NONE, POLLOUT]);
}

#[test]
fn a_timeout_is_never_cut_short() {
    let context = context();
    let socket = socket(&context, Pull);
    let mut items = [PollItem::new(&socket, POLLIN)];
    // A timeout below a millisecond is rounded up, so that it does not become a busy loop.
    for timeout in [Duration::from_micros(900), Duration::from_micros(1500), Duration::from_millis(30)] {
        let start = Instant::now();
        assert_eq!(zmq::poll(&mut items, timeout).unwrap(), 0);
        assert!(start.elapsed() >= timeout, "{timeout:?}");
    }
    let start = Instant::now();
    for _ in 0..5 {
        zmq::poll(&mut items, Duration::from_micros(900)).unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(4), "{:?}", start.elapsed());
}

#[test]
fn a_wait_without_a_timeout_ends_with_a_message() {
    for timeout in [None, Some(Duration::MAX), Some(Duration::from_secs(1 << 40))] {
        must_end(move || {
            let context = context();
            let (left, right) = (socket(&context, Pair), socket(&context, Pair));
            right.connect(left.bind("inproc://endless").unwrap()).unwrap();
            right.send("there already").unwrap();
            let mut items = [PollItem::new(&left, POLLIN)];
            assert_eq!(zmq::poll(&mut items, timeout).unwrap(), 1);
            left.recv().unwrap();

            let sender = thread::spawn(move || {
                right.send("later").unwrap();
                right
            });
            assert_eq!(zmq::poll(&mut items, timeout).unwrap(), 1);
            assert_eq!(left.recv().unwrap(), "later");
            drop(sender.join().unwrap());
        });
    }
}

/// Conformance: G-12.
#[test]
fn poll_without_items_sleeps_or_fails() {
    let start = Instant::now();
    assert_eq!(zmq::poll(&mut [], MOMENT).unwrap(), 0);
    assert!(start.elapsed() >= MOMENT);
    assert_eq!(zmq::poll(&mut [], Duration::ZERO).unwrap(), 0);
    let error = zmq::poll(&mut [], None).unwrap_err();
    assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["poll", "no items"]);
}

#[test]
fn many_items_can_be_polled_at_once() {
    let context = context();
    let router = socket(&context, Router);
    router.bind("inproc://many").unwrap();
    let dealers: Vec<_> = (0..100)
        .map(|_| {
            let dealer = socket(&context, Dealer);
            dealer.connect("inproc://many").unwrap();
            dealer.send("Hello").unwrap();
            dealer
        })
        .collect();
    let ids: Vec<_> = (0..100).map(|_| router.recv_multipart().unwrap().split_first().0).collect();
    for id in ids.into_iter().take(60) {
        router.send_multipart([id, "World".into()]).unwrap();
    }
    let mut items: Vec<_> = dealers.iter().map(|dealer| PollItem::new(dealer, POLLIN)).collect();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 60);
    assert_eq!(items.iter().filter(|item| item.is_readable()).count(), 60);
    assert_eq!(items.iter().filter(|item| item.returned_events().is_empty()).count(), 40);
}

#[test]
fn sockets_may_have_several_types_and_contexts() {
    let (context, other) = (context(), context());
    let (publisher, subscriber) = (socket(&context, XPub), socket(&other, Sub));
    let mut items = [PollItem::new(&publisher, POLLIN), PollItem::new(&subscriber, POLLIN)];
    subscriber.connect(publisher.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    subscriber.subscribe("A").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_readable());
    assert_eq!(publisher.recv().unwrap(), [1, b'A']);
    publisher.send("A message").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[1].is_readable());
}

#[test]
fn a_shutdown_ends_the_wait() {
    for timeout in [None, Some(LIMIT * 2)] {
        must_end(move || {
            let context = context();
            let (pull, dealer) = (context.socket(Pull).unwrap(), context.socket(Dealer).unwrap());
            let thread = thread::spawn(move || {
                let mut items = [PollItem::new(&pull, POLLIN), PollItem::new(&dealer, POLLIN)];
                let error = zmq::poll(&mut items, timeout).unwrap_err();
                assert_error(error, ErrorKind::Terminated, ETERM, &["poll"]);
                assert!(items.iter().all(|item| item.returned_events().is_empty()));
                // And every later call.
                zmq::poll(&mut items, Duration::ZERO).unwrap_err().kind()
            });
            context.shutdown().unwrap();
            assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
        });
    }
}

#[test]
fn an_item_prints_its_events() {
    let context = context();
    let socket = socket(&context, Pull);
    let item = PollItem::new(&socket, POLLIN);
    assert_eq!(item.events(), POLLIN);
    let text = format!("{item:?}");
    assert!(text.contains("socket") && text.contains("POLLIN") && text.contains("NONE"), "{text}");
}
