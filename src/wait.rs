//! Waiting until something has an event, whatever signals come.

use core::ffi::c_int;
use core::time::Duration;

use crate::context::forked;
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::raw::Errno;
use crate::sys::{descriptors, fork};
use crate::timeout::{Deadline, milliseconds_or_forever};

/// A list so short that it is not worth asking for the limit of descriptors: the process has as many open already, as a
/// context with one socket has more.
pub(crate) const SURELY_WITHIN_LIMIT: usize = 5;

/// What [`wait_for`] waits for: a list of items, not empty and not longer than [`check_limit`](foreign::check_limit) allows.
pub(crate) trait Items {
    /// Waits for at most this many milliseconds, and returns how many items have events.
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno>;

    /// Whether, in a forked child, one of them is a socket of the parent.
    fn is_inherited(&mut self) -> bool;

    /// Forgets what is left in them of an earlier call.
    fn clear(&mut self);

    /// How many there are.
    fn count(&self) -> usize;

    /// Whether there are both sockets that threads may share and others.
    fn is_mixed(&self) -> bool;
}

/// Polls until something has an event or the time is over, whatever signals come, unless those are to be told of.
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
    // The clock is not read before there is need to: a signal, or a wait of more than 24 days.
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

/// libzmq's wait on an empty list overflows, and does not know "forever" (L7).
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

/// Whether the system takes a list of so many items.
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
