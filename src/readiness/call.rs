//! Lets the holder of a lock do what another thread must not wait for.

use std::sync::atomic::{AtomicBool, Ordering};

/// A call to attend to what a lock guards. A caller that finds the lock held leaves the call to the holder.
#[derive(Debug, Default)]
pub(crate) struct Call(AtomicBool);

impl Call {
    /// Calls. `attend` takes the lock, [answers](Self::answer), attends, and releases the lock. It returns `false` if the lock is held:
    /// then the holder [takes](Self::take) the call.
    ///
    /// No call is lost. If the holder takes it before this call is made, the holder has released the lock before.
    pub(crate) fn make(&self, mut attend: impl FnMut() -> bool) {
        loop {
            self.0.swap(true, Ordering::AcqRel);
            // Others may have called while this thread had the lock.
            if !attend() || !self.take() {
                return;
            }
        }
    }

    /// Notes a call for the holder of the lock, which is the calling thread.
    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Forgets the calls up to now, because the calling thread has the lock and attends now.
    pub(crate) fn answer(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Takes the call that was made while the calling thread had the lock. Returns whether there was one: then the thread must call
    /// [`make`](Self::make). Every holder of the lock must do this after it has released the lock.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_the_lock_takes_the_call() {
        let call = Call::default();
        assert!(!call.take());
        call.make(|| false);
        assert!(call.take());
        assert!(!call.take());
        call.note();
        assert!(call.take());
    }

    #[test]
    fn a_call_is_answered_once() {
        let call = Call::default();
        let mut attended = 0;
        call.make(|| {
            call.answer();
            attended += 1;
            true
        });
        assert_eq!((attended, call.take()), (1, false));
    }

    #[test]
    fn a_call_while_another_one_is_answered_is_answered_as_well() {
        let call = Call::default();
        let mut attended = 0;
        call.make(|| {
            call.answer();
            attended += 1;
            if attended < 3 {
                call.make(|| false);
            }
            true
        });
        assert_eq!((attended, call.take()), (3, false));
    }
}
