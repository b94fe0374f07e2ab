//! The operating system: what libzmq does not do for the crate, or does not report.
//!
//! Knows nothing of libzmq or of the rest of the crate. Besides `raw/` this is the only room with unsafe code.

pub(crate) mod descriptors;
pub(crate) mod edges;
pub(crate) mod fork;
pub(crate) mod scheduling;
pub(crate) mod secret;
pub(crate) mod signals;
pub(crate) mod threads;
#[cfg(zmq_draft)]
pub(crate) mod udp;

use core::ffi::c_int;

/// The error number of a call that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Errno(pub(crate) c_int);

impl Errno {
    /// The error number of the last call to the system that failed in this thread. Read it before any other call.
    #[cfg(unix)]
    pub(crate) fn last() -> Errno {
        Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or_default())
    }
}

/// Turns the system's "-1 and errno" into a `Result`.
#[cfg(unix)]
pub(crate) fn cvt(rc: c_int) -> Result<c_int, Errno> {
    if rc == -1 { Err(Errno::last()) } else { Ok(rc) }
}
