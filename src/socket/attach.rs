//! Binds, connects, unbinds and disconnects: one copy of the code for all socket types.

use core::ffi::{CStr, c_int};
use std::sync::atomic::{AtomicBool, Ordering};

use super::core::Core;
use super::limits::check_routing_id;
use crate::context::{Turn, Turns};
use crate::endpoint::explain::{explain, explain_leaving};
use crate::endpoint::{Endpoint, Target, Transport, rules};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::raw::{Errno, callback};

/// Whether a socket was ever bound or connected, and whether this was over udp.
#[derive(Default)]
pub(crate) struct Attached {
    /// Threads may share sockets of some types. So a thread takes a turn to bind, to connect, or to make a decision
    /// that depends on either. A destructor that libzmq calls during the turn may do the same on the same thread.
    turns: Turns,
    ever: AtomicBool,
    udp: AtomicBool,
}

/// A thread's turn. While it lasts, no other thread binds or connects the socket.
pub(crate) struct AttachedTurn<'a> {
    attached: &'a Attached,
    _turn: Turn<'a>,
}

impl Attached {
    /// Notes that the socket was bound or connected outside the crate.
    pub(super) fn note_adopted(&self) {
        self.ever.store(true, Ordering::Relaxed);
    }
}

impl AttachedTurn<'_> {
    /// Whether the socket was ever bound or connected. After that, some options would corrupt memory (O7).
    pub(crate) fn ever(&self) -> bool {
        self.attached.ever.load(Ordering::Relaxed)
    }

    /// Whether the socket uses udp, where a message must not be longer than libzmq's buffer (A4).
    #[cfg(zmq_draft)]
    pub(super) fn over_udp(&self) -> bool {
        self.attached.udp.load(Ordering::Relaxed)
    }

    fn note(&self, transport: Transport) {
        self.attached.ever.store(true, Ordering::Relaxed);
        if transport == Transport::Udp {
            self.attached.udp.store(true, Ordering::Relaxed);
        }
    }
}

impl Core {
    pub(super) fn bind(&self, endpoint: &str) -> Result<Endpoint> {
        let target = self.admit(Operation::Bind, endpoint)?;
        let bind = || {
            let attached = self.attached();
            self.check_system(&target, &attached)?;
            // A destructor that runs in between could bind the socket to another endpoint, which libzmq would then report.
            callback::after(|| {
                self.attach(&target, &attached, |text| self.raw.bind(text))?;
                self.last_endpoint(Operation::Bind)
            })
        };
        match target.transport() {
            Transport::Inproc => foreign::inproc::bind(self, target.address(), bind),
            _ => bind(),
        }
    }

    /// Binds to a descriptor that already listens.
    ///
    /// If the bind succeeds, libzmq owns the descriptor. Otherwise it is closed here.
    #[cfg(unix)]
    pub(super) fn bind_fd(&self, endpoint: &str, fd: std::os::fd::OwnedFd) -> Result<Endpoint> {
        use std::os::fd::{AsRawFd, IntoRawFd};

        let target = self.admit(Operation::Bind, endpoint)?;
        let fd = listening(fd, target.transport()).ok_or_else(|| {
            let reason = "the descriptor is not a listening socket of this transport";
            target.refused(ErrorKind::InvalidInput, libc::EINVAL, reason)
        })?;
        // Kept to the end of the call, so that no other thread's bind uses the descriptor. No destructor's bind must use it either.
        let attached = self.attached();
        callback::after(|| {
            self.attach(&target, &attached, |text| {
                self.raw.set::<c_int>(zmq_sys::ZMQ_USE_FD, fd.as_raw_fd())?;
                let bound = self.raw.bind(text);
                // This fails only after the context was shut down, and then nothing is bound any more.
                let _ = self.raw.set::<c_int>(zmq_sys::ZMQ_USE_FD, -1);
                bound
            })?;
            let _ = fd.into_raw_fd();
            self.last_endpoint(Operation::Bind)
        })
    }

    pub(super) fn connect(&self, endpoint: &str) -> Result<()> {
        let target = self.admit(Operation::Connect, endpoint)?;
        self.connect_to(&target, |text| self.raw.connect(text))
    }

    /// Connects, and gives the peer a routing id. The id applies only to this connection, even if the connection fails.
    pub(super) fn connect_with_routing_id(&self, endpoint: &str, id: &[u8]) -> Result<()> {
        let operation = Operation::Connect;
        let target = self.admit(operation, endpoint)?;
        let shown = || format!("{} as \"{}\"", target.shown(), id.escape_ascii());
        check_routing_id(id).map_err(|range| Error::invalid(operation, shown(), range))?;
        foreign::check_peer_id(shown)?;
        let immediate = self.raw.get::<c_int>(zmq_sys::ZMQ_IMMEDIATE);
        if immediate.map_err(|errno| Error::new(operation, errno).on(shown()))? != 0 {
            let reason = "an immediate socket has no peer until it is connected";
            return Err(Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, shown(), reason));
        }
        let connected = self.connect_to(&target, |text| {
            self.raw.set_bytes(zmq_sys::ZMQ_CONNECT_ROUTING_ID, id)?;
            let connected = self.raw.connect(text);
            let _ = self.raw.set_bytes(zmq_sys::ZMQ_CONNECT_ROUTING_ID, b"");
            connected
        });
        match connected {
            Err(error) if error.errno() == libc::EADDRINUSE => {
                Err(error.meaning(ErrorKind::AddrInUse, "a peer already has this routing id").on(shown()))
            }
            result => result,
        }
    }

    /// Connects with the call of libzmq that returns the routing id of the peer.
    #[cfg(zmq_draft)]
    pub(super) fn connect_peer(&self, endpoint: &str) -> Result<crate::message::RoutingId> {
        let target = self.admit(Operation::Connect, endpoint)?;
        match self.connect_to(&target, |text| self.raw.connect_peer(text)) {
            // An id is never zero (I8).
            Ok(id) => crate::message::RoutingId::new(id)
                .ok_or_else(|| Error::new(Operation::Connect, Errno(libc::EINVAL)).on(target.shown())),
            Err(error) if error.errno() == libc::EFAULT => Err(error.meaning(
                ErrorKind::WrongState,
                "an immediate socket does not know the routing id of a peer until it is connected",
            )),
            Err(error) => Err(error),
        }
    }

    fn connect_to<T>(&self, target: &Target<'_>, call: impl Fn(&CStr) -> Result<T, Errno>) -> Result<T> {
        let connect = || {
            let attached = self.attached();
            self.check_system(target, &attached)?;
            self.attach(target, &attached, call)
        };
        match target.transport() {
            Transport::Inproc => foreign::inproc::connect(self, target.address(), connect),
            _ => connect(),
        }
    }

    pub(super) fn unbind(&self, endpoint: &str) -> Result<()> {
        let target = self.parse(Operation::Unbind, endpoint)?;
        self.leave(&target, |text| self.raw.unbind(text))
    }

    pub(super) fn disconnect(&self, endpoint: &str) -> Result<()> {
        let target = self.parse(Operation::Disconnect, endpoint)?;
        foreign::check_disconnect(self, &target)?;
        self.leave(&target, |text| self.raw.disconnect(text))
    }

    /// Runs an unbind or a disconnect. To libzmq both are the same, and both release an inproc name.
    fn leave(&self, target: &Target<'_>, call: impl Fn(&CStr) -> Result<(), Errno>) -> Result<()> {
        let leave = || {
            let left = self.retry(target.operation(), || call(target.as_c_str()));
            left.map_err(|error| explain_leaving(error, target))
        };
        match target.transport() {
            Transport::Inproc => foreign::inproc::leave(self, target.address(), leave),
            _ => leave(),
        }
    }

    /// Parses the endpoint of a call.
    fn parse<'a>(&self, operation: Operation, endpoint: &'a str) -> Result<Target<'a>> {
        self.check_process(operation)?;
        self.tether.stop_if_abandoned(&self.raw);
        Target::parse(operation, endpoint)
    }

    /// Parses the endpoint of a bind or connect, and refuses it if the socket must not use it.
    fn admit<'a>(&self, operation: Operation, endpoint: &'a str) -> Result<Target<'a>> {
        let target = self.parse(operation, endpoint)?;
        rules::check_type(&target, self.kind)?;
        foreign::check_shared_inproc(&target, self.kind)?;
        rules::check_mechanism(&target, || {
            let mechanism = self.raw.get(zmq_sys::ZMQ_MECHANISM);
            mechanism.map_err(|errno| Error::new(operation, errno).on("mechanism"))
        })?;
        rules::check_family(&target, || self.uses_ipv6())?;
        Ok(target)
    }

    /// Checks that the system has what libzmq needs, and that libzmq will not delete a file.
    fn check_system(&self, target: &Target<'_>, attached: &AttachedTurn<'_>) -> Result<()> {
        match (target.operation(), target.transport()) {
            // libzmq creates the UDP socket in the background, and aborts if that fails (A62).
            #[cfg(zmq_draft)]
            (_, Transport::Udp) => self.check_datagrams(target, attached),
            #[cfg(unix)]
            (Operation::Bind, Transport::Ipc) => crate::endpoint::ipc::check_path(target),
            (Operation::Bind, transport) if transport != Transport::Inproc => {
                foreign::check_descriptor(target)
            }
            _ => {
                let _ = attached;
                Ok(())
            }
        }
    }

    /// Binds or connects by a call of libzmq.
    fn attach<T>(
        &self,
        target: &Target<'_>,
        attached: &AttachedTurn<'_>,
        call: impl Fn(&CStr) -> Result<T, Errno>,
    ) -> Result<T> {
        let done = self.retry(target.operation(), || call(target.as_c_str()));
        let done = done.map_err(|error| explain(error, target, self.kind))?;
        attached.note(target.transport());
        Ok(done)
    }

    pub(crate) fn attached(&self) -> AttachedTurn<'_> {
        AttachedTurn { attached: &self.attached, _turn: self.attached.turns.take() }
    }

    pub(super) fn uses_ipv6(&self) -> bool {
        self.raw.get::<c_int>(zmq_sys::ZMQ_IPV6).is_ok_and(|on| on != 0)
    }

    /// Returns `ZMQ_LAST_ENDPOINT`. libzmq does not report how much room it needs (O3).
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
}

/// Returns the descriptor in non-blocking mode if it is a listening socket of the transport's family. With any other
/// descriptor, libzmq aborts when it checks for connections (A48).
#[cfg(unix)]
fn listening(fd: std::os::fd::OwnedFd, transport: Transport) -> Option<std::os::fd::OwnedFd> {
    use std::net::TcpListener;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixListener;

    if !crate::sys::descriptors::is_listening(fd.as_fd()) {
        return None;
    }
    match transport {
        Transport::Tcp | Transport::Ws => {
            let listener = TcpListener::from(fd);
            listener.local_addr().ok()?;
            listener.set_nonblocking(true).ok()?;
            Some(listener.into())
        }
        Transport::Ipc => {
            let listener = UnixListener::from(fd);
            listener.local_addr().ok()?;
            listener.set_nonblocking(true).ok()?;
            Some(listener.into())
        }
        _ => None,
    }
}
