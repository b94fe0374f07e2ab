//! Creates, reads and releases the contents of a `zmq_msg_t` in place where this does not need a call of libzmq.
//!
//! libzmq has a function for each of these steps. The layout of the bundled libzmq is known, because its build fails if the
//! layout differs (M25). So this module does in a few instructions what those functions do, which for a small message saves
//! most of the cost of this crate.

#[cfg(zmq_known_layout)]
mod known;
#[cfg(not(zmq_known_layout))]
mod unknown;

#[cfg(zmq_known_layout)]
pub(super) use known::{Made, bytes, close, copy, has_more, init, inside, zeros_inside};
#[cfg(not(zmq_known_layout))]
pub(super) use unknown::{Made, bytes, close, copy, has_more, init, inside, zeros_inside};

/// Asks libzmq for the position and the number of the bytes.
///
/// # Safety
///
/// `message` is a valid message.
#[cfg_attr(zmq_known_layout, cold)]
pub(super) unsafe fn ask(message: *mut zmq_sys::zmq_msg_t) -> (*mut u8, usize) {
    // SAFETY: this function's contract; the call only reads it (M4).
    let len = unsafe { zmq_sys::zmq_msg_size(message) };
    // SAFETY: as above.
    let data = unsafe { zmq_sys::zmq_msg_data(message) };
    (data.cast::<u8>(), len)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::multiple_unsafe_ops_per_block, reason = "tests")]
mod tests {
    use super::super::message::Message;

    /// Compares what this module reads of a message with what libzmq's functions return.
    #[track_caller]
    fn assert_same(message: &Message, expected: &[u8]) {
        // SAFETY: a valid message.
        let (ours, libzmq) = unsafe { (super::bytes(message.as_ptr()), super::ask(message.as_ptr())) };
        assert_eq!(ours, libzmq);
        assert_eq!(message.as_slice(), expected);
        // SAFETY: as above.
        let more = unsafe { zmq_sys::zmq_msg_more(message.as_ptr()) } != 0;
        assert_eq!(message.has_more(), more);
    }

    /// Bytes that reveal a byte at the wrong place. Together with the inverted bytes they also reveal one that is read
    /// too early or too late.
    fn bytes(len: u8, flip: u8) -> Vec<u8> {
        (1..=len).map(|at| at.wrapping_mul(89) ^ flip).collect()
    }

    fn lengths(end: u8) -> impl Iterator<Item = (u8, u8)> {
        (0..end).flat_map(|len| [(len, 0), (len, 0xff)])
    }

    #[test]
    fn messages_of_every_length_are_read_as_libzmq_does() {
        for (len, flip) in lengths(200) {
            let bytes = bytes(len, flip);
            let message = Message::copied(&bytes).unwrap();
            assert_same(&message, &bytes);
            let mut again = Message::copy_of(&message);
            assert_same(&again, &bytes);
            assert_same(&message, &bytes);
            again.clear();
            assert_same(&again, b"");
        }
    }

    #[test]
    fn messages_over_foreign_buffers_are_read_as_libzmq_does() {
        assert_same(&Message::from_static(b"constant").unwrap(), b"constant");
        assert_same(&Message::from_static(b"").unwrap(), b"");
        for len in [0, 1, 33, 34, 37, 38, 100_000] {
            assert_same(&Message::from_vec(vec![7; len]).unwrap(), &vec![7; len]);
            assert_same(&Message::from_owner(vec![8; len]).ok().unwrap(), &vec![8; len]);
        }
    }

    #[test]
    fn copies_are_counted_as_libzmq_counts_them() {
        use std::sync::Arc;

        let copy_of = |message: &Message| {
            let copy = Message::new();
            // SAFETY: two valid messages, which no other thread uses.
            assert_eq!(unsafe { zmq_sys::zmq_msg_copy(copy.as_ptr(), message.as_ptr()) }, 0);
            copy
        };
        let close = |message: Message| {
            // SAFETY: a valid message, which is empty afterwards.
            unsafe {
                assert_eq!(zmq_sys::zmq_msg_close(message.as_ptr()), 0);
                assert_eq!(zmq_sys::zmq_msg_init(message.as_ptr()), 0);
            }
        };
        // Each bit is one copy or one release: by libzmq, or by this module.
        for choices in 0..64_u32 {
            let by_libzmq = |step: u32| choices >> step & 1 == 1;
            let owner = Arc::new([7; 1000]);
            struct Bytes(Arc<[u8; 1000]>);
            impl AsRef<[u8]> for Bytes {
                fn as_ref(&self) -> &[u8] {
                    &*self.0
                }
            }
            let mut messages = vec![Message::from_owner(Bytes(Arc::clone(&owner))).ok().unwrap()];
            for step in 0..3 {
                let last = messages.last().unwrap();
                let copy = if by_libzmq(step) { copy_of(last) } else { Message::copy_of(last) };
                messages.push(copy);
            }
            for step in 3..6 {
                let message = messages.swap_remove(0);
                if by_libzmq(step) {
                    close(message)
                } else {
                    drop(message)
                }
                assert!(
                    messages.iter().all(|message| message.is_shared() && message.as_slice() == [7; 1000])
                );
                assert_eq!(Arc::strong_count(&owner), 2, "{choices:b}, {step}");
            }
            drop(messages);
            assert_eq!(Arc::strong_count(&owner), 1, "{choices:b}");
        }
    }

    #[cfg(zmq_known_layout)]
    #[test]
    fn what_is_made_here_is_what_libzmq_makes() {
        use core::mem::MaybeUninit;
        use core::ptr;

        let struct_of = |message: &Message| {
            // SAFETY: a valid message of plain bytes, all of which have been written.
            unsafe { ptr::read(message.as_ptr().cast::<[u8; 64]>()) }
        };
        for (len, flip) in lengths(100) {
            let bytes = bytes(len, flip);
            let mut theirs = MaybeUninit::<[u8; 64]>::zeroed();
            let message = theirs.as_mut_ptr().cast::<zmq_sys::zmq_msg_t>();
            // SAFETY: room for a message, which is made, filled, read as plain bytes, and closed.
            let mut theirs = unsafe {
                assert_eq!(zmq_sys::zmq_msg_init_size(message, bytes.len()), 0);
                let data = zmq_sys::zmq_msg_data(message).cast::<u8>();
                ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
                let theirs = ptr::read(message.cast::<[u8; 64]>());
                assert_eq!(zmq_sys::zmq_msg_close(message), 0);
                theirs
            };
            let made = Message::copied(&bytes).unwrap();
            let mut ours = struct_of(&made);
            if len > if cfg!(target_pointer_width = "64") { 33 } else { 37 } {
                // Each message has its own pointer there.
                let pointer = size_of::<usize>()..2 * size_of::<usize>();
                ours[pointer.clone()].fill(0);
                theirs[pointer].fill(0);
            }
            assert_eq!(ours, theirs, "{len} bytes");
        }
        assert_eq!(struct_of(&Message::new()), struct_of(&Message::copied(b"").unwrap()));
    }
}
