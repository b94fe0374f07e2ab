//! Ends a context without blocking the thread that drops its last share, and wakes the tasks that wait for the end.

use core::mem::{ManuallyDrop, replace};
use core::task::{Poll, Waker};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use super::Inner;
use crate::panics;
use crate::raw::{Errno, context};
use crate::sys::signals::without_signals;
use crate::sys::threads::refusal;

/// A share of a context. If it is the last one, a thread ends the context.
pub(crate) struct EndsInThread(Option<Arc<Inner>>);

impl EndsInThread {
    pub(crate) fn new(context: Arc<Inner>) -> EndsInThread {
        EndsInThread(Some(context))
    }
}

impl Drop for EndsInThread {
    fn drop(&mut self) {
        let Some(context) = self.0.take().and_then(Arc::into_inner) else { return };
        if !context.is_here_exactly() {
            return;
        }
        let ending = context.ending.get().cloned();
        // If the system starts no thread, the context is never ended, because this thread must not wait for the end.
        let context = ManuallyDrop::new(context);
        let end = move || drop(ManuallyDrop::into_inner(context));
        let started = without_signals(|| Builder::new().name("zmq-end".to_owned()).spawn(end));
        if let (Err(error), Some(ending)) = (started, ending) {
            context::Witness::ended(&*ending, Err(refusal(&error)));
        }
    }
}

/// The end of one context, for tasks that wait for it.
///
/// A waker belongs to an executor. Cloning, dropping or waking it can run any code, even a task that waits for the same end. So
/// wakers are not cloned, dropped or woken while the lock is held.
#[derive(Debug, Default)]
pub(super) struct Ending {
    tickets: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// The wakers of the waiting tasks, by their tickets.
    Ahead(BTreeMap<u64, Waker>),
    Over(Result<(), Errno>),
}

impl Default for State {
    fn default() -> State {
        State::Ahead(BTreeMap::new())
    }
}

impl Ending {
    /// Returns a number that no other waiting task has.
    pub(super) fn ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns how the context has ended. If it has not ended yet, stores `waker`, which replaces the previous waker of the
    /// ticket.
    pub(super) fn poll(&self, ticket: u64, waker: &Waker) -> Poll<Result<(), Errno>> {
        let waker = waker.clone();
        let (polled, _unused) = match &mut *self.lock() {
            State::Ahead(wakers) => (Poll::Pending, wakers.insert(ticket, waker)),
            State::Over(outcome) => (Poll::Ready(*outcome), Some(waker)),
        };
        polled
    }

    /// Forgets the waker of a ticket.
    pub(super) fn leave(&self, ticket: u64) {
        let _unused = match &mut *self.lock() {
            State::Ahead(wakers) => wakers.remove(&ticket),
            State::Over(_) => None,
        };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl context::Witness for Ending {
    fn ended(&self, outcome: Result<(), Errno>) {
        let before = replace(&mut *self.lock(), State::Over(outcome));
        if let State::Ahead(wakers) = before {
            for waker in wakers.into_values() {
                panics::contain(|| waker.wake());
            }
        }
    }
}
