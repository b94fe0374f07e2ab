//! The calls of `zmq_socket_monitor`.

use core::ffi::{CStr, c_int};
use core::ptr;

use super::socket::Socket;
use super::{Errno, cvt};

impl Socket {
    /// Sends the socket's events to a PAIR that libzmq binds to `endpoint`. A previous monitor is stopped.
    ///
    /// While no PAIR is connected to the endpoint, the next event waits for one, in whatever thread the event occurs
    /// (N2, N3).
    pub(crate) fn monitor(&self, endpoint: &CStr, events: c_int) -> Result<(), Errno> {
        // SAFETY: a live socket; a NUL-terminated text, only read during the call.
        cvt(unsafe { zmq_sys::zmq_socket_monitor(self.as_ptr(), endpoint.as_ptr(), events) })?;
        Ok(())
    }

    /// Stops the monitor, if there is one. The reader of the monitor must still exist (N3).
    pub(crate) fn stop_monitor(&self) -> Result<(), Errno> {
        // SAFETY: a live socket; a null endpoint stops the monitor (N7).
        cvt(unsafe { zmq_sys::zmq_socket_monitor(self.as_ptr(), ptr::null(), 0) })?;
        Ok(())
    }

    /// Like [`monitor`](Self::monitor), with events of the second version.
    #[cfg(zmq_draft)]
    pub(crate) fn monitor_v2(&self, endpoint: &CStr, events: u64) -> Result<(), Errno> {
        // SAFETY: as in `monitor`; libzmq knows this version and this socket type.
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

    /// Requests an event with the statistics of each pipe. The library must not have the defect A7.
    #[cfg(zmq_draft)]
    pub(crate) fn monitor_pipes_stats(&self) -> Result<(), Errno> {
        // SAFETY: a live socket, used by its thread; the bundled library skips pipes whose peer is gone (A7).
        cvt(unsafe { zmq_sys::zmq_socket_monitor_pipes_stats(self.as_ptr()) })?;
        Ok(())
    }
}
