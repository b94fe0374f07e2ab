//! The registration of a descriptor with the reactor of smol, which all executors share.

use core::mem;
use core::task::{Context, Poll, Waker, ready};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

use async_io::Async;

use super::registered::{Descriptor, Register};
use crate::readiness::task::Source;
use crate::sys::fork::Origin;

/// The number of calls on one socket that may be ready in a row before its task lets other tasks run.
const BUDGET: u8 = 64;

/// The only waker that the reactor has for a socket. It wakes the task that waits.
///
/// If a waker replaces another one, the reactor wakes the old waker. Without this type, each task that takes over or gives
/// up would cause a useless wake-up.
#[derive(Default)]
struct Task(Mutex<Option<Waker>>);

impl Task {
    /// Sets the task to wake. Wakers are cloned and dropped without the lock, because this may run code of the executor.
    fn set(&self, waker: &Waker) {
        let is_same = |set: &Waker| set.will_wake(waker);
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(is_same) {
            let waker = Some(waker.clone());
            let former = mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), waker);
            drop(former);
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waker = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The registration of a descriptor with the reactor.
pub(crate) struct SmolRegistration {
    /// Taken out when the registration is dropped.
    descriptor: Option<Async<Descriptor>>,
    task: Arc<Task>,
    /// Wakes the task.
    waker: Waker,
    /// The number of calls in a row that were ready.
    spent: AtomicU8,
    origin: Origin,
}

impl Register for SmolRegistration {
    /// Registers the descriptor with the reactor of the process.
    ///
    /// The error is `Unsupported` if the reactor cannot be started.
    fn register(descriptor: Descriptor) -> io::Result<SmolRegistration> {
        // The first registration starts the reactor and its thread, and panics if the system refuses one of them.
        let registered = catch_unwind(AssertUnwindSafe(|| Async::new_nonblocking(descriptor)))
            .map_err(|_| io::Error::from(io::ErrorKind::Unsupported))??;
        let task = Arc::new(Task::default());
        Ok(SmolRegistration {
            descriptor: Some(registered),
            waker: Waker::from(Arc::clone(&task)),
            task,
            spent: AtomicU8::new(0),
            origin: Origin::here(),
        })
    }

    #[inline]
    fn within_budget<T>(
        &self,
        task: &mut Context<'_>,
        step: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let spent = self.spent.load(Ordering::Relaxed);
        if spent >= BUDGET {
            self.spent.store(0, Ordering::Relaxed);
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = step(task);
        self.spent.store(if polled.is_ready() { spent + 1 } else { 0 }, Ordering::Relaxed);
        polled
    }

    #[inline]
    fn try_within_budget(&self, call: impl FnOnce() -> bool) -> bool {
        let spent = self.spent.load(Ordering::Relaxed);
        let is_ready = spent < BUDGET && call();
        if is_ready {
            self.spent.store(spent + 1, Ordering::Relaxed);
        }
        is_ready
    }
}

impl Source for SmolRegistration {
    type Error = io::Error;

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(descriptor) = &self.descriptor else { return Poll::Pending };
        // The task is set before the wait begins, so an event in between wakes the task.
        self.task.set(task.waker());
        // Takes the events that were reported up to now. While the descriptor is readable, a wait ends at once.
        ready!(descriptor.poll_readable(&mut Context::from_waker(&self.waker)))?;
        descriptor.get_ref().clear();
        Poll::Ready(Ok(()))
    }

    /// If the wait began while the reactor was looking for events, the reactor wakes the task, but does not report the event. It does so
    /// again and again while the descriptor is readable. So the signals are taken without a report.
    fn take_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let edge = self.poll_edge(task);
        match &self.descriptor {
            Some(descriptor) if edge.is_pending() && descriptor.get_ref().clear() => Poll::Ready(Ok(())),
            _ => edge,
        }
    }
}

impl Drop for SmolRegistration {
    fn drop(&mut self) {
        let descriptor = self.descriptor.take();
        if !self.origin.is_here_exactly() {
            // A forked child shares the reactor's epoll with its parent. Removing the descriptor would also end the events
            // of the parent's socket.
            mem::forget(descriptor);
        }
    }
}
