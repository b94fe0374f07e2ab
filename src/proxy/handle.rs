//! Controlling a proxy from another thread.

use core::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::control::Course;
use super::statistics::Statistics;
use crate::context::{self, Context};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::Pair;
use crate::socket::{Core, Socket};
use crate::sys::fork::Origin;
use crate::waits::Awaited;

/// Controls a [`Proxy`](crate::proxy::Proxy) from any thread.
///
/// A clone controls the same proxy. An order that is given before the proxy runs takes effect when the proxy starts. Dropping
/// the handle does not end the proxy.
///
/// A handle controls one proxy at a time. [`terminate`](Self::terminate) is final: a proxy that is run with the same handle
/// later ends immediately.
///
/// In a forked child process, all calls fail with [`Forked`](ErrorKind::Forked). Create a new handle there.
#[derive(Clone, Default)]
pub struct Handle {
    shared: Arc<Shared>,
}

struct Shared {
    /// The process that created the handle. In a forked child, a lock that was held at the fork is never released.
    origin: Origin,
    state: Mutex<State>,
    changed: Condvar,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared { origin: Origin::here(), state: Mutex::default(), changed: Condvar::new() }
    }
}

struct State {
    ordered: Course,
    proxy: Option<Running>,
    statistics: Statistics,
}

/// The running proxy.
struct Running {
    does: Course,
    /// A message to this socket wakes the proxy.
    bell: Socket<Pair>,
    thread: Option<Arc<Awaited>>,
}

impl Default for State {
    fn default() -> State {
        State { ordered: Course::Running, proxy: None, statistics: Statistics::default() }
    }
}

impl Handle {
    /// Creates a handle that does not yet control a proxy.
    #[must_use]
    pub fn new() -> Handle {
        Handle::default()
    }

    /// Pauses the proxy, and waits until it has stopped forwarding. Until then, the proxy forwards at most a thousand more
    /// messages.
    ///
    /// `pause` does not wait if the proxy itself waits for the calling thread, directly or indirectly. This can happen in the
    /// destructor of a message that the proxy forwards.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that created the handle.
    pub fn pause(&self) -> Result<()> {
        let (mut state, mut hears) = self.order(Course::Paused)?;
        while hears {
            let Some(thread) = state.late(Course::Paused) else { break };
            let Some(waited) = thread.wait(|| self.shared.changed.wait(state)) else { break };
            state = waited.unwrap_or_else(PoisonError::into_inner);
            hears = state.proxy.is_some();
        }
        Ok(())
    }

    /// Resumes a paused proxy.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that created the handle.
    pub fn resume(&self) -> Result<()> {
        self.order(Course::Running).map(drop)
    }

    /// Makes [`Proxy::run`](crate::proxy::Proxy::run) return, even if the proxy is paused. Does not wait until it returns. To
    /// wait, join the proxy's thread.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that created the handle.
    pub fn terminate(&self) -> Result<()> {
        self.order(Course::Terminated).map(drop)
    }

    /// Returns the numbers of messages and bytes that the proxy has forwarded so far.
    ///
    /// The proxy updates the numbers before it waits, and at least after each thousand messages. They are exact after
    /// [`pause`](Self::pause) and after the proxy has ended.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that created the handle.
    pub fn statistics(&self) -> Result<Statistics> {
        Ok(self.state()?.statistics)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        if !self.shared.origin.is_here() {
            return Err(forked());
        }
        Ok(self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records an order, and returns whether there is a proxy to execute it.
    fn order(&self, course: Course) -> Result<(MutexGuard<'_, State>, bool)> {
        let mut state = self.state()?;
        if state.ordered != Course::Terminated {
            state.ordered = course;
        }
        // Calls that wait for another order need not wait any longer.
        self.shared.changed.notify_all();
        let hears = state.proxy.as_ref().is_some_and(Running::ring);
        Ok((state, hears))
    }
}

impl State {
    /// The proxy's thread, if the order is still pending.
    fn late(&self, course: Course) -> Option<Arc<Awaited>> {
        let late = self.proxy.as_ref().filter(|proxy| self.ordered == course && proxy.does != course);
        late?.thread.clone()
    }
}

impl Running {
    /// Wakes the proxy. Returns `false` if this is not possible, because the context was shut down.
    fn ring(&self) -> bool {
        loop {
            match self.bell.try_send("") {
                Ok(()) => return true,
                Err(failure) if failure.kind() == ErrorKind::Interrupted => {}
                // The queue is full of earlier wake-ups, so another one makes no difference.
                Err(failure) => return failure.kind() == ErrorKind::WouldBlock,
            }
        }
    }
}

/// A handle while its proxy runs, on the proxy's side.
pub(super) struct Attached<'a> {
    handle: &'a Handle,
    bell: Socket<Pair>,
}

impl<'a> Attached<'a> {
    pub(super) fn new(handle: &'a Handle, context: &Context) -> Result<Attached<'a>> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        if handle.state()?.proxy.is_some() {
            return Err(has_a_proxy());
        }
        let bell = context.socket(Pair)?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let endpoint = bell.bind(format!("inproc://zmq-proxy-handle-{number}"))?;
        let ringer = context.socket(Pair)?;
        ringer.connect(&endpoint)?;
        let mut state = handle.state()?;
        if state.proxy.is_some() {
            return Err(has_a_proxy());
        }
        state.statistics = Statistics::default();
        state.proxy = Some(Running { does: Course::Running, bell: ringer, thread: Awaited::here() });
        drop(state);
        Ok(Attached { handle, bell })
    }

    /// The socket on which wake-ups arrive.
    pub(super) fn bell(&self) -> &Core {
        self.bell.core()
    }

    /// Publishes the statistics, and returns what to do next.
    pub(super) fn obey(&mut self, statistics: &Statistics) -> Result<Course> {
        let mut state = self.handle.state()?;
        state.statistics = *statistics;
        let ordered = state.ordered;
        if let Some(proxy) = state.proxy.as_mut().filter(|proxy| proxy.does != ordered) {
            proxy.does = ordered;
            self.handle.shared.changed.notify_all();
        }
        Ok(ordered)
    }

    /// Receives the wake-ups, so that they do not wake the proxy again.
    pub(super) fn listen(&mut self) -> Result<()> {
        loop {
            match self.bell.try_recv() {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        let Ok(mut state) = self.handle.state() else { return };
        let ended = state.proxy.take();
        drop(state);
        self.handle.shared.changed.notify_all();
        drop(ended);
    }
}

fn has_a_proxy() -> Error {
    let reason = "the handle already controls a running proxy; use one handle per proxy";
    Error::refused(Operation::Proxy, ErrorKind::WrongState, zmq_sys::EFSM, "", reason)
}

#[cold]
fn forked() -> Error {
    context::forked(Operation::Proxy).meaning(
        ErrorKind::Forked,
        "the handle was created by the parent process; create a new one after the fork",
    )
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("statistics", &self.statistics().ok()).finish_non_exhaustive()
    }
}
