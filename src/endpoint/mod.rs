//! Endpoints: what `bind` and `connect` take.

#[cfg(unix)]
pub(crate) mod ipc;

use core::fmt;
use core::net::{Ipv6Addr, SocketAddr};
use core::str::FromStr;
use std::ffi::CString;
use std::path::Path;

use crate::error::{Error, ErrorKind, Operation, Result};

/// An endpoint such as `tcp://127.0.0.1:5555`, checked for what libzmq would misread.
///
/// Every call that takes an endpoint takes a string too; this type is what [`Socket::bind`](crate::Socket::bind) and
/// [`Socket::last_endpoint`](crate::Socket::last_endpoint) give back, wildcards resolved. Four things are refused:
/// a NUL, a text without a transport, a port that is no number up to 65535 (libzmq would cut it to 16 bits and take
/// another port), and a network of pgm with more than three parts (it would end the process).
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
/// # Transports
///
/// | transport | between | bind | connect | needs |
/// |---|---|---|---|---|
/// | `tcp` | machines | `tcp://*:5555`, `tcp://eth0:5555`, `tcp://[::1]:*` | `tcp://server:5555`, `tcp://192.168.0.2:0;server:5555` | for IPv6: [`set_ipv6`](crate::Socket::set_ipv6) |
/// | `ipc` | processes | `ipc:///tmp/queue`, `ipc://*`, on Linux `ipc://@queue` | the same, without a wildcard | a Unix, or Windows with a bundled libzmq made by MSVC |
/// | `inproc` | sockets of one context | `inproc://queue` | `inproc://queue`, also before the bind | nothing |
/// | `ws` | machines | `ws://*:8080/path` | `ws://server:8080/path` | libzmq 4.3.3 with drafts, or the bundled one |
/// | `wss` | machines | `wss://*:8443/path` | `wss://server:8443/path` | the feature `wss`: GnuTLS |
/// | `udp` | machines, unreliably | `udp://*:5555`, `udp://eth0;239.0.0.1:5555` | `udp://239.0.0.1:5555` | the feature `draft`; RADIO connects, DISH and DGRAM bind |
/// | `pgm`, `epgm` | one and many machines | `epgm://eth0;239.192.1.1:5555` | the same | the feature `pgm`: OpenPGM; PUB and SUB; for `pgm` the right to raw sockets |
/// | `norm` | one and many machines | `norm://eth0;239.192.1.1:5555` | the same | the feature `norm`; PUB and SUB |
/// | `tipc` | machines of a cluster | `tipc://{5560,0,0}` | `tipc://{5560,0}` | Linux with its module `tipc` |
/// | `vmci` | virtual machines | `vmci://*:5555` | `vmci://2:5555` | a libzmq built with VMware's library; the bundled one is not |
///
/// [`zmq::has`](crate::has) tells what the linked libzmq has. A pgm network is an interface and at most two multicast groups,
/// to receive and to send, with `;` between them.
///
/// Follows [zmq_tcp(7)](https://libzmq.readthedocs.io/en/latest/zmq_tcp.html) and the pages of the other transports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    text: Box<str>,
}

impl Endpoint {
    /// A tcp endpoint at this address; with port 0, bind takes any that is free.
    ///
    /// ```
    /// use std::net::{Ipv4Addr, Ipv6Addr};
    ///
    /// use zmq::Endpoint;
    ///
    /// assert_eq!(Endpoint::tcp((Ipv4Addr::LOCALHOST, 5555)), "tcp://127.0.0.1:5555");
    /// assert_eq!(Endpoint::tcp((Ipv6Addr::LOCALHOST, 5555)), "tcp://[::1]:5555");
    /// ```
    ///
    /// Follows [zmq_tcp(7)](https://libzmq.readthedocs.io/en/latest/zmq_tcp.html).
    #[must_use]
    pub fn tcp(address: impl Into<SocketAddr>) -> Endpoint {
        Endpoint { text: format!("tcp://{}", address.into()).into_boxed_str() }
    }

    /// The ipc endpoint at this path of the file system.
    ///
    /// It is a path whatever it looks like: neither `*` nor a leading `@` has the meaning that it has in a text.
    ///
    /// ```
    /// use zmq::Endpoint;
    ///
    /// assert_eq!(Endpoint::ipc("/tmp/queue")?, "ipc:///tmp/queue");
    /// assert_eq!(Endpoint::ipc("@queue")?, "ipc://./@queue");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidFilename`](ErrorKind::InvalidFilename) if it is longer than the path of a socket can be, 107 bytes on Linux;
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it is empty, is not UTF-8, or has a NUL in it.
    ///
    /// Follows [zmq_ipc(7)](https://libzmq.readthedocs.io/en/latest/zmq_ipc.html).
    pub fn ipc(path: impl AsRef<Path>) -> Result<Endpoint> {
        let path = path.as_ref();
        let refused = |reason| Error::invalid(Operation::Endpoint, format!("{path:?}"), reason);
        let Some(text) = path.to_str() else {
            return Err(refused("the path of an ipc endpoint has to be UTF-8"));
        };
        if text.is_empty() {
            return Err(refused("the path of an ipc endpoint cannot be empty"));
        }
        let here = if text == "*" || text.starts_with('@') { "./" } else { "" };
        if here.len() + text.len() > ipc_path_limit() {
            let error = Error::refused(
                Operation::Endpoint,
                ErrorKind::InvalidFilename,
                libc::ENAMETOOLONG,
                format!("{path:?}"),
                "too long for a socket",
            );
            return Err(error.hint(ipc_path_hint()));
        }
        Endpoint::try_from(format!("ipc://{here}{text}"))
    }

    /// The inproc endpoint of this name.
    ///
    /// ```
    /// use zmq::Endpoint;
    ///
    /// assert_eq!(Endpoint::inproc("queue")?, "inproc://queue");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it is empty or has a NUL in it.
    ///
    /// Follows [zmq_inproc(7)](https://libzmq.readthedocs.io/en/latest/zmq_inproc.html).
    pub fn inproc(name: &str) -> Result<Endpoint> {
        if name.is_empty() {
            return Err(Error::invalid(Operation::Endpoint, "inproc://", "an inproc endpoint needs a name"));
        }
        Endpoint::try_from(format!("inproc://{name}"))
    }

    /// The address of an endpoint that is one: of `tcp`, `udp`, `ws` or `wss`, with numbers, and without a source or an
    /// interface.
    ///
    /// ```
    /// use zmq::{Context, Pull};
    ///
    /// let context = Context::new()?;
    /// let endpoint = context.socket(Pull)?.bind("tcp://127.0.0.1:*")?;
    /// let port = endpoint.socket_addr().map(|address| address.port());
    /// assert!(port.is_some_and(|port| port != 0));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[must_use]
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        let (transport, address) = split(&self.text)?;
        match transport {
            "tcp" | "udp" => address.parse().ok(),
            "ws" | "wss" => address.split('/').next()?.parse().ok(),
            _ => None,
        }
    }

    /// The path of an ipc endpoint; none of one with a wildcard, or of an abstract one.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use zmq::Endpoint;
    ///
    /// let endpoint: Endpoint = "ipc:///tmp/queue".parse()?;
    /// assert_eq!(endpoint.path(), Some(Path::new("/tmp/queue")));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        let path = self.text.strip_prefix("ipc://")?;
        (path != "*" && !path.starts_with('@')).then(|| Path::new(path))
    }

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
    match transport {
        // `tcp://source:port;host:port` has two ports.
        "tcp" | "udp" => {
            for part in address.split(';') {
                check_port(operation, endpoint, part)?;
            }
            // libzmq would bind what stands behind it.
            if transport == "tcp" && operation == Operation::Bind && address.contains(';') {
                let error = Error::invalid(operation, endpoint, "a source address is for connect");
                return Err(error.hint("bind each address by itself"));
            }
        }
        "ws" | "wss" => check_port(operation, endpoint, address.split('/').next().unwrap_or_default())?,
        "norm" => check_port(operation, endpoint, address.rsplit(';').next().unwrap_or_default())?,
        "pgm" | "epgm" => {
            check_port(operation, endpoint, address.rsplit(';').next().unwrap_or_default())?;
            // OpenPGM ends the process if there are more (A77).
            if address.matches(';').count() > 2 {
                let reason = "a pgm network has at most three parts: an interface and two groups";
                return Err(Error::invalid(operation, endpoint, reason));
            }
        }
        _ => {}
    }
    Ok(text)
}

/// Refuses to connect to an address of IPv6 with a socket that has none: libzmq would try for ever.
pub(crate) fn check_family(operation: Operation, endpoint: &str, ipv6: impl FnOnce() -> bool) -> Result<()> {
    if !is_ipv6(endpoint) || ipv6() {
        return Ok(());
    }
    let error = Error::invalid(operation, endpoint, "an address of IPv6, which the socket does not use");
    Err(error.hint(IPV6_HINT))
}

const IPV6_HINT: &str = "call set_ipv6(true) first";

/// Whether the host is an address of IPv6, and no IPv4 address written as one.
fn is_ipv6(endpoint: &str) -> bool {
    let Some(("tcp" | "ws" | "wss" | "udp", address)) = split(endpoint) else { return false };
    let authority = address.split('/').next().unwrap_or_default();
    let target = authority.rsplit(';').next().unwrap_or_default();
    let host = target.rsplit_once(':').map_or(target, |(host, _)| host);
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host = host.split('%').next().unwrap_or_default();
    host.parse::<Ipv6Addr>().is_ok_and(|host| host.to_ipv4_mapped().is_none())
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
    let (transport, address) = split(endpoint).unwrap_or_default();
    match (kind, transport) {
        (ErrorKind::InvalidInput, _) if operation_is_connect && endpoint.contains('*') => {
            error.hint("a wildcard is for bind; connect needs a host and a port")
        }
        (ErrorKind::InvalidInput, "tcp") if lacks_port(address) => {
            error.hint("it needs a port, as in tcp://localhost:5555")
        }
        (ErrorKind::InvalidInput, "inproc") if address.is_empty() => error.hint("it needs a name"),
        (ErrorKind::InvalidInput, "ipc") if address.is_empty() => error.hint("it needs a path"),
        (ErrorKind::NotFound, "ipc") => error.hint("the directory has to be there"),
        (ErrorKind::InvalidFilename, "ipc") => error.hint(ipc_path_hint()),
        (ErrorKind::NoSuchDevice, _) if is_ipv6(endpoint) => error.hint(IPV6_HINT),
        (ErrorKind::NoSuchDevice, _) => error.hint("no network interface or host of that name"),
        (ErrorKind::AddrNotAvailable, _) if !operation_is_connect => {
            error.hint("bind takes an address of this machine, or * for all of them")
        }
        (
            ErrorKind::ProtocolNotSupported,
            "pgm" | "epgm" | "norm" | "ws" | "wss" | "tipc" | "vmci" | "ipc",
        ) => error.hint(format!("the linked libzmq was built without {transport}")),
        (ErrorKind::ProtocolNotSupported, transport) if transport != "udp" => {
            error.hint("there is no such transport; the usual ones are tcp, ipc and inproc")
        }
        (ErrorKind::NoIoThread, _) => error.hint("with no I/O thread a context can only use inproc"),
        _ => error,
    }
}

/// Whether an address of tcp ends before its port, or without one.
fn lacks_port(address: &str) -> bool {
    // The colons of an IPv6 address lie within the brackets.
    let target = address.rsplit(';').next().unwrap_or_default();
    target.ends_with(':') || !target.rsplit(']').next().unwrap_or_default().contains(':')
}

/// What it means that there is nothing to unbind or disconnect: libzmq speaks of a file.
pub(crate) fn explain_leaving(error: Error, endpoint: &str) -> Error {
    let error = match (error.kind(), error.is_operation(Operation::Unbind)) {
        (ErrorKind::NotFound, true) => error.meaning(ErrorKind::NotFound, "the socket is not bound to it"),
        (ErrorKind::NotFound, false) => {
            error.meaning(ErrorKind::NotFound, "the socket is not connected to it")
        }
        _ => return error.on(endpoint),
    };
    let error = error.on(endpoint);
    match split(endpoint) {
        Some(("udp", _)) => error.hint("libzmq unbinds udp only by closing the socket"),
        Some((_, address)) if address.ends_with('*') => error.hint("take the endpoint that bind gave back"),
        _ => error,
    }
}

fn ipc_path_hint() -> String {
    format!("the path of an ipc endpoint can have at most {} bytes", ipc_path_limit())
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
            "epgm://eth0;239.192.1.1,239.192.1.3;239.192.1.2:5555",
            "epgm://;[ff08::1]:5555",
            "norm://1,eth0;239.192.1.1:5555",
            "ws://[::1]:*/one:1/two;three",
            "ws://*:8080",
            "udp://239.0.0.1:65535",
        ] {
            assert_eq!(endpoint.parse::<Endpoint>().unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn knows_addresses_of_ipv6() {
        for endpoint in [
            "tcp://[::1]:5",
            "tcp://::1:5",
            "tcp://[fe80::1%eth0]:5",
            "tcp://[::1]:0;[::1]:5",
            "ws://[::1]:5/a",
        ] {
            assert!(is_ipv6(endpoint), "{endpoint}");
        }
        for endpoint in [
            "tcp://127.0.0.1:5",
            "tcp://[::ffff:127.0.0.1]:5",
            "tcp://a:5",
            "tcp://",
            "ipc://[::1]:5",
            "[::1]:5",
        ] {
            assert!(!is_ipv6(endpoint), "{endpoint}");
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
            "ws://127.0.0.1:99999/path",
            "wss://*:-1",
            "epgm://eth0;239.192.1.1:99999",
            "norm://239.192.1.1:99999",
            "pgm://eth0;239.192.1.1;239.192.1.2;239.192.1.3:5555",
            "nothing",
            "",
            "tcp://a\0b:1",
        ] {
            let error = endpoint.parse::<Endpoint>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{endpoint}");
        }
    }
}
