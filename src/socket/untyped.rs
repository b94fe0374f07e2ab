//! All of a socket but its type: one copy of the code for all kinds.

use core::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use super::repair::Repair;
use super::{Kind, Socket, SocketKind};
use crate::context::{Inner, Names, can_open, forked};
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::{self, Errno};
use crate::timeout::FOREVER;

/// All of a socket but its type.
pub(crate) struct Core {
    /// Closed before the context can go.
    pub(super) raw: raw::socket::Socket,
    pub(super) context: Arc<Inner>,
    pub(super) kind: SocketKind,
    /// The notification descriptor, which stays the same for the socket's life.
    pub(super) descriptor: raw::poll::RawDescriptor,
    /// Whether it was bound or connected: some options would then corrupt memory (O7).
    pub(super) attached: AtomicBool,
    /// Whether the last part sent promised more.
    pub(super) mid_message: AtomicBool,
    /// What a REQ socket needs before its next request.
    pub(super) repair: Repair,
    pub(super) receive_timeout: AtomicI32,
    pub(super) send_timeout: AtomicI32,
    pub(super) names: Names,
}

impl Core {
    pub(super) fn new(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        let mut core = Core {
            raw,
            context,
            kind,
            descriptor: Default::default(),
            attached: AtomicBool::new(false),
            mid_message: AtomicBool::new(false),
            repair: Repair::default(),
            receive_timeout: AtomicI32::new(FOREVER),
            send_timeout: AtomicI32::new(FOREVER),
            names: Names::default(),
        };
        core.descriptor =
            core.raw.descriptor().map_err(|errno| Error::new(Operation::NewSocket, errno).on(kind.name()))?;
        Ok(core)
    }

    /// A socket that was used before, elsewhere.
    pub(crate) fn adopt(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        context.adopt_socket();
        let core = Core::new(raw, kind, context)?;
        core.attached.store(true, Ordering::Relaxed);
        for (option, known) in
            [(zmq_sys::ZMQ_RCVTIMEO, &core.receive_timeout), (zmq_sys::ZMQ_SNDTIMEO, &core.send_timeout)]
        {
            if let Ok(milliseconds) = core.raw.get(option) {
                known.store(milliseconds, Ordering::Relaxed);
            }
        }
        Ok(core)
    }

    pub(crate) fn with_kind<K: Kind>(self, kind: K) -> Socket<K> {
        Socket { core: self, kind }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &raw::socket::Socket {
        &self.raw
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

    pub(crate) fn is_attached(&self) -> bool {
        self.attached.load(Ordering::Relaxed)
    }

    pub(super) fn is_interruptible(&self) -> bool {
        self.context.is_interruptible()
    }

    /// Runs a call that may meet a signal, until it has not.
    fn retry<T>(&self, operation: Operation, call: impl Fn() -> Result<T, Errno>) -> Result<T> {
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
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        self.check_security(operation, endpoint)?;
        let bind = || self.raw.bind(&text);
        if let Some(name) = endpoint::inproc_name(endpoint) {
            self.check_zap(operation, endpoint)?;
            let mut inproc = self.context.inproc();
            if self.kind == SocketKind::Pair && inproc.waiting(name) > 1 {
                return Err(waited_for_by_several(endpoint));
            }
            self.retry(operation, bind).map_err(|error| endpoint::explain(error, endpoint))?;
            inproc.bound(name, &self.names);
        } else {
            #[cfg(unix)]
            crate::ipc::check_path(operation, endpoint)?;
            check_descriptors(operation, endpoint)?;
            self.retry(operation, bind).map_err(|error| endpoint::explain(error, endpoint))?;
        }
        self.attached.store(true, Ordering::Relaxed);
        self.last_endpoint(operation)
    }

    pub(super) fn connect(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Connect;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        self.check_security(operation, endpoint)?;
        let connect = || {
            self.retry(operation, || self.raw.connect(&text))
                .map_err(|error| endpoint::explain(error, endpoint))
        };
        if let Some(name) = endpoint::inproc_name(endpoint) {
            let mut inproc = self.context.inproc();
            let waits = inproc.connecting(name, self.context.raw()).map_err(|error| error.on(endpoint))?;
            let connected = connect();
            if waits && connected.is_err() {
                inproc.not_connected(name);
            }
            connected?;
        } else {
            connect()?;
        }
        self.attached.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn unbind(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Unbind;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        self.leave(endpoint, || self.retry(operation, || self.raw.unbind(&text)))
    }

    pub(super) fn disconnect(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Disconnect;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        self.leave(endpoint, || self.retry(operation, || self.raw.disconnect(&text)))
    }

    /// Runs an unbind or disconnect, which to libzmq are the same, and notes that an inproc name is free.
    fn leave(&self, endpoint: &str, call: impl FnOnce() -> Result<()>) -> Result<()> {
        let Some(name) = endpoint::inproc_name(endpoint) else {
            return call().map_err(|error| error.on(endpoint));
        };
        let mut inproc = self.context.inproc();
        call().map_err(|error| error.on(endpoint))?;
        inproc.unbound(name, &self.names);
        Ok(())
    }

    /// STREAM over inproc, or over ws, aborts the process when a message of several frames arrives (A11).
    fn check_transport(&self, operation: Operation, endpoint: &str) -> Result<()> {
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
                    return Ok(Endpoint::from_library(String::from_utf8_lossy(&buffer).into_owned()));
                }
                Err(Errno(libc::EINVAL)) if buffer.len() < 1 << 20 => buffer = vec![0; 4 * buffer.len()],
                Err(errno) => return Err(Error::new(operation, errno).on("last_endpoint")),
            }
        }
    }

    /// Notes what the socket itself has to know of an option just set.
    pub(crate) fn note_option(&self, option: c_int, value: c_int) {
        match option {
            zmq_sys::ZMQ_RCVTIMEO => self.receive_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_SNDTIMEO => self.send_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_REQ_RELAXED => self.repair.set_relaxed(value != 0),
            zmq_sys::ZMQ_REQ_CORRELATE => self.repair.set_correlate(value != 0),
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
        if self.raw.is_here() {
            self.context.release_socket(&self.names);
        }
    }
}

/// A PAIR turns all but one away, and libzmq aborts if one of those is a ROUTER or REP (A45).
#[cold]
fn waited_for_by_several(endpoint: &str) -> Error {
    let reason = "several sockets are connected to the name already, and a PAIR talks to one";
    Error::refused(Operation::Bind, ErrorKind::AddrInUse, libc::EADDRINUSE, endpoint, reason)
}

/// Looking up a network interface takes a descriptor, and libzmq aborts if there is none (A46).
fn check_descriptors(operation: Operation, endpoint: &str) -> Result<()> {
    if can_open(1) { Ok(()) } else { Err(Error::new(operation, Errno(libc::EMFILE)).on(endpoint)) }
}
