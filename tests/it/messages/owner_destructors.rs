//! The destructor of a message's owner may use sockets and contexts, wherever libzmq calls it.

use crate::common;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};

use common::{LIMIT, TCP, bound, connected, context, must_end, socket};
use zmq::{Context, Dealer, ErrorKind, Message, POLLIN, Pair, Pull, Push, Router, Socket};

/// Bytes with a function to call when they are dropped.
struct Last<F: FnMut() + Send>(F);

impl<F: FnMut() + Send> AsRef<[u8]> for Last<F> {
    fn as_ref(&self) -> &[u8] {
        b"more than what libzmq would keep within a message"
    }
}

impl<F: FnMut() + Send> Drop for Last<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

pub(super) fn at_last(act: impl FnMut() + Send + 'static) -> Message {
    Message::from_owner(Last(act))
}

/// Makes libzmq drop `message` while a PULL socket of `context` binds or connects, because its queue ends then.
fn dropped_within(context: &Context, name: &str, message: Message, act: impl FnOnce(&Socket<Pull>)) {
    let (push, endpoint) = bound(context, Push, &format!("inproc://{name}"));
    let pull = connected(context, Pull, &endpoint);
    push.send(message).unwrap();
    pull.disconnect(&endpoint).unwrap();
    // The other end learns that the queue has ended, and answers.
    push.events().unwrap();
    act(&pull);
}

#[test]
fn a_destructor_can_close_a_socket_while_another_binds() {
    must_end(|| {
        let context = context();
        for connect in [false, true] {
            let (named, name) = bound(&context, Pair, &format!("inproc://named-{connect}"));
            let (done, is_done) = channel();
            let mut named = Some((named, done));
            let message = at_last(move || {
                let (named, done): (Socket<Pair>, Sender<()>) = named.take().unwrap();
                drop(named);
                done.send(()).unwrap();
            });
            dropped_within(&context, &format!("goes-{connect}"), message, |pull| {
                assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
                if connect {
                    pull.connect(&name).unwrap();
                } else {
                    pull.bind("inproc://other").unwrap();
                }
                is_done.try_recv().expect("the call drops the owner");
            });
        }
    });
}

#[test]
fn a_destructor_can_bind_and_connect() {
    must_end(|| {
        let context = context();
        let (done, is_done) = channel();
        let inner = context.clone();
        let message = at_last(move || {
            let server = inner.socket(Pull).unwrap();
            server.bind("inproc://inner").unwrap();
            let client = inner.socket(Push).unwrap();
            client.connect("inproc://inner").unwrap();
            client.send("from a destructor").unwrap();
            done.send(server.recv_string().unwrap()).unwrap();
        });
        dropped_within(&context, "binds", message, |pull| drop(pull.bind("inproc://outer").unwrap()));
        assert_eq!(is_done.recv_timeout(LIMIT).unwrap(), "from a destructor");
    });
}

#[test]
fn a_context_does_not_end_on_its_own_threads() {
    must_end(|| {
        let elsewhere = context();
        let (pull, endpoint) = bound(&elsewhere, Pull, TCP);
        let (done, is_done) = channel();
        // The prefix distinguishes its threads from threads of other tests.
        let sending = Context::builder().thread_name_prefix(4711).build().unwrap();
        let push = socket(&sending, Push);
        #[cfg(all(target_os = "linux", zmq_vendored))]
        common::wait_until(|| common::threads_named("4711/").len() == 2);
        push.connect(&endpoint).unwrap();
        let mut last = Some(sending);
        let message = at_last(move || {
            // An I/O thread has sent the message, or the reaper drops it.
            drop(last.take());
            done.send(std::thread::current().id()).unwrap();
        });
        push.send(message).unwrap();
        drop(push);
        assert!(pull.recv().unwrap().starts_with(b"more than"));
        assert_ne!(is_done.recv_timeout(LIMIT).unwrap(), std::thread::current().id());
        #[cfg(all(target_os = "linux", zmq_vendored))]
        common::wait_until(|| common::threads_named("4711/").is_empty());
    });
}

/// A destructor can access the same socket, for example through a thread-local variable.
#[test]
fn a_destructor_can_bind_the_socket_that_binds() {
    thread_local! {
        static SOCKET: RefCell<Option<Rc<Socket<Pull>>>> = const { RefCell::new(None) };
    }
    must_end(|| {
        let context = context();
        let (done, is_done) = channel();
        let message = at_last(move || {
            let socket = SOCKET.with_borrow(Clone::clone).expect("in the thread that binds");
            socket.bind("inproc://within").unwrap();
            done.send(socket.set_recv_hwm(1).unwrap_err().kind()).unwrap();
        });
        let (push, endpoint) = bound(&context, Push, "inproc://same");
        let pull = Rc::new(connected(&context, Pull, &endpoint));
        push.send(message).unwrap();
        pull.disconnect(&endpoint).unwrap();
        push.events().unwrap();
        SOCKET.set(Some(Rc::clone(&pull)));
        assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
        pull.bind("inproc://around").unwrap();
        SOCKET.set(None);
        assert_eq!(is_done.try_recv().expect("the call drops the owner"), ErrorKind::WrongState);
        for endpoint in ["inproc://within", "inproc://around"] {
            connected(&context, Push, endpoint).send(endpoint).unwrap();
            assert_eq!(pull.recv().unwrap(), endpoint);
        }
    });
}

thread_local! {
    /// The socket that a destructor uses while it is in a call.
    static ROUTER: RefCell<Option<Rc<Socket<Router>>>> = const { RefCell::new(None) };
}

/// A ROUTER, which is also in the thread's variable, and a DEALER that it knows as `peer`.
fn router_and_peer(name: &str) -> (Rc<Socket<Router>>, Socket<Dealer>) {
    let context = context();
    let (router, endpoint) = bound(&context, Router, &format!("inproc://{name}"));
    let peer = socket(&context, Dealer);
    peer.set_routing_id("peer").unwrap();
    peer.connect(endpoint).unwrap();
    peer.send("known").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["peer", "known"]);
    let router = Rc::new(router);
    ROUTER.set(Some(router.clone()));
    (router, peer)
}

/// libzmq drops the last part of a message if its peer has gone after the first part. At the next first part, it
/// asserts that it has no peer any more, but it forgets the peer only after it has dropped the part.
#[cfg(unix)]
#[test]
fn a_destructor_can_send_on_the_socket_that_sends() {
    use std::os::fd::AsFd;

    must_end(|| {
        for (name, recv) in [("receives", true), ("sends", false)] {
            let (router, peer) = router_and_peer(name);
            peer.send("not received before it goes").unwrap();
            router.send_more("peer").unwrap();
            router.events().unwrap();
            drop(peer);
            let mut commands = [zmq::PollItem::from_fd(router.as_fd(), POLLIN)];
            assert_eq!(zmq::poll(&mut commands, LIMIT).unwrap(), 1);
            router.events().unwrap();
            let (done, is_done) = channel();
            let last = at_last(move || {
                let router = ROUTER.with_borrow(Clone::clone).expect("in the thread that sends");
                if recv {
                    let received = router.recv_multipart().unwrap();
                    // The peer leaves with it.
                    common::wait_until(|| router.try_recv().is_err());
                    done.send(received).unwrap();
                } else {
                    router.send_multipart(["peer", "is gone"]).unwrap();
                    done.send(router.recv_multipart().unwrap()).unwrap();
                }
            });
            router.send(last).unwrap();
            assert_eq!(is_done.try_recv().unwrap(), ["peer", "not received before it goes"]);
            router.send_multipart(["peer", "is gone"]).unwrap();
        }
    });
}

/// libzmq releases the previous content of a message after it has decided what to return, and before it returns that.
#[test]
fn a_destructor_can_receive_on_the_socket_that_receives() {
    must_end(|| {
        let (router, peer) = router_and_peer("takes");
        peer.send("first").unwrap();
        peer.send("second").unwrap();
        assert_eq!(router.poll(POLLIN, LIMIT).unwrap(), POLLIN);
        let (done, is_done) = channel();
        let mut message = at_last(move || {
            let router = ROUTER.with_borrow(Clone::clone).expect("in the thread that receives");
            done.send(router.recv().unwrap()).unwrap();
        });
        router.recv_to(&mut message).unwrap();
        assert_eq!(message, "peer");
        assert_eq!(is_done.try_recv().unwrap(), "first");
        assert_eq!(router.recv_multipart().unwrap(), ["peer", "second"]);
        // On Windows, the end of the thread must not end the context.
        ROUTER.take();
    });
}

/// If a ROUTER does not know the peer, it drops the id of the peer before it gets the other parts.
#[test]
fn a_destructor_sends_after_the_message_that_is_being_sent() {
    thread_local! {
        static ROUTER: RefCell<Option<Rc<Socket<Router>>>> = const { RefCell::new(None) };
    }
    must_end(|| {
        let context = context();
        let (router, endpoint) = bound(&context, Router, "inproc://sends-after");
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id("known").unwrap();
        dealer.connect(&endpoint).unwrap();
        dealer.send("here").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["known", "here"]);
        let router = Rc::new(router);
        ROUTER.set(Some(Rc::clone(&router)));
        let id = at_last(|| {
            if let Some(router) = ROUTER.take() {
                router.try_send_multipart(["known", "from the destructor"]).unwrap();
            }
        });
        router.send_multipart([id, Message::from("to nobody")]).unwrap();
        assert_eq!(dealer.recv_within(LIMIT).unwrap(), "from the destructor");
    });
}

#[test]
fn a_destructor_receives_no_part_of_the_message_that_is_being_received() {
    thread_local! {
        static PULL: RefCell<Option<Rc<Socket<Pull>>>> = const { RefCell::new(None) };
    }
    must_end(|| {
        let context = context();
        let (leaving, endpoint) = bound(&context, Push, "inproc://leaving");
        let pull = Rc::new(connected(&context, Pull, &endpoint));
        let parts = pull.bind("inproc://parts").unwrap();
        let (done, is_done) = channel();
        let message = at_last(move || {
            let pull = PULL.take().expect("in the thread that receives");
            done.send(pull.try_recv()).unwrap();
        });
        leaving.send(message).unwrap();
        pull.disconnect(&endpoint).unwrap();
        // The other end learns that its queue has ended, and answers. With the next call, the PULL drops the message in it.
        leaving.events().unwrap();
        let push = connected(&context, Push, parts);
        push.send_multipart(["first", "second"]).unwrap();
        PULL.set(Some(Rc::clone(&pull)));
        assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
        assert_eq!(pull.try_recv_multipart().unwrap(), ["first", "second"]);
        assert_eq!(common::kind_of(is_done.try_recv().unwrap()), ErrorKind::WouldBlock);
    });
}
