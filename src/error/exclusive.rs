//! A value that only its exclusive owner can use.

use core::panic::{RefUnwindSafe, UnwindSafe};

/// A container whose value is accessible only through `&mut` or by moving it out. So threads may share the container, even if
/// they may not share the value.
///
/// Errors store messages in this container, because an error that `?` converts to a boxed error must be `Sync`. A lock would
/// also work, but would make every result of a send larger.
///
/// Async sockets are also stored in this container, because all their calls need exclusive access.
pub(crate) struct Exclusive<T>(T);

#[allow(unsafe_code, reason = "the compiler cannot see that nobody can reach the value")]
// SAFETY: a shared reference gives no access to the value, so no two threads can use it at once.
unsafe impl<T> Sync for Exclusive<T> {}

// A panic leaves none of these values in an invalid state.
impl<T> UnwindSafe for Exclusive<T> {}
impl<T> RefUnwindSafe for Exclusive<T> {}

impl<T> Exclusive<T> {
    #[inline]
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(value)
    }

    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }

    #[inline]
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
