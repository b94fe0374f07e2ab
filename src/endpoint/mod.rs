//! Endpoints, the arguments of `bind` and `connect`.

pub(crate) mod explain;
#[cfg(unix)]
pub(crate) mod ipc;
pub(crate) mod rules;
mod target;
mod transport;

use core::fmt;
use core::net::SocketAddr;
use core::str::FromStr;
use std::path::Path;

#[cfg(zmq_draft)]
pub(crate) use target::Authority;
pub(crate) use target::Target;
pub(crate) use transport::Transport;

use self::target::SEPARATOR;
use self::transport::Address;
use crate::error::{Error, ErrorKind, Operation, Result};

/// An endpoint such as `tcp://127.0.0.1:5555`, checked for mistakes that libzmq does not report.
///
/// Every call that takes an endpoint also takes a string. [`Socket::bind`](crate::Socket::bind) and
/// [`Socket::last_endpoint`](crate::Socket::last_endpoint) return this type, with wildcards resolved. Parsing refuses four
/// mistakes: a NUL, a text without a transport, a port that is not a number up to 65535 (libzmq would keep 16 bits of the
/// number, and so use another port), and a pgm network with more than three parts (libzmq would end the process).
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
/// | `ipc` | processes | `ipc:///tmp/queue`, `ipc://*`, on Linux `ipc://@queue` | the same, without a wildcard | a Unix, or Windows with a bundled libzmq compiled by MSVC |
/// | `inproc` | sockets of one context | `inproc://queue` | `inproc://queue`, also before the bind | nothing |
/// | `ws` | machines | `ws://*:8080/path` | `ws://server:8080/path` | the bundled libzmq, or libzmq 4.3.3 or later with drafts |
/// | `wss` | machines | `wss://*:8443/path` | `wss://server:8443/path` | the feature `wss`: GnuTLS |
/// | `udp` | machines, without reliable delivery | `udp://*:5555`, `udp://eth0;239.0.0.1:5555` | `udp://239.0.0.1:5555` | the feature `draft`; RADIO connects, DISH and DGRAM bind |
/// | `pgm`, `epgm` | one machine and many | `epgm://eth0;239.192.1.1:5555` | the same | the feature `pgm`: OpenPGM; only PUB, XPUB, SUB and XSUB; for `pgm`, permission to open raw sockets |
/// | `norm` | one machine and many | `norm://eth0;239.192.1.1:5555` | the same | the feature `norm`; only PUB, XPUB, SUB and XSUB |
/// | `tipc` | machines of a cluster | `tipc://{5560,0,0}` | `tipc://{5560,0}` | Linux with the kernel module `tipc` |
/// | `vmci` | virtual machines | `vmci://*:5555` | `vmci://2:5555` | a libzmq built with VMware's library; the bundled libzmq is not |
///
/// [`zmq::has`](crate::has) reports which transports the linked libzmq has. A pgm network is an interface and at most two
/// multicast groups, to receive and to send, separated by `;`. The name of a transport is in lower case.
///
/// Follows [zmq_tcp(7)](https://libzmq.readthedocs.io/en/latest/zmq_tcp.html) and the pages of the other transports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    text: Box<str>,
    /// The position of `://`.
    separator: usize,
}

impl Endpoint {
    /// Creates a tcp endpoint. For port 0, `bind` chooses a free port.
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
        Endpoint::from_library(format!("tcp://{}", address.into()))
    }

    /// Creates the ipc endpoint for a path of the file system.
    ///
    /// The characters `*` and `@` have no special meaning here, unlike in the text of an endpoint.
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
    /// [`InvalidFilename`](ErrorKind::InvalidFilename) if the path is too long for a socket (on Linux, longer than 107
    /// bytes); [`InvalidInput`](ErrorKind::InvalidInput) if it is empty, is not UTF-8, or contains a NUL.
    ///
    /// Follows [zmq_ipc(7)](https://libzmq.readthedocs.io/en/latest/zmq_ipc.html).
    pub fn ipc(path: impl AsRef<Path>) -> Result<Endpoint> {
        let path = path.as_ref();
        let refused = |reason| Error::invalid(Operation::Endpoint, format!("{path:?}"), reason);
        let Some(text) = path.to_str() else {
            return Err(refused("the path of an ipc endpoint must be UTF-8"));
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

    /// Creates the inproc endpoint with the given name.
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
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the name is empty or contains a NUL.
    ///
    /// Follows [zmq_inproc(7)](https://libzmq.readthedocs.io/en/latest/zmq_inproc.html).
    pub fn inproc(name: &str) -> Result<Endpoint> {
        if name.is_empty() {
            return Err(Error::invalid(Operation::Endpoint, "inproc://", "an inproc endpoint needs a name"));
        }
        Endpoint::try_from(format!("inproc://{name}"))
    }

    /// Returns the IP address and the port of a `tcp`, `udp`, `ws` or `wss` endpoint.
    ///
    /// Returns `None` if the endpoint has a host name, a wildcard, a source or an interface instead of plain numbers.
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
        let transport = Transport::from_name(self.transport());
        match transport.row().address {
            Address::HostPort | Address::HostPortPath => {
                target::Authority::of(transport, self.address())?.text.parse().ok()
            }
            _ => None,
        }
    }

    /// Returns the path of an `ipc` endpoint. Returns `None` for a wildcard and for an abstract name, such as `ipc://@queue`.
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
        let path = self.address();
        let is_path = Transport::from_name(self.transport()) == Transport::Ipc;
        (is_path && path != "*" && !path.starts_with('@')).then(|| Path::new(path))
    }

    /// Returns the text of the endpoint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the part before `://`, such as `tcp`.
    #[must_use]
    pub fn transport(&self) -> &str {
        self.text.get(..self.separator).unwrap_or_default()
    }

    /// Returns the part after `://`, such as `127.0.0.1:5555`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.text.get(self.separator + SEPARATOR.len()..).unwrap_or_default()
    }

    /// Wraps a text that needs no check, because libzmq or this crate made it. For udp, libzmq leaves out the
    /// transport.
    pub(crate) fn from_library(text: String) -> Endpoint {
        match text.find(SEPARATOR) {
            Some(separator) => Endpoint { text: text.into_boxed_str(), separator },
            // The socket was never bound or connected.
            None if text.is_empty() => Endpoint { text: text.into_boxed_str(), separator: 0 },
            None => {
                Endpoint { text: format!("udp{SEPARATOR}{text}").into_boxed_str(), separator: "udp".len() }
            }
        }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Endpoint> {
        let separator = Target::parse(Operation::Endpoint, text)?.transport_name().len();
        Ok(Endpoint { text: text.into(), separator })
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
        let separator = Target::parse(Operation::Endpoint, &text)?.transport_name().len();
        Ok(Endpoint { text: text.into_boxed_str(), separator })
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

fn ipc_path_hint() -> String {
    format!("the path of an ipc endpoint can have at most {} bytes", ipc_path_limit())
}

/// The maximum length of the path of a Unix-domain socket, without the final NUL.
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
