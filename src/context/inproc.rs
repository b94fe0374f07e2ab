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
    /// Connected while not bound.
    waiting: HashMap<Box<str>, Waiting>,
    /// How many times a name began to be waited for.
    waits: u64,
    /// Meets those that wait.
    reserve: Option<raw::socket::Socket>,
    closed: bool,
}

/// The connections that wait for one name.
#[derive(Default)]
struct Waiting {
    /// Which wait it is, as the same name may be waited for again.
    number: u64,
    /// The kinds of the sockets that connected, and how many connections of each: also of those that have left, as what they sent
    /// may wait.
    kinds: HashMap<SocketKind, usize>,
    /// Whether one of them is closed, or disconnected.
    has_left: bool,
}

/// The inproc names that one socket bound, and those that it waits for, or did.
#[derive(Default, Debug)]
pub(crate) struct Names(Mutex<Vec<Name>>);

#[derive(PartialEq, Eq, Debug)]
enum Name {
    Bound(Box<str>),
    Awaited(Box<str>, u64),
}

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_ok_and(|names| names.is_empty())
    }

    fn with<R>(&self, change: impl FnOnce(&mut Vec<Name>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Inproc {
    /// How many connections wait for `name`.
    pub(crate) fn waiting(&self, name: &str) -> usize {
        self.waiting.get(name).map_or(0, |waiting| waiting.kinds.values().sum())
    }

    /// Refuses a bind to `name` if a socket waits there that one of this kind must not meet.
    pub(crate) fn check_waiting(&self, name: &str, kind: SocketKind) -> Result<()> {
        let waiting = self.waiting.get(name).into_iter().flat_map(|waiting| &waiting.kinds);
        let mut kinds = waiting.filter(|(_, count)| **count > 0).map(|(kind, _)| kind);
        match kinds.find(|other| !kind.meets(**other)) {
            Some(other) => Err(strangers(Operation::Bind, name, kind, *other)),
            None => Ok(()),
        }
    }

    /// Notes that a socket bound `name`: whoever waited for it has met it.
    pub(crate) fn bound(&mut self, name: &str, kind: SocketKind, names: &Names) {
        self.waiting.remove(name);
        self.bound.insert(name.into(), kind);
        names.with(|names| names.push(Name::Bound(name.into())));
    }

    /// Notes that a socket unbound `name`, or disconnected from it.
    pub(crate) fn unbound(&mut self, name: &str, names: &Names) {
        names.with(|names| {
            let is_other = |noted: &Name| match noted {
                Name::Bound(bound) => &**bound != name,
                Name::Awaited(awaited, _) => &**awaited != name,
            };
            for noted in names.extract_if(.., |noted| !is_other(noted)) {
                self.forget(noted);
            }
        });
    }

    /// Notes that a socket is about to be closed.
    pub(crate) fn release(&mut self, names: &Names) {
        names.with(|names| names.drain(..).for_each(|name| self.forget(name)));
    }

    fn forget(&mut self, name: Name) {
        match name {
            Name::Bound(name) => {
                self.bound.remove(&name);
            }
            Name::Awaited(name, number) => {
                if let Some(waiting) = self.waiting.get_mut(&name).filter(|waiting| waiting.number == number)
                {
                    waiting.has_left = true;
                }
            }
        }
    }

    /// Refuses a bind to `name` with a greeting for those who wait, if one of them has left: libzmq would abort (A61).
    #[cfg(zmq_draft)]
    pub(crate) fn check_greeted(&self, name: &str) -> Result<()> {
        // The bundled one would not.
        if cfg!(zmq_vendored) || !self.waiting.get(name).is_some_and(|waiting| waiting.has_left) {
            return Ok(());
        }
        Err(Error::refused(
            Operation::Bind,
            ErrorKind::AddrInUse,
            libc::EADDRINUSE,
            format!("inproc://{name}"),
            "a socket that was connected to the name is gone, and cannot be greeted",
        ))
    }

    /// Refuses the connection of a conflating socket that would have to wait for a bind: that may abort, or drop what was sent
    /// meanwhile (A95).
    pub(crate) fn check_bound(&self, name: &str) -> Result<()> {
        if self.bound.contains_key(name) {
            return Ok(());
        }
        Err(Error::refused(
            Operation::Connect,
            ErrorKind::Unsupported,
            libc::ENOTSUP,
            format!("inproc://{name}"),
            "only with the bundled libzmq a conflating socket connects to what is not bound yet",
        ))
    }

    /// Prepares for a connection to `name`; tells whether it has to wait for a bind.
    pub(crate) fn connecting(
        &mut self,
        name: &str,
        kind: SocketKind,
        names: &Names,
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
        self.wait(name, kind, names, context).map_err(|errno| Error::new(Operation::Connect, errno))?;
        Ok(true)
    }

    /// Notes what became of a connection, and whether it had to wait when it was [prepared](Self::connecting).
    pub(crate) fn connected(
        &mut self,
        name: &str,
        kind: SocketKind,
        names: &Names,
        (waits, done): (bool, bool),
        context: &raw::context::Context,
    ) {
        if waits && !done {
            if let Some(count) = self.waiting.get_mut(name).and_then(|waiting| waiting.kinds.get_mut(&kind)) {
                *count = count.saturating_sub(1);
            }
        } else if !waits && done && !self.closed && !self.bound.contains_key(name) {
            // A destructor that libzmq called meanwhile unbound the name. Without room for the reserve, there is nobody to
            // tell.
            let _ = self.wait(name, kind, names, context);
        }
    }

    fn wait(
        &mut self,
        name: &str,
        kind: SocketKind,
        names: &Names,
        context: &raw::context::Context,
    ) -> Result<(), Errno> {
        if self.reserve.is_none() {
            self.reserve = Some(new_reserve(context)?);
        }
        let waiting = self.waiting.entry(name.into()).or_insert_with(|| {
            self.waits += 1;
            Waiting { number: self.waits, ..Waiting::default() }
        });
        *waiting.kinds.entry(kind).or_default() += 1;
        let noted = Name::Awaited(name.into(), waiting.number);
        names.with(|names| {
            if !names.contains(&noted) {
                names.push(noted);
            }
        });
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
