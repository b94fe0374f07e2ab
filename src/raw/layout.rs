//! What lies inside a `zmq_msg_t`: made, read and let go of where it lies, as far as that takes no more than that.
//!
//! libzmq has a function for each of these. Of the bundled libzmq the layout is known too, because its build fails if it is
//! another (M25); there, what a function would do in a few instructions is done here, which for a small message saves most of
//! what our layer costs.

#[cfg(zmq_vendored)]
pub(super) use known::{bytes, close, has_more, init};
#[cfg(not(zmq_vendored))]
pub(super) use unknown::{bytes, close, has_more, init};

#[cfg(zmq_vendored)]
mod known {
    use core::ffi::c_void;
    use core::mem::{MaybeUninit, offset_of};
    use core::ptr;

    use zmq_sys::zmq_msg_t;

    /// A message whose bytes lie inside; of others, all but the bytes are the same.
    #[repr(C)]
    struct Layout {
        metadata: *mut c_void,
        bytes: [MaybeUninit<u8>; MOST_INSIDE],
        len: u8,
        kind: u8,
        flags: u8,
        routing_id: u32,
        group_kind: u8,
        group: [MaybeUninit<u8>; 15],
    }

    const MOST_INSIDE: usize = 41 - size_of::<*mut c_void>();

    /// What a message has a pointer to, instead of the bytes. Only the beginning.
    #[repr(C)]
    struct Content {
        data: *mut u8,
        size: usize,
    }

    const _: () = {
        assert!(size_of::<Layout>() == size_of::<zmq_msg_t>());
        assert!(align_of::<Layout>() == align_of::<zmq_msg_t>());
        assert!(offset_of!(Layout, len) == 41);
        assert!(offset_of!(Layout, group_kind) == 48);
    };

    /// The bytes lie inside.
    const INSIDE: u8 = 101;
    /// There is a [`Content`], in memory of its own.
    const OUTSIDE: u8 = 102;
    /// There is a [`Content`], within memory that other messages use too.
    const WITHIN: u8 = 105;

    const MORE: u8 = 1;
    const SHORT_GROUP: u8 = 0;

    const EMPTY: Layout = Layout {
        metadata: ptr::null_mut(),
        bytes: [MaybeUninit::zeroed(); MOST_INSIDE],
        len: 0,
        kind: INSIDE,
        flags: 0,
        routing_id: 0,
        group_kind: SHORT_GROUP,
        group: [MaybeUninit::zeroed(); 15],
    };

    /// Makes an empty message.
    ///
    /// # Safety
    ///
    /// `message` is memory for one.
    #[inline]
    pub(in super::super) unsafe fn init(message: *mut zmq_msg_t) {
        // SAFETY: this function's contract; the size and alignment are the same.
        unsafe { message.cast::<Layout>().write(EMPTY) };
    }

    /// Where the bytes are, and how many.
    ///
    /// # Safety
    ///
    /// `message` is a valid message.
    #[inline]
    pub(in super::super) unsafe fn bytes(message: *mut zmq_msg_t) -> (*mut u8, usize) {
        let layout = message.cast::<Layout>();
        // SAFETY: a valid message is laid out so (M25).
        let kind = unsafe { (*layout).kind };
        match kind {
            INSIDE => {
                // SAFETY: as above; no reference is made.
                let data = unsafe { &raw mut (*layout).bytes };
                // SAFETY: as above.
                let len = unsafe { (*layout).len };
                (data.cast::<u8>(), usize::from(len))
            }
            OUTSIDE | WITHIN => {
                // SAFETY: as above; the pointer lies where the bytes of another would (M25).
                let content = unsafe { (&raw mut (*layout).bytes).cast::<*const Content>() };
                // SAFETY: a message of this kind has such a pointer, aligned as it comes after another.
                let content = unsafe { content.read() };
                // SAFETY: the content stays until the message is closed (M2).
                let content = unsafe { &*content };
                (content.data, content.size)
            }
            // SAFETY: this function's contract.
            _ => unsafe { super::ask(message) },
        }
    }

    /// Whether more parts follow.
    ///
    /// # Safety
    ///
    /// As for [`bytes`].
    #[inline]
    pub(in super::super) unsafe fn has_more(message: *mut zmq_msg_t) -> bool {
        // SAFETY: a valid message is laid out so (M25).
        let flags = unsafe { (*message.cast::<Layout>()).flags };
        flags & MORE != 0
    }

    /// Releases what the message has. It must not be used any more.
    ///
    /// # Safety
    ///
    /// `message` is a valid message, a closed one, or all zero.
    #[inline]
    pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
        // SAFETY: laid out so (M25), or all zero; no field that is read is ever uninitialised.
        let layout = unsafe { &*message.cast::<Layout>() };
        let has_nothing =
            layout.kind == INSIDE && layout.metadata.is_null() && layout.group_kind == SHORT_GROUP;
        if !has_nothing {
            // SAFETY: this function's contract; what is no message is refused (M15).
            unsafe { zmq_sys::zmq_msg_close(message) };
        }
    }
}

#[cfg(not(zmq_vendored))]
mod unknown {
    use zmq_sys::zmq_msg_t;

    pub(in super::super) use super::ask as bytes;

    /// Makes an empty message.
    ///
    /// # Safety
    ///
    /// `message` is memory for one.
    #[inline]
    pub(in super::super) unsafe fn init(message: *mut zmq_msg_t) {
        // SAFETY: this function's contract. It cannot fail.
        unsafe { zmq_sys::zmq_msg_init(message) };
    }

    /// Whether more parts follow.
    ///
    /// # Safety
    ///
    /// `message` is a valid message.
    #[inline]
    pub(in super::super) unsafe fn has_more(message: *mut zmq_msg_t) -> bool {
        // SAFETY: this function's contract; the call only reads it.
        unsafe { zmq_sys::zmq_msg_more(message) != 0 }
    }

    /// Releases what the message has. It must not be used any more.
    ///
    /// # Safety
    ///
    /// `message` is a valid message, a closed one, or all zero.
    #[inline]
    pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
        // SAFETY: this function's contract; what is no message is refused (M15).
        unsafe { zmq_sys::zmq_msg_close(message) };
    }
}

/// Where the bytes are, and how many, as libzmq tells.
///
/// # Safety
///
/// `message` is a valid message.
#[cfg_attr(zmq_vendored, cold)]
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

    /// What our reading and libzmq's functions say of a message.
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

    fn copied(bytes: &[u8]) -> Message {
        let mut message = Message::place();
        message.copy_in(bytes).unwrap();
        message
    }

    #[test]
    fn messages_of_every_length_are_read_as_libzmq_does() {
        for len in 0..200 {
            let bytes: Vec<u8> = (0..len).collect();
            let message = copied(&bytes);
            assert_same(&message, &bytes);
            let mut again = Message::new();
            again.copy_from(&message);
            assert_same(&again, &bytes);
            assert_same(&message, &bytes);
            again.clear();
            assert_same(&again, b"");
        }
    }

    #[test]
    fn so_are_messages_over_buffers_of_others() {
        assert_same(&Message::from_static(b"constant").unwrap(), b"constant");
        assert_same(&Message::from_static(b"").unwrap(), b"");
        for len in [0, 1, 33, 34, 100_000] {
            let mut message = Message::place();
            message.take_in(vec![7; len]).unwrap();
            assert_same(&message, &vec![7; len]);
            assert_same(&Message::from_owner(vec![8; len]).ok().unwrap(), &vec![8; len]);
        }
    }

    #[cfg(zmq_vendored)]
    #[test]
    fn an_empty_message_is_the_one_that_libzmq_makes() {
        use core::mem::MaybeUninit;
        use core::ptr;

        let mut theirs = MaybeUninit::<[u8; 64]>::zeroed();
        let ours = Message::new();
        // SAFETY: room for a message, and a valid message; both are plain bytes, all of them written.
        let (theirs, ours) = unsafe {
            assert_eq!(zmq_sys::zmq_msg_init(theirs.as_mut_ptr().cast()), 0);
            (theirs.assume_init(), ptr::read(ours.as_ptr().cast::<[u8; 64]>()))
        };
        assert_eq!(theirs, ours);
    }
}
