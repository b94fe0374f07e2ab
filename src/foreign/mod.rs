//! What another libzmq than the bundled one must not be asked, and what has to be done for its sake.
//!
//! Each guard is one function, and names the entry of `docs/security.md` that it closes; where it is needed, there is its call and
//! nothing else. The bundled libzmq closes all of these itself, and there the guards do nothing.

#[cfg_attr(zmq_vendored, path = "bundled.rs")]
pub(crate) mod inproc;

use core::ffi::c_int;

use crate::context::{can_open, no_thread};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::{self, Errno};
use crate::socket::{Core, SocketKind};

/// Whether another libzmq than the bundled one is linked.
const IS_LINKED: bool = cfg!(not(zmq_vendored));

/// Makes sure that there are descriptors for the threads that the first socket starts (A38).
///
/// The bundled libzmq does so where it has eventfd.
pub(crate) fn check_descriptors(context: &raw::context::Context) -> Result<()> {
    if !IS_LINKED && cfg!(any(target_os = "linux", target_os = "android")) {
        return Ok(());
    }
    let threads = context.get(zmq_sys::ZMQ_IO_THREADS).unwrap_or(1);
    // Two for a signal and one for the poller, for each I/O thread, the reaper and the socket itself.
    let needed = 3 * (usize::try_from(threads).unwrap_or_default() + 2);
    if can_open(needed) { Ok(()) } else { Err(Error::new(Operation::NewSocket, Errno(libc::EMFILE))) }
}

/// Makes sure that the system starts the threads of the first socket.
pub(crate) fn check_threads(context: &raw::context::Context) -> Result<()> {
    if !IS_LINKED {
        return Ok(());
    }
    let threads = context.get(zmq_sys::ZMQ_IO_THREADS).unwrap_or(1);
    // The I/O threads and the reaper.
    let needed = 1 + usize::try_from(threads).unwrap_or_default();
    raw::threads::can_start(needed).map_err(|errno| no_thread(Operation::NewSocket, errno))
}

/// Makes sure that there is a descriptor for looking up a network interface (A46).
pub(crate) fn check_descriptor(operation: Operation, endpoint: &str) -> Result<()> {
    if !IS_LINKED || can_open(1) {
        return Ok(());
    }
    Err(Error::new(operation, Errno(libc::EMFILE)).on(endpoint))
}

/// Refuses to disconnect between two parts of a message, after which receiving the next aborts (A94).
pub(crate) fn check_disconnect(core: &Core, endpoint: &str) -> Result<()> {
    if IS_LINKED && core.raw().get::<c_int>(zmq_sys::ZMQ_RCVMORE).is_ok_and(|more| more != 0) {
        let reason = "parts of a message are still to be received";
        return Err(Error::refused(
            Operation::Disconnect,
            ErrorKind::WrongState,
            zmq_sys::EFSM,
            endpoint,
            reason,
        ));
    }
    Ok(())
}

/// Refuses inproc to kinds that threads share: two that send to each other may wait for each other for ever (A78).
pub(crate) fn check_shared_inproc(operation: Operation, kind: SocketKind, endpoint: &str) -> Result<()> {
    if IS_LINKED && kind.is_thread_safe() && crate::endpoint::inproc_name(endpoint).is_some() {
        let reason = "only the bundled libzmq can have sockets that threads share talk over inproc";
        return Err(Error::refused(operation, ErrorKind::Unsupported, libc::ENOTSUP, endpoint, reason));
    }
    Ok(())
}
