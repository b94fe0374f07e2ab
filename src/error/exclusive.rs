//! A value that can only be moved out.

/// A container whose value is accessible only by moving it out. So threads may share the container, even if they may not share
/// the value.
///
/// Errors contain messages in it, because an error that `?` converts to a boxed error must be `Sync`. A lock would also work,
/// but would make every result of a send larger.
pub(crate) struct Exclusive<T>(T);

#[allow(unsafe_code, reason = "the compiler cannot see that nobody gets at the value")]
// SAFETY: through a shared reference there is no way to the value, so no two threads can use it at once.
unsafe impl<T> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    #[inline]
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(value)
    }

    #[inline]
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
