//! How messages of the bundled libzmq are laid out (M25).
//!
//! A message that has just been written in small pieces is slow to move: the processor can hand a load what a store before it
//! wrote only if that one store wrote all of it. So messages are made of whole words here, which the compiler keeps in registers
//! until they are where they are to be sent from.

use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, offset_of, transmute};
use core::ptr::{self, NonNull};

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

/// As words: the metadata; the bytes, or the pointer to them; the last byte, `len`, `kind`, `flags` and `routing_id`; the group.
type Words = [u64; 8];

const MOST_INSIDE: usize = 33;

/// What a message has a pointer to, instead of the bytes. Only the beginning.
#[repr(C)]
struct Content {
    data: *mut u8,
    size: usize,
}

const _: () = {
    assert!(size_of::<Layout>() == size_of::<zmq_msg_t>());
    assert!(align_of::<Layout>() == align_of::<zmq_msg_t>());
    assert!(offset_of!(Layout, bytes) == 8);
    assert!(offset_of!(Layout, len) == 41);
    assert!(offset_of!(Layout, kind) == 42);
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

/// A message of these bytes, or with this pointer, and without metadata, flags and group.
#[inline]
fn of_words(bytes: [u64; 4], last: u8, len: u8, kind: u8) -> zmq_msg_t {
    let [first, second, third, fourth] = bytes;
    let end = u64::from_ne_bytes([last, len, kind, 0, 0, 0, 0, 0]);
    // SAFETY: as many bytes, and any will do for the struct.
    unsafe { transmute::<Words, zmq_msg_t>([0, first, second, third, fourth, end, 0, 0]) }
}

/// Makes an empty message.
///
/// # Safety
///
/// `message` is memory for one.
#[inline]
pub(in super::super) unsafe fn init(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract.
    unsafe { message.write(of_words([0; 4], 0, 0, INSIDE)) };
}

/// A message that holds a copy of `bytes`, if they fit inside.
#[inline]
pub(in super::super) fn inside(bytes: &[u8]) -> Option<zmq_msg_t> {
    let len = u8::try_from(bytes.len()).ok().filter(|len| usize::from(*len) <= MOST_INSIDE)?;
    let (first, second) = two_words(bytes);
    let Some(rest) = bytes.get(16..) else { return Some(of_words([first, second, 0, 0], 0, len, INSIDE)) };
    let (third, fourth) = two_words(rest);
    let last = bytes.get(32).copied().unwrap_or_default();
    Some(of_words([first, second, third, fourth], last, len, INSIDE))
}

/// The first 16 bytes, or all and as many zeros as it takes.
///
/// What is shorter than a word is read as two or three pieces that may overlap. A pair is returned in registers.
fn two_words(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    let eight = |at| bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let four = |at| bytes.get(at..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let one = |at| bytes.get(at).map_or(0, |&byte| u64::from(byte));
    // With fewer bytes there is nothing at such a place, and what is asked for is not there.
    let (last_eight, last_four) = (len.wrapping_sub(8), len.wrapping_sub(4));
    let (first, second) = if let (Some(first), Some(second)) = (eight(0), eight(8)) {
        (first, second)
    } else if let (Some(first), Some(last)) = (eight(0), eight(last_eight)) {
        (first, if len == 8 { 0 } else { last >> (8 * (16 - len)) })
    } else if let (Some(first), Some(last)) = (four(0), four(last_four)) {
        (first | last << (8 * last_four), 0)
    } else if len > 0 {
        (one(0) | one(len / 2) << (8 * (len / 2)) | one(len - 1) << (8 * (len - 1)), 0)
    } else {
        (0, 0)
    };
    // Numbers whose bytes lie in that order.
    (first.to_le(), second.to_le())
}

/// A message that has just been made and is not in its place yet, for more bytes than go inside.
pub(in super::super) struct Made(NonNull<Content>);

impl Made {
    /// Has libzmq make one; if that fails, its error number tells why.
    ///
    /// # Safety
    ///
    /// `initialise` is `zmq_msg_init_size` for more than 33 bytes, or `zmq_msg_init_data` with a function to release them.
    #[inline]
    pub(in super::super) unsafe fn by(initialise: impl FnOnce(*mut zmq_msg_t) -> c_int) -> Option<Made> {
        let mut message = MaybeUninit::<Layout>::uninit();
        let message = message.as_mut_ptr();
        if initialise(message.cast::<zmq_msg_t>()) != 0 {
            return None;
        }
        // SAFETY: such a message has a pointer there (M25).
        let content = unsafe { &raw const (*message).bytes };
        // SAFETY: as above, aligned as it comes after another. It is all that the message has.
        NonNull::new(unsafe { content.cast::<*mut Content>().read() }).map(Made)
    }

    /// Where its bytes are to be.
    #[inline]
    pub(in super::super) fn data(&mut self) -> *mut u8 {
        // SAFETY: the content stays until the message is closed (M2), which it cannot be before it is in its place.
        unsafe { (*self.0.as_ptr()).data }
    }

    /// Puts it into its place.
    #[inline]
    pub(in super::super) fn into_message(self) -> zmq_msg_t {
        let content = u64::try_from(self.0.as_ptr().expose_provenance()).unwrap_or_default();
        of_words([content, 0, 0, 0], 0, 0, OUTSIDE)
    }
}

/// Another message with the bytes of `message`, if they lie inside and it has nothing else that messages share.
///
/// # Safety
///
/// `message` is a valid message.
#[inline]
pub(in super::super) unsafe fn copy_inside(message: *mut zmq_msg_t) -> Option<zmq_msg_t> {
    // SAFETY: this function's contract.
    if !unsafe { has_nothing(message) } {
        return None;
    }
    // SAFETY: a valid message, whose bits are all there is to it (M25); every byte of one of ours has been written.
    Some(unsafe { message.read() })
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
            let content = unsafe { (&raw mut (*layout).bytes).cast::<usize>() };
            // SAFETY: a message of this kind has such a pointer, aligned as it comes after another.
            let content = unsafe { content.read() };
            // C's own, and only moved as a number since.
            let content = ptr::with_exposed_provenance::<Content>(content);
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

/// Whether there is nothing to the message but its bits.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
unsafe fn has_nothing(message: *mut zmq_msg_t) -> bool {
    // SAFETY: laid out so (M25); no field that is read is ever uninitialised.
    let layout = unsafe { &*message.cast::<Layout>() };
    layout.kind == INSIDE && layout.metadata.is_null() && layout.group_kind == SHORT_GROUP
}

/// Releases what the message has. It must not be used any more.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract.
    if !unsafe { has_nothing(message) } {
        // SAFETY: this function's contract; what is no message is refused (M15).
        unsafe { zmq_sys::zmq_msg_close(message) };
    }
}
