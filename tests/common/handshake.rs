//! What became of the handshakes of a socket, from its monitor.

use std::ffi::{CString, c_int};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use zmq::zmq_sys::{self, zmq_socket_monitor};
use zmq::{Context, Kind, Pair, Socket};

use super::{LIMIT, socket};

/// The end of a handshake, as one side sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Handshake {
    Succeeded,
    /// With an error number.
    FailedNoDetail(c_int),
    /// With what was wrong with what the peer, or the ZAP handler, sent.
    FailedProtocol(c_int),
    /// With the status that the ZAP handler gave.
    FailedAuth(c_int),
}

/// Sees the handshakes of a socket from the moment it is made.
pub(crate) struct Handshakes<'a, K: Kind> {
    reader: Socket<Pair>,
    watched: &'a Socket<K>,
}

const ENDS: c_int = zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    | zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

impl<'a, K: Kind> Handshakes<'a, K> {
    pub(crate) fn of(context: &Context, watched: &'a Socket<K>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let endpoint = format!("inproc://handshakes-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let reader = socket(context, Pair);
        // One that does not read must not hold libzmq up.
        reader.set_receive_hwm(0).unwrap();
        let text = CString::new(endpoint.as_str()).unwrap();
        // SAFETY: a live socket of this thread, and a text that is only read during the call.
        let rc = unsafe { zmq_socket_monitor(watched.as_raw(), text.as_ptr(), ENDS) };
        assert_eq!(rc, 0);
        reader.connect(endpoint).unwrap();
        Handshakes { reader, watched }
    }

    /// The next end of a handshake.
    #[track_caller]
    pub(crate) fn next(&self) -> Handshake {
        self.within(LIMIT).expect("no handshake ended")
    }

    /// The next end of a handshake that is not the noise of a connection that broke.
    #[track_caller]
    pub(crate) fn next_told(&self) -> Handshake {
        loop {
            match self.next() {
                Handshake::FailedNoDetail(libc::EPIPE | libc::ECONNRESET | libc::ECONNABORTED) => {}
                told => return told,
            }
        }
    }

    pub(crate) fn within(&self, time: std::time::Duration) -> Option<Handshake> {
        let event = self.reader.recv_timeout(time).ok()?;
        self.reader.recv().unwrap();
        let (kind, value) = event.split_at(2);
        let value = c_int::from_ne_bytes(value.try_into().unwrap());
        match c_int::from(u16::from_ne_bytes(kind.try_into().unwrap())) {
            zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED => Some(Handshake::Succeeded),
            zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL => Some(Handshake::FailedNoDetail(value)),
            zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL => Some(Handshake::FailedProtocol(value)),
            zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_AUTH => Some(Handshake::FailedAuth(value)),
            other => panic!("event {other}"),
        }
    }
}

impl<K: Kind> Drop for Handshakes<'_, K> {
    fn drop(&mut self) {
        // A monitor without a reader would hold libzmq up, so it goes first.
        // SAFETY: a live socket of this thread; null ends its monitor.
        unsafe { zmq_socket_monitor(self.watched.as_raw(), ptr::null(), 0) };
    }
}
