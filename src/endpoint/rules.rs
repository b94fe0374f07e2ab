//! Checks whether a socket may use a transport, according to the table in `transport.rs`.

use core::ffi::c_int;

use super::target::Target;
use super::transport::{Mechanisms, Transport, Types};
use crate::error::{Error, ErrorKind, Operation, Result};
#[cfg(zmq_draft)]
use crate::kind::Addressing;
use crate::kind::SocketKind;

/// The name under which libzmq looks for the ZAP handler.
const ZAP_NAME: &str = "zeromq.zap.01";

pub(super) const IPV6_HINT: &str = "call set_ipv6(true) first";

/// Refuses a transport that the socket type does not use.
pub(crate) fn check_type(target: &Target<'_>, kind: SocketKind) -> Result<()> {
    let row = target.transport().row();
    let types = if target.operation() == Operation::Bind { row.binds } else { row.connects };
    if !types.have(kind) {
        return Err(wrong_type(target, kind));
    }
    // Any other socket with this name would end the process at the next handshake (A14).
    let is_zap = target.transport() == Transport::Inproc && target.address() == ZAP_NAME;
    if is_zap && target.operation() == Operation::Bind && !kind.behavior().handles_zap {
        let reason = "only the ZAP handler, a REP or ROUTER socket, may bind to this name";
        return Err(incompatible(target, reason));
    }
    Ok(())
}

/// Refuses a transport that does not have the security mechanism of the socket.
pub(crate) fn check_mechanism(target: &Target<'_>, mechanism: impl Fn() -> Result<c_int>) -> Result<()> {
    match target.transport().row().mechanisms {
        Mechanisms::OnlyNull if mechanism()? != zmq_sys::ZMQ_NULL => {
            let reason = "the transport has no security, but the socket has a security mechanism";
            Err(incompatible(target, reason))
        }
        Mechanisms::AllButGssapi if mechanism()? == zmq_sys::ZMQ_GSSAPI => {
            Err(incompatible(target, "the transport does not have the socket's security mechanism, GSSAPI"))
        }
        _ => Ok(()),
    }
}

/// Refuses to connect to an IPv6 address if the socket does not use IPv6: libzmq would try forever.
pub(crate) fn check_family(target: &Target<'_>, uses_ipv6: impl FnOnce() -> bool) -> Result<()> {
    if target.operation() != Operation::Connect || !target.is_ipv6() || uses_ipv6() {
        return Ok(());
    }
    let reason = "the socket does not use IPv6";
    Err(target.refused(ErrorKind::InvalidInput, libc::EINVAL, reason).hint(IPV6_HINT))
}

fn incompatible(target: &Target<'_>, reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    target.refused(ErrorKind::IncompatibleProtocol, zmq_sys::ENOCOMPATPROTO, reason)
}

/// Returns an error that names what the socket type can do instead, or the types that can use the transport.
#[cold]
fn wrong_type(target: &Target<'_>, kind: SocketKind) -> Error {
    let row = target.transport().row();
    let name = row.name;
    let (others, other_call) =
        if target.operation() == Operation::Bind { (row.connects, "connect") } else { (row.binds, "bind") };
    let error = match (row.binds, row.connects) {
        _ if others.have(kind) => {
            incompatible(target, format!("{kind} sockets can only {other_call} over {name}"))
        }
        (Types::Only(binders), Types::Only(connectors)) => {
            let users = list(binders.iter().chain(connectors).map(|kind| kind.name()));
            let reason = match &*users {
                "" => format!("only draft socket types use {name}"),
                users => format!("{kind} sockets do not use {name}; {users} sockets do"),
            };
            incompatible(target, reason)
        }
        _ => {
            let usable = Transport::ALL.iter().map(|transport| transport.row());
            let usable = usable.filter(|row| row.binds.have(kind) || row.connects.have(kind));
            let names = list(usable.map(|row| row.name));
            incompatible(target, format!("{kind} sockets use only {names}"))
        }
    };
    #[cfg(zmq_draft)]
    if kind.behavior().addressing == Addressing::Datagram && target.operation() == Operation::Connect {
        return error.hint("call bind; send_to takes the address of each datagram");
    }
    error
}

/// `a, b and c`, each name once.
fn list(names: impl Iterator<Item = &'static str>) -> String {
    let mut unique = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    match unique.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}
