//! The calls of libzmq.
//!
//! There is one file and one owner type for each C object, named like the safe file that uses it. Every call into
//! libzmq goes through here. Each `unsafe` block does one thing and names the fact that makes it sound. The functions
//! are safe to call: a raw owner cannot be used after it was closed, and C return codes become `Result`s.

pub(crate) mod callback;
pub(crate) mod context;
pub(crate) mod curve;
#[cfg(feature = "smol")]
pub(crate) mod direct;
mod layout;
pub(crate) mod message;
pub(crate) mod monitor;
pub(crate) mod option;
pub(crate) mod poll;
pub(crate) mod poller;
#[cfg(any(feature = "smol", feature = "tokio"))]
pub(crate) mod registered;
#[cfg(all(any(feature = "smol", feature = "tokio"), zmq_draft))]
mod signals;
#[cfg(feature = "smol")]
pub(crate) mod smol;
pub(crate) mod socket;
pub(crate) mod strings;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;

use core::ffi::c_int;

pub(crate) use crate::sys::Errno;

/// The calling thread's error number, as libzmq sees it. Read it before any other call.
fn last_errno() -> Errno {
    // SAFETY: takes no pointer and only reads the thread's errno.
    Errno(unsafe { zmq_sys::zmq_errno() })
}

/// Turns libzmq's "-1 and errno" into a `Result`.
#[inline]
pub(crate) fn cvt(rc: c_int) -> Result<c_int, Errno> {
    if rc == -1 { Err(last_errno()) } else { Ok(rc) }
}
