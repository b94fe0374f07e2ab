//! The descriptor of a socket that threads may share.

use core::ffi::{c_int, c_void};
use core::ptr::NonNull;

use super::socket::Socket;
use super::{Errno, cvt, last_errno};
use crate::sys::descriptors::{self, BorrowedDescriptor, RawDescriptor};

/// The signals of a socket that threads may share.
///
/// Such a socket has no descriptor, but signals each poller. So this is a libzmq poller with this one socket. A signal is sent when a
/// command arrives and all earlier commands were read (L11). Unlike the notification descriptor of another socket, calls on the socket
/// take no signal. `zmq_poller_wait` would take one signal in each call, so the poller never waits, and [`clear`](Signals::clear) takes
/// all signals from the descriptor.
pub(crate) struct Signals {
    poller: NonNull<c_void>,
    descriptor: RawDescriptor,
}

// SAFETY: after its creation, the poller is used only by `drop`, in one thread. libzmq locks the part of the socket that this changes.
// Threads may read the descriptor at the same time.
unsafe impl Send for Signals {}
// SAFETY: as above.
unsafe impl Sync for Signals {}

impl Signals {
    /// Begins to collect the signals of a socket, which must outlive the value. Returns `None` if they cannot be collected safely: if
    /// nobody takes the signals of a busy socket, they fill a pair of sockets, and a libzmq other than the bundled one then aborts, or on
    /// Windows blocks its thread (A199).
    pub(super) fn of(socket: &Socket) -> Result<Option<Signals>, Errno> {
        // SAFETY: no pointers.
        let poller = NonNull::new(unsafe { zmq_sys::zmq_poller_new() }).ok_or_else(last_errno)?;
        let mut signals = Signals { poller, descriptor: RawDescriptor::MAX };
        let (events, socket) = (zmq_sys::ZMQ_POLLIN.try_into().unwrap_or_default(), socket.handle().as_ptr());
        // SAFETY: a live poller; a live socket, which outlives the poller; the poller does not use the pointer to the data.
        cvt(unsafe { zmq_sys::zmq_poller_add(poller.as_ptr(), socket, core::ptr::null_mut(), events) })?;
        // SAFETY: a live poller, and a valid place to write to.
        cvt(unsafe { zmq_sys::zmq_poller_fd(poller.as_ptr(), &raw mut signals.descriptor) })?;
        let may_fill = !cfg!(zmq_vendored) && descriptors::is_socket(signals.borrow());
        Ok(if may_fill { None } else { Some(signals) })
    }

    pub(super) fn borrow(&self) -> BorrowedDescriptor<'_> {
        // SAFETY: the poller keeps its descriptor open.
        unsafe { descriptors::borrow(self.descriptor) }
    }

    /// Takes all signals that have arrived, and returns whether there was one.
    pub(super) fn clear(&self) -> bool {
        descriptors::drain(self.borrow())
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let mut poller: *mut c_void = self.poller.as_ptr();
        // SAFETY: a live poller, destroyed exactly once; its socket is still open. In a forked child, the owner does not drop the value.
        let _: c_int = unsafe { zmq_sys::zmq_poller_destroy(&raw mut poller) };
    }
}
