//! Binding and connecting with what C sets as an option before, and libzmq uses up.

#[cfg(unix)]
use core::ffi::c_int;
#[cfg(unix)]
use std::net::TcpListener;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::UnixListener;

use super::Core;
use super::limits::check_routing_id;
use crate::endpoint;
#[cfg(unix)]
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::raw::Errno;
#[cfg(unix)]
use crate::sys::descriptors;

impl Core {
    /// Connects with a routing id for the peer. The id is set for this one connection, and taken back if nobody took it.
    pub(super) fn connect_with_routing_id(&self, endpoint: &str, id: &[u8]) -> Result<()> {
        let operation = Operation::Connect;
        self.check_process(operation)?;
        endpoint::check(operation, endpoint)?;
        let shown = || format!("{endpoint} as {:?}", String::from_utf8_lossy(id));
        check_routing_id(id).map_err(|range| Error::invalid(operation, shown(), range))?;
        foreign::check_peer_id(shown)?;
        let failed = |errno: Errno| Error::new(operation, errno).on(shown());
        if self.raw.get::<core::ffi::c_int>(zmq_sys::ZMQ_IMMEDIATE).map_err(failed)? != 0 {
            let reason = "an immediate socket has no peer to name before it is connected";
            return Err(Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, shown(), reason));
        }
        self.raw.set_bytes(zmq_sys::ZMQ_CONNECT_ROUTING_ID, id).map_err(failed)?;
        let connected = self.connect(endpoint);
        // What a failed connection leaves is not for the next one.
        let _ = self.raw.set_bytes(zmq_sys::ZMQ_CONNECT_ROUTING_ID, b"");
        match connected {
            Err(error) if error.errno() == libc::EADDRINUSE => {
                Err(error.meaning(ErrorKind::AddrInUse, "a peer has this routing id already").on(shown()))
            }
            result => result,
        }
    }

    /// Binds to a socket that listens already.
    ///
    /// libzmq has it from the moment that the bind succeeds, and only then: until there it is closed here.
    #[cfg(unix)]
    pub(super) fn bind_fd(&self, endpoint: &str, fd: OwnedFd) -> Result<Endpoint> {
        let operation = Operation::Bind;
        self.check_process(operation)?;
        self.tether().stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        let fd = listening(fd, endpoint).ok_or_else(|| {
            Error::invalid(operation, endpoint, "not a socket of this transport that listens")
        })?;
        let failed = |errno: Errno| Error::new(operation, errno).on(endpoint);
        // Kept, so that no other thread's bind takes the descriptor.
        let attached = self.attached();
        self.raw.set::<c_int>(zmq_sys::ZMQ_USE_FD, fd.as_raw_fd()).map_err(failed)?;
        let bound = self.retry(operation, || self.raw.bind(&text));
        // Fails only once the context is shut down, and then nothing is bound any more.
        let _ = self.raw.set::<c_int>(zmq_sys::ZMQ_USE_FD, -1);
        bound.map_err(|error| endpoint::explain(error, endpoint))?;
        let _ = fd.into_raw_fd();
        attached.note(endpoint);
        self.last_endpoint(operation)
    }
}

/// The descriptor, set not to block, if it is a socket that listens, of the family that the endpoint's transport uses. libzmq
/// aborts on what is not, as soon as it looks for connections (A48).
#[cfg(unix)]
fn listening(fd: OwnedFd, endpoint: &str) -> Option<OwnedFd> {
    if !descriptors::is_listening(fd.as_fd()) {
        return None;
    }
    match endpoint::split(endpoint)?.0 {
        "tcp" | "ws" => {
            let listener = TcpListener::from(fd);
            listener.local_addr().ok()?;
            listener.set_nonblocking(true).ok()?;
            Some(listener.into())
        }
        "ipc" => {
            let listener = UnixListener::from(fd);
            listener.local_addr().ok()?;
            listener.set_nonblocking(true).ok()?;
            Some(listener.into())
        }
        _ => None,
    }
}
