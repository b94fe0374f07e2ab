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
    let pass = || {
        drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
        counted::this_thread()
    };
    thread::scope(|threads| {
        let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let mut started = Vec::new();
        let outcome = (0..count).try_for_each(|_| {
            let thread = builder();
            started.push(without_signals(|| thread.spawn_scoped(threads, pass))?);
            Ok(())
        });
        drop(closed);
        // libzmq must not meet a limit because of these threads.
        for thread in started {
            if let Ok(thread) = thread.join() {
                counted::wait_for_end(thread);
            }
        }
        outcome.map_err(|error: std::io::Error| refusal(&error))
    })
}

/// The system counts a thread against its limits for a moment after the thread was joined.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod counted {
    use std::thread;
    use std::time::{Duration, Instant};

    /// The id that the system gave this thread.
    pub(super) fn this_thread() -> libc::c_long {
        // SAFETY: takes no argument.
        unsafe { libc::syscall(libc::SYS_gettid) }
    }

    /// Waits until the system counts the thread no more. Gives up if a new thread has got the id.
    pub(super) fn wait_for_end(id: libc::c_long) {
        const LONGEST: Duration = Duration::from_secs(1);
        let (process, start) = (std::process::id(), Instant::now());
        // SAFETY: takes numbers. Signal 0 only asks whether this process has the thread.
        let exists = || unsafe { libc::syscall(libc::SYS_tgkill, process, id, 0) } == 0;
        while exists() && start.elapsed() < LONGEST {
            thread::yield_now();
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod counted {
    pub(super) fn this_thread() {}

    pub(super) fn wait_for_end((): ()) {}
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
