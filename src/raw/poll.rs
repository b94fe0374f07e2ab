//! `zmq_pollitem_t` and `zmq_poll`.

use core::ffi::{c_int, c_long, c_short};
use core::ptr::{self, NonNull};

use super::socket::Socket;
use super::{Errno, cvt};
use crate::poll::PollItem;

/// A `zmq_pollitem_t`, whose socket or descriptor the safe item on top of it keeps borrowed.
#[repr(transparent)]
pub(crate) struct Item(zmq_sys::zmq_pollitem_t);

/// An operating-system descriptor as `zmq_pollitem_t` holds it.
pub(crate) type RawDescriptor = zmq_sys::zmq_fd_t;

impl Item {
    /// An item for a socket. A forked child must not touch its parent's: it gets one that [is known](Self::is_inherited).
    #[inline]
    pub(crate) fn socket(socket: &Socket, events: c_short) -> Item {
        if !socket.is_here() {
            return Item::descriptor(RawDescriptor::MAX, events);
        }
        Item::handle(socket.handle(), events)
    }

    #[inline]
    pub(crate) fn handle(socket: NonNull<core::ffi::c_void>, events: c_short) -> Item {
        Item(zmq_sys::zmq_pollitem_t {
            socket: socket.as_ptr(),
            fd: RawDescriptor::default(),
            events,
            revents: 0,
        })
    }

    /// An item that has no events, ever: the systems pass over a descriptor that is -1.
    pub(crate) fn nothing() -> Item {
        #[cfg(unix)]
        let none = -1;
        #[cfg(not(unix))]
        let none = RawDescriptor::MAX;
        Item::descriptor(none, 0)
    }

    #[inline]
    pub(crate) fn descriptor(fd: RawDescriptor, events: c_short) -> Item {
        Item(zmq_sys::zmq_pollitem_t { socket: ptr::null_mut(), fd, events, revents: 0 })
    }

    /// Whether it was made in a forked child for a socket of the parent.
    pub(crate) fn is_inherited(&self) -> bool {
        !self.is_socket() && self.0.fd == RawDescriptor::MAX
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
    // SAFETY: `PollItem` is a transparent `Item`; each item's socket or descriptor is borrowed for as long as the item
    // lives, and its socket belongs to this thread, unless it is of a kind that is `Sync`.
    unsafe { poll_items(items.as_mut_ptr().cast::<Item>(), items.len(), milliseconds) }
}

/// As [`poll`]. The caller passes no empty list (L7) and none beyond the descriptor limit (A29).
///
/// # Safety
///
/// There are `count` items, whose sockets and descriptors are open and stay so during the call. The sockets belong to this
/// thread.
#[inline]
pub(super) unsafe fn poll_items(items: *mut Item, count: usize, milliseconds: c_int) -> Result<c_int, Errno> {
    let count = c_int::try_from(count).map_err(|_| Errno(libc::EINVAL))?;
    let milliseconds = c_long::from(milliseconds);
    // SAFETY: `Item` is a transparent `zmq_pollitem_t`; the rest is this function's contract.
    cvt(unsafe { zmq_sys::zmq_poll(items.cast::<zmq_sys::zmq_pollitem_t>(), count, milliseconds) })
}
