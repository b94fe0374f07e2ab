//! Waits for a thread that runs a user's handler, without a deadlock if threads wait for each other in a circle.
//!
//! A handler may wait for the thread of another handler, which may wait for the thread of the first handler. Each thread
//! announces its wait before it checks whom the other thread waits for. So the last thread of a circle always detects the
//! circle, and does not wait.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sys::fork::Origin;

/// A thread that other threads may wait for.
pub(crate) struct Awaited {
    /// A lock that was held at the fork is never released in the child.
    origin: Origin,
    waits_for: Mutex<Option<Arc<Awaited>>>,
}

thread_local! {
    static HERE: RefCell<Option<Arc<Awaited>>> = const { RefCell::new(None) };
}

impl Awaited {
    /// The record of the calling thread, or `None` after its thread-local variables were destroyed.
    pub(crate) fn here() -> Option<Arc<Awaited>> {
        let known = HERE.try_with(|here| here.borrow().clone()).ok()?;
        if let Some(known) = known.filter(|known| known.origin.is_here()) {
            return Some(known);
        }
        let new = Awaited::new();
        new.is_here();
        Some(new)
    }

    /// Creates the record of a thread that has not started yet.
    pub(crate) fn new() -> Arc<Awaited> {
        Arc::new(Awaited { origin: Origin::here(), waits_for: Mutex::default() })
    }

    /// Makes this the record of the calling thread.
    pub(crate) fn is_here(self: &Arc<Self>) {
        // If the thread-local variables were destroyed, no other thread can find this record, and no circle can form.
        let _ = HERE.try_with(|here| here.replace(Some(Arc::clone(self))));
    }

    /// Runs `wait`, which waits for this thread. Returns `None` without waiting if this is the calling thread, or if this
    /// thread waits for the calling thread, directly or through other threads.
    pub(crate) fn wait<R>(self: &Arc<Self>, wait: impl FnOnce() -> R) -> Option<R> {
        let Some(here) = Awaited::here() else { return Some(wait()) };
        let waiting = Waiting::begin(&here, self);
        let mut next = Some(Arc::clone(self));
        while let Some(thread) = next {
            if Arc::ptr_eq(&thread, &here) {
                return None;
            }
            next = thread.waits_for().clone();
        }
        let waited = wait();
        drop(waiting);
        Some(waited)
    }

    fn waits_for(&self) -> MutexGuard<'_, Option<Arc<Awaited>>> {
        self.waits_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While this exists, the calling thread announces that it waits.
struct Waiting<'a>(&'a Awaited);

impl<'a> Waiting<'a> {
    fn begin(here: &'a Awaited, thread: &Arc<Awaited>) -> Waiting<'a> {
        *here.waits_for() = Some(Arc::clone(thread));
        Waiting(here)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        *self.0.waits_for() = None;
    }
}
