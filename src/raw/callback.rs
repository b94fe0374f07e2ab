//! Which threads are libzmq's own: the destructor of a message's owner may run on one of those (M17), and must not wait
//! there for libzmq to end.

use core::cell::Cell;

thread_local! {
    /// Whether this thread has called libzmq, other than from a destructor that libzmq had called.
    static CALLS: Cell<bool> = const { Cell::new(false) };
    /// Whether libzmq is calling a destructor on this thread.
    static CALLED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that this thread is one of the program's.
pub(crate) fn calling() {
    if !CALLED.get() {
        CALLS.set(true);
    }
}

/// Runs what libzmq has called.
pub(crate) fn called<R>(run: impl FnOnce() -> R) -> R {
    let before = CALLED.replace(true);
    let result = run();
    CALLED.set(before);
    result
}

/// Whether this thread may be one of libzmq's.
pub(crate) fn may_be_libzmq() -> bool {
    CALLED.get() && !CALLS.get()
}
