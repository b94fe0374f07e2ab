//! Which inproc names are bound, and which were connected before they were.
//!
//! While a context terminates, libzmq makes a hidden socket for every inproc connection that never met its bind, and
//! aborts the process if the context has no room for one (A23). So the crate keeps one socket in reserve as soon as
//! there is such a connection, and lets it meet them all before the context is terminated or shut down.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use crate::error::{Error, Operation, Result};
use crate::raw::{self, Errno};

/// The inproc names of one context.
#[derive(Default)]
pub(crate) struct Inproc {
    bound: HashSet<Box<str>>,
    /// Connected while not bound, and how often.
    waiting: HashMap<Box<str>, usize>,
    /// Meets those that wait.
    reserve: Option<raw::socket::Socket>,
    closed: bool,
}

/// The inproc names that one socket bound.
#[derive(Default, Debug)]
pub(crate) struct Names(Mutex<Vec<Box<str>>>);

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_ok_and(|names| names.is_empty())
    }

    fn with<R>(&self, change: impl FnOnce(&mut Vec<Box<str>>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Inproc {
    /// How many connections wait for `name`.
    pub(crate) fn waiting(&self, name: &str) -> usize {
        self.waiting.get(name).copied().unwrap_or_default()
    }

    /// Notes that a socket bound `name`: whoever waited for it has met it.
    pub(crate) fn bound(&mut self, name: &str, names: &Names) {
        self.waiting.remove(name);
        self.bound.insert(name.into());
        names.with(|names| names.push(name.into()));
    }

    /// Notes that a socket unbound `name`.
    pub(crate) fn unbound(&mut self, name: &str, names: &Names) {
        let was_ours = names.with(|names| {
            let before = names.len();
            names.retain(|bound| &**bound != name);
            names.len() < before
        });
        if was_ours {
            self.bound.remove(name);
        }
    }

    /// Notes that a socket is about to be closed.
    pub(crate) fn release(&mut self, names: &Names) {
        names.with(|names| {
            for name in names.drain(..) {
                self.bound.remove(&name);
            }
        });
    }

    /// Prepares for a connection to `name`; tells whether it has to wait for a bind.
    pub(crate) fn connecting(&mut self, name: &str, context: &raw::context::Context) -> Result<bool> {
        if self.closed {
            return Err(Error::new(Operation::Connect, Errno(zmq_sys::ETERM)));
        }
        if self.bound.contains(name) {
            return Ok(false);
        }
        self.wait(name, context).map_err(|errno| Error::new(Operation::Connect, errno))?;
        Ok(true)
    }

    /// Notes what became of a connection, and whether it had to wait when it was [prepared](Self::connecting).
    pub(crate) fn connected(&mut self, name: &str, waits: bool, done: bool, context: &raw::context::Context) {
        if waits && !done {
            if let Some(count) = self.waiting.get_mut(name) {
                *count = count.saturating_sub(1);
            }
        } else if !waits && done && !self.closed && !self.bound.contains(name) {
            // A destructor that libzmq called meanwhile unbound the name. Without room for the reserve, there is nobody to
            // tell.
            let _ = self.wait(name, context);
        }
    }

    fn wait(&mut self, name: &str, context: &raw::context::Context) -> Result<(), Errno> {
        if self.reserve.is_none() {
            self.reserve = Some(new_reserve(context)?);
        }
        *self.waiting.entry(name.into()).or_default() += 1;
        Ok(())
    }

    /// Refuses further connections, and gives back who is to be met.
    #[must_use]
    pub(crate) fn close(&mut self) -> Option<WaitedFor> {
        self.closed = true;
        let names = self.waiting.drain().map(|(name, _)| name).collect();
        Some(WaitedFor { reserve: self.reserve.take()?, names })
    }
}

/// Names that are waited for, and the socket in reserve.
pub(crate) struct WaitedFor {
    reserve: raw::socket::Socket,
    names: Vec<Box<str>>,
}

impl WaitedFor {
    /// Lets everybody who waits meet the reserve. No lock is held meanwhile: libzmq may call a destructor.
    pub(crate) fn meet(self) {
        for name in &self.names {
            if let Ok(endpoint) = std::ffi::CString::new(format!("inproc://{name}")) {
                // It fails if somebody did bind the name meanwhile, and then nobody waits for it.
                while self.reserve.bind(&endpoint) == Err(Errno(libc::EINTR)) {}
            }
        }
    }
}

/// A kind that takes in any number of peers: one that turned a ROUTER away would abort the process (A45). It holds at most
/// one message of each, so that a sender that waits for room is not told that there is some.
fn new_reserve(context: &raw::context::Context) -> Result<raw::socket::Socket, Errno> {
    let reserve = context.socket(zmq_sys::ZMQ_DEALER)?;
    reserve.set(zmq_sys::ZMQ_RCVHWM, 1)?;
    Ok(reserve)
}
