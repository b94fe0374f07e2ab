//! When the destructor of a message's owner runs.
//!
//! libzmq calls it on whatever thread lets go of the bytes last (M17). That may be one of its own, which must not wait there for
//! libzmq to end. Or it is a thread that is in a call on a socket, which libzmq leaves half-done meanwhile (M26): then the
//! destructor, which may use that very socket, waits until the call is over.
//!
//! Calls are watched for that only once there was an owner, so that programs that have none do not pay for it.

use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Errno, cvt};
use crate::sys::signals::without_signals;

/// Whether a message ever had an owner.
static OWNERS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread has called libzmq, other than from a destructor.
    static CALLS: Cell<bool> = const { Cell::new(false) };
    /// Whether a destructor runs on this thread.
    static CALLED: Cell<bool> = const { Cell::new(false) };
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Unknown) };
    /// What this thread has yet to drop, the latest first.
    static LEFT: Cell<*mut Left> = const { Cell::new(ptr::null_mut()) };
}

/// Where a thread is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has called nothing since there are owners. It may be in a call that began before, and is not watched; all others
    /// will be.
    Unknown,
    /// In no call on a socket, or a thread of libzmq's.
    Outside,
    /// In a call on a socket.
    Within,
    /// In a call on a socket, and something is left to be dropped.
    Leaving,
}

/// The beginning of something that is dropped once no call on a socket is half-done.
pub(super) struct Left {
    next: Cell<*mut Left>,
    /// Drops the whole; to be called once.
    drop: unsafe fn(*mut Left),
}

impl Left {
    /// What `drop` will be called for.
    pub(super) fn new(drop: unsafe fn(*mut Left)) -> Left {
        OWNERS.store(true, Ordering::Relaxed);
        outside();
        Left { next: Cell::new(ptr::null_mut()), drop }
    }
}

/// Runs a call on a socket, and afterwards the destructors that libzmq has called meanwhile. The error number has to be read
/// within.
#[inline]
pub(super) fn within<R>(call: impl FnOnce() -> R) -> R {
    if OWNERS.load(Ordering::Relaxed) { watched(call) } else { call() }
}

/// What sends or receives a message.
type Transfer = unsafe extern "C" fn(*mut zmq_sys::zmq_msg_t, *mut c_void, c_int) -> c_int;

/// As [`within`], for the calls that are to be as quick as can be: nothing but the call itself is inlined.
///
/// # Safety
///
/// As for `transfer`.
#[inline]
pub(super) unsafe fn within_transfer(
    transfer: Transfer,
    message: *mut zmq_sys::zmq_msg_t,
    socket: *mut c_void,
    flags: c_int,
) -> Result<c_int, Errno> {
    if OWNERS.load(Ordering::Relaxed) {
        // SAFETY: this function's contract.
        return unsafe { watched_transfer(transfer, message, socket, flags) };
    }
    // SAFETY: this function's contract.
    cvt(unsafe { transfer(message, socket, flags) })
}

/// # Safety
///
/// As for `transfer`.
#[cold]
unsafe fn watched_transfer(
    transfer: Transfer,
    message: *mut zmq_sys::zmq_msg_t,
    socket: *mut c_void,
    flags: c_int,
) -> Result<c_int, Errno> {
    // SAFETY: this function's contract.
    watched(|| cvt(unsafe { transfer(message, socket, flags) }))
}

fn watched<R>(call: impl FnOnce() -> R) -> R {
    STAGE.set(Stage::Within);
    let result = call();
    if STAGE.replace(Stage::Outside) == Stage::Leaving {
        leave();
    }
    result
}

/// Notes that this thread is in no call on a socket, as it is about to let go of a message itself.
#[inline]
pub(super) fn outside() {
    if OWNERS.load(Ordering::Relaxed) {
        note_outside();
    }
}

#[cold]
fn note_outside() {
    if STAGE.get() == Stage::Unknown {
        STAGE.set(Stage::Outside);
    }
}

/// Drops what was left, in the order in which libzmq let go of it.
#[cold]
fn leave() {
    let mut latest = LEFT.replace(ptr::null_mut());
    let mut first = ptr::null_mut();
    while !latest.is_null() {
        // SAFETY: `release` put it there; it stays in place until it is dropped below.
        let left = unsafe { &*latest };
        let before = left.next.replace(first);
        first = latest;
        latest = before;
    }
    while !first.is_null() {
        // SAFETY: as above.
        let next = unsafe { &*first }.next.get();
        // SAFETY: by the contract of `release`; each is in the list once.
        unsafe { run(first) };
        first = next;
    }
}

/// Drops it: now, or when the call is over that this thread is in.
///
/// # Safety
///
/// It is the beginning of something that its `drop` may be called for, once, on any thread, and that nobody else uses any more.
pub(super) unsafe fn release(left: *mut Left) {
    match STAGE.get() {
        // SAFETY: this function's contract.
        Stage::Outside => unsafe { run(left) },
        Stage::Within | Stage::Leaving => {
            STAGE.set(Stage::Leaving);
            // SAFETY: this function's contract.
            unsafe { &*left }.next.set(LEFT.replace(left));
        }
        // SAFETY: this function's contract.
        Stage::Unknown => unsafe { release_somewhere(left) },
    }
}

/// Drops it where the thread is one of libzmq's, or else in a call that is not watched.
///
/// # Safety
///
/// As for [`release`].
#[cold]
unsafe fn release_somewhere(left: *mut Left) {
    struct Sent(*mut Left);
    // SAFETY: by the contract of `release`, any thread may drop it.
    unsafe impl Send for Sent {}

    if is_libzmq() {
        STAGE.set(Stage::Outside);
        // SAFETY: this function's contract.
        return unsafe { run(left) };
    }
    let left = Sent(left);
    let drop_it = move || {
        let left = left;
        // SAFETY: this function's contract.
        unsafe { run(left.0) };
    };
    // If there can be no thread, it is not dropped.
    let _ = without_signals(|| std::thread::Builder::new().spawn(drop_it));
}

/// Drops it. A panic in a destructor must not unwind into C, and ends here.
///
/// # Safety
///
/// As for [`release`].
unsafe fn run(left: *mut Left) {
    // SAFETY: this function's contract.
    let drop_it = unsafe { &*left }.drop;
    let before = CALLED.replace(true);
    // SAFETY: this function's contract.
    let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { drop_it(left) }));
    if let Err(panic) = dropped {
        // The payload's own destructor could panic too.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            core::mem::forget(panic);
        }
    }
    CALLED.set(before);
}

/// Notes that this thread is one of the program's.
pub(crate) fn calling() {
    if !CALLED.get() {
        CALLS.set(true);
    }
}

/// Whether this thread may be one of libzmq's.
pub(crate) fn may_be_libzmq() -> bool {
    CALLED.get() && !CALLS.get()
}

/// Whether a thread in which libzmq lets go of something is libzmq's own.
#[cfg(all(unix, not(target_os = "android")))]
fn is_libzmq() -> bool {
    !CALLS.get() && crate::sys::signals::blocks_all()
}

/// Whether a thread in which libzmq lets go of something is libzmq's own, as far as is known.
#[cfg(not(all(unix, not(target_os = "android"))))]
fn is_libzmq() -> bool {
    !CALLS.get()
}
