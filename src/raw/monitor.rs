//! `zmq_socket_monitor`, and the threads that read what it emits.

use core::ffi::{CStr, c_int};
use core::ptr;

use super::socket::Socket;
use super::{Errno, cvt};

impl Socket {
    /// Has the socket's events sent to a PAIR that libzmq binds to `endpoint`; a monitor set before is stopped.
    ///
    /// Until a PAIR is connected there, and once that one is gone, the next event waits for one, in whatever thread it
    /// happens (N2, N3).
    pub(crate) fn monitor(&self, endpoint: &CStr, events: c_int) -> Result<(), Errno> {
        // SAFETY: a live socket; a NUL-terminated text, only read during the call.
        cvt(unsafe { zmq_sys::zmq_socket_monitor(self.as_ptr(), endpoint.as_ptr(), events) })?;
        Ok(())
    }

    /// Stops the monitor, if there is one. Its reader must still be there (N3).
    pub(crate) fn stop_monitor(&self) -> Result<(), Errno> {
        // SAFETY: a live socket; a null endpoint is how to say it (N7).
        cvt(unsafe { zmq_sys::zmq_socket_monitor(self.as_ptr(), ptr::null(), 0) })?;
        Ok(())
    }

    /// As [`monitor`](Self::monitor), with events of the second version.
    #[cfg(zmq_draft)]
    pub(crate) fn monitor_v2(&self, endpoint: &CStr, events: u64) -> Result<(), Errno> {
        // SAFETY: as in `monitor`; the version and the kind are known to libzmq.
        cvt(unsafe {
            zmq_sys::zmq_socket_monitor_versioned(
                self.as_ptr(),
                endpoint.as_ptr(),
                events,
                zmq_sys::ZMQ_CURRENT_EVENT_VERSION_DRAFT,
                zmq_sys::ZMQ_PAIR,
            )
        })?;
        Ok(())
    }

    /// Asks for an event with the statistics of each pipe. The library must be one that is not subject to A7.
    #[cfg(zmq_draft)]
    pub(crate) fn monitor_pipes_stats(&self) -> Result<(), Errno> {
        // SAFETY: a live socket, used by its thread; the bundled library asks no pipe whose peer is gone (A7).
        cvt(unsafe { zmq_sys::zmq_socket_monitor_pipes_stats(self.as_ptr()) })?;
        Ok(())
    }
}
