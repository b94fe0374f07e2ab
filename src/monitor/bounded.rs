//! A monitor with a limited use of memory.

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::reader::Reader;
use super::{Event, EventKind, Iter, has_stopped};
use crate::context::{Inner, no_thread};
use crate::error::{Error, Operation, Result};
use crate::raw::Errno;
use crate::socket::Abandoned;
use crate::sys::threads::refusal;
use crate::timeout::Deadline;

/// A monitor that keeps only the latest events. [`Monitor::bounded`](crate::Monitor::bounded) creates it.
///
/// A background thread receives the events. When the limit is reached, each new event replaces the oldest one, and
/// [`lost`](Self::lost) counts the discarded events. The last event, [`MonitorStopped`](EventKind::MonitorStopped), is never
/// lost.
///
/// Threads can share a `Bounded`. To wait for events and sockets together, use a [`Monitor`](crate::Monitor) instead.
pub struct Bounded {
    queue: Arc<Queue>,
    abandoned: Abandoned,
    context: Arc<Inner>,
}

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    lost: u64,
    /// The reason why no more events follow.
    end: Option<Error>,
    /// Whether the monitor was dropped.
    closed: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, event: Result<Event>) {
        let mut state = self.state();
        match event {
            _ if state.closed => return,
            Ok(Event { kind: EventKind::EventsLost { count }, .. }) => {
                state.lost = state.lost.saturating_add(count);
                return;
            }
            Ok(event) => {
                if event.is_last() {
                    state.end = Some(has_stopped());
                }
                if state.events.len() >= self.limit && state.events.pop_front().is_some() {
                    state.lost = state.lost.saturating_add(1);
                }
                state.events.push_back(event);
            }
            Err(error) => state.end = Some(error),
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl Bounded {
    pub(super) fn new(
        reader: Reader,
        limit: usize,
        abandoned: Abandoned,
        context: Arc<Inner>,
    ) -> Result<Bounded> {
        let queue = Arc::new(Queue { state: Mutex::default(), changed: Condvar::new(), limit });
        let receiving = queue.clone();
        let monitor = Bounded { queue, abandoned, context };
        match reader.read_in_background(move |event| receiving.push(event)) {
            Ok(()) => Ok(monitor),
            Err((error, reader)) => {
                monitor.context.keep_unread(Box::new(reader));
                Err(no_thread(Operation::Monitor, refusal(&error)))
            }
        }
    }

    /// Takes the oldest stored event. Waits until there is one.
    ///
    /// # Errors
    ///
    /// See [`Monitor::recv`](crate::Monitor::recv) for the errors.
    pub fn recv(&self) -> Result<Event> {
        self.take_until(Deadline::after(None))
    }

    /// Takes the oldest stored event. Waits up to `timeout` for one.
    ///
    /// # Errors
    ///
    /// See [`Monitor::recv`](crate::Monitor::recv) for the errors. In addition, the call fails with
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if no event arrives in time.
    #[doc(alias = "recv_timeout")]
    pub fn recv_within(&self, timeout: Duration) -> Result<Event> {
        self.take_until(Deadline::after(Some(timeout)))
    }

    /// Takes the oldest stored event, without waiting.
    ///
    /// # Errors
    ///
    /// See [`Monitor::recv`](crate::Monitor::recv) for the errors. In addition, the call fails with
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if there is no event.
    pub fn try_recv(&self) -> Result<Event> {
        self.take_until(Deadline::after(Some(Duration::ZERO)))
    }

    /// Returns the number of events that were discarded so far, because newer events replaced them or because the background
    /// thread was too slow. Returns 0 in a forked child process.
    #[must_use]
    pub fn lost(&self) -> u64 {
        if self.context.check_process(Operation::Receive).is_err() {
            return 0;
        }
        self.queue.state().lost
    }

    /// Returns an iterator that waits for each event and ends after the last one.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(Box::new(|| self.recv()))
    }

    fn take_until(&self, deadline: Deadline) -> Result<Event> {
        self.context.check_process(Operation::Receive)?;
        let mut state = self.queue.state();
        loop {
            if let Some(event) = state.events.pop_front() {
                return Ok(event);
            }
            if let Some(end) = &state.end {
                return Err(end.clone());
            }
            let Some(left) = deadline.left() else {
                state = self.queue.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if left.is_zero() {
                return Err(Error::new(Operation::Receive, Errno(libc::EAGAIN)));
            }
            let waited = self.queue.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<'a> IntoIterator for &'a Bounded {
    type Item = Result<Event>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Bounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounded").field("limit", &self.queue.limit).finish_non_exhaustive()
    }
}

impl Drop for Bounded {
    fn drop(&mut self) {
        // A forked child has no reading thread, and the lock may have been held at the fork.
        if !self.context.is_here_exactly() {
            return;
        }
        self.abandoned.set();
        let mut state = self.queue.state();
        state.closed = true;
        state.events.clear();
    }
}
