//! The first message that has an owner. Each process has only one first message, so this test runs in its own process.

use crate::common;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use common::process::in_child;
use common::{LIMIT, MOMENT, bound, connected, context, must_end};
use zmq::{Message, Socket, XPub, XSub};

thread_local! {
    static PUBLISHER: RefCell<Option<Rc<Socket<XPub>>>> = const { RefCell::new(None) };
}

/// Receives, if a socket is set, when it is dropped.
struct Receives(Sender<()>);

impl AsRef<[u8]> for Receives {
    fn as_ref(&self) -> &[u8] {
        b"more than what libzmq would keep within a message"
    }
}

impl Drop for Receives {
    fn drop(&mut self) {
        if let Some(publisher) = PUBLISHER.with_borrow(Clone::clone) {
            publisher.try_recv().unwrap_err();
        }
        self.0.send(()).unwrap();
    }
}

/// An XPUB copies what an XSUB sends, and drops the message within the call that receives the copy. When that call
/// began, no message had an owner yet.
#[test]
fn the_first_owner_is_not_dropped_in_a_call_that_began_earlier() {
    if !in_child() {
        return;
    }
    must_end(|| {
        let context = context();
        let (publisher, endpoint) = bound(&context, XPub, "inproc://first-owner");
        let subscriber = connected(&context, XSub, endpoint);
        let (begin, begun) = channel();
        let receiver = thread::spawn(move || {
            let publisher = Rc::new(publisher);
            PUBLISHER.set(Some(publisher.clone()));
            begin.send(()).unwrap();
            [publisher.recv().unwrap(), publisher.recv().unwrap()]
        });
        begun.recv_timeout(LIMIT).unwrap();
        // By then the XPUB waits. If it does not, this test cannot fail.
        thread::park_timeout(MOMENT);
        let (done, is_done) = channel();
        subscriber.send(Message::from_owner(Receives(done.clone()))).unwrap();
        is_done.recv_timeout(LIMIT).unwrap();
        subscriber.send(Message::from_owner(Receives(done))).unwrap();
        is_done.recv_timeout(LIMIT).unwrap();
        for received in receiver.join().unwrap() {
            assert!(received.starts_with(b"more than"));
        }
    });
}
