//! The inproc names of a context: names that are bound, and names with connections that still wait for a bind.
//!
//! While a context terminates, libzmq creates a hidden socket for every inproc connection whose name was never bound,
//! and aborts the process if the context has no room for this socket (A23). So as soon as there is such a connection,
//! the crate keeps one socket in reserve. Before the context is terminated or shut down, the reserve binds all these
//! names. Because the crate knows the names, it also refuses the combinations of sockets that make libzmq abort.

use core::ffi::c_int;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(zmq_draft)]
use crate::context::Inner;
use crate::context::{Turn, Turns};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::SocketKind;
use crate::raw::{self, Errno};
use crate::socket::Core;

/// The registry of a context's inproc names.
#[derive(Default)]
pub(crate) struct OfContext {
    /// Do not hold this lock across calls into libzmq.
    names: Mutex<Inproc>,
    /// Only one thread at a time binds, connects or leaves inproc names, so that the registry agrees with libzmq.
    turns: Turns,
}

impl OfContext {
    fn names(&self) -> MutexGuard<'_, Inproc> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> Turn<'_> {
        self.turns.take()
    }

    /// Called before the context is terminated or shut down.
    pub(crate) fn end(&self) {
        let _turn = self.turn();
        let waited_for = self.names().close();
        // The lock is released first, because a destructor may need it.
        if let Some(waited_for) = waited_for {
            waited_for.meet();
        }
    }
}

/// The inproc state of one socket.
#[derive(Default, Debug)]
pub(crate) struct OfSocket {
    names: Names,
    /// Whether the socket sends a hello message to each new peer.
    #[cfg(zmq_draft)]
    greets: AtomicBool,
    /// Whether the socket is an XPUB with a welcome message for new subscribers.
    welcomes: AtomicBool,
}

/// Remembers whether a socket sends a hello message to each new peer.
#[cfg(zmq_draft)]
pub(crate) fn note_hello(core: &Core, is_set: c_int) {
    core.inproc().greets.store(is_set != 0, Ordering::Relaxed);
}

/// Remembers whether an XPUB sends a welcome message to new subscribers.
pub(crate) fn note_welcome(core: &Core, is_set: c_int) {
    core.inproc().welcomes.store(is_set != 0, Ordering::Relaxed);
}

/// Binds an inproc name, unless a socket waits for this name that this socket must not meet.
pub(crate) fn bind<T>(core: &Core, name: &str, bind: impl FnOnce() -> Result<T>) -> Result<T> {
    let (context, socket) = (core.context().inproc(), core.inproc());
    let _turn = context.turn();
    check_waiting(core, name)?;
    let bound = bind()?;
    context.names().bound(name, core.socket_kind(), &socket.names);
    Ok(bound)
}

/// Connects to an inproc name, unless the name is bound by a socket that this socket must not meet.
pub(crate) fn connect<T>(core: &Core, name: &str, connect: impl FnOnce() -> Result<T>) -> Result<T> {
    let (context, names, kind) = (core.context().inproc(), &core.inproc().names, core.socket_kind());
    let _turn = context.turn();
    if core.conflates() {
        context.names().check_bound(name)?;
    }
    let raw = core.context().raw();
    let waits = context.names().connecting(name, kind, names, raw)?;
    let connected = connect();
    context.names().connected(name, kind, names, (waits, connected.is_ok()), raw);
    connected
}

/// Unbinds an inproc name or disconnects from it. libzmq does the same for both.
pub(crate) fn leave(core: &Core, name: &str, leave: impl FnOnce() -> Result<()>) -> Result<()> {
    let context = core.context().inproc();
    let _turn = context.turn();
    leave()?;
    context.names().unbound(name, &core.inproc().names);
    Ok(())
}

/// Called before a socket is closed.
pub(crate) fn close(core: &Core) {
    let names = &core.inproc().names;
    if !names.is_empty() {
        core.context().inproc().names().release(names);
    }
}

/// Keeps other threads from changing inproc names.
#[cfg(zmq_draft)]
pub(crate) fn hold(context: &Inner) -> Option<Turn<'_>> {
    Some(context.inproc().turn())
}

/// Refuses a bind to an inproc name if a socket waits for this name that this socket must not meet.
fn check_waiting(core: &Core, name: &str) -> Result<()> {
    let names = core.context().inproc().names();
    let socket = core.inproc();
    names.check_waiting(name, core.socket_kind())?;
    #[cfg(zmq_draft)]
    if socket.greets.load(Ordering::Relaxed) {
        names.check_greeted(name)?;
    }
    if core.socket_kind().behavior().binds_for_one && names.waiting(name) > 1 {
        return Err(waited_for_by_several(name));
    }
    if socket.welcomes.load(Ordering::Relaxed) && names.waiting(name) > 0 {
        return Err(waited_for_by_subscribers(name));
    }
    Ok(())
}

/// A PAIR socket rejects all connections except one, and libzmq aborts if a rejected connection comes from a ROUTER or
/// REP socket (A45).
#[cold]
fn waited_for_by_several(name: &str) -> Error {
    let reason = "several sockets are already connected to the name, but a PAIR socket has only one peer";
    Error::refused(Operation::Bind, ErrorKind::AddrInUse, libc::EADDRINUSE, endpoint(name), reason)
}

/// A subscriber that connected to the name and disconnected again still waits for its welcome message, and libzmq
/// aborts (A47).
#[cold]
fn waited_for_by_subscribers(name: &str) -> Error {
    let reason = "subscribers are already connected to the name; bind first, or do not set a welcome message";
    Error::refused(Operation::Bind, ErrorKind::WrongState, zmq_sys::EFSM, endpoint(name), reason)
}

fn endpoint(name: &str) -> String {
    format!("inproc://{name}")
}

/// The inproc names of one context.
#[derive(Default)]
struct Inproc {
    /// The type of the socket that bound the name.
    bound: HashMap<Box<str>, SocketKind>,
    /// The names that have connections but are not bound.
    waiting: HashMap<Box<str>, Waiting>,
    /// The number of times that a name began to have waiting connections.
    waits: u64,
    /// The socket in reserve, which binds these names before the context ends.
    reserve: Option<raw::socket::Socket>,
    closed: bool,
}

/// The connections that wait for one name.
#[derive(Default)]
struct Waiting {
    /// The number of this wait, because connections can wait for the same name again later.
    number: u64,
    /// The types of the sockets that connected, and the number of connections of each type. Closed sockets count too,
    /// because their messages may still wait.
    kinds: HashMap<SocketKind, usize>,
    /// Whether one of these sockets was closed or disconnected.
    has_left: bool,
}

/// The inproc names that one socket has bound, and the names for which it waits or has waited.
#[derive(Default, Debug)]
struct Names(Mutex<Vec<Name>>);

#[derive(PartialEq, Eq, Debug)]
enum Name {
    Bound(Box<str>),
    Awaited(Box<str>, u64),
}

impl Names {
    fn is_empty(&self) -> bool {
        self.0.lock().is_ok_and(|names| names.is_empty())
    }

    fn with<R>(&self, change: impl FnOnce(&mut Vec<Name>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Inproc {
    /// The number of connections that wait for `name`.
    fn waiting(&self, name: &str) -> usize {
        self.waiting.get(name).map_or(0, |waiting| waiting.kinds.values().sum())
    }

    /// Refuses a bind to `name` if a socket waits for this name that a socket of this type must not meet.
    fn check_waiting(&self, name: &str, kind: SocketKind) -> Result<()> {
        let waiting = self.waiting.get(name).into_iter().flat_map(|waiting| &waiting.kinds);
        let mut kinds = waiting.filter(|(_, count)| **count > 0).map(|(kind, _)| kind);
        match kinds.find(|other| !meet(kind, **other)) {
            Some(other) => Err(strangers(Operation::Bind, name, kind, *other)),
            None => Ok(()),
        }
    }

    /// Notes that a socket bound `name`, so that no connection waits for it anymore.
    fn bound(&mut self, name: &str, kind: SocketKind, names: &Names) {
        self.waiting.remove(name);
        self.bound.insert(name.into(), kind);
        names.with(|names| names.push(Name::Bound(name.into())));
    }

    /// Notes that a socket unbound `name`, or disconnected from it.
    fn unbound(&mut self, name: &str, names: &Names) {
        names.with(|names| {
            let is_other = |noted: &Name| match noted {
                Name::Bound(bound) => &**bound != name,
                Name::Awaited(awaited, _) => &**awaited != name,
            };
            let (others, ended) = names.drain(..).partition(is_other);
            *names = others;
            let ended: Vec<Name> = ended;
            ended.into_iter().for_each(|noted| self.forget(noted));
        });
    }

    /// Notes that a socket is about to be closed.
    fn release(&mut self, names: &Names) {
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

    /// Refuses a bind to `name` with a hello message if one of the waiting sockets was closed or disconnected, because
    /// libzmq would abort (A61).
    #[cfg(zmq_draft)]
    fn check_greeted(&self, name: &str) -> Result<()> {
        if !self.waiting.get(name).is_some_and(|waiting| waiting.has_left) {
            return Ok(());
        }
        Err(Error::refused(
            Operation::Bind,
            ErrorKind::AddrInUse,
            libc::EADDRINUSE,
            endpoint(name),
            "a socket that was connected to the name is closed, so it cannot receive the hello message",
        ))
    }

    /// Refuses the connection of a conflating socket if it would have to wait for a bind. libzmq may abort, or drop
    /// messages that were sent before the bind (A95).
    fn check_bound(&self, name: &str) -> Result<()> {
        if self.bound.contains_key(name) {
            return Ok(());
        }
        Err(Error::refused(
            Operation::Connect,
            ErrorKind::Unsupported,
            libc::ENOTSUP,
            endpoint(name),
            "the name is not bound yet; a conflating socket can connect to it only with the bundled libzmq",
        ))
    }

    /// Prepares for a connection to `name`, and returns whether it has to wait for a bind.
    fn connecting(
        &mut self,
        name: &str,
        kind: SocketKind,
        names: &Names,
        context: &raw::context::Context,
    ) -> Result<bool> {
        if self.closed {
            return Err(Error::new(Operation::Connect, Errno(zmq_sys::ETERM)).on(endpoint(name)));
        }
        match self.bound.get(name) {
            Some(&other) if !meet(kind, other) => {
                return Err(strangers(Operation::Connect, name, kind, other));
            }
            Some(_) => return Ok(false),
            None => {}
        }
        self.wait(name, kind, names, context)
            .map_err(|errno| Error::new(Operation::Connect, errno).on(endpoint(name)))?;
        Ok(true)
    }

    /// Notes the result of a connection, and whether it had to wait when it was [prepared](Self::connecting).
    fn connected(
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
            // A destructor that libzmq called in between unbound the name. If there is no room for the reserve, the
            // error cannot be reported to anyone.
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

    /// Refuses further connections, and returns the names that still have waiting connections.
    #[must_use]
    fn close(&mut self) -> Option<WaitedFor> {
        self.closed = true;
        let names = self.waiting.drain().map(|(name, _)| name).collect();
        Some(WaitedFor { reserve: self.reserve.take()?, names })
    }
}

/// The names with waiting connections, and the socket in reserve.
struct WaitedFor {
    reserve: raw::socket::Socket,
    names: Vec<Box<str>>,
}

impl WaitedFor {
    /// Binds the reserve to all these names. Holds no lock, because libzmq may call a destructor.
    fn meet(self) {
        for name in &self.names {
            if let Ok(endpoint) = std::ffi::CString::new(endpoint(name)) {
                // This fails if another socket has bound the name by now, and then no connection waits for it.
                while self.reserve.bind(&endpoint) == Err(Errno(libc::EINTR)) {}
            }
        }
    }
}

/// libzmq checks the socket types of peers on every transport except inproc. Over inproc, a DISH socket could send its
/// joins to a PULL socket, for example. libzmq aborts then, because a message cannot hold a join (A12).
#[cold]
fn strangers(operation: Operation, name: &str, kind: SocketKind, other: SocketKind) -> Error {
    Error::refused(
        operation,
        ErrorKind::IncompatibleProtocol,
        zmq_sys::ENOCOMPATPROTO,
        endpoint(name),
        format!("{kind} sockets cannot talk to {other} sockets, such as the socket with this name"),
    )
}

/// Creates the socket in reserve. Its type accepts any number of peers, because a type that rejects a ROUTER socket
/// would abort the process (A45). It holds at most one message of each peer, so that libzmq does not report room to a
/// sender that waits.
fn new_reserve(context: &raw::context::Context) -> Result<raw::socket::Socket, Errno> {
    let reserve = context.socket(zmq_sys::ZMQ_DEALER)?;
    reserve.set(zmq_sys::ZMQ_RCVHWM, 1)?;
    Ok(reserve)
}

/// Whether sockets of the two types may meet over inproc, where libzmq does not check (P9).
///
/// All classic types may meet, as in C.
fn meet(one: SocketKind, other: SocketKind) -> bool {
    #[cfg(zmq_draft)]
    let allowed = !(one.is_draft() || other.is_draft()) || one.behavior().peers.contains(&other);
    #[cfg(not(zmq_draft))]
    let allowed = {
        let _ = (one, other);
        true
    };
    allowed
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(zmq_draft)]
    fn only_draft_types_refuse_peers_over_inproc() {
        use super::{SocketKind, meet};

        for &one in SocketKind::ALL {
            for &other in SocketKind::ALL {
                assert_eq!(meet(one, other), meet(other, one), "{one}, {other}");
                if !one.is_draft() && !other.is_draft() {
                    assert!(meet(one, other), "{one}, {other}");
                }
            }
            let peers = SocketKind::ALL.iter().filter(|&&other| one.is_draft() && meet(one, other)).count();
            assert!(peers <= 1, "{one}");
        }
        assert!(meet(SocketKind::Radio, SocketKind::Dish));
        assert!(meet(SocketKind::Peer, SocketKind::Peer));
        assert!(!meet(SocketKind::Dish, SocketKind::Push));
    }
}
