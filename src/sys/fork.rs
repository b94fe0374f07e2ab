//! The process to which an object belongs.
//!
//! After a `fork`, parent and child share a context and its sockets. Closing them in the child would disturb the
//! parent, or, with some builds of libzmq, abort it. So every owner remembers the process in which it was created.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the forks between the first process that used this crate and the current process.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of forks between the first process that used this crate and this process.
#[inline]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Whether this process is a forked child of a process that used this crate.
pub(crate) fn is_child() -> bool {
    generation() != 0
}

/// The process in which an object was created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    generation: u32,
    pid: u32,
}

impl Origin {
    /// Returns the current process.
    pub(crate) fn here() -> Origin {
        install();
        Origin { generation: generation(), pid: std::process::id() }
    }

    /// Whether this is still the process in which the object was created. Costs one load.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        GENERATION.load(Ordering::Relaxed) == self.generation
    }

    /// Like [`is_here`](Self::is_here), but also detects a child that was created without the C library's `fork`. Costs
    /// a system call.
    pub(crate) fn is_here_exactly(self) -> bool {
        self.is_here() && std::process::id() == self.pid
    }
}

#[cfg(unix)]
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: the handler only changes an atomic, which is allowed in a forked child. It exists as long as it can be called, because a
        // C library that unloads shared libraries removes their handlers. If the C library has no memory for the handler,
        // `is_here_exactly` still guards every destructor.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cfg(not(unix))]
fn install() {
    let _: Once = Once::new();
}

#[cfg(unix)]
// SAFETY: only the C library calls it, in a forked child; it changes only an atomic.
unsafe extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}
