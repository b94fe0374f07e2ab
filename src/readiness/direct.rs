//! Lets the threads of libzmq wake a task, without the descriptor and its reactor.
//!
//! A task that waits is always registered with the reactor. In addition, it *arms* the mailbox of its socket. If one of libzmq's own
//! threads sends the next command, it notes the task instead of writing to the descriptor. It wakes the task later: after its current
//! work, or before it runs the destructor of a message, which may wait for the task. Every other thread writes to the descriptor, and the
//! reactor wakes the task. So each command is announced in one of the two ways, and a mailbox that is not armed loses nothing.
//!
//! This module does not depend on libzmq or a runtime, so `task/tests.rs` can try all orders of events.

use core::mem;
use core::task::{Poll, Waker};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The task that waits, if any. The reactor and libzmq's threads wake it.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    waker: Mutex<Option<Waker>>,
    /// Whether a thread of libzmq is about to wake the task.
    is_noted: AtomicBool,
}

impl Waiting {
    /// Sets the task to wake. Wakers are cloned and dropped without the lock, because this may run code of the executor.
    pub(crate) fn set(&self, waker: &Waker) {
        let is_same = |set: &Waker| set.will_wake(waker);
        if !self.lock().as_ref().is_some_and(is_same) {
            let waker = Some(waker.clone());
            let former = mem::replace(&mut *self.lock(), waker);
            drop(former);
        }
    }

    /// Wakes the task.
    pub(crate) fn wake(&self) {
        let waker = self.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Notes that the calling thread will wake the task. Returns `false` if another thread is already about to wake it. The task is
    /// then woken after this call, because the other thread ends its note before it wakes.
    pub(crate) fn note(&self) -> bool {
        !self.is_noted.swap(true, Ordering::AcqRel)
    }

    /// Ends the note of the calling thread, which wakes the task after this.
    pub(crate) fn end_note(&self) {
        self.is_noted.swap(false, Ordering::AcqRel);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the edge that has occurred. If no edge has occurred, the next edge wakes the task.
///
/// `arm` arms the mailbox, and returns whether there are commands for which a thread of libzmq has noted the task. `reactor` takes an edge of
/// the descriptor, or registers the task with the reactor.
pub(crate) fn poll_edge<E>(
    waiting: &Waiting,
    waker: &Waker,
    arm: impl FnOnce() -> bool,
    reactor: impl FnOnce() -> Poll<Result<(), E>>,
) -> Poll<Result<(), E>> {
    // The task is set before the wait begins, so an event in between wakes the task.
    waiting.set(waker);
    if arm() { Poll::Ready(Ok(())) } else { reactor() }
}
