//! `zmq_proxy`.

use core::ptr;

use super::socket::Socket;
use super::{Errno, cvt};

/// Forwards between two sockets until one of them fails; never returns `Ok`.
pub(crate) fn proxy(frontend: &Socket, backend: &Socket, capture: Option<&Socket>) -> Result<(), Errno> {
    let capture = capture.map_or(ptr::null_mut(), Socket::as_ptr);
    // SAFETY: two or three live sockets (X1) of this thread, borrowed for the whole call. The same one may stand on
    // both sides.
    cvt(unsafe { zmq_sys::zmq_proxy(frontend.as_ptr(), backend.as_ptr(), capture) })?;
    Ok(())
}
