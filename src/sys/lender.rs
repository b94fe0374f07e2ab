//! The thread that runs code of the program while it holds a lock.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Marks the thread that holds a lock while it runs code of the program. If this code makes a call that needs the same lock, the
/// call can fail. Without the mark, the call would wait forever.
#[derive(Debug, Default)]
pub(crate) struct Lender(AtomicUsize);

impl Lender {
    /// Whether the calling thread is marked.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        let lender = self.0.load(Ordering::Relaxed);
        lender != 0 && lender == this_thread()
    }

    /// Marks the calling thread, which must hold the lock, until the mark is dropped.
    pub(crate) fn mark(&self) -> Mark<'_> {
        self.0.store(this_thread(), Ordering::Relaxed);
        Mark(&self.0)
    }
}

/// The mark of a thread.
pub(crate) struct Mark<'a>(&'a AtomicUsize);

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Returns a number other than 0 that only this thread has while it runs.
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| core::ptr::from_ref(here).addr())
}
