//! When the destructor of a message's owner runs.
//!
//! libzmq calls it on the thread that releases the bytes last (M17). That thread may be in a call on a socket, which libzmq has
//! only half finished (M26). The destructor may use that very socket, so it waits until the call has returned. On a thread of
//! libzmq's own it runs at once, but must not wait there for libzmq to end.

use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Errno, cvt};

thread_local! {
    /// What this thread drops when its call on a socket has returned, the latest first: a list that ends with [`END`]. Null
    /// outside of such calls.
    static LEFT: Cell<*mut Left> = const { Cell::new(ptr::null_mut()) };
    /// Whether this thread has called libzmq, other than from a destructor.
    static CALLS: Cell<bool> = const { Cell::new(false) };
    /// Whether a destructor runs on this thread.
    static CALLED: Cell<bool> = const { Cell::new(false) };
}

/// The end of the list of what is left.
const END: *mut Left = ptr::dangling_mut();

/// The beginning of something that is dropped once no call on a socket is half finished.
pub(super) struct Left {
    next: Cell<*mut Left>,
    /// Drops the whole; to be called once.
    drop: unsafe fn(*mut Left),
}

impl Left {
    /// What `drop` will be called for.
    pub(super) const fn new(drop: unsafe fn(*mut Left)) -> Left {
        Left { next: Cell::new(END), drop }
    }
}

/// Runs a call on a socket, and afterwards the destructors that libzmq has called meanwhile. `call` must read the error number
/// itself.
#[inline]
pub(super) fn within<R>(call: impl FnOnce() -> R) -> R {
    let (result, left) = collecting(call);
    if left != END {
        drop_all(left);
    }
    result
}

/// What `call` returns, and what it leaves to be dropped.
#[inline]
fn collecting<R>(call: impl FnOnce() -> R) -> (R, *mut Left) {
    // One access to the variable, because in a shared library it is a function call.
    LEFT.with(|left| {
        left.set(END);
        (call(), left.replace(ptr::null_mut()))
    })
}

/// A function that sends or receives a message.
type Transfer = unsafe extern "C" fn(*mut zmq_sys::zmq_msg_t, *mut c_void, c_int) -> c_int;

/// Sends or receives a message, as [`within`] does, and looks for destructors before it looks for an error: so the way of success
/// is the shortest.
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
    // SAFETY: this function's contract.
    let (result, left) = collecting(|| unsafe { transfer(message, socket, flags) });
    if left == END { cvt(result) } else { transferred(result, left) }
}

/// Drops what a transfer left; its error number is read before.
#[cold]
fn transferred(result: c_int, left: *mut Left) -> Result<c_int, Errno> {
    let result = cvt(result);
    drop_all(left);
    result
}

/// Drops what was left, in the order in which libzmq let go of it.
#[cold]
fn drop_all(mut latest: *mut Left) {
    let mut first = END;
    while latest != END {
        // SAFETY: `release` put it there; it stays in place until it is dropped below.
        let left = unsafe { &*latest };
        let before = left.next.replace(first);
        first = latest;
        latest = before;
    }
    while first != END {
        // SAFETY: as above.
        let next = unsafe { &*first }.next.get();
        // SAFETY: by the contract of `release`; each is in the list once.
        unsafe { run(first) };
        first = next;
    }
}

/// Drops it: now, or when the call has returned that this thread is in.
///
/// # Safety
///
/// It is the beginning of something that its `drop` may be called for, once, on any thread, and that nobody else uses any more.
pub(super) unsafe fn release(left: *mut Left) {
    let before = LEFT.get();
    if before.is_null() {
        // SAFETY: this function's contract.
        return unsafe { run(left) };
    }
    // SAFETY: this function's contract.
    unsafe { &*left }.next.set(before);
    LEFT.set(left);
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
