//! Endpoints: what `bind` and `connect` take.

use core::fmt;
use core::str::FromStr;
use std::ffi::CString;

use crate::error::{Error, ErrorKind, Operation, Result};

/// An endpoint such as `tcp://127.0.0.1:5555`, checked for what libzmq would misread.
///
/// Every call that takes an endpoint takes a string too; this type is what [`Socket::bind`](crate::Socket::bind) and
/// [`Socket::last_endpoint`](crate::Socket::last_endpoint) give back, wildcards resolved. Three things are refused:
/// a NUL, a text without a transport, and a port that is no number up to 65535 (libzmq would cut it to 16 bits and take
/// another port).
///
/// ```
/// use zmq::{Endpoint, ErrorKind};
///
/// let endpoint: Endpoint = "tcp://127.0.0.1:5555".parse()?;
/// assert_eq!(endpoint.transport(), "tcp");
/// assert_eq!(endpoint.address(), "127.0.0.1:5555");
///
/// let error = "tcp://127.0.0.1:99999".parse::<Endpoint>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_tcp(7)](https://libzmq.readthedocs.io/en/latest/zmq_tcp.html) and the pages of the other transports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    text: Box<str>,
}

impl Endpoint {
    /// The endpoint's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before `://`.
    #[must_use]
    pub fn transport(&self) -> &str {
        split(&self.text).map_or("", |(transport, _)| transport)
    }

    /// What stands after `://`.
    #[must_use]
    pub fn address(&self) -> &str {
        split(&self.text).map_or("", |(_, address)| address)
    }

    /// A text that libzmq itself gave; it needs no check.
    pub(crate) fn from_library(text: String) -> Endpoint {
        Endpoint { text: text.into_boxed_str() }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Endpoint> {
        check(Operation::Endpoint, text)?;
        Ok(Endpoint { text: text.into() })
    }
}

impl TryFrom<&str> for Endpoint {
    type Error = Error;

    fn try_from(text: &str) -> Result<Endpoint> {
        text.parse()
    }
}

impl TryFrom<String> for Endpoint {
    type Error = Error;

    fn try_from(text: String) -> Result<Endpoint> {
        check(Operation::Endpoint, &text)?;
        Ok(Endpoint { text: text.into_boxed_str() })
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> String {
        endpoint.text.into()
    }
}

impl AsRef<str> for Endpoint {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl PartialEq<str> for Endpoint {
    fn eq(&self, other: &str) -> bool {
        &*self.text == other
    }
}

impl PartialEq<&str> for Endpoint {
    fn eq(&self, other: &&str) -> bool {
        &*self.text == *other
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// `tcp://host:1` into `tcp` and `host:1`.
pub(crate) fn split(endpoint: &str) -> Option<(&str, &str)> {
    endpoint.split_once("://")
}

/// Whether libzmq has a transport of that name, linked or not; of any other it says so itself.
pub(crate) fn is_known_transport(endpoint: &str) -> bool {
    let transport = split(endpoint).map_or("", |(transport, _)| transport);
    matches!(transport, "inproc" | "ws" | "wss" | "udp" | "tipc" | "vmci" | "pgm" | "epgm" | "norm")
}

/// The name of an inproc endpoint.
pub(crate) fn inproc_name(endpoint: &str) -> Option<&str> {
    endpoint.strip_prefix("inproc://")
}

/// Refuses what libzmq would misread, and makes a C string of the rest.
pub(crate) fn check(operation: Operation, endpoint: &str) -> Result<CString> {
    let Ok(text) = CString::new(endpoint) else {
        return Err(Error::invalid(operation, format!("{endpoint:?}"), "an endpoint cannot contain a NUL"));
    };
    let Some((transport, address)) = split(endpoint) else {
        let error = Error::invalid(operation, format!("{endpoint:?}"), "an endpoint needs a transport");
        return Err(error.hint("such as tcp://host:port, ipc://path or inproc://name"));
    };
    if matches!(transport, "tcp" | "udp") {
        // `tcp://source:port;host:port` has two ports.
        for part in address.split(';') {
            check_port(operation, endpoint, part)?;
        }
    }
    Ok(text)
}

/// libzmq reads the port with `atoi` and keeps 16 bits of it.
fn check_port(operation: Operation, endpoint: &str, part: &str) -> Result<()> {
    // The colons of an IPv6 address lie within the brackets.
    let Some((host, port)) = part.rsplit_once(':') else { return Ok(()) };
    if host.starts_with('[') != host.ends_with(']') || port == "*" || port.is_empty() {
        return Ok(());
    }
    if port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok() {
        return Ok(());
    }
    Err(Error::invalid(operation, endpoint, format!("the port {port:?} is not a number from 0 to 65535")))
}

/// Adds what a user can do about an endpoint that libzmq or the system refused.
pub(crate) fn explain(error: Error, endpoint: &str) -> Error {
    let operation_is_connect = error.is_operation(Operation::Connect);
    let kind = error.kind();
    let error = error.on(endpoint);
    let transport = split(endpoint).map_or("", |(transport, _)| transport);
    match (kind, transport) {
        (ErrorKind::InvalidInput, _) if operation_is_connect && endpoint.contains('*') => {
            error.hint("a wildcard is for bind; connect needs a host and a port")
        }
        (ErrorKind::InvalidFilename, "ipc") => {
            error.hint(format!("the path of an ipc endpoint can have at most {} bytes", ipc_path_limit()))
        }
        (ErrorKind::NoSuchDevice, _) => error.hint("no network interface or host of that name"),
        (
            ErrorKind::ProtocolNotSupported,
            "pgm" | "epgm" | "norm" | "ws" | "wss" | "tipc" | "vmci" | "ipc",
        ) => error.hint(format!("the linked libzmq was built without {transport}")),
        (ErrorKind::NoIoThread, _) => error.hint("with no I/O thread a context can only use inproc"),
        _ => error,
    }
}

/// The longest path of a Unix-domain socket, without the final NUL.
fn ipc_path_limit() -> usize {
    if cfg!(any(target_os = "linux", target_os = "android", windows)) { 107 } else { 103 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_libzmq_takes() {
        for endpoint in [
            "tcp://*:*",
            "tcp://*:5555",
            "tcp://[::1]:5555",
            "tcp://[::]:*",
            "tcp://::1:5555",
            "tcp://eth0:5555",
            "tcp://localhost:0",
            "tcp://127.0.0.1:0;localhost:5555",
            "tcp://eth0;localhost:65535",
            "ipc:///tmp/a:99999",
            "ipc://@abstract",
            "inproc://name:70000",
            "ws://127.0.0.1:80/path",
            "epgm://eth0;239.192.1.1:5555",
            "udp://239.0.0.1:65535",
        ] {
            assert_eq!(endpoint.parse::<Endpoint>().unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn refuses_what_libzmq_misreads() {
        for endpoint in [
            "tcp://127.0.0.1:65536",
            "tcp://127.0.0.1:99999",
            "tcp://127.0.0.1:-1",
            "tcp://[::1]:70000",
            "tcp://127.0.0.1:70000;localhost:5555",
            "tcp://localhost:http",
            "nothing",
            "",
            "tcp://a\0b:1",
        ] {
            let error = endpoint.parse::<Endpoint>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{endpoint}");
        }
    }
}
