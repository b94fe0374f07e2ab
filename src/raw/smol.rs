//! The registration of a descriptor with the reactor of smol, which all executors share.

use core::mem;
use core::task::{Context, Poll, Waker, ready};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_io::Async;

use super::direct::DirectWake;
use super::registered::{Descriptor, Register};
use super::socket::Socket;
use crate::readiness::direct;
use crate::readiness::task::Source;
use crate::sys::fork::Origin;

/// The number of calls on one socket that may be ready in a row before its task lets other tasks run.
const BUDGET: u8 = 64;

/// The registration of a descriptor with the reactor.
pub(crate) struct SmolRegistration {
    /// Taken out when the registration is dropped.
    descriptor: Option<Async<Descriptor>>,
    direct: DirectWake,
    /// The only waker that the reactor has for the socket. It wakes the task that waits.
    ///
    /// If a waker replaces another one, the reactor wakes the old waker. So with the wakers of the tasks, each task that takes over or
    /// gives up would cause a useless wake-up.
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
        let direct = DirectWake::new();
        // The first registration starts the reactor and its thread, and panics if the system refuses one of them.
        let registered = catch_unwind(AssertUnwindSafe(|| Async::new_nonblocking(descriptor)))
            .map_err(|_| io::Error::from(io::ErrorKind::Unsupported))??;
        Ok(SmolRegistration {
            descriptor: Some(registered),
            waker: Waker::from(Arc::clone(&direct.waiter)),
            direct,
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

    fn attach(&mut self, socket: &Socket) {
        self.direct.attach(socket.mailbox());
    }

    fn use_descriptor(&self) {
        self.direct.disarm();
    }

    fn use_only_descriptor(&self, is_lent: bool) {
        self.direct.set_lent(is_lent);
    }
}

impl Source for SmolRegistration {
    type Error = io::Error;

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(descriptor) = &self.descriptor else { return Poll::Pending };
        let reactor = || {
            // Takes the events that were reported up to now. While the descriptor is readable, a wait ends at once.
            ready!(descriptor.poll_readable(&mut Context::from_waker(&self.waker)))?;
            descriptor.get_ref().clear();
            Poll::Ready(Ok(()))
        };
        direct::poll_edge(&self.direct.waiter.waiting, task.waker(), || self.direct.arm(), reactor)
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
