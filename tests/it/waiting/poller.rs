//! `Poller`: waiting for sources that are added and removed.

use crate::common;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, MOMENT, TCP, assert_empty, bound, connected, context, meet, socket};
use zmq::capability::Kind;
use zmq::{
    Context, Dealer, ErrorKind, POLLERR, POLLIN, POLLOUT, POLLPRI, Pair, PollEvents, Poller, Pull, Push, Rep,
    Req, Router, Socket, Sub,
};

/// Two connected PAIRs.
fn pair(context: &Context, name: &str) -> (Socket<Pair>, Socket<Pair>) {
    let (left, endpoint) = bound(context, Pair, &format!("inproc://{name}"));
    let right = connected(context, Pair, endpoint);
    (left, right)
}

/// The events of a wait as a list.
#[track_caller]
fn events<Key: Clone>(poller: &Poller<'_, Key>, timeout: Duration) -> Vec<(Key, PollEvents)> {
    poller.wait(timeout).unwrap().collect()
}

#[track_caller]
fn assert_invalid<T>(result: zmq::Result<T>, says: &str) {
    let error = result.map(drop).unwrap_err();
    assert_eq!((error.kind(), error.errno()), (ErrorKind::InvalidInput, libc::EINVAL), "{error}");
    assert!(error.to_string().starts_with("poll"), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

/// Conformance: PO-3.
#[test]
fn a_socket_with_a_message_is_reported_with_its_key() {
    let context = context();
    let (left, right) = pair(&context, "key");
    let poller = Poller::new();
    poller.add(&left, "left", POLLIN).unwrap();
    assert!(poller.wait(Duration::ZERO).unwrap().is_empty());
    right.send("Hello").unwrap();
    let mut ready = poller.wait(None).unwrap();
    assert!(!ready.is_empty());
    assert_eq!(ready.next(), Some(("left", POLLIN)));
    assert_eq!(ready.next(), None);
    assert!(ready.is_empty());
    left.recv().unwrap();
    assert!(poller.wait(Duration::ZERO).unwrap().is_empty());
    assert_eq!(poller.remove(&left).unwrap(), "left");
    assert!(poller.is_empty());
}

/// Conformance: PO-1.
/// Conformance: PO-4.
#[cfg(unix)]
#[test]
fn a_descriptor_is_reported_with_its_key() {
    use std::net::UdpSocket;

    let context = context();
    let (server, _) = bound(&context, Rep, "inproc://rep");
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let poller = Poller::new();
    poller.add(&server, 1, POLLIN).unwrap();
    poller.add_fd(&receiver, 2, POLLIN).unwrap();
    assert_eq!(events(&poller, Duration::ZERO), []);
    sender.send_to(b"datagram", receiver.local_addr().unwrap()).unwrap();
    assert_eq!(events(&poller, LIMIT), [(2, POLLIN)]);
    poller.modify_fd(&receiver, POLLIN | POLLOUT).unwrap();
    assert_eq!(events(&poller, LIMIT), [(2, POLLIN | POLLOUT)]);
    poller.modify_fd(&receiver, PollEvents::NONE).unwrap();
    assert_eq!(events(&poller, Duration::ZERO), []);
    assert_eq!(poller.remove_fd(&receiver).unwrap(), 2);
    assert_eq!(poller.len(), 1);
}

/// A descriptor reports errors without a request, but not if no events are requested at all.
#[cfg(unix)]
#[test]
fn a_descriptor_whose_peer_is_closed_is_reported() {
    use std::os::unix::net::UnixStream;

    let (left, right) = UnixStream::pair().unwrap();
    let poller = Poller::new();
    poller.add_fd(Rc::new(left), "gone", POLLPRI).unwrap();
    assert_eq!(events(&poller, Duration::ZERO), []);
    drop(right);
    let [(key, what)] = events(&poller, LIMIT).try_into().unwrap();
    assert!(key == "gone" && what.contains(POLLERR), "{what:?}");
    // The poller owns the descriptor, so its number cannot be reused for another file.
    let other = UnixStream::pair().unwrap().0;
    assert_invalid(poller.remove_fd(&other), "descriptor");
    assert_eq!(poller.len(), 1);
}

/// Conformance: PO-5.
#[test]
fn sources_are_added_modified_and_removed() {
    let context = context();
    let (one, other) = (socket(&context, Router), socket(&context, Dealer));
    let poller = Poller::new();
    assert_eq!(poller.len(), 0);
    assert_invalid(poller.modify(&one, POLLIN), "not in the poller");
    assert_invalid(poller.remove(&one), "not in the poller");
    poller.add(&one, 1, POLLIN).unwrap();
    assert_eq!(poller.len(), 1);
    assert_invalid(poller.add(&one, 2, POLLIN), "already");
    poller.modify(&one, POLLOUT).unwrap();
    assert_eq!(poller.len(), 1);
    poller.add(&other, 2, PollEvents::NONE).unwrap();
    assert_eq!(poller.len(), 2);
    poller.modify(&other, PollEvents::NONE).unwrap();
    for unknown in [16, 128, -1] {
        let unknown = PollEvents::from_bits(unknown);
        assert_invalid(poller.modify(&one, unknown), "only for IN, OUT, ERR and PRI");
        assert_invalid(poller.add(&other, 3, unknown), "only for IN, OUT, ERR and PRI");
    }
    assert_eq!(poller.remove(&other).unwrap(), 2);
    assert_invalid(poller.remove(&other), "not in the poller");
    assert_eq!(poller.len(), 1);
    assert_eq!(poller.remove(&one).unwrap(), 1);
    assert_eq!(poller.len(), 0);
    // And again with another key.
    poller.add(&one, 5, POLLIN).unwrap();
    assert_eq!(poller.remove(&one).unwrap(), 5);
}

/// Conformance: PO-6.
#[test]
fn waiting_for_nothing_is_refused_or_ends() {
    let context = context();
    let poller = Poller::new();
    assert_eq!(events(&poller, Duration::ZERO), []);
    assert_invalid(poller.wait(None), "without a timeout");
    let start = Instant::now();
    assert_eq!(events(&poller, MOMENT), []);
    assert!(start.elapsed() >= MOMENT);

    // Neither of these sockets can ever have an event.
    let (deaf, mute) = (socket(&context, Pull), socket(&context, Pull));
    poller.add(&deaf, 1, PollEvents::NONE).unwrap();
    poller.add(&mute, 2, POLLERR | POLLPRI).unwrap();
    assert_invalid(poller.wait(None), "without a timeout");
    assert_eq!(events(&poller, Duration::ZERO), []);
    let start = Instant::now();
    assert_eq!(events(&poller, MOMENT), []);
    assert!(start.elapsed() >= MOMENT);

    poller.modify(&deaf, POLLIN).unwrap();
    poller.modify(&deaf, PollEvents::NONE).unwrap();
    assert_invalid(poller.wait(None), "without a timeout");
    poller.remove(&deaf).unwrap();
    poller.remove(&mute).unwrap();
    assert_invalid(poller.wait(None), "without a timeout");
}

#[test]
fn a_message_that_arrives_later_ends_the_wait() {
    let context = context();
    for timeout in [None, Some(LIMIT), Some(Duration::MAX), Some(Duration::from_secs(1 << 40))] {
        let (receiver, endpoint) = bound(&context, Pull, TCP);
        let sender = connected(&context, Push, endpoint);
        let poller = Poller::new();
        poller.add(&receiver, (), POLLIN).unwrap();
        let thread = thread::spawn(move || {
            sender.send("later").unwrap();
            sender
        });
        assert_eq!(poller.wait(timeout).unwrap().next(), Some(((), POLLIN)));
        drop(thread.join().unwrap());
    }
}

#[test]
fn a_timeout_is_never_cut_short() {
    let context = context();
    let socket = socket(&context, Pull);
    let poller = Poller::new();
    poller.add(&socket, (), POLLIN).unwrap();
    for timeout in [Duration::from_micros(900), Duration::from_micros(1500), Duration::from_millis(30)] {
        let start = Instant::now();
        assert!(poller.wait(timeout).unwrap().is_empty());
        assert!(start.elapsed() >= timeout, "{timeout:?}");
    }
}

#[test]
fn each_ready_source_is_reported_once() {
    let context = context();
    let pairs: Vec<_> = (0..100).map(|number| pair(&context, &format!("many-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, _)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN).unwrap();
    }
    for (_, right) in pairs.iter().step_by(3) {
        right.send("Hello").unwrap();
    }
    for _ in 0..5 {
        let mut keys: Vec<_> = poller.wait(LIMIT).unwrap().map(|(key, _)| key).collect();
        keys.sort_unstable();
        assert_eq!(keys, (0..100).step_by(3).collect::<Vec<_>>());
    }
}

/// All sockets are always ready, and only the first event of each wait is used.
#[test]
fn taking_only_the_first_event_serves_every_socket() {
    let context = context();
    let pairs: Vec<_> = (0..7).map(|number| pair(&context, &format!("fair-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, right)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN).unwrap();
        right.send("Hello").unwrap();
    }
    let mut seen = [0; 7];
    for _ in 0..70 {
        let (key, _) = poller.wait(LIMIT).unwrap().next().unwrap();
        seen[key] += 1;
    }
    assert_eq!(seen, [10; 7]);
}

/// Two sockets that receive all the time, and one that receives a message now and then.
#[test]
fn a_flood_does_not_hide_other_sockets() {
    let context = context();
    let (flooded, endpoint) = bound(&context, Pull, "inproc://flood");
    let flooders: Vec<_> = (0..2)
        .map(|_| {
            let flooder = connected(&context, Push, &endpoint);
            flooder.set_send_timeout(None).unwrap();
            thread::spawn(move || while flooder.send("flood").is_ok() {})
        })
        .collect();
    let (quiet, endpoint) = bound(&context, Rep, "inproc://quiet");
    let client = connected(&context, Req, endpoint);
    let client = thread::spawn(move || {
        for _ in 0..100 {
            client.send("Hello").unwrap();
            client.recv().unwrap();
        }
    });
    let poller = Poller::new();
    poller.add(&flooded, 'f', POLLIN).unwrap();
    poller.add(&quiet, 'q', POLLIN).unwrap();
    let mut served = 0;
    while served < 100 {
        // One event for each wait: the most unfair loop.
        match poller.wait(LIMIT).unwrap().next() {
            Some(('q', _)) => {
                quiet.recv().unwrap();
                quiet.send("World").unwrap();
                served += 1;
            }
            event => {
                event.unwrap();
                flooded.recv().unwrap();
            }
        }
    }
    client.join().unwrap();
    context.shutdown().unwrap();
    flooders.into_iter().for_each(|flooder| flooder.join().unwrap());
}

#[test]
fn sources_removed_during_the_iteration_are_skipped() {
    let context = context();
    let pairs: Vec<_> = (0..4).map(|number| pair(&context, &format!("remove-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, right)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN).unwrap();
        right.send("Hello").unwrap();
    }
    let mut ready = poller.wait(LIMIT).unwrap();
    assert_eq!(ready.next(), Some((0, POLLIN)));
    poller.remove(&pairs[0].0).unwrap();
    poller.remove(&pairs[2].0).unwrap();
    // It takes a place that has become free, and has no event yet, although it has a message.
    let (late, peer) = pair(&context, "remove-late");
    peer.send("Hello").unwrap();
    poller.add(Rc::new(late), 9, POLLIN).unwrap();
    assert_eq!(ready.by_ref().collect::<Vec<_>>(), [(1, POLLIN), (3, POLLIN)]);
    assert_eq!(ready.next(), None);
    let mut keys: Vec<_> = events(&poller, LIMIT).into_iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    assert_eq!(keys, [1, 3, 9]);
}

#[test]
fn events_that_are_no_longer_requested_are_skipped() {
    let context = context();
    let pairs: Vec<_> = (0..3).map(|number| pair(&context, &format!("modify-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, right)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN | POLLOUT).unwrap();
        right.send("Hello").unwrap();
    }
    let mut ready = poller.wait(LIMIT).unwrap();
    assert_eq!(ready.next(), Some((0, POLLIN | POLLOUT)));
    poller.modify(&pairs[1].0, POLLOUT).unwrap();
    poller.modify(&pairs[2].0, PollEvents::NONE).unwrap();
    assert_eq!(ready.next(), Some((1, POLLOUT)));
    assert_eq!(ready.next(), None);
}

#[test]
fn a_wait_invalidates_the_events_of_the_previous_one() {
    let context = context();
    let pairs: Vec<_> = (0..3).map(|number| pair(&context, &format!("stale-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, right)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN).unwrap();
        right.send("Hello").unwrap();
    }
    let mut first = poller.wait(LIMIT).unwrap();
    first.next().unwrap();
    let second = poller.wait(LIMIT).unwrap();
    assert_eq!(first.next(), None);
    assert_eq!(second.count(), 3);
}

/// Sockets in a map. Each is dropped while the others stay.
#[test]
fn sockets_can_be_added_and_removed_between_waits() {
    let context = context();
    let poller = Poller::new();
    let mut sockets = HashMap::new();
    let mut peers = HashMap::new();
    let mut expected = 0;
    for round in 0..50_u32 {
        for number in round * 4..round * 4 + 4 {
            let (left, right) = pair(&context, &format!("come-{number}"));
            let left = Rc::new(left);
            poller.add(Rc::clone(&left), number, POLLIN).unwrap();
            right.send(number.to_ne_bytes()).unwrap();
            sockets.insert(number, left);
            peers.insert(number, right);
        }
        expected += 4;
        for (number, _) in poller.wait(LIMIT).unwrap() {
            let socket = &sockets[&number];
            assert_eq!(socket.recv().unwrap(), number.to_ne_bytes());
            if number % 4 != 0 {
                poller.remove(socket).unwrap();
                let socket = Rc::try_unwrap(sockets.remove(&number).unwrap()).unwrap();
                socket.close(Duration::ZERO).unwrap();
                expected -= 1;
            }
        }
        assert_eq!(poller.len(), expected);
    }
    assert_eq!(events(&poller, Duration::ZERO), []);
}

#[test]
fn a_shared_socket_is_kept_until_it_is_removed() {
    let context = context();
    let poller = Poller::new();
    let (left, right) = pair(&context, "shares");
    let left = Rc::new(left);
    poller.add(Rc::clone(&left), 1, POLLIN).unwrap();
    // A socket that is refused is not kept.
    let other = Rc::new(socket(&context, Pull));
    assert_invalid(poller.add(Rc::clone(&other), 2, PollEvents::from_bits(99)), "only for IN");
    assert_eq!(Rc::strong_count(&other), 1);
    let weak = Rc::downgrade(&left);
    drop(left);
    right.send("still there").unwrap();
    assert_eq!(events(&poller, LIMIT), [(1, POLLIN)]);
    poller.remove(&weak.upgrade().unwrap()).unwrap();
    assert!(weak.upgrade().is_none());

    #[allow(clippy::arc_with_non_send_sync, reason = "as a generic collection may have it")]
    let shared = Arc::new(right);
    poller.add(shared.clone(), 2, POLLIN).unwrap();
    assert_eq!(Arc::strong_count(&shared), 2);
    drop(poller);
    assert_eq!(Arc::strong_count(&shared), 1);
}

/// A poller keeps a shared socket open if the other owners drop it first.
#[test]
fn a_poller_and_its_sockets_can_be_dropped_in_any_order() {
    let context = context();
    let shared = Rc::new(socket(&context, Pull));
    let poller = Poller::new();
    poller.add(Rc::clone(&shared), 1, POLLIN).unwrap();
    drop(context);
    drop(shared);
    assert!(poller.wait(Duration::ZERO).unwrap().is_empty());
    drop(poller);
}

#[test]
fn sockets_may_have_several_types_and_contexts() {
    let (context, other) = (context(), common::context());
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&other, Push, endpoint);
    meet(&push, &pull);
    let sub = socket(&other, Sub);
    let poller = Poller::new();
    poller.add(&pull, "pull", POLLIN).unwrap();
    poller.add(&push, "push", POLLOUT).unwrap();
    poller.add(&sub, "sub", POLLIN).unwrap();
    assert_eq!(events(&poller, LIMIT), [("push", POLLOUT)]);
    assert_empty(&pull);
}

/// Conformance: CTX-5.
#[test]
fn a_shutdown_ends_the_wait() {
    for timeout in [None, Some(LIMIT * 2)] {
        let context = context();
        let (pull, idle) = (context.socket(Pull).unwrap(), context.socket(Dealer).unwrap());
        let (listening, listens) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let poller = Poller::new();
            poller.add(&pull, 1, POLLIN).unwrap();
            poller.add(&idle, 2, PollEvents::NONE).unwrap();
            listening.send(()).unwrap();
            let first = poller.wait(timeout).map(drop).unwrap_err();
            let later = poller.wait(Duration::ZERO).map(drop).unwrap_err();
            (first.kind(), later.kind())
        });
        listens.recv().unwrap();
        context.shutdown().unwrap();
        assert_eq!(thread.join().unwrap(), (ErrorKind::Terminated, ErrorKind::Terminated));
    }
}

/// A socket whose context was shut down can still be removed, and the others still work.
#[test]
fn a_shutdown_of_one_context_does_not_affect_others() {
    let (dying, context) = (context(), common::context());
    let gone = socket(&dying, Pull);
    let (left, right) = pair(&context, "spared");
    let poller = Poller::new();
    poller.add(&gone, 'g', POLLIN).unwrap();
    poller.add(&left, 'l', POLLIN).unwrap();
    dying.shutdown().unwrap();
    let error = poller.wait(LIMIT).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated);
    poller.remove(&gone).unwrap();
    right.send("Hello").unwrap();
    assert_eq!(events(&poller, LIMIT), [('l', POLLIN)]);
}

/// The key is a type of the user, so its `clone` can do anything.
#[test]
fn a_key_cannot_use_its_poller() {
    thread_local! {
        static POLLER: RefCell<Option<Rc<Poller<'static, Meddler>>>> = const { RefCell::new(None) };
    }
    struct Meddler;
    impl Clone for Meddler {
        fn clone(&self) -> Meddler {
            POLLER.with_borrow(|poller| {
                let poller = poller.as_ref().unwrap();
                let error = poller.wait(Duration::ZERO).map(drop).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
                assert_eq!(poller.len(), 1);
            });
            Meddler
        }
    }
    let context = context();
    let (left, right) = pair(&context, "meddler");
    right.send("Hello").unwrap();
    let poller = Rc::new(Poller::new());
    poller.add(Rc::new(left), Meddler, POLLIN).unwrap();
    POLLER.set(Some(Rc::clone(&poller)));
    assert_eq!(poller.wait(LIMIT).unwrap().count(), 1);
    assert_eq!(poller.len(), 1);
    POLLER.set(None);
}

/// Dropping the poller together with the owner of a socket in it does not panic, in any order.
#[test]
fn a_struct_may_own_a_poller_and_its_sockets() {
    struct Server<K: Kind> {
        poller: Poller<'static, usize>,
        sockets: Vec<Rc<Socket<K>>>,
    }
    let context = context();
    let mut server = Server { poller: Poller::default(), sockets: Vec::new() };
    for number in 0..3 {
        let socket = Rc::new(socket(&context, Dealer));
        server.poller.add(Rc::clone(&socket), number, POLLIN).unwrap();
        server.sockets.push(socket);
    }
    let Server { poller, sockets } = server;
    assert_eq!(format!("{poller:?}"), "Poller { len: 3, .. }");
    drop(sockets);
    drop(poller);
}
