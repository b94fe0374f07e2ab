//! Contexts, sockets and messages can be dropped in any order and in any thread. The tests also check how long that
//! takes.

use crate::common;

use std::any::Any;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use common::{assert_takes_less, bounce, free_endpoint, must_end, socket};
use zmq::{Context, Dealer, Message, Pair, Push, Rep, Req, Socket};

/// Something to be dropped.
type Thing = Box<dyn Any + Send>;

/// A context, two sockets with messages that cannot be delivered, and messages received from each other.
fn things(linger: Duration) -> Vec<Thing> {
    let context = Context::new().unwrap();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://pair").unwrap()).unwrap();
    right.send(vec![7; 1000]).unwrap();
    right.send("never received").unwrap();
    let message = left.recv().unwrap();
    let sender = to_nobody(&context, linger);
    vec![
        Box::new(message.clone()),
        Box::new(message),
        Box::new(left),
        Box::new(right),
        Box::new(sender),
        Box::new(context),
    ]
}

/// A socket with a message for a TCP peer that does not exist.
fn to_nobody(context: &Context, linger: impl Into<Option<Duration>>) -> Socket<Push> {
    let sender = context.socket(Push).unwrap();
    sender.set_linger(linger).unwrap();
    sender.connect(free_endpoint()).unwrap();
    sender.send("to nobody").unwrap();
    sender
}

/// The time that a program takes until its context has ended.
fn time_to_end(program: impl FnOnce() -> Context + Send + 'static) -> Duration {
    must_end(|| {
        let start = Instant::now();
        drop(program());
        start.elapsed()
    })
}

#[test]
fn everything_can_be_dropped_in_any_order() {
    for shift in 0..6 {
        for reversed in [false, true] {
            must_end(move || {
                let mut things = things(Duration::from_millis(5));
                things.rotate_left(shift);
                if reversed {
                    things.reverse();
                }
                for thing in things {
                    drop(thing);
                }
            });
        }
    }
}

#[test]
fn everything_can_be_dropped_at_the_same_time() {
    for _ in 0..10 {
        must_end(|| {
            let things = things(Duration::from_millis(5));
            let start = Arc::new(Barrier::new(things.len()));
            let threads: Vec<_> = things
                .into_iter()
                .map(|thing| {
                    let start = start.clone();
                    thread::spawn(move || {
                        start.wait();
                        drop(thing);
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
        });
    }
}

#[test]
fn a_socket_keeps_its_context_alive() {
    must_end(|| {
        let context = Context::new().unwrap();
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        drop(context);
        client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
        bounce(&client, &server);
        let context = client.context();
        drop((server, client));
        assert!(context.socket(Pair).is_ok());
    });
}

#[test]
fn a_message_outlives_its_context() {
    for endpoint in ["inproc://outlives", "tcp://127.0.0.1:*"] {
        for len in [1, 100, 100_000] {
            let message: Message = must_end(move || {
                let context = Context::new().unwrap();
                let (left, right) = (socket(&context, Pair), socket(&context, Pair));
                right.connect(left.bind(endpoint).unwrap()).unwrap();
                right.send(vec![7; len]).unwrap();
                left.recv().unwrap()
            });
            assert_eq!(message[..], vec![7; len]);
        }
    }
}

#[test]
fn an_incomplete_message_does_not_delay_the_end() {
    must_end(|| {
        let context = Context::new().unwrap();
        let (left, right) = (socket(&context, Dealer), socket(&context, Dealer));
        right.connect(left.bind("inproc://half").unwrap()).unwrap();
        right.send_multipart(["received", "not received"]).unwrap();
        assert_eq!(left.recv().unwrap(), "received");
        left.send_more("only the beginning").unwrap();
    });
}

#[test]
fn dropping_the_last_handle_waits_for_the_linger_period() {
    let linger = Duration::from_millis(300);
    assert_takes_less(2 * linger, || {
        let time = time_to_end(move || {
            let context = Context::new().unwrap();
            drop(to_nobody(&context, linger));
            context
        });
        assert!(time >= linger - Duration::from_millis(2), "{time:?}");
        time
    });
}

/// Conformance: G-4.
#[test]
fn a_shutdown_does_not_discard_lingering_messages() {
    let linger = Duration::from_millis(300);
    let time = time_to_end(move || {
        let context = Context::new().unwrap();
        let sender = to_nobody(&context, linger);
        context.shutdown().unwrap();
        drop(sender);
        context
    });
    assert!(time >= linger - Duration::from_millis(2), "{time:?}");
    assert!(time < Duration::from_secs(2), "{time:?}");
}

/// Without unsent messages, the default linger period does not make anything wait.
///
/// Conformance: G-4.
#[test]
fn without_queued_messages_the_drop_does_not_wait() {
    let time = time_to_end(|| {
        let context = Context::new().unwrap();
        let socket = context.socket(Push).unwrap();
        socket.connect(free_endpoint()).unwrap();
        assert_eq!(socket.linger().unwrap(), None);
        context
    });
    assert!(time < Duration::from_secs(1), "{time:?}");
}

/// Conformance: G-4.
#[test]
fn the_drop_does_not_wait_for_an_inproc_peer_that_never_bound() {
    let time = time_to_end(|| {
        let context = Context::new().unwrap();
        let socket = context.socket(Push).unwrap();
        socket.connect("inproc://never bound").unwrap();
        socket.send("to nobody").unwrap();
        context
    });
    assert!(time < Duration::from_secs(1), "{time:?}");
}

#[test]
fn a_context_that_is_not_blocky_waits_for_nothing() {
    let time = time_to_end(|| {
        let context = Context::new().unwrap();
        context.set_blocky(false).unwrap();
        let socket = context.socket(Push).unwrap();
        socket.connect(free_endpoint()).unwrap();
        socket.send("to nobody").unwrap();
        drop(socket);
        context
    });
    assert!(time < Duration::from_secs(1), "{time:?}");
}

/// A client whose server does not exist gives up, and the program ends.
#[test]
fn a_client_that_gives_up_ends_in_time() {
    let time = must_end(|| {
        let start = Instant::now();
        let context = Context::new().unwrap();
        let requester = context.socket(Req).unwrap();
        requester.connect(free_endpoint()).unwrap();
        requester.send("Hello").unwrap();
        requester.recv_within(Duration::from_millis(50)).unwrap_err();
        requester.close(Duration::from_millis(100)).unwrap();
        drop(context);
        start.elapsed()
    });
    assert!(time >= Duration::from_millis(140), "{time:?}");
    assert!(time < Duration::from_secs(1), "{time:?}");
}

/// Messages that linger are delivered if the peer comes in time; by default, whenever it comes.
///
/// Conformance: G-4.
#[test]
fn a_closed_socket_still_delivers() {
    for linger in [Some(common::LIMIT), None] {
        must_end(move || {
            let endpoint = free_endpoint();
            let (context, other) = (Context::new().unwrap(), Context::new().unwrap());
            let sender = context.socket(Push).unwrap();
            sender.connect(&endpoint).unwrap();
            sender.send("late but whole").unwrap();
            match linger {
                Some(linger) => sender.close(linger).unwrap(),
                None => drop(sender),
            }
            let end = thread::spawn(move || drop(context));
            thread::park_timeout(common::MOMENT);
            assert!(!end.is_finished(), "the drop did not wait for the messages");
            let receiver = socket(&other, zmq::Pull);
            receiver.bind(&endpoint).unwrap();
            assert_eq!(receiver.recv().unwrap(), "late but whole");
            end.join().unwrap();
        });
    }
}
