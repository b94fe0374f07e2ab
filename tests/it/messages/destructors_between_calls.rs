//! One call may call libzmq several times. Destructors of messages' owners run after all of these calls.

use crate::common;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::owner_destructors::at_last;
use common::{LIMIT, bound, connected, context, must_end, socket};
use zmq::proxy::{Handle, Proxy};
use zmq::{Context, Dealer, ErrorKind, Message, Pull, Push, Req, Router, Socket};

thread_local! {
    /// The socket that a destructor uses while it is in a call.
    static PULL: RefCell<Option<Rc<Socket<Pull>>>> = const { RefCell::new(None) };
    static ROUTER: RefCell<Option<Rc<Socket<Router>>>> = const { RefCell::new(None) };
    static REQ: RefCell<Option<Rc<Socket<Req>>>> = const { RefCell::new(None) };
}

/// Returns a PULL socket, and puts it into the variable of the thread as well. In the next call on the socket, libzmq drops `message`.
fn pull_with(context: &Context, message: Message) -> Rc<Socket<Pull>> {
    let (leaving, endpoint) = bound(context, Push, "inproc://leaving");
    let pull = Rc::new(connected(context, Pull, &endpoint));
    PULL.set(Some(Rc::clone(&pull)));
    leaving.send(message).unwrap();
    pull.disconnect(&endpoint).unwrap();
    // The other end learns that its queue has ended, and answers.
    leaving.events().unwrap();
    pull
}

/// If a ROUTER does not know the peer, it drops the id of the peer before it gets the other parts.
#[test]
fn a_destructor_sends_after_the_message_that_a_proxy_sends() {
    must_end(|| {
        let context = context();
        let (router, endpoint) = bound(&context, Router, "inproc://proxy-sends-to");
        let dealer = socket(&context, Dealer);
        dealer.set_routing_id("known").unwrap();
        dealer.connect(&endpoint).unwrap();
        dealer.send("here").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["known", "here"]);
        let (pull, endpoint) = bound(&context, Pull, "inproc://proxy-receives-from");
        let push = connected(&context, Push, &endpoint);
        let router = Rc::new(router);
        ROUTER.set(Some(Rc::clone(&router)));
        let handle = Handle::new();
        let terminated = handle.clone();
        let id = at_last(move || {
            if let Some(router) = ROUTER.take() {
                router.try_send_multipart(["known", "from the destructor"]).unwrap();
                terminated.terminate().unwrap();
            }
        });
        push.send_multipart([id, Message::from("to nobody")]).unwrap();
        Proxy::new(&pull, &*router).control(&handle).run().unwrap();
        assert_eq!(dealer.recv_within(LIMIT).unwrap(), "from the destructor");
    });
}

/// After a request was lost half-way, the next one needs several calls of libzmq.
#[test]
fn a_destructor_sends_after_the_request_that_follows_a_lost_one() {
    for had_more in [false, true] {
        must_end(move || {
            let context = context();
            let (lost, lost_endpoint) = bound(&context, Router, "inproc://lost");
            let requester = socket(&context, Req);
            requester.set_routing_id("requester").unwrap();
            requester.connect(&lost_endpoint).unwrap();
            requester.send_more("lost").unwrap();
            let (done, is_done) = channel();
            let last = at_last(move || {
                let requester = REQ.take().expect("in the thread that sends");
                done.send(requester.try_send("from the destructor")).unwrap();
            });
            // The ROUTER learns of the peer first.
            lost.events().unwrap();
            lost.send_multipart([Message::from("requester"), Message::new(), last]).unwrap();
            requester.disconnect(&lost_endpoint).unwrap();
            let failure = if had_more { requester.send_more("part") } else { requester.send("part") };
            assert_eq!(failure.unwrap_err().kind(), ErrorKind::MultipartAborted);
            let (router, endpoint) = bound(&context, Router, "inproc://next");
            requester.connect(&endpoint).unwrap();
            // The peer answers that the connection has ended. With its next command, the REQ drops the reply that it has not received.
            lost.events().unwrap();
            let requester = Rc::new(requester);
            REQ.set(Some(Rc::clone(&requester)));
            assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
            // A send reads commands at most once in a millisecond.
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(10) {
                std::thread::yield_now();
            }
            requester.send("a request").unwrap();
            let failure = is_done.try_recv().expect("the call drops the owner").unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::WrongState);
            let [id, _, content] = router.recv_multipart().unwrap().into_array().unwrap();
            assert_eq!(content, "a request");
            router.send_multipart((id, "", "the reply")).unwrap();
            assert_eq!(requester.recv().unwrap(), "the reply");
        });
    }
}

/// The destructor binds the same socket to another endpoint.
#[test]
fn a_bind_returns_its_own_endpoint() {
    must_end(|| {
        let context = context();
        let (done, is_done) = channel();
        let message = at_last(move || {
            let pull = PULL.take().expect("in the thread that binds");
            done.send(pull.bind("inproc://inner-bind").unwrap()).unwrap();
        });
        let pull = pull_with(&context, message);
        assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
        assert_eq!(pull.bind("inproc://outer-bind").unwrap(), "inproc://outer-bind");
        assert_eq!(is_done.try_recv().expect("the call drops the owner"), "inproc://inner-bind");
    });
}

/// While a socket binds to a descriptor, every bind of the socket would use this descriptor.
#[cfg(unix)]
#[test]
fn a_destructor_binds_after_a_bind_to_a_descriptor() {
    must_end(|| {
        let context = context();
        let (done, is_done) = channel();
        let message = at_last(move || {
            let pull = PULL.take().expect("in the thread that binds");
            done.send(pull.bind(common::TCP).unwrap()).unwrap();
        });
        let pull = pull_with(&context, message);
        assert!(is_done.try_recv().is_err(), "the owner was dropped before the call");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        assert_eq!(pull.bind_fd(&endpoint, listener).unwrap(), endpoint.as_str());
        let other = is_done.try_recv().expect("the call drops the owner");
        assert_ne!(other, endpoint.as_str());
        // Both endpoints accept connections.
        for endpoint in [other.as_str(), &endpoint] {
            let push = connected(&context, Push, endpoint);
            push.send(endpoint).unwrap();
            assert_eq!(pull.recv().unwrap(), endpoint);
        }
    });
}
