//! All of a socket but its type: one copy of the code for all kinds.

use core::ffi::{CStr, c_int};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use super::repair::Repair;
use super::{Ability, Kind, Socket, SocketKind};
use crate::context::{Inner, Names, Turn, Turns, can_open, forked};
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::monitor::Tether;
use crate::option::Encoded;
use crate::raw::{self, Errno};
use crate::timeout::FOREVER;

/// All of a socket but its type.
pub(crate) struct Core {
    /// Closed before the context can go.
    pub(super) raw: raw::socket::Socket,
    pub(super) context: Arc<Inner>,
    pub(super) kind: SocketKind,
    /// The notification descriptor, which stays the same for the socket's life; some kinds have none (L2).
    pub(super) descriptor: Option<raw::poll::RawDescriptor>,
    attached: Attached,
    /// Whether the last part sent promised more.
    pub(super) mid_message: AtomicBool,
    /// What a REQ socket needs before its next request.
    pub(super) repair: Repair,
    pub(super) receive_timeout: AtomicI32,
    pub(super) send_timeout: AtomicI32,
    /// Whether it has a message for every new peer.
    #[cfg(zmq_draft)]
    greets: AtomicBool,
    /// Whether it keeps the latest message only, which has to be of one part.
    pub(super) conflate: AtomicBool,
    /// Whether it is an XPUB with a message for new subscribers.
    welcomes: AtomicBool,
    pub(super) names: Names,
    /// The monitor, to be stopped before nobody reads it.
    tether: Tether,
}

/// To what a socket was bound or connected.
#[derive(Default)]
pub(crate) struct Attached {
    /// Taken while the socket is being bound, connected, or what depends on it is decided: several threads may use sockets of
    /// some kinds. A destructor that libzmq calls meanwhile may do the same in the same thread.
    turns: Turns,
    ever: AtomicBool,
    udp: AtomicBool,
}

/// As long as it lives, no other thread binds or connects the socket.
pub(crate) struct AttachedTurn<'a> {
    attached: &'a Attached,
    _turn: Turn<'a>,
}

impl AttachedTurn<'_> {
    /// Whether to anything: some options would then corrupt memory (O7).
    pub(crate) fn ever(&self) -> bool {
        self.attached.ever.load(Ordering::Relaxed)
    }

    /// Whether over udp, where a message must not be longer than libzmq's buffer (A4).
    #[cfg(zmq_draft)]
    pub(super) fn over_udp(&self) -> bool {
        self.attached.udp.load(Ordering::Relaxed)
    }

    pub(super) fn note(&self, endpoint: &str) {
        self.attached.ever.store(true, Ordering::Relaxed);
        if endpoint.starts_with("udp://") {
            self.attached.udp.store(true, Ordering::Relaxed);
        }
    }
}

/// Threads may share sockets of some kinds: see `raw/shared.rs`. So a new field has to be named here, and be fit for that.
#[cfg(zmq_draft)]
const _: fn(&Core) = |core| {
    fn is_sync<T: Sync>(_: &T) {}
    // The libzmq socket alone is not, by itself.
    let Core {
        raw: _,
        context,
        kind,
        descriptor,
        attached,
        mid_message,
        repair,
        receive_timeout,
        send_timeout,
        greets,
        conflate,
        welcomes,
        names,
        tether,
    } = core;
    is_sync(context);
    is_sync(kind);
    is_sync(descriptor);
    is_sync(attached);
    is_sync(mid_message);
    is_sync(repair);
    is_sync(receive_timeout);
    is_sync(send_timeout);
    is_sync(greets);
    is_sync(conflate);
    is_sync(welcomes);
    is_sync(names);
    is_sync(tether);
};

impl Core {
    pub(crate) fn new(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        let mut core = Core {
            raw,
            context,
            kind,
            descriptor: None,
            attached: Attached::default(),
            mid_message: AtomicBool::new(false),
            repair: Repair::of(kind),
            receive_timeout: AtomicI32::new(FOREVER),
            send_timeout: AtomicI32::new(FOREVER),
            #[cfg(zmq_draft)]
            greets: AtomicBool::new(false),
            conflate: AtomicBool::new(false),
            welcomes: AtomicBool::new(false),
            names: Names::default(),
            tether: Tether::default(),
        };
        if kind.has(Ability::Descriptor) {
            let descriptor = core.raw.descriptor();
            core.descriptor =
                Some(descriptor.map_err(|errno| Error::new(Operation::NewSocket, errno).on(kind.name()))?);
        }
        Ok(core)
    }

    /// A socket that was used before, elsewhere. Not owned yet, it stays the caller's if this fails.
    pub(crate) fn adopt(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        // Whoever made it may use it still.
        raw.share();
        // Dropping it gives the count back.
        context.adopt_socket();
        let core = Core::new(raw, kind, context).map_err(|error| error.within(Operation::Adopt))?;
        core.attached.ever.store(true, Ordering::Relaxed);
        for (option, known) in
            [(zmq_sys::ZMQ_RCVTIMEO, &core.receive_timeout), (zmq_sys::ZMQ_SNDTIMEO, &core.send_timeout)]
        {
            if let Ok(milliseconds) = core.raw.get(option) {
                known.store(milliseconds, Ordering::Relaxed);
            }
        }
        let conflate = core.raw.get::<c_int>(zmq_sys::ZMQ_CONFLATE);
        core.conflate.store(conflate.is_ok_and(|on| on != 0), Ordering::Relaxed);
        Ok(core)
    }

    pub(crate) fn with_kind<K: Kind>(self, kind: K) -> Socket<K> {
        Socket { core: self, kind }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &raw::socket::Socket {
        &self.raw
    }

    pub(crate) fn raw_mut(&mut self) -> &mut raw::socket::Socket {
        &mut self.raw
    }

    pub(crate) fn context(&self) -> &Arc<Inner> {
        &self.context
    }

    pub(crate) fn tether(&self) -> &Tether {
        &self.tether
    }

    /// The notification descriptor, if the kind has one.
    pub(crate) fn notification(&self) -> Option<raw::poll::RawDescriptor> {
        self.descriptor
    }

    /// Lends the notification descriptor.
    #[cfg(unix)]
    pub(crate) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.raw.borrow_descriptor(self.descriptor.unwrap_or_default())
    }

    /// Lends the notification socket.
    #[cfg(windows)]
    pub(crate) fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.raw.borrow_descriptor(self.descriptor.unwrap_or_default())
    }

    /// Gives the raw socket away; all that can be done with this one afterwards is to drop it.
    pub(crate) fn take_raw(&mut self) -> raw::socket::Socket {
        self.raw.take()
    }

    pub(crate) fn disown(&mut self) -> core::ptr::NonNull<core::ffi::c_void> {
        self.raw.disown()
    }

    pub(crate) fn socket_kind(&self) -> SocketKind {
        self.kind
    }

    /// Refuses to touch the parent's socket in a forked child.
    #[inline]
    pub(crate) fn check_process(&self, operation: Operation) -> Result<()> {
        if self.raw.is_here() { Ok(()) } else { Err(forked(operation)) }
    }

    pub(crate) fn attached(&self) -> AttachedTurn<'_> {
        AttachedTurn { attached: &self.attached, _turn: self.attached.turns.take() }
    }

    pub(super) fn is_interruptible(&self) -> bool {
        self.context.is_interruptible()
    }

    /// Runs a call that may meet a signal, until it has not.
    pub(super) fn retry<T>(&self, operation: Operation, call: impl Fn() -> Result<T, Errno>) -> Result<T> {
        loop {
            match call() {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                result => return result.map_err(|errno| Error::new(operation, errno)),
            }
        }
    }

    pub(super) fn bind(&self, endpoint: &str) -> Result<Endpoint> {
        let operation = Operation::Bind;
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        self.check_security(operation, endpoint)?;
        let name = endpoint::inproc_name(endpoint);
        // In this order everywhere, for a destructor that libzmq calls during either.
        let _turn = name.map(|_| self.context.inproc_turn());
        let attached = self.attached();
        self.check_udp(operation, endpoint, &attached)?;
        let bind = || self.raw.bind(&text);
        if let Some(name) = name {
            self.check_zap(operation, endpoint)?;
            self.check_waiting(endpoint, name)?;
            self.retry(operation, bind).map_err(|error| endpoint::explain(error, endpoint))?;
            self.context.inproc().bound(name, self.kind, &self.names);
        } else {
            #[cfg(unix)]
            crate::ipc::check_path(operation, endpoint)?;
            check_descriptors(operation, endpoint)?;
            self.retry(operation, bind).map_err(|error| endpoint::explain(with_reason(error), endpoint))?;
        }
        attached.note(endpoint);
        self.last_endpoint(operation)
    }

    pub(super) fn connect(&self, endpoint: &str) -> Result<()> {
        self.connect_with(endpoint, |text| self.raw.connect(text))
    }

    /// Connects by one of libzmq's calls for it.
    pub(super) fn connect_with<T>(
        &self,
        endpoint: &str,
        call: impl Fn(&CStr) -> Result<T, Errno>,
    ) -> Result<T> {
        let operation = Operation::Connect;
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        self.check_security(operation, endpoint)?;
        endpoint::check_family(operation, endpoint, || {
            self.raw.get::<c_int>(zmq_sys::ZMQ_IPV6).is_ok_and(|on| on != 0)
        })?;
        let name = endpoint::inproc_name(endpoint);
        let _turn = name.map(|_| self.context.inproc_turn());
        let attached = self.attached();
        self.check_udp(operation, endpoint, &attached)?;
        let connect =
            || self.retry(operation, || call(&text)).map_err(|error| endpoint::explain(error, endpoint));
        let connected = if let Some(name) = name {
            if !cfg!(zmq_vendored) && self.conflate.load(Ordering::Relaxed) {
                self.context.inproc().check_bound(name)?;
            }
            let raw = self.context.raw();
            let waits = self
                .context
                .inproc()
                .connecting(name, self.kind, &self.names, raw)
                .map_err(|error| error.on(endpoint))?;
            let connected = connect();
            let outcome = (waits, connected.is_ok());
            self.context.inproc().connected(name, self.kind, &self.names, outcome, raw);
            connected?
        } else {
            connect()?
        };
        attached.note(endpoint);
        Ok(connected)
    }

    /// Refuses a bind to an inproc name where somebody waits who must not be met.
    fn check_waiting(&self, endpoint: &str, name: &str) -> Result<()> {
        let inproc = self.context.inproc();
        inproc.check_waiting(name, self.kind)?;
        #[cfg(zmq_draft)]
        if self.greets.load(Ordering::Relaxed) {
            inproc.check_greeted(name)?;
        }
        if self.kind == SocketKind::Pair && inproc.waiting(name) > 1 {
            return Err(waited_for_by_several(endpoint));
        }
        if self.welcomes.load(Ordering::Relaxed) && inproc.waiting(name) > 0 && !cfg!(zmq_vendored) {
            return Err(waited_for_by_subscribers(endpoint));
        }
        Ok(())
    }

    pub(super) fn unbind(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Unbind;
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        self.leave(endpoint, || self.retry(operation, || self.raw.unbind(&text)))
    }

    pub(super) fn disconnect(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Disconnect;
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        if !cfg!(zmq_vendored) && self.raw.get::<c_int>(zmq_sys::ZMQ_RCVMORE).is_ok_and(|more| more != 0) {
            // It would abort when it is to give the next part (A94).
            let reason = "parts of a message are still to be received";
            return Err(Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, endpoint, reason));
        }
        self.leave(endpoint, || self.retry(operation, || self.raw.disconnect(&text)))
    }

    /// Runs an unbind or disconnect, which to libzmq are the same, and notes that an inproc name is free.
    fn leave(&self, endpoint: &str, call: impl FnOnce() -> Result<()>) -> Result<()> {
        let Some(name) = endpoint::inproc_name(endpoint) else {
            return call().map_err(|error| endpoint::explain_leaving(error, endpoint));
        };
        let _turn = self.context.inproc_turn();
        call().map_err(|error| endpoint::explain_leaving(error, endpoint))?;
        self.context.inproc().unbound(name, &self.names);
        Ok(())
    }

    /// STREAM over inproc, or over ws, aborts the process when a message of several frames arrives (A11).
    pub(super) fn check_transport(&self, operation: Operation, endpoint: &str) -> Result<()> {
        let is_plain = matches!(endpoint::split(endpoint), Some(("tcp" | "ipc", _)));
        if self.kind == SocketKind::Stream && !is_plain && endpoint::is_known_transport(endpoint) {
            return Err(Error::refused(
                operation,
                ErrorKind::IncompatibleProtocol,
                zmq_sys::ENOCOMPATPROTO,
                endpoint,
                "a STREAM socket talks over tcp and ipc only",
            ));
        }
        if self.kind.is_thread_safe() && !cfg!(zmq_vendored) && endpoint::inproc_name(endpoint).is_some() {
            // Two that send to each other may wait for each other for ever (A78).
            return Err(Error::refused(
                operation,
                ErrorKind::Unsupported,
                libc::ENOTSUP,
                endpoint,
                "only the bundled libzmq can have sockets that threads share talk over inproc",
            ));
        }
        #[cfg(zmq_draft)]
        super::datagram::check_transport(self.kind, operation, endpoint)?;
        Ok(())
    }

    /// What has to be seen to before libzmq makes a UDP socket, in the background, where its failure aborts (A62).
    fn check_udp(&self, operation: Operation, endpoint: &str, attached: &AttachedTurn<'_>) -> Result<()> {
        #[cfg(zmq_draft)]
        if endpoint.starts_with("udp://") {
            self.check_datagrams(operation, endpoint, attached)?;
        }
        #[cfg(not(zmq_draft))]
        let _ = (self, operation, endpoint, attached);
        Ok(())
    }

    /// Anything but a handler at ZAP's name aborts the process at the next handshake (A14).
    fn check_zap(&self, operation: Operation, endpoint: &str) -> Result<()> {
        let handler = matches!(self.kind, SocketKind::Rep | SocketKind::Router);
        if endpoint == "inproc://zeromq.zap.01" && !handler {
            return Err(Error::refused(
                operation,
                ErrorKind::IncompatibleProtocol,
                zmq_sys::ENOCOMPATPROTO,
                endpoint,
                "this name is for the ZAP handler, which is a REP or a ROUTER socket",
            ));
        }
        Ok(())
    }

    /// `ZMQ_LAST_ENDPOINT`, which does not say how much room it needs (O3).
    pub(crate) fn last_endpoint(&self, operation: Operation) -> Result<Endpoint> {
        let mut buffer = vec![0; 256];
        loop {
            match self.raw.get_bytes(zmq_sys::ZMQ_LAST_ENDPOINT, &mut buffer) {
                Ok(len) => {
                    buffer.truncate(len.saturating_sub(1));
                    let text = String::from_utf8_lossy(&buffer).into_owned();
                    // Of udp it keeps the address alone.
                    let is_whole = text.is_empty() || text.contains("://");
                    return Ok(Endpoint::from_library(if is_whole { text } else { format!("udp://{text}") }));
                }
                Err(Errno(libc::EINVAL)) if buffer.len() < 1 << 20 => buffer = vec![0; 4 * buffer.len()],
                Err(errno) => return Err(Error::new(operation, errno).on("last_endpoint")),
            }
        }
    }

    /// Notes what the socket itself has to know of an option just set.
    pub(crate) fn note_option(&self, option: c_int, value: &Encoded<'_>) {
        let value = match value {
            Encoded::Int(value) => *value,
            Encoded::Bytes(bytes) => c_int::from(!bytes.is_empty()),
            _ => return,
        };
        match option {
            zmq_sys::ZMQ_RCVTIMEO => self.receive_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_SNDTIMEO => self.send_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_REQ_RELAXED => self.repair.set_relaxed(value != 0),
            zmq_sys::ZMQ_REQ_CORRELATE => self.repair.set_correlate(value != 0),
            zmq_sys::ZMQ_CONFLATE => self.conflate.store(value != 0, Ordering::Relaxed),
            #[cfg(zmq_draft)]
            zmq_sys::ZMQ_HELLO_MSG => self.greets.store(value != 0, Ordering::Relaxed),
            zmq_sys::ZMQ_XPUB_WELCOME_MSG => self.welcomes.store(value != 0, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Runs a blocking call with another timeout than the one that is set.
    pub(super) fn with_timeout<T>(
        &self,
        option: c_int,
        normal: &AtomicI32,
        milliseconds: c_int,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        self.raw.set(option, milliseconds)?;
        let result = call();
        // Fails only once the context is shut down, and then nothing waits any more.
        let _ = self.raw.set(option, normal.load(Ordering::Relaxed));
        result
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // In a child, a lock may be held by a thread that is not there.
        if self.raw.is_here_exactly() {
            self.tether.stop_if_abandoned(&self.raw);
            self.context.release_socket(&self.names);
        }
    }
}

/// Telling a monitor of a failed bind leaves another error number behind than that of the failure, but in the bundled libzmq.
fn with_reason(error: Error) -> Error {
    match error.errno() {
        libc::EAGAIN => error.meaning(ErrorKind::Other, "the socket's monitor knows why, from BIND_FAILED"),
        _ => error,
    }
}

/// A PAIR turns all but one away, and libzmq aborts if one of those is a ROUTER or REP (A45).
#[cold]
fn waited_for_by_several(endpoint: &str) -> Error {
    let reason = "several sockets are connected to the name already, and a PAIR talks to one";
    Error::refused(Operation::Bind, ErrorKind::AddrInUse, libc::EADDRINUSE, endpoint, reason)
}

/// A subscriber that connected to the name and disconnected again still waits for its welcome, and libzmq aborts (A47).
#[cold]
fn waited_for_by_subscribers(endpoint: &str) -> Error {
    let reason = "subscribers are connected to the name already: bind first, or set no welcome message";
    Error::refused(Operation::Bind, ErrorKind::WrongState, zmq_sys::EFSM, endpoint, reason)
}

/// Looking up a network interface takes a descriptor, and libzmq aborts if there is none (A46).
fn check_descriptors(operation: Operation, endpoint: &str) -> Result<()> {
    if can_open(1) { Ok(()) } else { Err(Error::new(operation, Errno(libc::EMFILE)).on(endpoint)) }
}
