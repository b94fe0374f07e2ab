//! Requesters: how calls and sockets end, and what happens in the middle of a call.

use crate::common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use common::{LIMIT, TCP, bound, connected, context, kind_of, must_end_within, socket, wait_until};
use zmq::{Context, Dealer, ErrorKind, Message, Rep, Requester, Router};

#[test]
fn a_shutdown_ends_all_calls() {
    for _ in 0..20 {
        must_end_within(LIMIT, || {
            let context = context();
            let (_router, endpoint) = bound(&context, Router, TCP);
            let requester = connected(&context, Dealer, endpoint).into_requester().unwrap();
            requester.with_inner(|socket| socket.set_recv_timeout(None)).unwrap().unwrap();
            thread::scope(|threads| {
                let calls: Vec<_> =
                    (0..16).map(|_| threads.spawn(|| requester.request("nobody answers"))).collect();
                wait_until(|| requester.pending() == 16);
                context.shutdown().unwrap();
                for call in calls {
                    assert_eq!(kind_of(call.join().unwrap()), ErrorKind::Terminated);
                }
            });
            assert_eq!(kind_of(requester.request("too late")), ErrorKind::Terminated);
        });
    }
}

#[test]
fn the_last_clone_closes_the_socket() {
    let context = Context::builder().max_sockets(2).build().unwrap();
    context.set_blocky(false).unwrap();
    let _server = socket(&context, Rep);
    let requester = socket(&context, Dealer).into_requester().unwrap();
    let clone = requester.clone();
    drop(requester);
    assert_eq!(kind_of(context.socket(Dealer)), ErrorKind::TooManySockets);
    drop(clone);
    common::eventually("the socket is closed", || context.socket(Dealer).ok());
}

#[test]
fn threads_may_share_a_requester() {
    fn shared<T: Clone + Send + Sync + std::fmt::Debug + 'static>(_: &T) {}
    let context = context();
    let requester = socket(&context, Dealer).into_requester().unwrap();
    shared(&requester);
    assert_eq!(format!("{requester:?}"), "Requester { pending: 0, dropped: 0, .. }");
}

#[test]
fn a_socket_that_cannot_carry_requests_is_refused() {
    let context = context();
    let dealer = socket(&context, Dealer);
    dealer.bind("inproc://requester-begun").unwrap();
    let peer = connected(&context, Dealer, "inproc://requester-begun");
    dealer.send_more("begun").unwrap();
    let failure = dealer.into_requester().unwrap_err();
    let error = failure.error().clone();
    common::assert_error(error, ErrorKind::WrongState, zmq::zmq_sys::EFSM, &["into_requester", "DEALER"]);
    // The error returns the socket, which can end its message.
    let dealer = failure.into_inner();
    dealer.send("ended").unwrap();
    assert_eq!(peer.recv_multipart().unwrap(), ["begun", "ended"]);
    dealer.into_requester().unwrap();

    // Another libzmq refuses the option for a socket that receives.
    if zmq::has(zmq::Feature::Bundled) {
        let dealer = socket(&context, Dealer);
        dealer.set_conflate(true).unwrap();
        assert_eq!(kind_of(dealer.into_requester()), ErrorKind::WrongState);
    }
}

/// Otherwise the next request would become a part of the message that has begun.
#[test]
fn a_call_that_borrows_the_socket_begins_no_message() {
    must_end_within(LIMIT, || {
        let context = context();
        let (server, endpoint) = bound(&context, Rep, TCP);
        let requester = connected(&context, Dealer, &endpoint).into_requester().unwrap();
        let failures = requester
            .with_inner(|socket| [socket.send_more("half a message"), socket.try_send_more("half a message")])
            .unwrap();
        for failure in failures.map(Result::unwrap_err) {
            assert!(failure.to_string().contains("with_inner"), "{failure}");
            assert_eq!(failure.kind(), ErrorKind::WrongState);
            assert_eq!(failure.into_message(), "half a message");
        }
        thread::scope(|threads| {
            threads.spawn(move || {
                assert_eq!(server.recv_multipart().unwrap(), ["Hello"]);
                server.send("World").unwrap();
            });
            assert_eq!(requester.request("Hello").unwrap(), ["World"]);
        });
    });
}

#[test]
fn a_server_can_be_added_while_requests_wait() {
    must_end_within(LIMIT, || {
        let context = context();
        let requester = socket(&context, Dealer).into_requester().unwrap();
        thread::scope(|threads| {
            let calls: Vec<_> = (0..4).map(|_| threads.spawn(|| requester.request("Hello"))).collect();
            wait_until(|| requester.pending() == 4);
            let (server, endpoint) = bound(&context, Rep, TCP);
            requester.with_inner(|socket| socket.connect(&endpoint)).unwrap().unwrap();
            for _ in 0..4 {
                server.recv().unwrap();
                server.send("World").unwrap();
            }
            for call in calls {
                assert_eq!(call.join().unwrap().unwrap(), ["World"]);
            }
        });
    });
}

#[test]
fn a_call_that_borrows_the_socket_cannot_wait_for_itself() {
    let context = context();
    let requester = socket(&context, Dealer).into_requester().unwrap();
    requester
        .with_inner(|_| {
            assert_eq!(kind_of(requester.request("inside")), ErrorKind::WrongState);
            assert_eq!(kind_of(requester.with_inner(|_| ())), ErrorKind::WrongState);
        })
        .unwrap();

    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = requester.with_inner(|_| std::panic::resume_unwind(Box::new("a panic")));
    }));
    assert!(panicked.is_err());
    requester.with_inner(|_| ()).unwrap();
    assert_eq!(kind_of(requester.request_within("after it", Duration::ZERO)), ErrorKind::WouldBlock);
}

/// The owner of a message. Its destructor uses the requester that has sent the message.
struct Asks {
    requester: Arc<Mutex<Option<Requester>>>,
    dropped: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Asks {
    fn as_ref(&self) -> &[u8] {
        &[0; 100]
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        let requester = self.requester.lock().unwrap().clone();
        if let Some(requester) = requester {
            let _ = requester.request_within("from a destructor", Duration::ZERO);
            let _ = requester.with_inner(|socket| socket.events());
        }
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_destructor_of_a_message_may_use_the_requester() {
    const REQUESTS: usize = 200;
    must_end_within(LIMIT, || {
        let context = context();
        let (server, endpoint) = bound(&context, Rep, "inproc://requester-destructor");
        let requester = connected(&context, Dealer, endpoint).into_requester().unwrap();
        let server = thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // The reply is the last to own the request.
                if server.send(request).is_err() {
                    return;
                }
            }
        });
        let shared = Arc::new(Mutex::new(Some(requester.clone())));
        let dropped = Arc::new(AtomicUsize::new(0));
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..REQUESTS / 4 {
                        let owner = Asks { requester: Arc::clone(&shared), dropped: Arc::clone(&dropped) };
                        let reply = requester.request_within(Message::from_owner(owner), LIMIT).unwrap();
                        assert_eq!(reply[0].len(), 100);
                        // Late replies to the requests of destructors are dropped in the middle of the next call.
                    }
                });
            }
        });
        wait_until(|| dropped.load(Ordering::Relaxed) == REQUESTS);
        shared.lock().unwrap().take();
        context.shutdown().unwrap();
        server.join().unwrap();
    });
}

/// A late reply is dropped with the lock held, which its destructor needs.
#[test]
fn the_destructor_of_a_late_reply_may_use_the_requester() {
    must_end_within(LIMIT, || {
        let context = context();
        let (server, endpoint) = bound(&context, Rep, "inproc://requester-late-destructor");
        let requester = connected(&context, Dealer, endpoint).into_requester().unwrap();
        let shared = Arc::new(Mutex::new(Some(requester.clone())));
        let dropped = Arc::new(AtomicUsize::new(0));
        let owner = Asks { requester: Arc::clone(&shared), dropped: Arc::clone(&dropped) };
        let given_up = requester.request_within(Message::from_owner(owner), Duration::ZERO);
        assert_eq!(kind_of(given_up), ErrorKind::WouldBlock);
        // The reply is the last to own the bytes.
        server.send(server.recv().unwrap()).unwrap();
        thread::scope(|threads| {
            let answering = threads.spawn(move || {
                let request = server.recv().unwrap();
                server.send(request).unwrap();
            });
            assert_eq!(requester.request_within("next", LIMIT).unwrap(), ["next"]);
            answering.join().unwrap();
        });
        assert_eq!((dropped.load(Ordering::Relaxed), requester.dropped()), (1, 1));
        shared.lock().unwrap().take();
    });
}
