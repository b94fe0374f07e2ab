//! How a thread sleeps until it is woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;
use std::thread::{self, Thread};

use crate::timeout::Deadline;

/// A thread that sleeps until it is woken.
///
/// Each request has its own `Parker`. The standard library has one token for each thread, and other code on the thread can
/// take this token, for example the destructor of a message. So only the flag decides whether the thread was woken. The token
/// ends the sleep.
#[derive(Debug)]
pub(super) struct Parker {
    is_woken: AtomicBool,
    thread: Thread,
}

impl Parker {
    /// Creates a parker for the calling thread.
    pub(super) fn new() -> Parker {
        Parker { is_woken: AtomicBool::new(false), thread: thread::current() }
    }

    /// Sleeps until it is woken, or until the deadline.
    pub(super) fn park(&self, deadline: Deadline) {
        while !self.is_woken.swap(false, Ordering::Acquire) {
            match deadline.left() {
                None => thread::park(),
                Some(left) if left.is_zero() => return,
                Some(left) => thread::park_timeout(left),
            }
        }
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
