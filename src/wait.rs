//! Waiting until an item has an event, even if signals arrive in the meantime.

use core::ffi::c_int;
use core::time::Duration;

use crate::context::forked;
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::raw::Errno;
use crate::sys::{descriptors, fork};
use crate::timeout::{Deadline, milliseconds_or_forever};

/// The maximum length of a list that needs no check against the limit of descriptors: a context with one socket already
/// has more descriptors open.
pub(crate) const SURELY_WITHIN_LIMIT: usize = 5;

/// The items that [`wait_for`] waits for: a list that is not empty and not longer than
/// [`check_limit`](foreign::check_limit) allows.
pub(crate) trait Items {
    /// Waits for at most this many milliseconds, and returns how many items have events.
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno>;

    /// Whether this is a forked child, and an item is for a socket of the parent.
    fn is_inherited(&mut self) -> bool;

    /// Clears the events of an earlier call.
    fn clear(&mut self);

    /// The number of items.
    fn count(&self) -> usize;

    /// Whether the list has both sockets that threads may share and other sockets.
    fn is_mixed(&self) -> bool;
}

/// Polls until an item has an event or the timeout ends. Continues after signals, unless `is_interruptible` returns
/// `true`.
pub(crate) fn wait_for(
    items: &mut (impl Items + ?Sized),
    timeout: Option<Duration>,
    is_interruptible: impl Fn() -> bool,
) -> Result<usize> {
    if fork::is_child() && items.is_inherited() {
        return Err(forked(Operation::Poll));
    }
    foreign::check_sorts(items)?;
    let mut milliseconds = milliseconds_or_forever(timeout);
    let is_cut = milliseconds == c_int::MAX;
    // The clock is read only when it is needed: after a signal, or for a wait of more than 24 days.
    let mut deadline = is_cut.then(|| Deadline::after(timeout));
    loop {
        match items.poll(milliseconds) {
            Ok(0) if milliseconds == c_int::MAX => {}
            Ok(count) => return Ok(usize::try_from(count).unwrap_or(0)),
            Err(Errno(libc::EINTR)) if !is_interruptible() => {}
            Err(errno) => {
                items.clear();
                if errno == Errno(libc::EINVAL) {
                    is_within_limit(items.count())?;
                }
                return Err(Error::new(Operation::Poll, errno));
            }
        }
        milliseconds = deadline.get_or_insert_with(|| Deadline::after(timeout)).milliseconds_left();
    }
}

/// libzmq's own wait on an empty list overflows, and cannot wait forever (L7).
pub(crate) fn sleep(timeout: Option<Duration>) -> Result<usize> {
    match timeout {
        Some(timeout) => {
            std::thread::sleep(timeout);
            Ok(0)
        }
        None => {
            Err(Error::invalid(Operation::Poll, "no items", "without a timeout, the call would never return"))
        }
    }
}

/// Whether the system accepts a list of this many items.
pub(crate) fn is_within_limit(count: usize) -> Result<()> {
    let limit = descriptors::limit();
    if count <= limit {
        return Ok(());
    }
    Err(Error::invalid(
        Operation::Poll,
        format!("{count} items"),
        format!("a process that may open {limit} descriptors can poll at most {limit} items"),
    ))
}
