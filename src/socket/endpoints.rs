//! Binding, connecting and leaving: one copy of the code for all kinds.

use core::ffi::{CStr, c_int};

use super::core::{AttachedTurn, Core};
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::kind::Ability;
use crate::raw::Errno;

impl Core {
    pub(super) fn bind(&self, endpoint: &str) -> Result<Endpoint> {
        let operation = Operation::Bind;
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        self.check_security(operation, endpoint)?;
        let bind = || self.retry(operation, || self.raw.bind(&text));
        if let Some(name) = endpoint::inproc_name(endpoint) {
            self.check_zap(operation, endpoint)?;
            return foreign::inproc::bind(self, name, || {
                let attached = self.attached();
                bind().map_err(|error| self.explain(operation, error, endpoint))?;
                attached.note(endpoint);
                self.last_endpoint(operation)
            });
        }
        let attached = self.attached();
        self.check_udp(operation, endpoint, &attached)?;
        #[cfg(unix)]
        crate::endpoint::ipc::check_path(operation, endpoint)?;
        foreign::check_descriptor(operation, endpoint)?;
        bind().map_err(|error| endpoint::explain(with_reason(error), endpoint))?;
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
        let connect = || {
            let attached = self.attached();
            self.check_udp(operation, endpoint, &attached)?;
            let connected = self.retry(operation, || call(&text));
            let connected = connected.map_err(|error| self.explain(operation, error, endpoint))?;
            attached.note(endpoint);
            Ok(connected)
        };
        match endpoint::inproc_name(endpoint) {
            Some(name) => foreign::inproc::connect(self, name, connect),
            None => connect(),
        }
    }

    /// Says what libzmq refused, of inproc also what the endpoint alone does not tell.
    fn explain(&self, operation: Operation, error: Error, endpoint: &str) -> Error {
        let is_inproc = endpoint::inproc_name(endpoint).is_some();
        match error.kind() {
            ErrorKind::IncompatibleProtocol if is_inproc => {
                let peers = self.kind.peers();
                let reason = format!("{} sockets talk only to {peers}, and another type is there", self.kind);
                Error::refused(operation, error.kind(), error.errno(), endpoint, reason)
            }
            ErrorKind::AddrInUse
                if is_inproc && operation == Operation::Bind && self.kind.behavior().binds_for_one =>
            {
                let hint = "a PAIR talks to one socket, and binds no name that is bound, or that several are connected to";
                endpoint::explain(error, endpoint).hint(hint)
            }
            _ => endpoint::explain(error, endpoint),
        }
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
        foreign::check_disconnect(self, endpoint)?;
        self.leave(endpoint, || self.retry(operation, || self.raw.disconnect(&text)))
    }

    /// Runs an unbind or disconnect, which to libzmq are the same, and notes that an inproc name is free.
    fn leave(&self, endpoint: &str, call: impl FnOnce() -> Result<()>) -> Result<()> {
        let Some(name) = endpoint::inproc_name(endpoint) else {
            return call().map_err(|error| endpoint::explain_leaving(error, endpoint));
        };
        foreign::inproc::leave(self, name, || {
            call().map_err(|error| endpoint::explain_leaving(error, endpoint))
        })
    }

    /// STREAM over inproc, or over ws, aborts the process when a message of several frames arrives (A11).
    pub(super) fn check_transport(&self, operation: Operation, endpoint: &str) -> Result<()> {
        let is_plain = matches!(endpoint::split(endpoint), Some(("tcp" | "ipc", _)));
        if self.kind.has(Ability::Stream) && !is_plain && endpoint::is_known_transport(endpoint) {
            return Err(Error::refused(
                operation,
                ErrorKind::IncompatibleProtocol,
                zmq_sys::ENOCOMPATPROTO,
                endpoint,
                "a STREAM socket talks over tcp and ipc only",
            ));
        }
        foreign::check_shared_inproc(operation, self.kind, endpoint)?;
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
        if endpoint == "inproc://zeromq.zap.01" && !self.kind.behavior().handles_zap {
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
