//! DGRAM: datagrams, and the checks for UDP.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};
use std::sync::atomic::Ordering;

use super::addressed::{CanRecvFrom, CanSendTo};
use super::attach::AttachedTurn;
use super::transmit::LOOK_AGAIN;
use super::{Core, Socket};
use crate::endpoint::{Authority, Target};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::events::POLLOUT;
use crate::kind::Addressing;
use crate::kind::Dgram;
use crate::message::Message;
use crate::raw::{self, Errno};
use crate::sys::udp;
use crate::timeout::{Deadline, Wait};

/// The maximum length of a datagram (A5).
const LONGEST_DATAGRAM: usize = 8192;

impl CanSendTo<SocketAddrV4> for Dgram {
    fn send(
        socket: &Socket<Dgram>,
        to: &SocketAddrV4,
        message: Message,
        wait: Wait,
    ) -> Result<(), SendError> {
        let sent = socket.core().send_datagram(*to, &message, wait);
        sent.map_err(|error| SendError::new(error, message))
    }
}

impl CanRecvFrom for Dgram {
    type From = SocketAddrV4;

    fn recv(socket: &Socket<Dgram>, wait: Wait) -> Result<(SocketAddrV4, Message)> {
        let core = socket.core();
        // A destructor that runs between the two parts could receive the body.
        let (address, body) = raw::callback::after(|| -> Result<_> {
            let address = core.recv(wait)?;
            let mut body = Message::new();
            if address.has_more() {
                core.recv_later_part(body.raw_mut())?;
            }
            Ok((address, body))
        })?;
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

impl Core {
    /// Refuses calls after which libzmq would abort, or would silently do nothing.
    pub(super) fn check_datagrams(&self, target: &Target<'_>, attached: &AttachedTurn<'_>) -> Result<()> {
        let has_ipv6 = self.uses_ipv6();
        if self.kind.behavior().addressing == Addressing::Datagram {
            if attached.ever() {
                let reason = "a DGRAM socket can be bound only once; create another socket";
                return Err(target.refused(ErrorKind::WrongState, zmq_sys::EFSM, reason));
            }
            if has_ipv6 {
                // libzmq has no room for the address of an IPv6 sender, and aborts (A3).
                let reason = "DGRAM sockets use only IPv4";
                let kind = ErrorKind::IncompatibleProtocol;
                return Err(target
                    .refused(kind, zmq_sys::ENOCOMPATPROTO, reason)
                    .hint("call set_ipv6(false) first"));
            }
        }
        let is_bind = target.operation() == Operation::Bind;
        let place = target.authority().filter(|_| is_bind).and_then(|place| place_of(place, has_ipv6));
        udp::try_out(has_ipv6, place)
            .map_err(|errno| Error::new(target.operation(), errno).on(target.shown()))
    }

    fn send_datagram(&self, to: SocketAddrV4, body: &Message, wait: Wait) -> Result<()> {
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
            let reason = "a datagram has at most 8192 bytes";
            return Err(Error::refused(operation, kind, libc::EMSGSIZE, subject, reason));
        }
        let address = Message::from(to.to_string());
        let deadline = Deadline::after(wait.limit(self.send_timeout.load(Ordering::Relaxed)));
        loop {
            // libzmq must not wait: if the socket loses its port meanwhile, the call might never return.
            match self.raw.send_datagram(address.raw(), body.raw()) {
                Err(Errno(libc::EAGAIN)) if !deadline.has_passed() => {}
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => continue,
                // `EHOSTUNREACH` is the bundled libzmq's own error for this.
                Err(Errno(zmq_sys::EFSM | libc::EHOSTUNREACH)) => return Err(unbound()),
                Err(errno) => return Err(Error::new(operation, errno)),
                Ok(()) => return Ok(()),
            }
            // A socket that has lost its port never becomes ready.
            let left = deadline.left().map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN));
            self.poll(POLLOUT, Some(left)).map_err(|error| error.within(operation))?;
        }
    }
}

/// Returns the address to which libzmq would bind, unless it depends on a name.
fn place_of(authority: Authority<'_>, has_ipv6: bool) -> Option<SocketAddr> {
    let port = if authority.port == "*" { 0 } else { authority.port.parse().ok()? };
    let any = || if has_ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let host: IpAddr = match authority.bare_host() {
        "*" => any(),
        host => host.parse().ok()?,
    };
    if host.is_ipv6() && !has_ipv6 {
        return None;
    }
    // `interface;group:port` binds to any address, for the group.
    Some(SocketAddr::new(if host.is_multicast() { any() } else { host }, port))
}

fn unbound() -> Error {
    let reason = "a DGRAM socket has to be bound before it sends";
    Error::refused(Operation::Send, ErrorKind::WrongState, zmq_sys::EFSM, "", reason)
}
