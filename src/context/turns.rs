//! A lock that a thread can take again while it holds it.
//!
//! After libzmq has bound or connected, the destructors of messages' owners may run (M17). They may bind, connect or close a
//! socket of the same context. With an ordinary lock, the thread would wait for itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

thread_local! {
    /// Its address distinguishes threads.
    static THREAD: u8 = const { 0 };
}

/// Not the number of any thread, because nothing has the address 0.
const NOBODY: usize = 0;

/// A lock, and the number of the thread that holds it.
#[derive(Default)]
pub(crate) struct Turns {
    lock: Mutex<()>,
    thread: AtomicUsize,
}

/// A thread's turn, which ends on drop.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    /// `None` if the thread already had its turn.
    lock: Option<MutexGuard<'a, ()>>,
}

impl Turns {
    /// Waits until it is this thread's turn.
    pub(crate) fn take(&self) -> Turn<'_> {
        let thread = THREAD.with(|mark| core::ptr::from_ref(mark).addr());
        // Only this thread writes its own number there.
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
