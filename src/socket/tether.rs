//! The connection of a socket to its monitor: whether its events are still read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::raw;

/// Set when a monitor's events are no longer read.
#[derive(Clone, Default, Debug)]
pub(crate) struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The connection of a socket to its monitor.
#[derive(Default)]
pub(crate) struct Tether(Mutex<Option<Abandoned>>);

impl Tether {
    /// Held while a monitor is started or stopped, so that no other thread of a shared socket starts one at the same
    /// time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<Abandoned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the monitor of `socket` if its events are no longer read. The thread that discards the events still
    /// exists.
    pub(crate) fn stop_if_abandoned(&self, socket: &raw::socket::Socket) {
        let mut monitor = self.lock();
        if monitor.as_ref().is_some_and(Abandoned::is_set) && socket.origin.is_here_exactly() {
            // This fails if the context was shut down, and then there is nothing to stop.
            let _ = socket.stop_monitor();
            *monitor = None;
        }
    }
}
