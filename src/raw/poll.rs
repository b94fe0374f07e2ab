//! `zmq_pollitem_t` and `zmq_poll`.

use core::ffi::{c_int, c_long, c_short};
use core::ptr::{self, NonNull};
use core::slice;

use super::socket::Socket;
use super::{Errno, callback, cvt, fork};
use crate::poll::PollItem;

/// A `zmq_pollitem_t`, whose socket or descriptor the safe item on top of it keeps borrowed.
#[repr(transparent)]
pub(crate) struct Item(zmq_sys::zmq_pollitem_t);

/// An operating-system descriptor as `zmq_pollitem_t` holds it.
pub(crate) type RawDescriptor = zmq_sys::zmq_fd_t;

/// What is remembered of a socket in an item, as the descriptor that libzmq does not look at then: a number of this process
/// that its forked children do not have, and, as the lowest bit, whether threads may share the socket.
#[inline]
fn mark(is_thread_safe: bool) -> RawDescriptor {
    let mark = fork::generation().wrapping_mul(2) & MARK_BITS;
    RawDescriptor::try_from(mark).unwrap_or_default() | RawDescriptor::from(is_thread_safe)
}

/// No descriptor at all.
#[cfg(unix)]
const NOTHING: RawDescriptor = -1;
#[cfg(not(unix))]
const NOTHING: RawDescriptor = RawDescriptor::MAX;

/// Those that every system's descriptors have.
const MARK_BITS: u32 = 0x7fff_fffe;

impl Item {
    /// An item for a socket. A forked child must not touch its parent's: it gets one that [is known](Self::is_inherited).
    #[inline]
    pub(crate) fn socket(socket: &Socket, is_thread_safe: bool, events: c_short) -> Item {
        if !socket.is_here() {
            return Item::descriptor(RawDescriptor::MAX, events);
        }
        Item::handle(socket.share(), is_thread_safe, events)
    }

    /// An item for a socket whose uses through it are noted.
    #[inline]
    pub(crate) fn noted(socket: &Socket, is_thread_safe: bool, events: c_short) -> Item {
        if !socket.is_here() {
            return Item::descriptor(RawDescriptor::MAX, events);
        }
        socket.note_use();
        Item::handle(socket.handle(), is_thread_safe, events)
    }

    /// An item for a socket of this process.
    #[inline]
    pub(crate) fn handle(socket: NonNull<core::ffi::c_void>, is_thread_safe: bool, events: c_short) -> Item {
        Item(zmq_sys::zmq_pollitem_t {
            socket: socket.as_ptr(),
            fd: mark(is_thread_safe),
            events,
            revents: 0,
        })
    }

    /// An item that has no events, ever: the systems pass over a descriptor that is -1.
    pub(crate) fn nothing() -> Item {
        Item::descriptor(NOTHING, 0)
    }

    #[inline]
    pub(crate) fn descriptor(fd: RawDescriptor, events: c_short) -> Item {
        Item(zmq_sys::zmq_pollitem_t { socket: ptr::null_mut(), fd, events, revents: 0 })
    }

    /// Whether this is a forked child, and it is for a socket of the parent, made before the fork or after.
    pub(crate) fn is_inherited(&self) -> bool {
        if self.is_socket() {
            self.0.fd != mark(self.is_thread_safe())
        } else {
            self.0.fd == RawDescriptor::MAX
        }
    }

    /// Whether it is for a socket that threads may share.
    #[inline]
    pub(super) fn is_thread_safe(&self) -> bool {
        self.is_socket() && self.0.fd & 1 != 0
    }

    /// Another item for the same.
    pub(super) fn again(&self) -> Item {
        Item(self.0)
    }

    /// Whether it is [`nothing`](Self::nothing).
    pub(super) fn is_nothing(&self) -> bool {
        !self.is_socket() && self.0.fd == NOTHING
    }

    #[inline]
    pub(crate) fn is_socket(&self) -> bool {
        !self.0.socket.is_null()
    }

    #[inline]
    pub(crate) fn events(&self) -> c_short {
        self.0.events
    }

    #[inline]
    pub(crate) fn set_events(&mut self, events: c_short) {
        self.0.events = events;
    }

    #[inline]
    pub(crate) fn returned_events(&self) -> c_short {
        self.0.revents
    }

    pub(crate) fn set_returned_events(&mut self, events: c_short) {
        self.0.revents = events;
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.0.revents = 0;
    }
}

/// Waits for `milliseconds` (negative: for ever); tells how many items have events.
#[inline]
pub(crate) fn poll(items: &mut [PollItem<'_>], milliseconds: c_int) -> Result<c_int, Errno> {
    const {
        assert!(size_of::<PollItem<'_>>() == size_of::<Item>());
        assert!(align_of::<PollItem<'_>>() == align_of::<Item>());
    }
    // SAFETY: `PollItem` is a transparent `Item`.
    let items = unsafe { slice::from_raw_parts_mut(items.as_mut_ptr().cast::<Item>(), items.len()) };
    // SAFETY: each item's socket or descriptor is borrowed for as long as the item lives, and its socket belongs to this
    // thread, unless it is of a kind that is `Sync`.
    unsafe { poll_items(items, milliseconds) }
}

/// As [`poll`]. The caller passes no empty list (L7), and none that another libzmq than the bundled one must not be given.
///
/// # Safety
///
/// The sockets and descriptors of the items are open and stay so during the call. The sockets belong to this thread, unless
/// they are of a kind that is `Sync`.
#[inline]
pub(super) unsafe fn poll_items(items: &mut [Item], milliseconds: c_int) -> Result<c_int, Errno> {
    let count = c_int::try_from(items.len()).map_err(|_| Errno(libc::EINVAL))?;
    let milliseconds = c_long::from(milliseconds);
    let items = items.as_mut_ptr().cast::<zmq_sys::zmq_pollitem_t>();
    // SAFETY: `Item` is a transparent `zmq_pollitem_t`; the rest is this function's contract.
    callback::within(move || cvt(unsafe { zmq_sys::zmq_poll(items, count, milliseconds) }))
}

/// Whether there are both sockets that threads may share and others.
pub(crate) fn is_mixed<'a>(items: impl Iterator<Item = &'a Item> + Clone) -> bool {
    let has = |is_thread_safe| {
        items.clone().any(|item| item.is_socket() && item.is_thread_safe() == is_thread_safe)
    };
    has(true) && has(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_is_of_sockets_that_threads_share_and_of_others() {
        let socket = NonNull::<u8>::dangling().cast();
        let (shared, single) = (|| Item::handle(socket, true, 1), || Item::handle(socket, false, 1));
        assert!(is_mixed([shared(), single()].iter()));
        assert!(is_mixed([single(), Item::descriptor(1, 1), shared()].iter()));
        assert!(!is_mixed([shared(), Item::descriptor(0, 1), Item::descriptor(1, 1), shared()].iter()));
        assert!(!is_mixed([single(), Item::descriptor(0, 1), Item::descriptor(1, 1), single()].iter()));
        assert!(!is_mixed([Item::nothing()].iter()));
    }
}
