//! Creates, reads and releases messages whose layout is not known.

use core::ffi::c_int;
use core::mem::MaybeUninit;

use zmq_sys::zmq_msg_t;

pub(in super::super) use super::ask as bytes;

/// Creates an empty message.
///
/// # Safety
///
/// `message` is memory for one message.
#[inline]
pub(in super::super) unsafe fn init(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract. The call cannot fail.
    unsafe { zmq_sys::zmq_msg_init(message) };
}

/// Always `None`: only libzmq knows how it keeps a few bytes inside the message.
#[inline]
pub(in super::super) fn inside(_: &[u8]) -> Option<zmq_msg_t> {
    None
}

/// Always `None`, as for [`inside`].
#[inline]
pub(in super::super) fn zeros_inside(_: usize) -> Option<zmq_msg_t> {
    None
}

/// Returns another message with the bytes of `message`. A few bytes are copied, and others are shared.
///
/// # Safety
///
/// `message` is a valid message, and no other thread uses it.
#[inline]
pub(in super::super) unsafe fn copy(message: *mut zmq_msg_t) -> zmq_msg_t {
    let mut copy = MaybeUninit::<zmq_msg_t>::zeroed();
    // SAFETY: memory for one message.
    unsafe { init(copy.as_mut_ptr()) };
    // SAFETY: two valid messages. The call writes to `message` (M3), as this function's contract allows. It fails only on invalid
    // messages.
    unsafe { zmq_sys::zmq_msg_copy(copy.as_mut_ptr(), message) };
    // SAFETY: initialised above.
    unsafe { copy.assume_init() }
}

/// A new message that is not in its final place yet.
pub(in super::super) struct Made(zmq_msg_t);

impl Made {
    /// Lets libzmq create a message. If this fails, the error number contains the reason.
    ///
    /// # Safety
    ///
    /// `initialise` is a function of libzmq that creates a message.
    #[inline]
    pub(in super::super) unsafe fn by(initialise: impl FnOnce(*mut zmq_msg_t) -> c_int) -> Option<Made> {
        // libzmq does not write to every byte.
        let mut message = MaybeUninit::<zmq_msg_t>::zeroed();
        if initialise(message.as_mut_ptr()) != 0 {
            return None;
        }
        // SAFETY: initialised by the call above.
        Some(Made(unsafe { message.assume_init() }))
    }

    /// Lets libzmq create a message of this many bytes, which are not initialised. Fails if there is not enough memory.
    #[inline]
    pub(in super::super) fn of_size(len: usize) -> Option<Made> {
        // SAFETY: `by` passes memory for one message.
        let initialise = |message| unsafe { zmq_sys::zmq_msg_init_size(message, len) };
        // SAFETY: a function of libzmq that creates a message.
        unsafe { Made::by(initialise) }
    }

    /// The position where the bytes are to be written, until the message is moved.
    #[inline]
    pub(in super::super) fn data(&mut self) -> *mut u8 {
        // SAFETY: a valid message.
        let (data, _) = unsafe { super::ask(&raw mut self.0) };
        data
    }

    /// Moves the message into its place.
    #[inline]
    pub(in super::super) fn into_message(self) -> zmq_msg_t {
        self.0
    }
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

/// Releases the content of the message. The message must not be used any more.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract; libzmq refuses what is not a message (M15).
    unsafe { zmq_sys::zmq_msg_close(message) };
}
