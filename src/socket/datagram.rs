//! DGRAM: datagrams, and what libzmq demands of UDP.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};
use core::time::Duration;
use std::sync::atomic::Ordering;

use super::addressed::{CanRecvFrom, CanSendTo};
use super::core::AttachedTurn;
use super::{Core, Socket};
use crate::endpoint;
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::events::POLLOUT;
use crate::kind::Dgram;
use crate::kind::{Addressing, SocketKind};
use crate::message::Message;
use crate::raw::Errno;
use crate::sys::udp;
use crate::timeout::{Deadline, from_milliseconds};

/// The most that a datagram may have (A5).
const LONGEST_DATAGRAM: usize = 8192;

/// How long to wait for room at a time: a socket that lost its port never becomes ready, and only sending tells.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl CanSendTo<SocketAddrV4> for Dgram {
    fn send(
        socket: &Socket<Dgram>,
        to: SocketAddrV4,
        message: Message,
        waits: bool,
    ) -> Result<(), SendError> {
        let sent = socket.core().send_datagram(to, &message, waits);
        sent.map_err(|error| SendError::new(error, message))
    }
}

impl CanRecvFrom for Dgram {
    type From = SocketAddrV4;

    fn sender(socket: &Socket<Dgram>, address: Message) -> Result<(SocketAddrV4, Message)> {
        let mut body = Message::new();
        if address.has_more() {
            socket.core().recv_later_part(body.raw_mut())?;
        }
        // libzmq ends the text with a NUL.
        let text = address.strip_suffix(b"\0").unwrap_or(&address);
        let parsed = core::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        match parsed {
            Some(sender) if address.has_more() => Ok((sender, body)),
            _ => Err(Error::refused(
                Operation::Receive,
                ErrorKind::InvalidData,
                libc::EINVAL,
                format!("\"{}\"", text.escape_ascii()),
                "not the address of a datagram",
            )),
        }
    }
}

/// A DGRAM socket binds to udp, and nothing else.
pub(super) fn check_transport(kind: SocketKind, operation: Operation, endpoint: &str) -> Result<()> {
    if kind.behavior().addressing != Addressing::Datagram {
        return Ok(());
    }
    let transport = endpoint::split(endpoint).map_or("", |(transport, _)| transport);
    let is_known = endpoint::is_known_transport(endpoint) || matches!(transport, "tcp" | "ipc");
    let reason = match (operation, transport) {
        (Operation::Connect, _) if is_known => {
            "a DGRAM socket binds, and says with each datagram where it is to go"
        }
        (Operation::Bind, transport) if is_known && transport != "udp" => {
            "a DGRAM socket talks over udp only"
        }
        _ => return Ok(()),
    };
    let kind = ErrorKind::IncompatibleProtocol;
    Err(Error::refused(operation, kind, zmq_sys::ENOCOMPATPROTO, endpoint, reason))
}

impl Core {
    /// What libzmq would abort on later, or do nothing about.
    pub(super) fn check_datagrams(
        &self,
        operation: Operation,
        endpoint: &str,
        attached: &AttachedTurn<'_>,
    ) -> Result<()> {
        let has_ipv6 = self.raw.get::<core::ffi::c_int>(zmq_sys::ZMQ_IPV6).is_ok_and(|on| on != 0);
        if self.kind.behavior().addressing == Addressing::Datagram {
            if attached.ever() {
                let reason = "a DGRAM socket is bound once; make another one";
                return Err(Error::refused(
                    operation,
                    ErrorKind::WrongState,
                    zmq_sys::EFSM,
                    endpoint,
                    reason,
                ));
            }
            if has_ipv6 {
                // The address of a sender has no room for it, and libzmq aborts (A3).
                let kind = ErrorKind::IncompatibleProtocol;
                let reason = "a DGRAM socket talks IPv4 only";
                return Err(Error::refused(operation, kind, zmq_sys::ENOCOMPATPROTO, endpoint, reason)
                    .hint("call set_ipv6(false) before"));
            }
        }
        let place = if operation == Operation::Bind { place_of(endpoint, has_ipv6) } else { None };
        udp::try_out(has_ipv6, place).map_err(|errno| Error::new(operation, errno).on(endpoint))
    }

    fn send_datagram(&self, to: SocketAddrV4, body: &Message, waits: bool) -> Result<()> {
        let operation = Operation::Send;
        self.check_process(operation)?;
        // libzmq would drop such a datagram.
        if to.port() == 0 || *to.ip() == Ipv4Addr::BROADCAST {
            return Err(Error::invalid(
                operation,
                format!("to {to}"),
                "not an address to send a datagram to",
            ));
        }
        if body.len() > LONGEST_DATAGRAM {
            let (kind, subject) = (ErrorKind::MessageTooLarge, format!("{} bytes", body.len()));
            let reason = "a datagram has at most 8192";
            return Err(Error::refused(operation, kind, libc::EMSGSIZE, subject, reason));
        }
        let address = Message::from(to.to_string());
        let limit = from_milliseconds(self.send_timeout.load(Ordering::Relaxed));
        let deadline = Deadline::after(if waits { limit } else { Some(Duration::ZERO) });
        loop {
            // Never waiting in libzmq: had the socket lost its port meanwhile, it might not come back.
            match self.raw.send_datagram(address.raw(), body.raw()) {
                Err(Errno(libc::EAGAIN)) if !deadline.has_passed() => {}
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => continue,
                // The second is the bundled libzmq's own word for it.
                Err(Errno(zmq_sys::EFSM | libc::EHOSTUNREACH)) => return Err(unbound()),
                Err(errno) => return Err(Error::new(operation, errno)),
                Ok(()) => return Ok(()),
            }
            let left = deadline.left().map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN));
            self.poll(POLLOUT, Some(left)).map_err(|error| error.within(operation))?;
        }
    }
}

/// Where libzmq would bind for an endpoint, if that can be told without asking for names.
fn place_of(endpoint: &str, has_ipv6: bool) -> Option<SocketAddr> {
    let (_, address) = endpoint::split(endpoint)?;
    // `interface;group:port` binds to any address, for the group.
    let (host, port) = address.rsplit(';').next()?.rsplit_once(':')?;
    let port = if port == "*" { 0 } else { port.parse().ok()? };
    let any = || if has_ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let host: IpAddr = match host {
        "*" => any(),
        host => host.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    if host.is_ipv6() && !has_ipv6 {
        return None;
    }
    Some(SocketAddr::new(if host.is_multicast() { any() } else { host }, port))
}

fn unbound() -> Error {
    let reason = "a DGRAM socket has to be bound before it sends";
    Error::refused(Operation::Send, ErrorKind::WrongState, zmq_sys::EFSM, "", reason)
}
