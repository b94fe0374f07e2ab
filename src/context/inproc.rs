//! Which inproc names are bound, and which were connected before they were.
//!
//! While a context terminates, libzmq makes a hidden socket for every inproc connection that never met its bind, and
//! aborts the process if the context has no room for one (A23). So the crate keeps one socket in reserve as soon as
//! there is such a connection, and lets it meet them all before the context is terminated or shut down.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::{self, Errno};
use crate::socket::SocketKind;

/// The inproc names of one context.
#[derive(Default)]
pub(crate) struct Inproc {
    /// And by what kind of socket.
    bound: HashMap<Box<str>, SocketKind>,
    /// Connected while not bound, and by what kinds of sockets.
    waiting: HashMap<Box<str>, Vec<SocketKind>>,
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
        self.waiting.get(name).map_or(0, Vec::len)
    }

    /// Refuses a bind to `name` if a socket waits there that one of this kind must not meet.
    pub(crate) fn check_waiting(&self, name: &str, kind: SocketKind) -> Result<()> {
        let waiting = self.waiting.get(name).map(Vec::as_slice).unwrap_or_default();
        match waiting.iter().find(|other| !kind.meets(**other)) {
            Some(other) => Err(strangers(Operation::Bind, name, kind, *other)),
            None => Ok(()),
        }
    }

    /// Notes that a socket bound `name`: whoever waited for it has met it.
    pub(crate) fn bound(&mut self, name: &str, kind: SocketKind, names: &Names) {
        self.waiting.remove(name);
        self.bound.insert(name.into(), kind);
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
    pub(crate) fn connecting(
        &mut self,
        name: &str,
        kind: SocketKind,
        context: &raw::context::Context,
    ) -> Result<bool> {
        if self.closed {
            return Err(Error::new(Operation::Connect, Errno(zmq_sys::ETERM)));
        }
        match self.bound.get(name) {
            Some(&other) if !kind.meets(other) => {
                return Err(strangers(Operation::Connect, name, kind, other));
            }
            Some(_) => return Ok(false),
            None => {}
        }
        if self.reserve.is_none() {
            let reserve = new_reserve(context).map_err(|errno| Error::new(Operation::Connect, errno))?;
            self.reserve = Some(reserve);
        }
        self.waiting.entry(name.into()).or_default().push(kind);
        Ok(true)
    }

    /// Notes that a connection that would have waited for `name` was not made.
    pub(crate) fn not_connected(&mut self, name: &str) {
        if let Some(waiting) = self.waiting.get_mut(name) {
            waiting.pop();
        }
    }

    /// Lets everybody who waits meet the reserve, and refuses further connections.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        let Some(reserve) = self.reserve.take() else { return };
        for (name, _) in self.waiting.drain() {
            if let Ok(endpoint) = std::ffi::CString::new(format!("inproc://{name}")) {
                // It fails if somebody did bind the name meanwhile, and then nobody waits for it.
                while reserve.bind(&endpoint) == Err(Errno(libc::EINTR)) {}
            }
        }
    }
}

/// libzmq looks at the kinds of peers on every transport but this. Here it would let, say, a DISH tell a PULL what it joins,
/// which no message may hold, and abort (A12).
#[cold]
fn strangers(operation: Operation, name: &str, kind: SocketKind, other: SocketKind) -> Error {
    Error::refused(
        operation,
        ErrorKind::IncompatibleProtocol,
        zmq_sys::ENOCOMPATPROTO,
        format!("inproc://{name}"),
        format!("{kind} does not talk to {other}, which is there"),
    )
}

/// A kind that takes in any number of peers: one that turned a ROUTER away would abort the process (A45). It holds at most
/// one message of each, so that a sender that waits for room is not told that there is some.
fn new_reserve(context: &raw::context::Context) -> Result<raw::socket::Socket, Errno> {
    let reserve = context.socket(zmq_sys::ZMQ_DEALER)?;
    reserve.set(zmq_sys::ZMQ_RCVHWM, 1)?;
    Ok(reserve)
}
