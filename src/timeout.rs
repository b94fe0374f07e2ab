//! Converts a `Duration` to the milliseconds of C, in one place.
//!
//! A wait that is not a whole number of milliseconds is rounded up, so that a short wait never becomes a busy loop. A
//! wait of more than 24 days is shortened to 24 days.

use core::ffi::c_int;
use core::time::Duration;
use std::time::Instant;

/// The argument of calls with a timeout: a [`Duration`], an `Option<Duration>`, or any other type that implements
/// `Into<Option<Duration>>`.
///
/// | in C | here |
/// |---|---|
/// | 1000 (milliseconds) | `Duration::from_millis(1000)` |
/// | 0 | `Duration::ZERO` |
/// | -1 | `None` |
///
/// Each call describes what `None` means. For most calls, it means no limit.
///
/// Do not implement this trait.
#[diagnostic::on_unimplemented(
    message = "expected a `Duration` or `None`, found `{Self}`",
    label = "not a `Duration`",
    note = "instead of 1000 (milliseconds), write `Duration::from_millis(1000)`; instead of 0, write `Duration::ZERO`; instead \
            of -1, write `None`"
)]
pub trait IntoTimeout {
    /// Returns the duration, or `None`.
    fn into_timeout(self) -> Option<Duration>;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Option<Duration>>> IntoTimeout for T {
    #[inline]
    fn into_timeout(self) -> Option<Duration> {
        self.into()
    }
}

/// The number that means "forever" in C.
pub(crate) const FOREVER: c_int = -1;

/// Converts to whole milliseconds, rounded up, at most `c_int::MAX`.
pub(crate) fn milliseconds(duration: Duration) -> c_int {
    // Computed with machine words: dividing the total number of nanoseconds takes longer than setting an option.
    let of_seconds = duration.as_secs().saturating_mul(1000);
    let exact = of_seconds.saturating_add(u64::from(duration.subsec_nanos().div_ceil(1_000_000)));
    c_int::try_from(exact).unwrap_or(c_int::MAX)
}

/// The range of [`microseconds`].
pub(crate) const SPIN_TIME_RANGE: &str = "must be at most 2147483647 microseconds";

/// Converts to whole microseconds, rounded up, if a `c_int` can represent them.
pub(crate) fn microseconds(duration: Duration) -> Option<c_int> {
    c_int::try_from(duration.as_nanos().div_ceil(1000)).ok()
}

/// Like [`milliseconds`]. `None` means forever.
pub(crate) fn milliseconds_or_forever(timeout: Option<Duration>) -> c_int {
    timeout.map_or(FOREVER, milliseconds)
}

/// Converts milliseconds from C, where a negative number means forever.
pub(crate) fn from_milliseconds(milliseconds: c_int) -> Option<Duration> {
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

/// How long a call may wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[allow(unreachable_pub, unnameable_types, reason = "the hidden method of a draft trait takes it")]
pub enum Wait {
    /// As long as the timeout of the socket allows.
    AsSet,
    Not,
    /// Up to this time, regardless of the timeout of the socket.
    UpTo(Duration),
}

impl Wait {
    /// Whether a call that waits like this can continue after this error number: after a signal, or because it has time
    /// left.
    #[inline]
    pub(crate) fn may_go_on(self, errno: c_int) -> bool {
        match errno {
            libc::EINTR => true,
            libc::EAGAIN => matches!(self, Wait::UpTo(limit) if !limit.is_zero()),
            _ => false,
        }
    }

    /// How long a call may wait on a socket with this timeout. `None` means forever.
    pub(crate) fn limit(self, as_set: c_int) -> Option<Duration> {
        match self {
            Wait::AsSet => from_milliseconds(as_set),
            Wait::Not => Some(Duration::ZERO),
            Wait::UpTo(limit) => Some(limit),
        }
    }
}

/// The time at which a wait ends. If that time is beyond the range of the clock, the wait never ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn after(timeout: Option<Duration>) -> Deadline {
        Deadline(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// The remaining milliseconds, rounded up: 0 after the deadline, [`FOREVER`] if there is none.
    pub(crate) fn milliseconds_left(self) -> c_int {
        match self.0 {
            Some(end) => milliseconds(end.saturating_duration_since(Instant::now())),
            None => FOREVER,
        }
    }

    /// The remaining time, or `None` if there is no deadline.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn has_passed(self) -> bool {
        self.0.is_some_and(|end| end <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_up_and_saturates() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_micros(1001)), 2);
        assert_eq!(milliseconds(Duration::MAX), c_int::MAX);
        assert_eq!(milliseconds_or_forever(None), -1);
        assert_eq!(microseconds(Duration::from_nanos(1)), Some(1));
        assert_eq!(microseconds(Duration::from_secs(3600)), None);
    }

    #[test]
    fn an_endless_deadline_never_passes() {
        for deadline in [Deadline::after(None), Deadline::after(Some(Duration::MAX))] {
            assert_eq!(deadline.milliseconds_left(), FOREVER);
            assert!(!deadline.has_passed());
        }
        let now = Deadline::after(Some(Duration::ZERO));
        assert_eq!(now.milliseconds_left(), 0);
        assert!(now.has_passed());
    }
}
