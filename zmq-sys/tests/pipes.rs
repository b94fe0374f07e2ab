//! Messages and pipes that are left half-way; the names are those of the table in the README of `zmq-src`.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "tests, of raw calls"
)]

mod raw;

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use raw::*;
use zmq_sys::*;

/// A message of C's.
struct Message(zmq_msg_t);

impl Message {
    fn empty() -> Box<Self> {
        let mut message = Box::new(Self(unsafe { std::mem::zeroed() }));
        assert_eq!(unsafe { zmq_msg_init(&raw mut message.0) }, 0);
        message
    }

    /// A message of these bytes, whose end the counter tells.
    fn lent(bytes: &'static [u8], freed: &'static AtomicUsize) -> Box<Self> {
        unsafe extern "C" fn free(_: *mut c_void, hint: *mut c_void) {
            unsafe { &*hint.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
        }
        let mut message = Box::new(Self(unsafe { std::mem::zeroed() }));
        let (data, hint) = (bytes.as_ptr().cast_mut().cast(), (&raw const *freed).cast_mut().cast());
        assert_eq!(unsafe { zmq_msg_init_data(&raw mut message.0, data, bytes.len(), Some(free), hint) }, 0);
        message
    }

    fn received(socket: &Socket) -> Box<Self> {
        let mut message = Self::empty();
        assert_ne!(unsafe { zmq_msg_recv(&raw mut message.0, socket.0, 0) }, -1, "errno {}", errno());
        message
    }

    fn copy(&mut self) -> Box<Self> {
        let mut copy = Self::empty();
        assert_eq!(unsafe { zmq_msg_copy(&raw mut copy.0, &raw mut self.0) }, 0);
        copy
    }

    fn is_shared(&self) -> bool {
        unsafe { zmq_msg_get(&raw const self.0, ZMQ_SHARED) == 1 }
    }

    fn bytes(&mut self) -> &[u8] {
        let message = &raw mut self.0;
        unsafe { std::slice::from_raw_parts(zmq_msg_data(message).cast(), zmq_msg_size(message)) }
    }

    fn send(&mut self, socket: &Socket, flags: c_int) -> Result<(), c_int> {
        cvt(unsafe { zmq_msg_send(&raw mut self.0, socket.0, flags) })
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        unsafe { zmq_msg_close(&raw mut self.0) };
    }
}

#[test]
fn a101_what_an_xpub_receives_is_counted() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_XSUB));
    publisher.bind("inproc://counted");
    subscriber.connect("inproc://counted");
    let mut sent = Message::lent(&[5; 100], &FREED);
    let mut kept = sent.copy();
    sent.send(&subscriber, ZMQ_SNDMORE).unwrap();
    subscriber.send(&[6; 100]);
    let mut first = Message::received(&publisher);
    assert!(!first.is_shared(), "nobody else has these bytes");
    let mut copy = first.copy();
    assert!(copy.is_shared() && first.is_shared());
    drop(first);
    let others: Vec<_> = (0..100).map(|_| copy.copy()).collect();
    drop(others);
    assert_eq!(copy.bytes(), [5; 100]);
    assert_eq!(Message::received(&publisher).bytes(), [6; 100]);
    assert_eq!(kept.bytes(), [5; 100]);
    drop((kept, sent));
    assert_eq!(FREED.load(Ordering::SeqCst), 1);
}

#[test]
fn a103_a_client_of_ws_leaves_the_bytes_it_was_lent_as_they_are() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    static BYTES: [u8; 1000] = [7; 1000];
    let _alone = alone();
    if !in_child("a103_a_client_of_ws_leaves_the_bytes_it_was_lent_as_they_are") {
        return;
    }
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    client.connect(&server.bind("ws://127.0.0.1:*/lent"));
    Message::lent(&BYTES, &FREED).send(&client, 0).unwrap();
    assert_eq!(server.recv_all(1000), [7; 1000]);
    // By now they have been written to, had anybody been about to.
    eventually("they are given back", || FREED.load(Ordering::SeqCst) == 1);
    assert_eq!(BYTES, [7; 1000]);
}

#[cfg(feature = "draft")]
mod draft {
    use super::*;

    #[test]
    fn a102_a_long_group_is_counted_for_each_who_gets_it() {
        const GROUP: &std::ffi::CStr = c"a group of more than fourteen bytes";
        let _alone = alone();
        let context = Context::new();
        // Both sides: a group that is joined goes to several, and so does a message.
        let radios: Vec<_> = (0..2)
            .map(|number| {
                let radio = context.socket(ZMQ_RADIO);
                radio.bind(&format!("inproc://radio-{number}"));
                radio
            })
            .collect();
        let dishes: Vec<_> = (0..3)
            .map(|_| {
                let dish = context.socket(ZMQ_DISH);
                dish.connect("inproc://radio-0");
                dish.connect("inproc://radio-1");
                assert_eq!(cvt(unsafe { zmq_join(dish.0, GROUP.as_ptr()) }), Ok(()));
                dish
            })
            .collect();
        for (radio, len) in [(0, 1), (0, 100), (1, 1), (1, 100)] {
            let mut message = Message::empty();
            let pointer = &raw mut message.0;
            assert_eq!(unsafe { zmq_msg_init_size(pointer, len) }, 0);
            unsafe { std::ptr::write_bytes(zmq_msg_data(pointer).cast::<u8>(), 3, len) };
            assert_eq!(unsafe { zmq_msg_set_group(pointer, GROUP.as_ptr()) }, 0);
            message.send(&radios[radio], 0).unwrap();
            // Each lets go of it before the next one looks.
            for dish in &dishes {
                let mut received = Message::received(dish);
                assert_eq!(received.bytes(), vec![3; len]);
                let group = unsafe { zmq_msg_group(&raw mut received.0) };
                let name = GROUP.to_bytes_with_nul();
                assert_eq!(unsafe { std::slice::from_raw_parts(group.cast::<u8>(), name.len()) }, name);
            }
        }
    }
}
