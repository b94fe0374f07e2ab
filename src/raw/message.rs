//! `zmq_msg_t` and the buffers behind it.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int, c_void};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::{ptr, slice};

use super::callback::Left;
use super::socket::ReceivedLength;
use super::{Errno, callback, cvt, layout};

/// An initialised `zmq_msg_t`; closed on drop.
///
/// The struct may be moved freely: every layout that libzmq uses survives a bitwise move. Small payloads lie inside the
/// struct, so a data pointer is valid only as long as the borrow under which it was taken.
#[repr(transparent)]
pub(crate) struct Message(UnsafeCell<zmq_sys::zmq_msg_t>);

// SAFETY: a message is plain data plus a reference to a heap block whose count is atomic; every constructor that
// hands over a foreign buffer demands `Send + 'static`, so its release callback may run on any thread.
unsafe impl Send for Message {}

/// A type that only appears in the compiler's error for a shared message. The error describes the alternatives.
pub(crate) struct OneMessage<'a>(core::marker::PhantomData<&'a ()>);

/// Never implemented: copying a message writes to it (M3), so a [`Message`] is not `Sync`.
#[diagnostic::on_unimplemented(
    message = "a `zmq::Message` cannot be shared between threads",
    label = "a message belongs to one thread at a time",
    note = "give each thread a clone of the message: `message.clone()` is cheap, because all clones share the bytes"
)]
pub(crate) trait SharedBetweenThreads {}

// SAFETY: the bound never holds, so no message is `Sync`. (A bound without a lifetime would be an error.)
unsafe impl Sync for Message where for<'a> OneMessage<'a>: SharedBetweenThreads {}

impl Message {
    /// Returns an empty message.
    #[inline]
    pub(crate) fn new() -> Message {
        let mut message = MaybeUninit::<zmq_sys::zmq_msg_t>::uninit();
        // SAFETY: writes a valid empty message into memory of the right size and alignment.
        unsafe { layout::init(message.as_mut_ptr()) };
        // SAFETY: initialised by the call above.
        Message(UnsafeCell::new(unsafe { message.assume_init() }))
    }

    /// Lets libzmq create a message. A call that fails leaves nothing to close (M13).
    #[inline]
    fn made(initialise: impl FnOnce(*mut zmq_sys::zmq_msg_t) -> c_int) -> Result<Message, Errno> {
        // libzmq does not write to every byte.
        let mut message = MaybeUninit::<zmq_sys::zmq_msg_t>::zeroed();
        cvt(initialise(message.as_mut_ptr()))?;
        // SAFETY: initialised by the call above.
        Ok(Message(UnsafeCell::new(unsafe { message.assume_init() })))
    }

    /// Returns a message with a copy of `bytes`.
    #[expect(
        clippy::inline_always,
        reason = "on 32-bit x86, messages of 64 bytes take 5 % less time, because the message is moved once less"
    )]
    #[inline(always)]
    pub(crate) fn copied(bytes: &[u8]) -> Result<Message, Errno> {
        if let Some(message) = layout::inside(bytes) {
            return Ok(Message(UnsafeCell::new(message)));
        }
        let mut message = layout::Made::of_size(bytes.len()).ok_or(Errno(libc::ENOMEM))?;
        // SAFETY: a fresh message owns `bytes.len()` writable bytes, which cannot overlap `bytes`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), message.data(), bytes.len()) };
        Ok(Message(UnsafeCell::new(message.into_message())))
    }

    /// Returns a message of `len` zero bytes.
    #[expect(
        clippy::inline_always,
        reason = "what is inlined later has been given a place in memory, from which the message is moved"
    )]
    #[inline(always)]
    fn zeroed(len: usize) -> Result<Message, Errno> {
        if let Some(message) = layout::zeros_inside(len) {
            return Ok(Message(UnsafeCell::new(message)));
        }
        let mut message = layout::Made::of_size(len).ok_or(Errno(libc::ENOMEM))?;
        // SAFETY: a new message owns `len` writable bytes; nothing else points there yet (M12).
        unsafe { ptr::write_bytes(message.data(), 0, len) };
        Ok(Message(UnsafeCell::new(message.into_message())))
    }

    /// Returns a message over `'static` memory, without a copy and without a reference count.
    pub(crate) fn from_static(bytes: &'static [u8]) -> Result<Message, Errno> {
        let data = bytes.as_ptr().cast_mut().cast::<c_void>();
        // SAFETY: without a callback libzmq only ever reads the memory (M8), which lives until the process ends.
        Message::made(|message| unsafe {
            zmq_sys::zmq_msg_init_data(message, data, bytes.len(), None, ptr::null_mut())
        })
    }

    /// Returns a message that takes over the buffer of `bytes`. On failure, the buffer is returned.
    #[inline]
    pub(crate) fn from_vec(bytes: Vec<u8>) -> Result<Message, (Errno, Vec<u8>)> {
        let mut bytes = ManuallyDrop::new(bytes);
        let data = bytes.as_mut_ptr().cast::<c_void>();
        let capacity = ptr::without_provenance_mut::<c_void>(bytes.capacity());
        // SAFETY: `by` passes memory for one message. `data` is valid for `len` bytes until `release_vec` runs, exactly
        // once, with this pointer and capacity (M17); the vector is not touched again unless the call fails.
        let initialise = |message| unsafe {
            zmq_sys::zmq_msg_init_data(message, data, bytes.len(), Some(release_vec), capacity)
        };
        // SAFETY: made with a function that releases the bytes.
        match unsafe { layout::Made::by(initialise) } {
            Some(message) => Ok(Message(UnsafeCell::new(message.into_message()))),
            None => Err((super::last_errno(), ManuallyDrop::into_inner(bytes))),
        }
    }

    /// Returns a message with the bytes of `owner`, which is dropped when libzmq no longer needs the bytes. On failure, the owner
    /// is returned.
    pub(crate) fn from_owner<T: AsRef<[u8]> + Send + 'static>(owner: T) -> Result<Message, (Errno, T)> {
        let owned = Leaked(Box::into_raw(Box::new(Owned { left: Left::new(drop_owner::<T>), owner })));
        // SAFETY: just leaked from a box; nothing else points to it.
        let owner: &T = unsafe { &(*owned.0).owner };
        // If it panics, the owner is dropped.
        let bytes: &[u8] = owner.as_ref();
        let data = bytes.as_ptr().cast_mut().cast::<c_void>();
        let len = bytes.len();
        let hint = owned.0.cast::<c_void>();
        // SAFETY: `by` passes memory for one message. The bytes are borrowed from the owner, which stays in place, untouched,
        // until `release_owner` runs, exactly once (M17). libzmq does not write to them, and `Message` hands out no mutable view.
        let initialise =
            |message| unsafe { zmq_sys::zmq_msg_init_data(message, data, len, Some(release_owner), hint) };
        // SAFETY: made with a function that releases the bytes.
        match unsafe { layout::Made::by(initialise) } {
            Some(message) => {
                core::mem::forget(owned);
                Ok(Message(UnsafeCell::new(message.into_message())))
            }
            // libzmq did not call the callback (M13).
            None => Err((super::last_errno(), owned.take_back())),
        }
    }

    /// Returns another reference to the bytes of `source`. Up to 33 bytes are copied.
    #[inline]
    pub(crate) fn copy_of(source: &Message) -> Message {
        // SAFETY: a valid message. The call may write to it (M3): allowed through the cell, and unobserved by other threads
        // because `Message` is not `Sync`.
        Message(UnsafeCell::new(unsafe { layout::copy(source.as_ptr()) }))
    }

    /// Releases the content of the message.
    #[inline]
    pub(crate) fn clear(&mut self) {
        // SAFETY: a valid message, which the next call initialises again.
        unsafe { layout::close(self.as_ptr()) };
        // SAFETY: memory for one message.
        unsafe { layout::init(self.as_ptr()) };
    }

    /// The struct itself, for calls of libzmq that take a message.
    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut zmq_sys::zmq_msg_t {
        self.0.get()
    }

    #[inline]
    fn data_ptr(&self) -> *mut u8 {
        // SAFETY: a valid message.
        let (data, _) = unsafe { layout::bytes(self.as_ptr()) };
        data
    }

    /// The payload.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        // SAFETY: a valid message.
        let (data, len) = unsafe { layout::bytes(self.as_ptr()) };
        if len == 0 {
            return &[];
        }
        // SAFETY: `data` is valid for `len` initialised bytes while the message is neither moved nor closed, which
        // the borrow of `self` ensures (M2). Nobody writes to them: the crate has no mutable view of shared bytes.
        unsafe { slice::from_raw_parts(data, len) }
    }

    /// The payload of a message that has just been received with this length. This saves one call compared with
    /// [`as_slice`](Self::as_slice).
    #[inline]
    pub(crate) fn as_received(&self, length: ReceivedLength) -> &[u8] {
        match length.exact() {
            Some(0) => &[],
            // SAFETY: as in `as_slice`; libzmq returned the exact length of this message (M24).
            Some(length) => unsafe { slice::from_raw_parts(self.data_ptr(), length) },
            None => self.as_slice(),
        }
    }

    /// The number of bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: a valid message.
        let (_, len) = unsafe { layout::bytes(self.as_ptr()) };
        len
    }

    /// Whether more parts of the same multipart message follow.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        // SAFETY: a valid message.
        unsafe { layout::has_more(self.as_ptr()) }
    }

    /// Whether another message may refer to the same bytes, or the bytes lie in constant memory.
    pub(crate) fn is_shared(&self) -> bool {
        // SAFETY: a valid message; the call only reads it. SHARED is a known property, so it cannot fail.
        unsafe { zmq_sys::zmq_msg_get(self.as_ptr(), zmq_sys::ZMQ_SHARED) == 1 }
    }

    /// Adds this message to the reference count of its bytes. For a message that is marked as shared, but was not
    /// counted.
    pub(crate) fn count_in(&self) {
        // Not dropped, so that its count passes to this message.
        let _ = ManuallyDrop::new(Self::copy_of(self));
    }

    /// Returns a property of the connection through which the message came.
    pub(crate) fn property(&self, name: &CStr) -> Option<&[u8]> {
        // SAFETY: a valid message, which the call only reads, and a NUL-terminated text.
        let value = unsafe { zmq_sys::zmq_msg_gets(self.as_ptr(), name.as_ptr()) };
        // SAFETY: null or a NUL-terminated text that stays until the message is closed, overwritten or sent, which the
        // borrow of `self` prevents; another message may share the text, but nobody writes to it (M21).
        unsafe { super::strings::borrow(value) }
    }
}

#[cfg(zmq_draft)]
impl Message {
    /// The number of the peer that sent the message or must receive it. 0 means no peer.
    pub(crate) fn routing_id(&self) -> u32 {
        // SAFETY: a valid message; the call only reads it.
        unsafe { zmq_sys::zmq_msg_routing_id(self.as_ptr()) }
    }

    /// Closes the message now, and returns whether it was open.
    pub(crate) fn close(self) -> bool {
        let message = ManuallyDrop::new(self);
        // SAFETY: a valid message, or a closed one, which is harmless (M15); it is not closed again, because it is not
        // dropped.
        unsafe { zmq_sys::zmq_msg_close(message.as_ptr()) == 0 }
    }

    /// Sets the number of the peer that must receive the message. libzmq refuses 0.
    pub(crate) fn set_routing_id(&mut self, id: u32) -> Result<(), Errno> {
        // SAFETY: a valid message that nobody else has.
        cvt(unsafe { zmq_sys::zmq_msg_set_routing_id(self.as_ptr(), id) })?;
        Ok(())
    }

    /// The group of the message. Empty if the message has no group.
    pub(crate) fn group(&self) -> &[u8] {
        // SAFETY: a valid message; the call only reads it.
        let group = unsafe { zmq_sys::zmq_msg_group(self.as_ptr()) };
        // SAFETY: a NUL-terminated string, in the message or held by it (M2), which the borrow of `self` keeps in place.
        unsafe { super::strings::borrow(group) }.unwrap_or_default()
    }

    /// Whether the message has a group, even if the group seems to be empty: a peer may send a group of many bytes that begins
    /// with a NUL.
    fn has_group(&self) -> bool {
        // SAFETY: a valid message; the call only reads it.
        let group = unsafe { zmq_sys::zmq_msg_group(self.as_ptr()) }.addr();
        // A long group lies outside the message.
        let start = self.as_ptr().addr();
        !self.group().is_empty() || !(start..start + size_of::<zmq_sys::zmq_msg_t>()).contains(&group)
    }

    /// Sets the group that must receive the message: up to 255 bytes.
    pub(crate) fn set_group(&mut self, group: &CStr) -> Result<(), Errno> {
        if self.group() == group.to_bytes() {
            return Ok(());
        }
        if self.has_group() {
            // A group may be set only once (M19), so start with a new message.
            *self = Message::copied(self.as_slice())?;
        }
        // SAFETY: a valid message without a group, which nobody else has, and a NUL-terminated string.
        cvt(unsafe { zmq_sys::zmq_msg_set_group(self.as_ptr(), group.as_ptr()) })?;
        Ok(())
    }
}

/// A message that alone owns its bytes: it has not been copied, sent or received (M9).
pub(crate) struct FreshMessage(Message);

impl FreshMessage {
    /// Returns a message of `len` zero bytes.
    #[expect(
        clippy::inline_always,
        reason = "what is inlined later has been given a place in memory, from which the message is moved"
    )]
    #[inline(always)]
    pub(crate) fn zeroed(len: usize) -> Result<FreshMessage, Errno> {
        // No allocation can be longer than half the address space, and libzmq adds a header.
        if len > usize::MAX / 2 - 1024 {
            return Err(Errno(libc::ENOMEM));
        }
        Message::zeroed(len).map(FreshMessage)
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        let len = self.0.as_slice().len();
        if len == 0 {
            return &mut [];
        }
        // SAFETY: `len` initialised bytes that belong only to this message, borrowed as long as `self` is.
        unsafe { slice::from_raw_parts_mut(self.0.data_ptr(), len) }
    }

    #[inline]
    pub(crate) fn into_message(self) -> Message {
        self.0
    }
}

/// A message of which only the bytes are used from now on, so that threads may share it.
#[cfg(feature = "bytes")]
pub(crate) struct SharedMessage(Message);

// SAFETY: sharing a message is unsound because copying it writes to the source (M3). This type cannot be copied, and
// reading the bytes writes nothing (M4).
#[cfg(feature = "bytes")]
unsafe impl Sync for SharedMessage {}

#[cfg(feature = "bytes")]
impl SharedMessage {
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }
}

#[cfg(feature = "bytes")]
impl Message {
    pub(crate) fn into_shared(self) -> SharedMessage {
        SharedMessage(self)
    }
}

impl Drop for Message {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a valid message, closed exactly once.
        unsafe { layout::close(self.as_ptr()) };
    }
}

/// Releases the buffer of [`Message::from_vec`].
// SAFETY: only libzmq calls it, once, with the pointer and hint from `from_vec` (M17).
unsafe extern "C" fn release_vec(data: *mut c_void, capacity: *mut c_void) {
    // SAFETY: pointer and capacity of the vector that was taken over. Its length no longer matters, because bytes need
    // no drop.
    drop(unsafe { Vec::<u8>::from_raw_parts(data.cast::<u8>(), 0, capacity.addr()) });
}

/// The owner of a message's bytes, in the form to which libzmq has a pointer.
#[repr(C)]
struct Owned<T> {
    left: Left,
    owner: T,
}

/// An owner that libzmq has not taken over yet.
struct Leaked<T>(*mut Owned<T>);

impl<T> Leaked<T> {
    fn take_back(self) -> T {
        let owned = ManuallyDrop::new(self);
        // SAFETY: leaked from a box; nobody else has it, and it is not dropped here.
        unsafe { Box::from_raw(owned.0) }.owner
    }
}

impl<T> Drop for Leaked<T> {
    fn drop(&mut self) {
        // SAFETY: leaked from a box; nobody else has it.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// Releases the owner of [`Message::from_owner`].
// SAFETY: only libzmq calls it, once, with the hint from `from_owner` (M17).
unsafe extern "C" fn release_owner(_data: *mut c_void, owned: *mut c_void) {
    // SAFETY: an `Owned` begins with a `Left`; nobody uses the owner any more, and it is `Send`, so this may be any
    // thread.
    unsafe { callback::release(owned.cast::<Left>()) };
}

/// Drops the owner of [`Message::from_owner`].
// SAFETY: `callback` calls it, once, with the pointer from `release_owner`.
unsafe fn drop_owner<T>(left: *mut Left) {
    // SAFETY: the pointer to the whole value that `from_owner` leaked, released once.
    drop(unsafe { Box::from_raw(left.cast::<Owned<T>>()) });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[cfg(zmq_draft)]
    #[test]
    fn a_long_group_that_begins_with_a_nul_is_a_group() {
        let mut message = super::Message::copied(b"news").unwrap();
        assert!(!message.has_group());
        message.set_group(c"short").unwrap();
        assert!(message.has_group());
        message.set_group(c"more than fourteen bytes").unwrap();
        // SAFETY: a valid message.
        let group = unsafe { zmq_sys::zmq_msg_group(message.as_ptr()) };
        // SAFETY: memory that only this message uses, because it was not copied.
        unsafe { group.cast_mut().write(0) };
        assert!(message.group().is_empty() && message.has_group());
        message.set_group(c"short").unwrap();
        assert_eq!((message.group(), message.as_slice()), (&b"short"[..], &b"news"[..]));
    }
}
