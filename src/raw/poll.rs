//! `zmq_pollitem_t` and `zmq_poll`.

use core::ffi::{c_int, c_long, c_short, c_void};
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use super::socket::Socket;
use super::{Errno, callback, cvt};
use crate::sys::fork;

/// A socket or descriptor for [`poll`](crate::poll()): the events to wait for, and the events that occurred.
///
/// It has the layout of `zmq_pollitem_t`, so a slice of items is passed to libzmq without conversion. An item borrows its
/// socket or descriptor:
///
/// ```compile_fail,E0505
/// # use zmq::{Context, PollEvents, PollItem, Pull};
/// # let context = Context::new()?;
/// let socket = context.socket(Pull)?;
/// let mut items = [PollItem::new(&socket, PollEvents::IN)];
/// drop(socket);
/// zmq::poll(&mut items, None)?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// The borrow is shared, so the socket can still be used while the item exists. See [`poll`](crate::poll()) for an example.
#[doc(alias = "zmq_pollitem_t")]
#[repr(transparent)]
pub struct PollItem<'a> {
    raw: zmq_sys::zmq_pollitem_t,
    polled: PhantomData<&'a ()>,
}

/// An operating-system descriptor as `zmq_pollitem_t` holds it.
pub(crate) use crate::sys::descriptors::RawDescriptor;

/// The information about a socket in an item. It is stored in the field of the descriptor, which libzmq ignores for a socket.
/// It consists of a number of this process, which its forked children do not have, and, in the lowest bit, whether threads may
/// share the socket.
#[inline]
fn mark(is_thread_safe: bool) -> RawDescriptor {
    let mark = fork::generation().wrapping_mul(2) & MARK_BITS;
    RawDescriptor::try_from(mark).unwrap_or_default() | RawDescriptor::from(is_thread_safe)
}

/// Not a descriptor.
#[cfg(unix)]
const NOTHING: RawDescriptor = -1;
#[cfg(not(unix))]
const NOTHING: RawDescriptor = RawDescriptor::MAX;

/// The events that descriptors have on every system.
const MARK_BITS: u32 = 0x7fff_fffe;

impl<'a> PollItem<'a> {
    /// Creates an item for a socket. A forked child must not use its parent's sockets, so it gets an item that [is
    /// recognized](Self::is_inherited).
    #[inline]
    pub(crate) fn socket(socket: &'a Socket, is_thread_safe: bool, events: c_short) -> PollItem<'a> {
        if !socket.origin.is_here() {
            return PollItem::descriptor(RawDescriptor::MAX, events);
        }
        // SAFETY: a live socket, which the item keeps borrowed.
        unsafe { PollItem::handle(socket.share(), is_thread_safe, events) }
    }

    /// Creates an item for a socket. Uses of the socket through this item are noted.
    #[inline]
    pub(crate) fn noted(socket: &'a Socket, is_thread_safe: bool, events: c_short) -> PollItem<'a> {
        if !socket.origin.is_here() {
            return PollItem::descriptor(RawDescriptor::MAX, events);
        }
        socket.note_use();
        // SAFETY: as above.
        unsafe { PollItem::handle(socket.handle(), is_thread_safe, events) }
    }

    /// Creates an item for a socket of this process.
    ///
    /// # Safety
    ///
    /// The socket stays open as long as the item is polled. It belongs to this thread, unless its type is `Sync`.
    #[inline]
    pub(super) unsafe fn handle(
        socket: NonNull<c_void>,
        is_thread_safe: bool,
        events: c_short,
    ) -> PollItem<'a> {
        PollItem::new_raw(socket.as_ptr(), mark(is_thread_safe), events)
    }

    #[inline]
    fn new_raw(socket: *mut c_void, fd: RawDescriptor, events: c_short) -> PollItem<'a> {
        let raw = zmq_sys::zmq_pollitem_t { socket, fd, events, revents: 0 };
        PollItem { raw, polled: PhantomData }
    }

    /// Creates an item that never has events, because systems skip the descriptor -1.
    pub(crate) fn nothing() -> PollItem<'a> {
        PollItem::descriptor(NOTHING, 0)
    }

    #[inline]
    pub(crate) fn descriptor(fd: RawDescriptor, events: c_short) -> PollItem<'a> {
        PollItem::new_raw(ptr::null_mut(), fd, events)
    }

    /// Whether this is a forked child, and the item is for a socket of the parent, created before or after the fork.
    pub(crate) fn is_inherited(&self) -> bool {
        if self.is_socket() {
            self.raw.fd != mark(self.is_thread_safe())
        } else {
            self.raw.fd == RawDescriptor::MAX
        }
    }

    /// Whether the item is for a socket that threads may share.
    #[inline]
    pub(super) fn is_thread_safe(&self) -> bool {
        self.is_socket() && self.raw.fd & 1 != 0
    }

    /// Copies the item.
    pub(super) fn again(&self) -> PollItem<'a> {
        PollItem { raw: self.raw, polled: PhantomData }
    }

    /// Whether the item is [`nothing`](Self::nothing).
    pub(super) fn is_nothing(&self) -> bool {
        !self.is_socket() && self.raw.fd == NOTHING
    }

    #[inline]
    pub(crate) fn is_socket(&self) -> bool {
        !self.raw.socket.is_null()
    }

    #[inline]
    pub(crate) fn requested(&self) -> c_short {
        self.raw.events
    }

    #[inline]
    pub(crate) fn set_requested(&mut self, events: c_short) {
        self.raw.events = events;
    }

    #[inline]
    pub(crate) fn returned(&self) -> c_short {
        self.raw.revents
    }

    pub(crate) fn set_returned(&mut self, events: c_short) {
        self.raw.revents = events;
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.raw.revents = 0;
    }
}

/// Waits for `milliseconds` (negative: forever), and returns how many items have events. The caller must not pass an empty list
/// (L7), or a list that requires the bundled libzmq if another one is linked.
#[inline]
pub(crate) fn poll(items: &mut [PollItem<'_>], milliseconds: c_int) -> Result<c_int, Errno> {
    let count = c_int::try_from(items.len()).map_err(|_| Errno(libc::EINVAL))?;
    let milliseconds = c_long::from(milliseconds);
    let items = items.as_mut_ptr().cast::<zmq_sys::zmq_pollitem_t>();
    // SAFETY: `PollItem` is a transparent `zmq_pollitem_t`. Each source is open, because the item borrows it or the
    // creator of the item guaranteed it. It belongs to this thread, which the item cannot leave, unless the socket type
    // is `Sync`.
    callback::within(move || cvt(unsafe { zmq_sys::zmq_poll(items, count, milliseconds) }))
}

/// Whether the list has both sockets that threads may share and other sockets.
pub(crate) fn is_mixed(items: &[PollItem<'_>]) -> bool {
    let has =
        |is_thread_safe| items.iter().any(|item| item.is_socket() && item.is_thread_safe() == is_thread_safe);
    has(true) && has(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixed_list_has_thread_safe_and_other_sockets() {
        let socket = NonNull::<u8>::dangling().cast();
        // SAFETY: nothing is polled.
        let (shared, single) = (
            || unsafe { PollItem::handle(socket, true, 1) },
            || unsafe { PollItem::handle(socket, false, 1) },
        );
        assert!(is_mixed(&[shared(), single()]));
        assert!(is_mixed(&[single(), PollItem::descriptor(1, 1), shared()]));
        assert!(!is_mixed(&[shared(), PollItem::descriptor(0, 1), PollItem::descriptor(1, 1), shared()]));
        assert!(!is_mixed(&[single(), PollItem::descriptor(0, 1), PollItem::descriptor(1, 1), single()]));
        assert!(!is_mixed(&[PollItem::nothing()]));
    }
}
