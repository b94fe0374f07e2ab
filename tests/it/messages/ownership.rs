//! A buffer that is passed by value is released exactly once, whatever happens to its message.

use crate::common;

use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use common::process::rounds;
use common::{
    LIMIT, TCP, bound, connected, context, eventually, free_endpoint, socket, start_watchdog, transports,
};
use zmq::{Context, ErrorKind, Message, Pair, Pub, Pull, Push, Sub, XPub};

/// Counts the buffers that were created and released.
#[derive(Clone, Default)]
struct Ledger {
    made: Arc<AtomicUsize>,
    released: Arc<AtomicUsize>,
}

struct Buffer {
    bytes: Vec<u8>,
    released: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.released.fetch_add(1, Ordering::SeqCst);
    }
}

impl Ledger {
    fn message(&self, size: usize) -> Message {
        self.made.fetch_add(1, Ordering::SeqCst);
        Message::from_owner(Buffer { bytes: vec![7; size], released: self.released.clone() })
    }

    fn released(&self) -> usize {
        self.released.load(Ordering::SeqCst)
    }

    /// Asserts that all buffers that were created have been released, each once.
    #[track_caller]
    fn is_settled(&self) {
        assert_eq!(self.released(), self.made.load(Ordering::SeqCst));
    }

    #[track_caller]
    fn settles(&self) {
        let made = self.made.load(Ordering::SeqCst);
        eventually("all buffers are released", || (self.released() >= made).then_some(()));
        self.is_settled();
    }
}

/// Sizes that fit inside a message, and one that does not.
const SIZES: [usize; 3] = [0, 5, 10_000];

/// Conformance: ME-2.
#[test]
fn a_message_that_is_not_sent_releases_its_buffer() {
    for size in SIZES {
        let ledger = Ledger::default();
        let message = ledger.message(size);
        let clone = message.clone();
        drop(message);
        assert_eq!(ledger.released(), 0);
        drop(clone);
        ledger.is_settled();
    }
}

/// Conformance: ME-2.
#[test]
fn a_message_that_is_received_releases_its_buffer() {
    for size in SIZES {
        let context = context();
        for transport in transports("owned") {
            let ledger = Ledger::default();
            let (pull, endpoint) = bound(&context, Pull, &transport);
            let push = connected(&context, Push, endpoint);
            push.send(ledger.message(size)).unwrap();
            let received = pull.recv().unwrap();
            assert_eq!(received, vec![7; size]);
            drop(received);
            ledger.settles();
        }
        // And not again when everything is dropped.
    }
}

/// Conformance: ME-2.
#[test]
fn a_message_and_its_sent_clone_release_their_buffer_once() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    let ledger = Ledger::default();
    let kept = ledger.message(10_000);
    push.send(&kept).unwrap();
    assert_eq!(pull.recv().unwrap(), kept);
    drop((push, pull, context));
    assert_eq!(ledger.released(), 0);
    assert_eq!(kept, vec![7; 10_000]);
    drop(kept);
    ledger.is_settled();
}

#[test]
fn a_message_whose_send_fails_releases_its_buffer() {
    let push = socket(&context(), Push);
    let ledger = Ledger::default();
    let failure = push.try_send(ledger.message(100)).unwrap_err();
    assert_eq!(ledger.released(), 0);
    let failure = push.try_send_multipart([failure.into_message(), ledger.message(100)]).unwrap_err();
    assert_eq!(ledger.released(), 0);
    let error: zmq::Error = failure.into();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    ledger.is_settled();
}

#[test]
fn a_multipart_that_is_sent_releases_its_buffers() {
    let context = context();
    for transport in transports("owned-parts") {
        let ledger = Ledger::default();
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, endpoint);
        left.send_multipart(SIZES.map(|size| ledger.message(size))).unwrap();
        assert_eq!(right.recv_multipart().unwrap().len(), 3);
        ledger.settles();
    }
}

#[test]
fn parts_of_an_unfinished_message_release_their_buffers() {
    let context = context();
    for transport in transports("unfinished") {
        let ledger = Ledger::default();
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, endpoint);
        left.send("are you there?").unwrap();
        right.recv().unwrap();
        left.send_more(ledger.message(100)).unwrap();
        left.send_more(ledger.message(100)).unwrap();
        drop((left, right));
        ledger.settles();
    }
}

#[test]
fn a_message_discarded_without_linger_releases_its_buffer() {
    let ledger = Ledger::default();
    let context = context();
    let push = connected(&context, Push, free_endpoint());
    push.send(ledger.message(100)).unwrap();
    push.send_multipart([ledger.message(5), ledger.message(100)]).unwrap();
    assert_eq!(ledger.released(), 0);
    push.close(Duration::ZERO).unwrap();
    drop(context);
    ledger.is_settled();
}

#[test]
fn a_message_discarded_after_the_linger_period_releases_its_buffer() {
    start_watchdog();
    let ledger = Ledger::default();
    let context = Context::new().unwrap();
    let push = connected(&context, Push, free_endpoint());
    push.send(ledger.message(100)).unwrap();
    push.close(Duration::from_millis(20)).unwrap();
    drop(context);
    ledger.is_settled();
}

#[test]
fn a_publication_without_subscribers_releases_its_buffer() {
    let context = context();
    let (publisher, _) = bound(&context, Pub, TCP);
    let ledger = Ledger::default();
    for size in SIZES {
        publisher.send(ledger.message(size)).unwrap();
        ledger.is_settled();
    }
}

#[test]
fn a_publication_to_several_subscribers_releases_its_buffer_once() {
    let context = context();
    for transport in transports("publication") {
        let ledger = Ledger::default();
        let (publisher, endpoint) = bound(&context, XPub, &transport);
        let subscribers: Vec<_> = (0..3_u8)
            .map(|topic| {
                let subscriber = connected(&context, Sub, &endpoint);
                subscriber.subscribe("").unwrap();
                subscriber.subscribe([topic]).unwrap();
                eventually("the subscription arrives", || {
                    (publisher.try_recv().ok()? == [1, topic]).then_some(())
                });
                subscriber
            })
            .collect();
        publisher.send(ledger.message(10_000)).unwrap();
        for subscriber in &subscribers {
            assert_eq!(subscriber.recv().unwrap(), vec![7; 10_000]);
        }
        ledger.settles();
    }
}

#[test]
fn a_message_that_nobody_receives_releases_its_buffer() {
    for transport in transports("never-received") {
        let context = context();
        let ledger = Ledger::default();
        let (pull, endpoint) = bound(&context, Pull, &transport);
        let push = connected(&context, Push, endpoint);
        for size in SIZES {
            push.send(ledger.message(size)).unwrap();
        }
        context.shutdown().unwrap();
        let failure = eventually("sending ends", || push.try_send(ledger.message(1)).err());
        assert_eq!(failure.kind(), ErrorKind::Terminated);
        drop((failure, push, pull, context));
        ledger.is_settled();
    }
}

#[test]
fn a_message_dropped_on_another_thread_releases_its_buffer() {
    let ledger = Ledger::default();
    let message = ledger.message(100);
    let clone = message.clone();
    thread::spawn(move || drop(clone)).join().unwrap();
    assert_eq!(ledger.released(), 0);
    thread::spawn(move || drop(message)).join().unwrap();
    ledger.is_settled();
}

#[test]
fn threads_that_clone_one_message_at_once_lose_no_reference() {
    let ledger = Ledger::default();
    for _ in 0..rounds(20) {
        let message = ledger.message(10_000);
        let clones = [(); 4].map(|()| message.clone());
        let start = Barrier::new(clones.len());
        thread::scope(|threads| {
            for own in clones {
                threads.spawn(|| {
                    let own = own;
                    start.wait();
                    for _ in 0..5_000 {
                        let clone = own.clone();
                        assert_eq!(clone.len(), 10_000);
                    }
                });
            }
        });
        let released = ledger.released();
        assert_eq!(message, vec![7; 10_000]);
        drop(message);
        assert_eq!(ledger.released(), released + 1);
    }
    ledger.is_settled();
}

#[test]
fn over_a_network_an_io_thread_releases_the_buffer() {
    struct Tells(std::sync::mpsc::Sender<ThreadId>);
    impl AsRef<[u8]> for Tells {
        fn as_ref(&self) -> &[u8] {
            &[7; 10_000]
        }
    }
    impl Drop for Tells {
        fn drop(&mut self) {
            let _ = self.0.send(thread::current().id());
        }
    }
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    let (tell, told) = std::sync::mpsc::channel();
    push.send(Message::from_owner(Tells(tell))).unwrap();
    assert_eq!(pull.recv().unwrap().len(), 10_000);
    assert_ne!(told.recv_timeout(LIMIT).unwrap(), thread::current().id());
    assert!(told.recv_timeout(Duration::ZERO).is_err(), "the buffer was released twice");
}

/// Panics when it is dropped.
struct Bomb(Arc<AtomicUsize>);

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        b"a message whose owner panics when it is dropped"
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        // Without calling the panic hook, which would print.
        std::panic::resume_unwind(Box::new("the owner's destructor"));
    }
}

#[test]
fn a_panic_in_a_destructor_is_caught() {
    let exploded = Arc::new(AtomicUsize::new(0));
    let bomb = || Message::from_owner(Bomb(exploded.clone()));
    drop(bomb());
    assert_eq!(exploded.load(Ordering::SeqCst), 1);

    let context = context();
    // On this thread, within a call of libzmq, and on one of libzmq's threads.
    let (publisher, _) = bound(&context, Pub, TCP);
    publisher.send(bomb()).unwrap();
    assert_eq!(exploded.load(Ordering::SeqCst), 2);
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    push.send(bomb()).unwrap();
    pull.recv().unwrap();
    eventually("the I/O thread drops the owner", || (exploded.load(Ordering::SeqCst) == 3).then_some(()));

    push.send("life goes on").unwrap();
    assert_eq!(pull.recv().unwrap(), "life goes on");
}

/// Panics when it is asked for its bytes.
struct Shy(Arc<AtomicUsize>);

impl AsRef<[u8]> for Shy {
    fn as_ref(&self) -> &[u8] {
        std::panic::resume_unwind(Box::new("the owner's bytes"));
    }
}

impl Drop for Shy {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn an_owner_that_panics_before_it_shows_its_bytes_is_dropped() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let owner = Shy(dropped.clone());
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Message::from_owner(owner)));
    assert_eq!(*made.unwrap_err().downcast::<&str>().unwrap(), "the owner's bytes");
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn the_release_of_a_vector_does_not_depend_on_its_capacity() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    for capacity in [34, 64, 100, 4096, 100_000] {
        let mut bytes = Vec::with_capacity(capacity);
        bytes.resize(34, 1);
        push.send(bytes).unwrap();
        assert_eq!(pull.recv().unwrap(), [1; 34]);
    }
}
