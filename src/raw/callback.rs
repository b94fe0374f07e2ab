//! Decides when the destructor of a message's owner runs.
//!
//! libzmq calls the destructor on the thread that releases the bytes last (M17). This thread may be in the middle of a call on
//! a socket (M26). The destructor may use the same socket, so it runs after the call has returned. For this, each call marks
//! its thread, which costs two instructions. On one of libzmq's own threads, the destructor runs immediately, but must not wait
//! there for libzmq to end.
//!
//! An experiment ran all destructors in one other thread. Messages of 1 KiB with an owner then took 3.2 µs of processor time over
//! TCP instead of 1.4 µs, because each message woke that thread.

use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;

use super::{Errno, cvt};
use crate::panics;

thread_local! {
    /// The owners that this thread drops after its call on a socket has returned, the latest first. The list ends with
    /// [`END`]. Null outside such calls.
    static LEFT: Cell<*mut Left> = const { Cell::new(ptr::null_mut()) };
    /// Whether this thread has called libzmq, other than from a destructor.
    static CALLS: Cell<bool> = const { Cell::new(false) };
    /// The owners that this thread drops after it has released a lock, the latest first. The list ends with [`END`]. Null outside
    /// locked sections.
    static HELD: Cell<*mut Left> = const { Cell::new(ptr::null_mut()) };
    /// Whether a destructor is running on this thread.
    static CALLED: Cell<bool> = const { Cell::new(false) };
}

/// The end of the list of owners to drop.
const END: *mut Left = ptr::dangling_mut();

/// The beginning of a value that is dropped when the thread makes no call on a socket.
pub(super) struct Left {
    next: Cell<*mut Left>,
    /// Drops the whole value. Must be called only once.
    drop: unsafe fn(*mut Left),
}

impl Left {
    /// The next value to drop.
    pub(super) const fn new(drop: unsafe fn(*mut Left)) -> Left {
        Left { next: Cell::new(END), drop }
    }
}

/// Makes a call on a socket, and then runs the destructors that libzmq has requested during the call. `call` must read the error
/// number itself.
#[inline]
pub(super) fn within<R>(call: impl FnOnce() -> R) -> R {
    let (result, left) = collecting(call);
    if left != END {
        drop_all(left);
    }
    result
}

/// Returns the result of `call`, and the owners that are still to be dropped.
#[inline]
fn collecting<R>(call: impl FnOnce() -> R) -> (R, *mut Left) {
    // There is only one access to the variable, because in a shared library each access is a function call. `call` is not part of
    // the closure, because `with` would then be compiled as a function that reads the captures of `call` from memory.
    let left = LEFT.with(ptr::from_ref);
    // SAFETY: the variable has no destructor, so it exists as long as this thread. Nobody borrows it mutably.
    let left = unsafe { &*left };
    left.set(END);
    (call(), left.replace(ptr::null_mut()))
}

/// Runs a section of code that holds a lock, or that makes several calls on a socket. Afterwards, runs the destructors of all owners that
/// were released in the section. A destructor may need the same lock, and may use the same socket.
#[inline]
pub(crate) fn after<R>(section: impl FnOnce() -> R) -> R {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            let latest = HELD.replace(ptr::null_mut());
            if latest != END {
                drop_all(latest);
            }
        }
    }
    if !HELD.get().is_null() {
        return section();
    }
    HELD.set(END);
    let _end = End;
    section()
}

/// A function that sends or receives a message.
type Transfer = unsafe extern "C" fn(*mut zmq_sys::zmq_msg_t, *mut c_void, c_int) -> c_int;

/// Sends or receives a message like [`within`], and checks for destructors before it checks for an error, so that
/// success takes the shortest path.
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

/// Drops the owners that a transfer left. The error number has been read before.
#[cold]
fn transferred(result: c_int, left: *mut Left) -> Result<c_int, Errno> {
    let result = cvt(result);
    drop_all(left);
    result
}

/// Drops the owners in the order in which libzmq released them. If the thread is in a locked section, they are dropped after it.
#[cold]
fn drop_all(mut latest: *mut Left) {
    if !HELD.get().is_null() {
        return put_off(latest);
    }
    let mut first = END;
    while latest != END {
        // SAFETY: `release` put it in the list; it stays in place until it is dropped below.
        let left = unsafe { &*latest };
        let before = left.next.replace(first);
        first = latest;
        latest = before;
    }
    while first != END {
        // SAFETY: as above.
        let next = unsafe { &*first }.next.get();
        // SAFETY: by the contract of `release`; each value is in the list once.
        unsafe { run(first) };
        first = next;
    }
}

/// Keeps a list of owners until the thread has released its lock.
#[cold]
fn put_off(latest: *mut Left) {
    let mut oldest = latest;
    loop {
        // SAFETY: `release` put it in the list; it stays in place until it is dropped.
        let left = unsafe { &*oldest };
        if left.next.get() == END {
            left.next.set(HELD.replace(latest));
            return;
        }
        oldest = left.next.get();
    }
}

/// Drops the value. If this thread is within a call on a socket or in a locked section, drops the value afterwards.
///
/// # Safety
///
/// `left` is the beginning of a value for which its `drop` may be called, once, on any thread. Nobody else uses the
/// value any more.
pub(super) unsafe fn release(left: *mut Left) {
    let before = LEFT.get();
    if before.is_null() {
        let held = HELD.get();
        if held.is_null() {
            // SAFETY: this function's contract.
            return unsafe { run(left) };
        }
        // SAFETY: this function's contract.
        unsafe { &*left }.next.set(held);
        return HELD.set(left);
    }
    // SAFETY: this function's contract.
    unsafe { &*left }.next.set(before);
    LEFT.set(left);
}

/// Drops the value.
///
/// # Safety
///
/// As for [`release`].
unsafe fn run(left: *mut Left) {
    // SAFETY: this function's contract.
    let drop_it = unsafe { &*left }.drop;
    // SAFETY: this function's contract.
    foreign(|| unsafe { drop_it(left) });
}

/// Runs code of the program on a thread that may belong to libzmq. A panic must not unwind into C, so it is caught here.
pub(super) fn foreign(code: impl FnOnce()) {
    let before = CALLED.replace(true);
    panics::contain(code);
    CALLED.set(before);
}

/// Notes that this thread belongs to the program.
pub(crate) fn calling() {
    if !CALLED.get() {
        CALLS.set(true);
    }
}

/// Whether this thread may belong to libzmq.
pub(crate) fn may_be_libzmq() -> bool {
    CALLED.get() && !CALLS.get()
}
