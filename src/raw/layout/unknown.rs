//! What there is to know of a message without knowing how it is laid out.

use core::ffi::c_int;
use core::mem::MaybeUninit;

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

/// None: how libzmq keeps a few bytes inside, it alone knows.
#[inline]
pub(in super::super) fn inside(_: &[u8]) -> Option<zmq_msg_t> {
    None
}

/// None, as for [`inside`].
///
/// # Safety
///
/// Nothing is asked for.
#[inline]
pub(in super::super) unsafe fn copy_inside(_: *mut zmq_msg_t) -> Option<zmq_msg_t> {
    None
}

/// A message that has just been made and is not in its place yet.
pub(in super::super) struct Made(zmq_msg_t);

impl Made {
    /// Has libzmq make one; if that fails, its error number tells why.
    ///
    /// # Safety
    ///
    /// `initialise` is a function of libzmq that makes a message.
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

    /// Where its bytes are to be, unless it is moved.
    #[inline]
    pub(in super::super) fn data(&mut self) -> *mut u8 {
        // SAFETY: a valid message.
        let (data, _) = unsafe { super::ask(&raw mut self.0) };
        data
    }

    /// Puts it into its place.
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

/// Releases what the message has. It must not be used any more.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract; what is no message is refused (M15).
    unsafe { zmq_sys::zmq_msg_close(message) };
}
