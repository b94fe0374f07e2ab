//! Threads of the crate that receive no signals, like the threads of libzmq.
//!
//! The system delivers a signal to any thread that does not block it. A signal in a thread of the crate would not wake
//! the thread that waits for it.

/// Runs `start` with all blockable signals blocked, so that threads started by it block them too.
#[cfg(unix)]
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    // SAFETY: an all-zero set is a valid value; it is filled before it is read.
    let mut all: libc::sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: as above.
    let mut before: libc::sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: a valid place to write to.
    unsafe { libc::sigfillset(&raw mut all) };
    // These signals concern the thread itself, so they must not be blocked.
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT] {
        // SAFETY: a set that was filled above, and the number of a signal.
        unsafe { libc::sigdelset(&raw mut all, signal) };
    }
    // SAFETY: one set to read and one to write; only the calling thread is affected.
    let blocked = unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before) } == 0;
    let result = start();
    if blocked {
        // SAFETY: the set that the call above wrote; nothing is written.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, core::ptr::null_mut()) };
    }
    result
}

/// Windows has no such signals.
#[cfg(not(unix))]
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
