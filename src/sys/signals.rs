//! Threads of ours that take no signals, as libzmq's own take none.
//!
//! A signal goes to any thread that does not block it. Taken by a thread of ours, it would not wake the thread that waits
//! for it.

/// Runs `start` with all signals blocked that can wait, so that a thread it starts has them blocked too.
#[cfg(unix)]
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    // SAFETY: an all-zero set is a valid value; it is filled before it is read.
    let mut all: libc::sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: as above.
    let mut before: libc::sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: a valid place to write to.
    unsafe { libc::sigfillset(&raw mut all) };
    // These are about the thread itself, and cannot wait.
    for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT] {
        // SAFETY: a set that was filled above, and the number of a signal.
        unsafe { libc::sigdelset(&raw mut all, signal) };
    }
    // SAFETY: one set that is read, one to write to; it concerns the calling thread alone.
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
