//! Checks whether the system can start more threads.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

use super::Errno;
use super::signals::without_signals;

/// The error of a thread that could not be started.
pub(crate) fn refusal(error: &std::io::Error) -> Errno {
    Errno::of(error).unwrap_or(Errno(libc::EAGAIN))
}

/// Starts as many threads as libzmq will, with stacks of the same size, and ends them again.
pub(crate) fn can_start(count: usize) -> Result<(), Errno> {
    let gate = Mutex::new(());
    let pass = || drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
    thread::scope(|threads| {
        let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let started = (0..count).try_for_each(|_| {
            let thread = builder();
            without_signals(|| thread.spawn_scoped(threads, pass)).map(drop)
        });
        drop(closed);
        started.map_err(|error| refusal(&error))
    })
}

/// libzmq's threads have the default stack size of C threads. The default of Rust threads is smaller.
#[cfg(unix)]
fn builder() -> Builder {
    // SAFETY: an all-zero object is a valid place for attributes, which are initialised before they are read.
    let mut attributes: libc::pthread_attr_t = unsafe { core::mem::zeroed() };
    // SAFETY: a valid place to write to.
    if unsafe { libc::pthread_attr_init(&raw mut attributes) } != 0 {
        return Builder::new();
    }
    let mut size = 0;
    // SAFETY: initialised attributes, and a valid place to write to.
    let known = unsafe { libc::pthread_attr_getstacksize(&raw const attributes, &raw mut size) } == 0;
    // SAFETY: initialised above, and not used after this.
    unsafe { libc::pthread_attr_destroy(&raw mut attributes) };
    if known { Builder::new().stack_size(size) } else { Builder::new() }
}

#[cfg(not(unix))]
fn builder() -> Builder {
    Builder::new()
}
