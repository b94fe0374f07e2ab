//! Sockets that connect to an inproc name that is never bound. When they are closed, the context has room for as many new
//! sockets.

#![cfg(zmq_vendored)]

use crate::common;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use common::{bound, connected, connecting_kinds, context, eventually, socket};
use zmq::{Any, Context, ErrorKind, Message, Pull, Push, Req, Router, Socket, SocketKind, Sub};

/// All socket types that connect over inproc.
fn kinds() -> impl Iterator<Item = SocketKind> {
    connecting_kinds().filter(|kind| *kind != SocketKind::Stream)
}

/// A context for a few sockets.
fn small() -> Context {
    common::context_with(Context::builder().max_sockets(10))
}

/// Creates a socket as soon as there is a place for it.
fn placed(context: &Context, kind: SocketKind) -> Socket<Any> {
    eventually("the context has room for a socket", || match context.socket(Any(kind)) {
        Ok(socket) => Some(socket),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::TooManySockets);
            None
        }
    })
}

#[test]
fn a_dropped_socket_makes_room_for_another() {
    for kind in kinds() {
        let context = small();
        for _ in 0..30 {
            placed(&context, kind).connect("inproc://nobody").unwrap();
        }
        drop(placed(&context, kind));
    }
}

#[test]
fn a_disconnected_socket_makes_room_for_another() {
    for kind in kinds() {
        let context = small();
        for _ in 0..30 {
            let socket = placed(&context, kind);
            for _ in 0..3 {
                socket.connect("inproc://nobody").unwrap();
                socket.connect("inproc://nobody else").unwrap();
                socket.disconnect("inproc://nobody").unwrap();
            }
        }
        drop(placed(&context, kind));
    }
}

/// A hello message, which a socket sends to all peers, is not a message of the user.
#[test]
fn a_dropped_subscriber_makes_room_for_another() {
    let context = small();
    for _ in 0..30 {
        let subscriber: Socket<Sub> = placed(&context, SocketKind::Sub).downcast().unwrap();
        subscriber.subscribe("before").unwrap();
        subscriber.connect("inproc://nobody").unwrap();
        subscriber.subscribe("after").unwrap();
        subscriber.set_linger(None).unwrap();
    }
    drop(placed(&context, SocketKind::Sub));
}

/// Messages wait for the socket that binds the name.
#[test]
fn messages_wait_for_the_name_to_be_bound() {
    let context = context();
    for linger in [None, Some(Duration::from_secs(60))] {
        let (sender, requester) = (socket(&context, Push), socket(&context, Req));
        for endpoint in ["inproc://sink", "inproc://other"] {
            sender.connect(endpoint).unwrap();
        }
        requester.connect("inproc://server").unwrap();
        sender.set_linger(linger).unwrap();
        requester.set_linger(linger).unwrap();
        // One message for each.
        sender.send("to one").unwrap();
        sender.send("to one").unwrap();
        requester.send("to one").unwrap();
        sender.disconnect("inproc://other").unwrap();
        drop((sender, requester));
        let receivers = ["inproc://sink", "inproc://other"].map(|endpoint| bound(&context, Pull, endpoint));
        for (receiver, _) in &receivers {
            assert_eq!(receiver.recv().unwrap(), "to one");
        }
        let (server, name) = bound(&context, Router, "inproc://server");
        assert_eq!(server.recv_multipart().unwrap()[2], "to one");
        server.unbind(name).unwrap();
        for (receiver, name) in &receivers {
            receiver.unbind(name).unwrap();
        }
    }
}

/// All socket types that can send before they have received something, and before a peer exists.
fn senders() -> impl Iterator<Item = SocketKind> {
    kinds().filter(|kind| {
        let socket = context().socket(Any(*kind)).unwrap();
        socket.connect("inproc://nobody").unwrap();
        socket.try_send("to nobody").is_ok()
    })
}

/// Messages wait no longer than the linger period, and neither does the place of their socket.
#[test]
fn no_message_waits_for_a_name_longer_than_the_linger_period() {
    let kinds: Vec<_> = senders().collect();
    assert!(kinds.contains(&SocketKind::Push) && kinds.contains(&SocketKind::Req));
    for kind in kinds {
        for (linger, disconnects) in [(0, false), (0, true), (20, false), (20, true)] {
            let context = small();
            let owner: Arc<[u8]> = Arc::from([7; 100]);
            for _ in 0..30 {
                let sender = placed(&context, kind);
                sender.set_linger(Duration::from_millis(linger)).unwrap();
                sender.connect("inproc://nobody").unwrap();
                sender.send(Message::from(Arc::clone(&owner))).unwrap();
                if disconnects {
                    sender.disconnect("inproc://nobody").unwrap();
                }
            }
            eventually("the sent messages are released", || (Arc::strong_count(&owner) == 1).then_some(()));
            let places = [(); 9].map(|()| placed(&context, kind));
            drop(places);
        }
    }
}

/// While the socket exists, nothing waits at a name that it left with a linger period of zero.
#[test]
fn messages_to_a_name_left_without_linger_are_released() {
    let context = context();
    let sender = socket(&context, Push);
    sender.set_linger(Duration::ZERO).unwrap();
    let owner: Arc<[u8]> = Arc::from([7; 100]);
    sender.connect("inproc://nobody").unwrap();
    sender.send(Message::from(Arc::clone(&owner))).unwrap();
    sender.disconnect("inproc://nobody").unwrap();
    eventually("the message is released", || {
        let _ = sender.events();
        (Arc::strong_count(&owner) == 1).then_some(())
    });
}

/// The name is bound before the linger period has passed.
#[test]
fn a_bind_within_the_linger_period_receives_the_messages() {
    let context = context();
    let sender = connected(&context, Push, "inproc://in time");
    sender.set_linger(Duration::from_secs(60)).unwrap();
    sender.send("in time").unwrap();
    drop(sender);
    let (receiver, _) = bound(&context, Pull, "inproc://in time");
    assert_eq!(receiver.recv().unwrap(), "in time");
    common::must_end(|| drop((receiver, context)));
}

/// A socket that has sent something waits with its message. The error says what uses the places.
#[test]
fn the_error_at_the_limit_mentions_closed_sockets() {
    let context = small();
    let _open = context.socket(Pull).unwrap();
    let error = loop {
        match context.socket(Push) {
            Ok(sender) => {
                sender.set_linger(None).unwrap();
                sender.connect("inproc://nobody").unwrap();
                sender.send("to nobody").unwrap();
            }
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TooManySockets);
    // One place is kept for the socket that meets the waiting connections when the context ends.
    assert!(error.to_string().contains("its limit is 10, and 9 of these sockets are closed"), "{error}");
}

#[test]
fn a_later_bind_meets_the_remaining_sockets() {
    let context = context();
    for _ in 0..100 {
        let [left, stayed, dropped] = [(); 3].map(|()| connected(&context, Push, "inproc://later"));
        left.disconnect("inproc://later").unwrap();
        drop(dropped);
        let (receiver, endpoint) = bound(&context, Pull, "inproc://later");
        stayed.send("Hello").unwrap();
        assert_eq!(receiver.recv().unwrap(), "Hello");
        left.connect(&endpoint).unwrap();
        left.send("again").unwrap();
        assert_eq!(receiver.recv().unwrap(), "again");
        receiver.unbind(&endpoint).unwrap();
    }
}

/// The bind and the leave can come in either order.
#[test]
fn a_name_may_be_bound_while_waiting_sockets_close() {
    let context = context();
    let together = Arc::new(Barrier::new(2));
    let binder = thread::spawn({
        let (context, together) = (context.clone(), Arc::clone(&together));
        move || {
            for round in 0..300 {
                let receiver = socket(&context, Pull);
                together.wait();
                receiver.bind(format!("inproc://race-{round}")).unwrap();
                let _ = receiver.try_recv();
            }
        }
    });
    for round in 0..300 {
        let senders = [(); 3].map(|()| connected(&context, Push, format!("inproc://race-{round}")));
        if round % 2 == 0 {
            senders[0].send("Hello").unwrap();
        }
        let [first, second, third] = senders;
        together.wait();
        drop(first);
        // Fails if the binding socket has come and gone.
        let _ = second.disconnect(format!("inproc://race-{round}"));
        drop(third);
    }
    binder.join().unwrap();
    drop(context);
}
