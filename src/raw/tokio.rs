//! The registration of a descriptor with a tokio runtime.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use core::cell::Cell;
use core::future::{self, Future};
use core::pin::pin;
use core::task::{Context, Poll, Waker, ready};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use ::tokio::runtime::Handle;
use ::tokio::task::coop;

use super::registered::{Descriptor, Register};
use crate::readiness::task::Source;
use crate::sys::fork::Origin;
#[cfg(unix)]
use unix::Watched;
#[cfg(windows)]
use windows::Watched;

/// The number of calls in a thread that are paid together from the budget that tokio gives to each task. tokio schedules a task anew
/// when its budget is spent. If each call were paid, this would take a fifth of the processor time of short messages.
const BATCH: u8 = 32;

/// A batch that takes less time than this costs `CHEAP` units of the budget: the task does little else than send or receive. Any other
/// batch costs as many units as it has calls.
const FAST: Duration = Duration::from_micros(8);

/// So other tasks run after some 200 calls of such a task, instead of 128.
const CHEAP: u8 = 20;

// These variables need no destructor, so they can be used as long as the thread exists.
thread_local! {
    /// The number of calls in this thread that did not wait, since the last payment.
    static UNPAID: Cell<u8> = const { Cell::new(0) };
    /// The time of the last payment.
    static PAID: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Pays for a batch. Returns `Pending` if the budget of the task is spent, and is called again after the task was scheduled anew.
#[cold]
fn pay(task: &mut Context<'_>) -> Poll<()> {
    let now = Instant::now();
    let is_fast = PAID.get().is_some_and(|paid| now.duration_since(paid) < FAST);
    for _ in 0..if is_fast { CHEAP } else { BATCH } {
        ready!(coop::poll_proceed(task)).made_progress();
    }
    UNPAID.set(0);
    PAID.set(Some(now));
    Poll::Ready(())
}

/// The registration of a descriptor with the runtime.
pub(crate) struct TokioRegistration {
    /// Taken out when the registration is dropped.
    descriptor: Option<Watched>,
    origin: Origin,
}

impl Register for TokioRegistration {
    /// Registers the descriptor with the runtime of the calling thread.
    ///
    /// The error is `NotFound` if there is no runtime, and `Unsupported` if the runtime has no I/O driver.
    fn register(descriptor: Descriptor) -> io::Result<TokioRegistration> {
        Handle::try_current().map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        // This panics if the runtime has no I/O driver, and tokio has no function that reports this.
        let watched = catch_unwind(AssertUnwindSafe(|| Watched::new(descriptor)))
            .map_err(|_| io::Error::from(io::ErrorKind::Unsupported))??;
        Ok(TokioRegistration { descriptor: Some(watched), origin: Origin::here() })
    }

    #[inline]
    fn within_budget<T>(
        &self,
        task: &mut Context<'_>,
        step: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if UNPAID.get() >= BATCH {
            ready!(pay(task));
        }
        let polled = step(task);
        if polled.is_ready() {
            UNPAID.set(UNPAID.get().saturating_add(1));
        }
        polled
    }

    #[inline]
    fn try_within_budget(&self, call: impl FnOnce() -> bool) -> bool {
        UNPAID.with(|unpaid| {
            let is_ready = unpaid.get() < BATCH && call();
            if is_ready {
                unpaid.set(unpaid.get().saturating_add(1));
            }
            is_ready
        })
    }

    fn beyond_budget<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>, waker: &Waker) -> Poll<T> {
        let unconstrained = coop::unconstrained(future::poll_fn(poll));
        pin!(unconstrained).poll(&mut Context::from_waker(waker))
    }
}

impl Source for TokioRegistration {
    type Error = io::Error;

    #[inline]
    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.descriptor {
            Some(descriptor) => descriptor.poll_edge(task),
            None => Poll::Pending,
        }
    }
}

impl Drop for TokioRegistration {
    fn drop(&mut self) {
        let descriptor = self.descriptor.take();
        if !self.origin.is_here_exactly() {
            // A forked child shares the reactor's epoll with its parent. Removing the descriptor would also end the events of the
            // parent's socket.
            core::mem::forget(descriptor);
        }
    }
}
