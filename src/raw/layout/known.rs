//! The layout of a message in the bundled libzmq (M25).
//!
//! Moving a message is slow if it has just been written in small pieces: the processor can forward a store to a load
//! only if that one store wrote all the bytes that are loaded. So this module creates messages from whole words. The
//! compiler keeps the words in registers until they are written to the place from which they are sent.
//!
//! On one x86-64 machine, creating and dropping a message of 1 byte takes 2.5 ns in this way. If the struct is filled in place, it
//! takes 7.0 ns (`benches/message.rs`, medians of 15 alternating runs), and sending and receiving the message within one thread
//! takes 4 % longer.

use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, offset_of, transmute};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU32, Ordering};

use zmq_sys::zmq_msg_t;

/// A message whose bytes lie inside it. Other messages have the same layout except for the bytes.
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

/// The message as words. It is packed, because with 32-bit pointers the words of `bytes` are aligned to 4 bytes only.
#[repr(C, packed(4))]
struct Words {
    metadata: usize,
    /// The bytes, or the pointer to them.
    bytes: [u64; 4],
    /// The bytes after these words, and then `len`, `kind` and `flags`. With 64-bit pointers, also `routing_id`.
    end: u64,
    #[cfg(target_pointer_width = "32")]
    routing_id: u32,
    group: [u64; 2],
}

/// The metadata is a pointer, so with 32-bit pointers there is room for four more bytes.
const MOST_INSIDE: usize = 41 - size_of::<usize>();

/// This many bytes lie before the `len`, in the same word.
const IN_END: usize = MOST_INSIDE - 32;

/// The struct to which the pointer of a message points if the bytes lie outside the message.
#[repr(C)]
struct Content {
    data: *mut u8,
    size: usize,
    /// The function that releases the bytes. If there is none, the bytes follow this struct in the same memory.
    free: Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    hint: *mut c_void,
    /// The number of messages that share the content, if the message has the flag [`SHARED`].
    count: u32,
}

const _: () = {
    assert!(size_of::<Layout>() == size_of::<zmq_msg_t>());
    assert!(size_of::<Words>() == size_of::<zmq_msg_t>());
    assert!(align_of::<Layout>() == align_of::<zmq_msg_t>());
    assert!(offset_of!(Layout, bytes) == size_of::<usize>());
    assert!(offset_of!(Words, bytes) == offset_of!(Layout, bytes));
    assert!(offset_of!(Layout, len) == 41);
    assert!(offset_of!(Layout, kind) == 42);
    assert!(offset_of!(Words, end) + IN_END == offset_of!(Layout, len));
    assert!(offset_of!(Layout, group_kind) == 48);
    assert!(offset_of!(Words, group) == 48);
    assert!(offset_of!(Content, count) == 4 * size_of::<usize>());
    assert!(size_of::<Content>() == 5 * size_of::<usize>());
};

/// The bytes lie inside the message.
const INSIDE: u8 = 101;
/// The message points to a [`Content`] in its own memory.
const OUTSIDE: u8 = 102;
/// The message points to a [`Content`] within memory that other messages use too.
const WITHIN: u8 = 105;

const MORE: u8 = 1;
/// Other messages may point to the same [`Content`].
const SHARED: u8 = 128;
const SHORT_GROUP: u8 = 0;

/// A count of references that is higher does not change any more (A200).
const MOST_REFERENCES: u32 = i32::MAX.unsigned_abs();
/// Such a count is set to this number again and again, so it must be far from both ends.
const ENDLESS_REFERENCES: u32 = 0xc000_0000;

/// Returns a message with these bytes, or with this pointer, and without metadata, flags and group. The first bytes of `end` are
/// bytes of the message, and the others are zero.
#[inline]
fn of_words(bytes: [u64; 4], end: u64, len: u8, kind: u8) -> zmq_msg_t {
    let len_and_kind = u64::from(len) << (8 * IN_END) | u64::from(kind) << (8 * IN_END + 8);
    let words = Words {
        metadata: 0,
        bytes,
        end: end | len_and_kind.to_le(),
        #[cfg(target_pointer_width = "32")]
        routing_id: 0,
        group: [0; 2],
    };
    // SAFETY: the sizes are equal, and any bytes are valid for the struct.
    unsafe { transmute::<Words, zmq_msg_t>(words) }
}

/// Creates an empty message.
///
/// # Safety
///
/// `message` is memory for one message.
#[inline]
pub(in super::super) unsafe fn init(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract.
    unsafe { message.write(of_words([0; 4], 0, 0, INSIDE)) };
}

/// Returns a message with a copy of `bytes`, if they fit inside.
#[inline]
pub(in super::super) fn inside(bytes: &[u8]) -> Option<zmq_msg_t> {
    let len = u8::try_from(bytes.len()).ok().filter(|len| usize::from(*len) <= MOST_INSIDE)?;
    let (first, second) = two_words(bytes);
    let Some(rest) = bytes.get(16..) else { return Some(of_words([first, second, 0, 0], 0, len, INSIDE)) };
    let (third, fourth) = two_words(rest);
    let end = match bytes.get(32..) {
        Some(&[]) | None => 0,
        Some(&[byte]) => u64::from(byte).to_le(),
        Some(last) => two_words(last).0,
    };
    Some(of_words([first, second, third, fourth], end, len, INSIDE))
}

/// Returns a message of `len` zero bytes, if they fit inside.
#[inline]
pub(in super::super) fn zeros_inside(len: usize) -> Option<zmq_msg_t> {
    let len = u8::try_from(len).ok().filter(|len| usize::from(*len) <= MOST_INSIDE)?;
    Some(of_words([0; 4], 0, len, INSIDE))
}

/// Returns the first 16 bytes. If there are fewer, zeros follow.
///
/// Fewer bytes than a word are read as two or three pieces, which may overlap. A pair is returned in registers.
fn two_words(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    let eight = |at| bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let four = |at| bytes.get(at..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let one = |at| bytes.get(at).map_or(0, |&byte| u64::from(byte));
    // With fewer bytes, nothing is at these offsets, and the reads below return nothing.
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
    // The numbers whose bytes lie in this order in memory.
    (first.to_le(), second.to_le())
}

/// A new message that is not in its final place yet, for bytes that do not fit inside.
///
/// libzmq fills the struct in small pieces, so this type builds it again from words. Without this, messages of 64 bytes take 19 %
/// more time within one thread, and 39 % more between two threads (`benches/throughput.rs`, medians of 15 alternating runs on one
/// x86-64 machine).
pub(in super::super) struct Made(NonNull<Content>);

impl Made {
    /// Lets libzmq create a message. If this fails, the error number contains the reason.
    ///
    /// # Safety
    ///
    /// `initialise` is `zmq_msg_init_size` for more than [`MOST_INSIDE`] bytes, or `zmq_msg_init_data` with a function that releases
    /// the bytes.
    #[inline]
    pub(in super::super) unsafe fn by(initialise: impl FnOnce(*mut zmq_msg_t) -> c_int) -> Option<Made> {
        let mut message = MaybeUninit::<Layout>::uninit();
        let message = message.as_mut_ptr();
        if initialise(message.cast::<zmq_msg_t>()) != 0 {
            return None;
        }
        // SAFETY: such a message has a pointer there (M25).
        let content = unsafe { &raw const (*message).bytes };
        // SAFETY: as above; aligned, because it follows another pointer. The rest of the message is not needed.
        NonNull::new(unsafe { content.cast::<*mut Content>().read() }).map(Made)
    }

    /// Allocates memory for this many bytes, more than fit inside. Fails if there is not enough memory.
    ///
    /// The bytes are not initialised.
    #[inline]
    pub(in super::super) fn of_size(len: usize) -> Option<Made> {
        let size = size_of::<Content>().checked_add(len)?;
        // SAFETY: any size is allowed. Closing the message calls `free` (M25).
        let content = NonNull::new(unsafe { libc::malloc(size) })?.cast::<Content>();
        // SAFETY: the memory is larger than the struct, so this is at most its end.
        let data = unsafe { content.add(1) };
        // SAFETY: memory for the struct, aligned as `malloc` does for any type.
        unsafe {
            content.write(Content {
                data: data.as_ptr().cast::<u8>(),
                size: len,
                free: None,
                hint: ptr::null_mut(),
                count: 0,
            });
        };
        Some(Made(content))
    }

    /// The position where the bytes are to be written.
    #[inline]
    pub(in super::super) fn data(&mut self) -> *mut u8 {
        // SAFETY: the content stays until the message is closed (M2), which cannot happen before it is in its place.
        unsafe { (*self.0.as_ptr()).data }
    }

    /// Moves the message into its place.
    #[inline]
    pub(in super::super) fn into_message(self) -> zmq_msg_t {
        let content = u64::try_from(self.0.as_ptr().expose_provenance()).unwrap_or_default();
        // The pointer lies in the first bytes of the word.
        let content = if cfg!(target_endian = "big") { content << (64 - usize::BITS) } else { content };
        of_words([content, 0, 0, 0], 0, 0, OUTSIDE)
    }
}

/// Returns another message with the bytes of `message`. Bytes that lie inside are copied, and others are shared.
///
/// # Safety
///
/// `message` is a valid message, and no other thread uses it.
#[inline]
pub(in super::super) unsafe fn copy(message: *mut zmq_msg_t) -> zmq_msg_t {
    // SAFETY: this function's contract.
    if !unsafe { has_nothing(message) } {
        // SAFETY: as above.
        unsafe { count_copy(message) };
    }
    // SAFETY: a valid message, whose other resources have been counted; every byte of a message made here has been written.
    unsafe { message.read() }
}

/// Counts a copy of a message that is more than its bits.
///
/// # Safety
///
/// As for [`copy`].
#[inline]
unsafe fn count_copy(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract.
    if !unsafe { has_only_content(message) } {
        // SAFETY: as above.
        return unsafe { count_copy_of_more(message) };
    }
    // SAFETY: a message of this kind.
    let count = unsafe { count(message) };
    // SAFETY: this layout (M25).
    let flags = unsafe { &mut (*message.cast::<Layout>()).flags };
    if *flags & SHARED == 0 {
        *flags |= SHARED;
        // SAFETY: no other message points to the content, so nobody else uses the count (M25).
        unsafe { count.write(2) };
    } else {
        // SAFETY: the count stays as long as the message (M2), and all threads change it with atomic operations (M25).
        let count = unsafe { AtomicU32::from_ptr(count) };
        if count.fetch_add(1, Ordering::Relaxed) >= MOST_REFERENCES {
            count.store(ENDLESS_REFERENCES, Ordering::Relaxed);
        }
    }
}

/// Lets libzmq count a copy.
///
/// # Safety
///
/// As for [`copy`].
#[inline(never)]
unsafe fn count_copy_of_more(message: *mut zmq_msg_t) {
    let mut counted = MaybeUninit::<zmq_msg_t>::uninit();
    // SAFETY: memory for one message.
    unsafe { init(counted.as_mut_ptr()) };
    // It fails only on invalid messages.
    // SAFETY: two valid messages. The call writes to `message` (M3), as this function's contract allows.
    unsafe { zmq_sys::zmq_msg_copy(counted.as_mut_ptr(), message) };
    // `counted` has just been written, and is not read: it has the same bits as `message` now (M27).
}

/// Returns the position and the number of the bytes.
///
/// # Safety
///
/// `message` is a valid message.
#[inline]
pub(in super::super) unsafe fn bytes(message: *mut zmq_msg_t) -> (*mut u8, usize) {
    let layout = message.cast::<Layout>();
    // SAFETY: a valid message has this layout (M25).
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
            // SAFETY: a valid message of this kind.
            let content = unsafe { content(message) };
            // SAFETY: the content stays until the message is closed (M2).
            let data = unsafe { (*content).data };
            // SAFETY: as above.
            let size = unsafe { (*content).size };
            (data, size)
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
    // SAFETY: a valid message has this layout (M25).
    let flags = unsafe { (*message.cast::<Layout>()).flags };
    flags & MORE != 0
}

/// Whether the message consists only of its bits, so that nothing has to be released.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
unsafe fn has_nothing(message: *mut zmq_msg_t) -> bool {
    // SAFETY: this layout (M25); the fields that are read are always initialised.
    let layout = unsafe { &*message.cast::<Layout>() };
    layout.kind == INSIDE && layout.metadata.is_null() && layout.group_kind == SHORT_GROUP
}

/// Releases the content of the message. The message must not be used any more.
///
/// # Safety
///
/// `message` is a valid message or a closed one.
#[inline]
pub(in super::super) unsafe fn close(message: *mut zmq_msg_t) {
    // SAFETY: this function's contract.
    if !unsafe { has_nothing(message) } {
        // SAFETY: as above.
        unsafe { close_more(message) };
    }
}

/// Closes a message that is more than its bits. Not inlined, because messages are dropped in many places.
///
/// # Safety
///
/// As for [`close`].
#[inline(never)]
unsafe fn close_more(message: *mut zmq_msg_t) {
    // SAFETY: this layout (M25).
    let is_shared = unsafe { (*message.cast::<Layout>()).flags } & SHARED != 0;
    // SAFETY: this function's contract.
    if !is_shared && unsafe { has_only_content(message) } {
        // SAFETY: a message of this kind.
        let content = unsafe { content(message) };
        // SAFETY: the content stays until the message is closed (M2).
        if unsafe { (*content).free }.is_none() {
            // SAFETY: no other message points to the content, which lies in memory of `malloc` (M25).
            return unsafe { libc::free(content.cast_mut().cast::<c_void>()) };
        }
    }
    // SAFETY: this function's contract; libzmq refuses what is not a message (M15).
    unsafe { zmq_sys::zmq_msg_close(message) };
}

/// Whether the message consists of its bits and its content.
///
/// # Safety
///
/// As for [`has_nothing`].
#[inline]
unsafe fn has_only_content(message: *mut zmq_msg_t) -> bool {
    // SAFETY: this layout (M25); the fields that are read are always initialised.
    let layout = unsafe { &*message.cast::<Layout>() };
    layout.kind == OUTSIDE && layout.metadata.is_null() && layout.group_kind == SHORT_GROUP
}

/// Returns the position of the count of messages that share the content.
///
/// # Safety
///
/// As for [`content`].
#[inline]
unsafe fn count(message: *mut zmq_msg_t) -> *mut u32 {
    // SAFETY: this function's contract.
    let content = unsafe { content(message) }.cast_mut();
    // SAFETY: the content stays until the message is closed (M2); no reference is made.
    unsafe { &raw mut (*content).count }
}

/// Returns the pointer of a message whose bytes lie outside.
///
/// # Safety
///
/// `message` is a valid message of the kind [`OUTSIDE`] or [`WITHIN`].
#[inline]
unsafe fn content(message: *mut zmq_msg_t) -> *const Content {
    // SAFETY: a valid message has this layout (M25); the pointer is where the bytes of other messages are.
    let content = unsafe { (&raw const (*message.cast::<Layout>()).bytes).cast::<usize>() };
    // SAFETY: a message of this kind has the pointer, aligned because it follows another one.
    let content = unsafe { content.read() };
    // C or `Made` made this pointer, and it has only been moved as a number since then.
    ptr::with_exposed_provenance::<Content>(content)
}
