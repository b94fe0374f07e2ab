//! A value that can only be had whole.

use std::sync::{Mutex, PoisonError};

/// Keeps a value out of reach until it is taken out, so that threads may share the container though not the value.
///
/// Errors carry messages in it: what `?` turns into a boxed error has to be `Sync`. The lock is never taken.
pub(crate) struct Exclusive<T>(Mutex<T>);

impl<T> Exclusive<T> {
    #[inline]
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(Mutex::new(value))
    }

    #[inline]
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
