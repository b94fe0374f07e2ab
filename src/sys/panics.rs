//! The values of caught panics.

use core::any::Any;
use core::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Drops the value of a panic. A panic in its destructor is caught.
pub(crate) fn discard(panic: Box<dyn Any + Send>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // Its value too could have a destructor that panics, unless it is a text.
        if !panic.is::<&'static str>() && !panic.is::<String>() {
            mem::forget(panic);
        }
    }
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
