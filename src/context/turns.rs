//! One thread at a time, and that one as often as it likes.
//!
//! When libzmq has bound or connected, the destructors of messages' owners may have to run (M17), and these may bind, connect or close
//! a socket of the same context: with a plain lock, the thread would wait for itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

thread_local! {
    /// Its address tells threads apart.
    static THREAD: u8 = const { 0 };
}

/// No thread's number: nothing lies at address 0.
const NOBODY: usize = 0;

/// Whose turn it is.
#[derive(Default)]
pub(crate) struct Turns {
    lock: Mutex<()>,
    thread: AtomicUsize,
}

/// A thread's turn; it ends when this is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    /// None if the thread had its turn already.
    lock: Option<MutexGuard<'a, ()>>,
}

impl Turns {
    /// Waits until it is this thread's turn.
    pub(crate) fn take(&self) -> Turn<'_> {
        let thread = THREAD.with(|mark| core::ptr::from_ref(mark).addr());
        // Only this thread ever writes its own number there.
        if self.thread.load(Ordering::Relaxed) == thread {
            return Turn { turns: self, lock: None };
        }
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.thread.store(thread, Ordering::Relaxed);
        Turn { turns: self, lock: Some(lock) }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.lock.is_some() {
            self.turns.thread.store(NOBODY, Ordering::Relaxed);
        }
    }
}
