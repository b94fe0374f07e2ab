//! Binding, connecting and leaving: one copy of the code for all kinds.

use core::ffi::{CStr, c_int};
use std::sync::atomic::Ordering;

use super::SocketKind;
use super::untyped::{AttachedTurn, Core};
use crate::context::can_open;
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::Errno;

impl Core {
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
