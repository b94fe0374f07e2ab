//! Explains why libzmq or the system refused an endpoint, and names the remedy.

use super::ipc_path_hint;
use super::rules::IPV6_HINT;
use super::target::Target;
use super::transport::{Availability, Transport};
use crate::error::{Error, ErrorKind, Operation};
use crate::foreign;
use crate::kind::SocketKind;

/// Explains why bind or connect failed.
pub(crate) fn explain(error: Error, target: &Target<'_>, kind: SocketKind) -> Error {
    let connects = target.operation() == Operation::Connect;
    let failure = error.kind();
    let error = error.on(target.shown());
    match (failure, target.transport()) {
        (ErrorKind::InvalidInput, _) if connects && target.as_str().contains('*') => {
            error.hint("a wildcard is for bind; connect needs a host and a port")
        }
        (ErrorKind::InvalidInput, Transport::Tcp) if lacks_port(target) => {
            error.hint("it needs a port, as in tcp://localhost:5555")
        }
        (ErrorKind::InvalidInput, Transport::Inproc) if target.address().is_empty() => {
            error.hint("it needs a name, as in inproc://name")
        }
        (ErrorKind::InvalidInput, Transport::Ipc) if target.address().is_empty() => {
            error.hint("it needs a path, as in ipc:///tmp/socket")
        }
        (ErrorKind::NotFound, Transport::Ipc) => error.hint("the directory does not exist"),
        (ErrorKind::InvalidFilename, Transport::Ipc) => error.hint(ipc_path_hint()),
        (ErrorKind::NoSuchDevice, _) if target.is_ipv6() => error.hint(IPV6_HINT),
        (ErrorKind::NoSuchDevice, _) => error.hint("no network interface or host has this name"),
        (ErrorKind::AddrNotAvailable, _) if !connects => {
            error.hint("bind takes an address of this machine, or * for all its addresses")
        }
        (ErrorKind::ProtocolNotSupported, Transport::Unknown) => error.hint(unknown_transport(target)),
        (ErrorKind::ProtocolNotSupported, transport) => missing_transport(error, transport),
        (ErrorKind::NoIoThread, _) => error.hint("a context without I/O threads can use only inproc"),
        (ErrorKind::IncompatibleProtocol, Transport::Inproc) => {
            let reason = format!("{kind} sockets talk only to {}, but the socket at this endpoint has another type", kind.peers());
            target.refused(failure, error.errno(), reason)
        }
        (ErrorKind::AddrInUse, Transport::Inproc) if !connects && kind.behavior().binds_for_one => error.hint(
            "a PAIR socket has one peer: the name must be free, and at most one socket may be connected to it",
        ),
        // A libzmq other than the bundled one reports the failure to a monitor, which replaces the error number.
        (ErrorKind::WouldBlock, transport) if !connects && transport != Transport::Inproc => {
            error.meaning(ErrorKind::Other, "libzmq reports the reason only to a monitor, as the event BindFailed")
        }
        _ => error,
    }
}

/// Explains why unbind or disconnect failed. libzmq reports a missing file if the socket is not bound or connected.
pub(crate) fn explain_leaving(error: Error, target: &Target<'_>) -> Error {
    let failure = error.kind();
    let error = error.on(target.shown());
    let reason = match (failure, target.operation()) {
        (ErrorKind::NotFound, Operation::Unbind) => "the socket is not bound to this endpoint",
        (ErrorKind::NotFound, _) => "the socket is not connected to this endpoint",
        (ErrorKind::ProtocolNotSupported, _) if target.transport() == Transport::Unknown => {
            return error.hint(unknown_transport(target));
        }
        _ => return error,
    };
    let error = error.meaning(ErrorKind::NotFound, reason);
    match target.transport() {
        Transport::Udp => error.hint("libzmq unbinds udp only by closing the socket"),
        _ if target.address().ends_with('*') => error.hint("pass the endpoint that bind returned"),
        _ => error,
    }
}

/// Adds a hint that libzmq was built without the transport, and names the feature of the crate that adds it to the
/// bundled libzmq.
fn missing_transport(error: Error, transport: Transport) -> Error {
    let name = transport.row().name;
    let without = format!("the linked libzmq was built without {name}");
    match transport.row().availability {
        Availability::Always => error,
        Availability::Feature(feature) if !foreign::IS_LINKED => {
            error.hint(format!("{without}: enable the feature `{feature}` of the crate zmq"))
        }
        _ => error.hint(without),
    }
}

/// Returns a hint for an unknown transport. The usual mistakes are capital letters and white space.
fn unknown_transport(target: &Target<'_>) -> String {
    let name = target.transport_name();
    let meant = name.trim().to_lowercase();
    if Transport::from_name(&meant) == Transport::Unknown {
        return "there is no such transport; the usual ones are tcp, ipc and inproc".to_owned();
    }
    let fault = if name.trim() == name {
        "transports are in lower case"
    } else {
        "an endpoint begins with its transport"
    };
    format!("{fault}: write {meant}://{}", target.address())
}

/// Whether an address has no port.
fn lacks_port(target: &Target<'_>) -> bool {
    target.authority().is_none_or(|authority| authority.port.is_empty())
}
