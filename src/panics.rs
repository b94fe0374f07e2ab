//! Panics of code that belongs to the program, such as wakers and destructors.

use core::any::Any;
use core::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The maximum number of values that are dropped if each destructor panics with another value.
const MOST: usize = 10;

/// Runs code that belongs to another part of the program than the caller. A panic of this code is caught, because the caller might lose a
/// message by it. Usually, the panic hook has already reported it.
pub(crate) fn contain(code: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
        discard(panic);
    }
}

/// Drops the value of a panic. A panic in its destructor is caught, and the value of that panic is dropped as well.
pub(crate) fn discard(mut panic: Box<dyn Any + Send>) {
    for _ in 0..MOST {
        match catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            Ok(()) => return,
            Err(next) => panic = next,
        }
    }
    // Each destructor could panic again, without end.
    mem::forget(panic);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics when it is dropped, with a value that panics when it is dropped.
    struct Panics(u32);

    impl Drop for Panics {
        fn drop(&mut self) {
            if self.0 > 0 {
                std::panic::panic_any(Panics(self.0 - 1));
            }
            panic!("in a destructor");
        }
    }

    #[test]
    fn panics_of_destructors_are_caught() {
        for depth in 0..3 {
            discard(Box::new(Panics(depth)));
        }
    }
}
