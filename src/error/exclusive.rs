//! A value that can only be had whole.

/// Keeps a value out of reach until it is taken out, so that threads may share the container though not the value.
///
/// Errors carry messages in it: what `?` turns into a boxed error has to be `Sync`. A lock would do, and make every result of a send
/// larger.
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
