//! Steering a proxy from another thread.

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
/// A clone is another handle to the same proxy. What is ordered before the proxy runs holds when it does. A handle that
/// is dropped changes nothing: the proxy goes on.
///
/// A handle has one proxy at a time. Once it was [terminated](Self::terminate) that is final, and any further proxy with
/// it ends at once.
///
/// In a child made by `fork`, a handle of the parent refuses everything with [`Forked`](ErrorKind::Forked).
#[derive(Clone, Default)]
pub struct Handle {
    shared: Arc<Shared>,
}

struct Shared {
    /// In a forked child, nobody would ever give the lock back that was held meanwhile.
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

/// The proxy that runs.
struct Running {
    does: Course,
    /// What is sent here wakes it.
    bell: Socket<Pair>,
    thread: Option<Arc<Awaited>>,
}

impl Default for State {
    fn default() -> State {
        State { ordered: Course::Running, proxy: None, statistics: Statistics::default() }
    }
}

impl Handle {
    /// A handle to no proxy yet.
    #[must_use]
    pub fn new() -> Handle {
        Handle::default()
    }

    /// Has the proxy stop forwarding, and waits until it has: at most for the thousand messages that it takes at once.
    ///
    /// It does not wait where that would never end: in the destructor of a message of that proxy, or of one that waits for this
    /// thread, itself or by way of others.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that made the handle.
    pub fn pause(&self) -> Result<()> {
        let (mut state, mut hears) = self.order(Course::Paused)?;
        while hears && let Some(thread) = state.late(Course::Paused) {
            let Some(waited) = thread.wait(|| self.shared.changed.wait(state)) else { break };
            state = waited.unwrap_or_else(PoisonError::into_inner);
            hears = state.proxy.is_some();
        }
        Ok(())
    }

    /// Has the proxy go on.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that made the handle.
    pub fn resume(&self) -> Result<()> {
        self.order(Course::Running).map(drop)
    }

    /// Has the proxy return, paused or not. Whoever wants to know when it has, joins its thread.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that made the handle.
    pub fn terminate(&self) -> Result<()> {
        self.order(Course::Terminated).map(drop)
    }

    /// What went through so far, as the proxy saw it when it last looked up: it does so after a thousand messages at most,
    /// and before it waits. After [`pause`](Self::pause), and when the proxy has ended, it is exact.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that made the handle.
    pub fn statistics(&self) -> Result<Statistics> {
        Ok(self.state()?.statistics)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        if !self.shared.origin.is_here() {
            return Err(forked());
        }
        Ok(self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes an order, and tells whether there is a proxy that hears of it.
    fn order(&self, course: Course) -> Result<(MutexGuard<'_, State>, bool)> {
        let mut state = self.state()?;
        if state.ordered != Course::Terminated {
            state.ordered = course;
        }
        // Who waits for another order to be carried out need not any more.
        self.shared.changed.notify_all();
        let hears = state.proxy.as_ref().is_some_and(Running::ring);
        Ok((state, hears))
    }
}

impl State {
    /// The proxy's thread, if an order still stands and is not carried out.
    fn late(&self, course: Course) -> Option<Arc<Awaited>> {
        let late = self.proxy.as_ref().filter(|proxy| self.ordered == course && proxy.does != course);
        late?.thread.clone()
    }
}

impl Running {
    /// Wakes the proxy, if that is possible: not after a shutdown.
    fn ring(&self) -> bool {
        loop {
            match self.bell.try_send("") {
                Ok(()) => return true,
                Err(failure) if failure.kind() == ErrorKind::Interrupted => {}
                // It has rung so often that once more makes no difference.
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

    /// Where it is rung for.
    pub(super) fn bell(&self) -> &Core {
        self.bell.core()
    }

    /// Tells what was done, and learns what is to be done.
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

    /// Listens, so that the same call does not wake it again.
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
    let reason = "the handle has a proxy already; each needs one of its own";
    Error::refused(Operation::Proxy, ErrorKind::WrongState, zmq_sys::EFSM, "", reason)
}

#[cold]
fn forked() -> Error {
    context::forked(Operation::Proxy)
        .meaning(ErrorKind::Forked, "the handle was made by a parent process; make a new one after the fork")
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("statistics", &self.statistics().ok()).finish_non_exhaustive()
    }
}
