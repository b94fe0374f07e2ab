//! The libzmq socket.

use core::ffi::{CStr, c_int, c_void};
use core::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use super::message::Message;
use super::{Errno, callback, cvt};
use crate::readiness::Uses;
#[cfg(any(feature = "smol", feature = "tokio"))]
use crate::readiness::shared::Progress;
use crate::sys::descriptors::{self, BorrowedDescriptor, RawDescriptor};
use crate::sys::fork::Origin;

/// A libzmq socket. Closed on drop, unless it is only borrowed or this is a forked child.
///
/// Not `Sync`: two threads must not use a socket at once, and reading an option counts as use (T1). Sockets of some
/// draft types are an exception, see `socket::Socket`.
#[derive(Debug)]
pub(crate) struct Socket {
    handle: NonNull<c_void>,
    owned: bool,
    /// The process that created the socket; a forked child must not touch it.
    pub(crate) origin: Origin,
    /// Created when a watcher needs notifications.
    uses: OnceLock<Arc<Uses>>,
    /// The address of the counts of what the socket has learned, if libzmq counts this. Requested at the first use.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    progress: OnceLock<Option<Counts>>,
}

/// The place of the counts of what a socket has learned.
#[cfg(any(feature = "smol", feature = "tokio"))]
#[derive(Clone, Copy, Debug)]
struct Counts {
    address: NonNull<Progress>,
    is_thread_safe: bool,
}

/// Whether libzmq knows [`REST_OF_MESSAGE`].
pub(crate) const TAKES_REST: bool = cfg!(zmq_vendored);

/// A flag for every part but the first of a message: libzmq sends the part without reading commands (S17). Another libzmq
/// ignores it.
pub(crate) const REST_OF_MESSAGE: c_int = if TAKES_REST { 1 << 16 } else { 0 };

/// The length of the message that a receive has just filled, as far as a C `int` can represent it (M24).
pub(crate) struct ReceivedLength(c_int);

impl ReceivedLength {
    /// The length, if it is exact: less than the largest `int`.
    #[inline]
    pub(crate) fn exact(&self) -> Option<usize> {
        if self.0 == c_int::MAX { None } else { usize::try_from(self.0).ok() }
    }
}

// SAFETY: libzmq allows a socket to migrate between threads with a full fence in between; moving a value to another
// thread always comes with one.
unsafe impl Send for Socket {}

impl Socket {
    /// # Safety
    ///
    /// `handle` is a live socket of this process whose context outlives the value. If `owned`, nobody else closes the
    /// socket; if not, it outlives the value. Nobody else uses it at the same time.
    pub(crate) unsafe fn from_handle(handle: NonNull<c_void>, owned: bool) -> Socket {
        Socket {
            handle,
            owned,
            origin: Origin::here(),
            uses: OnceLock::new(),
            #[cfg(any(feature = "smol", feature = "tokio"))]
            progress: OnceLock::new(),
        }
    }

    /// Makes the value close the socket on drop from now on.
    ///
    /// # Safety
    ///
    /// Nobody else closes the socket.
    pub(crate) unsafe fn own(&mut self) {
        self.owned = true;
    }

    /// Releases the handle without closing the socket.
    pub(crate) fn disown(&mut self) -> NonNull<c_void> {
        self.owned = false;
        self.handle
    }

    /// Moves the socket to another owner; this one must not be used any more.
    pub(crate) fn take(&mut self) -> Socket {
        let uses = core::mem::take(&mut self.uses);
        let taken = Socket {
            handle: self.handle,
            owned: self.owned,
            origin: self.origin,
            uses,
            #[cfg(any(feature = "smol", feature = "tokio"))]
            progress: OnceLock::new(),
        };
        self.owned = false;
        taken
    }

    /// The handle, for any purpose except using the socket, because no use is noted.
    #[inline]
    pub(crate) fn handle(&self) -> NonNull<c_void> {
        self.handle
    }

    /// The handle, for one call that follows immediately.
    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.note_use();
        self.handle.as_ptr()
    }

    /// The handle, for any use at any time.
    #[inline]
    pub(crate) fn share(&self) -> NonNull<c_void> {
        self.uses().share();
        self.handle
    }

    /// The record of the uses of the socket.
    #[inline]
    pub(crate) fn uses(&self) -> &Arc<Uses> {
        self.uses.get_or_init(Arc::default)
    }

    /// Notes a use of the socket that is not a call of one of these functions.
    #[inline]
    pub(crate) fn note_use(&self) {
        if let Some(uses) = self.uses.get() {
            uses.note();
        }
    }

    /// Queues a message. On success the message is left empty; on failure it still holds the payload (S1).
    #[inline]
    pub(crate) fn send(&self, message: &mut Message, flags: c_int) -> Result<(), Errno> {
        // SAFETY: a live socket that this thread may use, and a valid message that nobody else has.
        unsafe { callback::within_transfer(zmq_sys::zmq_msg_send, message.as_ptr(), self.as_ptr(), flags) }?;
        Ok(())
    }

    /// Receives one part into `message`, which stays valid even on failure (R1). Returns the length of the part.
    #[inline]
    pub(crate) fn recv(&self, message: &mut Message, flags: c_int) -> Result<ReceivedLength, Errno> {
        // SAFETY: a live socket that this thread may use, and a valid message that nobody else has.
        let length = unsafe {
            callback::within_transfer(zmq_sys::zmq_msg_recv, message.as_ptr(), self.as_ptr(), flags)
        }?;
        Ok(ReceivedLength(length))
    }

    pub(crate) fn bind(&self, endpoint: &CStr) -> Result<(), Errno> {
        callback::calling();
        // SAFETY: a live socket; a NUL-terminated text, only read during the call.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_bind(self.as_ptr(), endpoint.as_ptr()) }))?;
        Ok(())
    }

    pub(crate) fn connect(&self, endpoint: &CStr) -> Result<(), Errno> {
        callback::calling();
        // SAFETY: as in `bind`.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_connect(self.as_ptr(), endpoint.as_ptr()) }))?;
        Ok(())
    }

    pub(crate) fn unbind(&self, endpoint: &CStr) -> Result<(), Errno> {
        // SAFETY: as in `bind`.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_unbind(self.as_ptr(), endpoint.as_ptr()) }))?;
        Ok(())
    }

    pub(crate) fn disconnect(&self, endpoint: &CStr) -> Result<(), Errno> {
        // SAFETY: as in `bind`.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_disconnect(self.as_ptr(), endpoint.as_ptr()) }))?;
        Ok(())
    }
}

#[cfg(zmq_draft)]
impl Socket {
    pub(crate) fn join(&self, group: &CStr) -> Result<(), Errno> {
        // SAFETY: a live socket; a NUL-terminated text, only read during the call.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_join(self.as_ptr(), group.as_ptr()) }))?;
        Ok(())
    }

    pub(crate) fn leave(&self, group: &CStr) -> Result<(), Errno> {
        // SAFETY: as in `join`.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_leave(self.as_ptr(), group.as_ptr()) }))?;
        Ok(())
    }

    /// Connects, and returns the number of the new peer, which is not 0 (I8).
    pub(crate) fn connect_peer(&self, endpoint: &CStr) -> Result<u32, Errno> {
        callback::calling();
        // SAFETY: as in `bind`.
        callback::within(|| match unsafe { zmq_sys::zmq_connect_peer(self.as_ptr(), endpoint.as_ptr()) } {
            0 => Err(super::last_errno()),
            id => Ok(id),
        })
    }

    /// Returns what a ROUTER can do with a peer, as poll events. This is the only call on a socket that takes no lock.
    pub(crate) fn peer_state(&self, routing_id: &[u8]) -> Result<c_int, Errno> {
        let id = routing_id.as_ptr().cast::<c_void>();
        // SAFETY: a live socket, used only by this thread: only `Socket<Router>` and `Socket<Any>` have this call, and
        // threads do not share them; the bytes are only read during the call.
        cvt(unsafe { zmq_sys::zmq_socket_get_peer_state(self.as_ptr(), id, routing_id.len()) })
    }

    /// Queues a datagram, if there is room: its address and its bytes. Neither is changed.
    ///
    /// If the socket is not bound, libzmq destroys the datagram and reports success (S2). In this case, this function returns `EFSM`.
    pub(crate) fn send_datagram(&self, address: &Message, body: &Message) -> Result<(), Errno> {
        // A destructor that runs between the two parts could send on this socket.
        callback::after(|| {
            self.send_copy(address, zmq_sys::ZMQ_SNDMORE)?;
            loop {
                match self.send_copy(body, 0) {
                    Err(Errno(libc::EINTR)) => {}
                    result => return result,
                }
            }
        })
    }

    fn send_copy(&self, part: &Message, flags: c_int) -> Result<(), Errno> {
        let mut copy = Message::copy_of(part);
        let sent = self.send(&mut copy, flags | zmq_sys::ZMQ_DONTWAIT);
        // Closing reports whether it was still open (M15).
        if copy.close() { sent } else { Err(Errno(zmq_sys::EFSM)) }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.owned && self.origin.is_here_exactly() {
            // SAFETY: a live socket, closed exactly once; no borrow of it exists any more. The call never blocks (C6).
            unsafe { zmq_sys::zmq_close(self.as_ptr()) };
        }
    }
}

impl Socket {
    /// The notification descriptor.
    pub(crate) fn descriptor(&self) -> Result<RawDescriptor, Errno> {
        self.get(zmq_sys::ZMQ_FD)
    }

    /// Lends the notification descriptor, which must come from [`descriptor`](Self::descriptor).
    pub(crate) fn borrow_descriptor(&self, descriptor: RawDescriptor) -> BorrowedDescriptor<'_> {
        // SAFETY: libzmq keeps the descriptor open as long as the socket lives, and the borrow of `self` ends before.
        unsafe { descriptors::borrow(descriptor) }
    }
}

/// The option of the bundled libzmq whose value is the address of the counts of a socket. No header declares it.
#[cfg(any(feature = "smol", feature = "tokio"))]
const PROGRESS: c_int = 0x7a6d_7101;

#[cfg(any(feature = "smol", feature = "tokio"))]
impl Socket {
    /// Returns the counts of what the socket has learned, if its libzmq counts this. The caller makes sure that no other thread of this
    /// crate uses the socket at the same time. `None` if threads may share the socket and other code has its handle.
    #[inline]
    pub(crate) fn progress(&self) -> Option<Progress> {
        let counts = (*self.progress.get_or_init(|| self.find_progress()))?;
        if counts.is_thread_safe && self.uses.get().is_some_and(|uses| uses.is_shared()) {
            return None;
        }
        // SAFETY: the counts are a part of the socket, which is open. Only calls on the socket change them, and nobody else makes one
        // meanwhile: the caller has locked the socket, and no code outside of the crate uses a socket from another thread unless libzmq
        // allows this and the code has the handle.
        Some(unsafe { counts.address.read() })
    }

    #[cold]
    fn find_progress(&self) -> Option<Counts> {
        // With another libzmq, the number could have another meaning.
        let address = if cfg!(zmq_vendored) { self.get::<usize>(PROGRESS) } else { Ok(0) };
        let address = NonNull::new(core::ptr::with_exposed_provenance_mut(address.unwrap_or(0)))?;
        Some(Counts { address, is_thread_safe: self.get::<c_int>(zmq_sys::ZMQ_THREAD_SAFE) != Ok(0) })
    }
}

/// The option of the bundled libzmq whose value is the address of the functions for the mailbox of a socket. No header declares it.
#[cfg(feature = "smol")]
const DIRECT_WAKE: c_int = 0x7a6d_7102;

#[cfg(feature = "smol")]
impl Socket {
    /// Returns the mailbox of the socket, if its libzmq can wake tasks directly. Always `None` for a socket that threads share. The mailbox
    /// exists until the socket is closed.
    #[cold]
    pub(crate) fn mailbox(&self) -> Option<super::direct::Mailbox> {
        // With another libzmq, the number could have another meaning. On Windows, this has not been tried yet.
        let address = if cfg!(all(zmq_vendored, unix)) { self.get::<usize>(DIRECT_WAKE) } else { Ok(0) };
        let mailbox: *const super::direct::Mailbox = core::ptr::with_exposed_provenance(address.unwrap_or(0));
        // SAFETY: null, or a part of the socket, which is open. It does not change.
        unsafe { mailbox.as_ref() }.copied()
    }
}
