//! Copies of messages.

use std::ffi::{c_int, c_void};

use zmq_sys::*;

use crate::raw::{Context, Socket, alone, cvt};

/// A message whose bytes are all written, so that they can be compared.
struct Message(zmq_msg_t);

impl Message {
    fn made(make: impl FnOnce(*mut zmq_msg_t) -> c_int) -> Self {
        let mut message = Self(unsafe { std::mem::zeroed() });
        assert_ne!(make(&raw mut message.0), -1);
        message
    }

    fn empty() -> Self {
        Self::made(|message| unsafe { zmq_msg_init(message) })
    }

    fn of_size(len: usize) -> Self {
        Self::made(|message| unsafe { zmq_msg_init_size(message, len) })
    }

    fn of_static(free: zmq_free_fn) -> Self {
        static BYTES: [u8; 100] = [7; 100];
        let data = BYTES.as_ptr().cast_mut().cast();
        Self::made(|message| unsafe {
            zmq_msg_init_data(message, data, BYTES.len(), free, std::ptr::null_mut())
        })
    }

    fn received(socket: &Socket) -> Self {
        let mut message = Self::empty();
        assert_ne!(unsafe { zmq_msg_recv(&raw mut message.0, socket.0, 0) }, -1);
        message
    }

    fn copied(&mut self) -> Self {
        let mut copy = Self::empty();
        assert_eq!(cvt(unsafe { zmq_msg_copy(&raw mut copy.0, &raw mut self.0) }), Ok(()));
        copy
    }

    fn bits(&self) -> [u8; 64] {
        unsafe { std::mem::transmute_copy(&self.0) }
    }

    /// The bits of a copy are those that the message has after the call, which may mark it as shared.
    fn assert_copies_have_its_bits(&mut self, what: &str) {
        let mut copy = self.copied();
        assert_eq!(copy.bits(), self.bits(), "{what}");
        let again = copy.copied();
        assert_eq!(again.bits(), self.bits(), "{what}");
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        assert_eq!(cvt(unsafe { zmq_msg_close(&raw mut self.0) }), Ok(()));
    }
}

unsafe extern "C" fn nothing(_: *mut c_void, _: *mut c_void) {}

#[test]
fn m27_copies_of_messages_made_here_have_the_same_bits() {
    Message::empty().assert_copies_have_its_bits("an empty message");
    for len in [1, 33, 34, 37, 38, 100_000] {
        Message::of_size(len).assert_copies_have_its_bits(&format!("{len} bytes"));
    }
    Message::of_static(None).assert_copies_have_its_bits("constant bytes");
    Message::of_static(Some(nothing)).assert_copies_have_its_bits("bytes with a callback");
}

#[test]
fn m27_copies_of_received_messages_have_the_same_bits() {
    let _alone = alone();
    let context = Context::new();
    for endpoint in ["inproc://copies", "tcp://127.0.0.1:*"] {
        let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        push.connect(&pull.bind(endpoint));
        for len in [0, 5, 100, 100_000] {
            // The first part arrives together with the last one.
            push.send_part(&vec![1; len], ZMQ_SNDMORE);
            push.send(&vec![2; len]);
            for more in [1, 0] {
                let mut message = Message::received(&pull);
                assert_eq!(unsafe { zmq_msg_more(&raw const message.0) }, more);
                message.assert_copies_have_its_bits(&format!("{len} bytes over {endpoint}, more: {more}"));
            }
        }
    }
}

#[cfg(feature = "draft")]
#[test]
fn m27_copies_of_messages_with_addresses_have_the_same_bits() {
    for len in [5, 100] {
        let mut message = Message::of_size(len);
        assert_eq!(cvt(unsafe { zmq_msg_set_routing_id(&raw mut message.0, 0x0102_0304) }), Ok(()));
        message.assert_copies_have_its_bits("a routing id");
        for group in [c"short", c"a group of more than fourteen bytes"] {
            let mut message = Message::of_size(len);
            assert_eq!(cvt(unsafe { zmq_msg_set_group(&raw mut message.0, group.as_ptr()) }), Ok(()));
            message.assert_copies_have_its_bits("a group");
        }
    }
}
