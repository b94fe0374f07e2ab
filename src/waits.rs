//! Waiting for a thread that runs what users wrote, and never in a circle.
//!
//! A handler may wait for another's thread, and that one's handler for the first. Each who waits says so before it looks
//! whom the other waits for, so the last one of a circle always sees it, and does not wait.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sys::fork::Origin;

/// A thread that others may wait for.
pub(crate) struct Awaited {
    /// In a forked child, nobody would ever give the lock back that was held meanwhile.
    origin: Origin,
    waits_for: Mutex<Option<Arc<Awaited>>>,
}

thread_local! {
    static HERE: RefCell<Option<Arc<Awaited>>> = const { RefCell::new(None) };
}

impl Awaited {
    /// The calling thread; `None` once its thread-local variables are gone.
    pub(crate) fn here() -> Option<Arc<Awaited>> {
        let known = HERE.try_with(|here| here.borrow().clone()).ok()?;
        if let Some(known) = known.filter(|known| known.origin.is_here()) {
            return Some(known);
        }
        let new = Awaited::new();
        new.is_here();
        Some(new)
    }

    /// A thread that is still to begin.
    pub(crate) fn new() -> Arc<Awaited> {
        Arc::new(Awaited { origin: Origin::here(), waits_for: Mutex::default() })
    }

    /// Says that it is the calling thread.
    pub(crate) fn is_here(self: &Arc<Self>) {
        // Without thread-local variables nobody finds it, and no circle either.
        let _ = HERE.try_with(|here| here.replace(Some(Arc::clone(self))));
    }

    /// Runs `wait`, which waits for this thread; or does not, and gives back `None`, if it is the calling one, or waits for
    /// that, itself or by way of others.
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

/// As long as it lives, the calling thread says that it waits.
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
