//! An endpoint as a value. Only this file parses the text of endpoints.

use core::ffi::{CStr, c_int};
use core::net::Ipv6Addr;
use std::borrow::Cow;
use std::ffi::CString;

use super::transport::{Address, Transport};
use crate::error::{Error, ErrorKind, Operation, Result};

/// The endpoint that a call names.
pub(crate) struct Target<'a> {
    operation: Operation,
    text: &'a str,
    c_text: CString,
    transport: Transport,
    name: &'a str,
    address: &'a str,
    authority: Option<Authority<'a>>,
}

/// The part of an address that names a host and a port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authority<'a> {
    /// The whole part; for `ws`, without the path.
    pub(crate) text: &'a str,
    /// The host, or the group. An IPv6 address is still in brackets.
    host: &'a str,
    /// Empty if there is none.
    pub(crate) port: &'a str,
}

/// The text between the transport and the address.
pub(super) const SEPARATOR: &str = "://";

impl<'a> Target<'a> {
    /// Parses an endpoint, and refuses an endpoint that libzmq would misread.
    pub(crate) fn parse(operation: Operation, text: &'a str) -> Result<Target<'a>> {
        let Ok(c_text) = CString::new(text) else {
            return Err(Error::invalid(operation, format!("{text:?}"), "an endpoint cannot contain a NUL"));
        };
        let Some((name, address)) = text.split_once(SEPARATOR) else {
            let error = Error::invalid(operation, format!("{text:?}"), "an endpoint needs a transport");
            return Err(error.hint("such as tcp://host:port, ipc://path or inproc://name"));
        };
        let transport = Transport::from_name(name);
        let authority = Authority::of(transport, address);
        let target = Target { operation, text, c_text, transport, name, address, authority };
        target.check_parts()?;
        if operation == Operation::Connect {
            target.check_peer()?;
        }
        Ok(target)
    }

    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        &self.c_text
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    /// The transport as it was written.
    pub(super) fn transport_name(&self) -> &'a str {
        self.name
    }

    /// The part after `://`.
    pub(crate) fn address(&self) -> &'a str {
        self.address
    }

    /// The host and the port, if the transport has them.
    pub(crate) fn authority(&self) -> Option<Authority<'a>> {
        self.authority
    }

    /// Whether the host is an IPv6 address, and not an IPv4 address written as one.
    pub(crate) fn is_ipv6(&self) -> bool {
        let is_host = matches!(self.transport.row().address, Address::HostPort | Address::HostPortPath);
        let host = self.authority.filter(|_| is_host).and_then(Authority::ipv6);
        host.is_some_and(|host| host.to_ipv4_mapped().is_none())
    }

    /// The text for an error, in quotes if it begins or ends with white space.
    pub(crate) fn shown(&self) -> Cow<'a, str> {
        if self.text.trim() == self.text { self.text.into() } else { format!("{:?}", self.text).into() }
    }

    /// The error for an endpoint that the crate refuses before libzmq sees it.
    pub(crate) fn refused(
        &self,
        kind: ErrorKind,
        errno: c_int,
        reason: impl Into<Cow<'static, str>>,
    ) -> Error {
        Error::refused(self.operation, kind, errno, self.shown(), reason)
    }

    fn invalid(&self, reason: impl Into<Cow<'static, str>>) -> Error {
        self.refused(ErrorKind::InvalidInput, libc::EINVAL, reason)
    }

    /// Refuses ports that libzmq would misread, parts that it would ignore, and parts that would end the process.
    fn check_parts(&self) -> Result<()> {
        let Some(authority) = self.authority else { return Ok(()) };
        let form = self.transport.row().address;
        if form != Address::HostPort {
            self.check_port(authority)?;
            if form == Address::PgmNetwork && self.address.matches(';').count() > 2 {
                let reason = "a pgm network has at most three parts: an interface and two groups";
                return Err(self.invalid(reason));
            }
            return Ok(());
        }
        // The source address of a connection has its own port.
        for part in authority.text.split(';') {
            self.check_port(Authority::split(part))?;
        }
        // libzmq would bind to the part after the source address.
        let binds = self.transport == Transport::Tcp && self.operation == Operation::Bind;
        if binds && authority.text.contains(';') {
            return Err(self
                .invalid("only connect takes a source address")
                .hint("call bind once for each address"));
        }
        Ok(())
    }

    /// libzmq reads a port with `atoi` and keeps 16 bits of it.
    fn check_port(&self, authority: Authority<'_>) -> Result<()> {
        let port = authority.port;
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
        if port.is_empty() || port == "*" || is_number {
            return Ok(());
        }
        Err(self.invalid(format!("the port {port:?} is not a number from 0 to 65535")))
    }

    /// Refuses an address to which no peer can be bound: libzmq would try to connect forever.
    fn check_peer(&self) -> Result<()> {
        let row = self.transport.row();
        let (Some(authority), Address::HostPort | Address::HostPortPath) = (self.authority, row.address)
        else {
            return Ok(());
        };
        if authority.port.parse() == Ok(0u16) {
            return Err(self.invalid("no peer can be reached at port 0").hint(
                "port 0 is for bind, which chooses a free port: connect to the endpoint that bind returns",
            ));
        }
        let is_bracketed = authority.host.starts_with('[');
        if authority.host.contains(':') && !is_bracketed && authority.ipv6().is_none() {
            let reason = format!("the host {:?} contains a colon", authority.host);
            return Err(self.invalid(reason).hint("write one port, and an IPv6 address in brackets"));
        }
        Ok(())
    }
}

impl<'a> Authority<'a> {
    /// Finds host and port in an address, if the transport has them.
    pub(super) fn of(transport: Transport, address: &'a str) -> Option<Authority<'a>> {
        let text = match transport.row().address {
            Address::HostPort | Address::Group | Address::PgmNetwork => address,
            Address::HostPortPath => address.split('/').next().unwrap_or_default(),
            Address::Other => return None,
        };
        let last = text.rsplit(';').next().unwrap_or_default();
        Some(Authority { text, ..Authority::split(last) })
    }

    fn split(text: &'a str) -> Authority<'a> {
        match text.rsplit_once(':') {
            // The colons of an IPv6 address are within the brackets.
            Some((host, port)) if host.starts_with('[') == host.ends_with(']') => {
                Authority { text, host, port }
            }
            _ => Authority { text, host: text, port: "" },
        }
    }

    /// The host without brackets and without the zone of an IPv6 address.
    pub(crate) fn bare_host(self) -> &'a str {
        let host = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(self.host);
        host.split('%').next().unwrap_or_default()
    }

    fn ipv6(self) -> Option<Ipv6Addr> {
        self.bare_host().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_ipv6_addresses() {
        let is_ipv6 = |text| Target::parse(Operation::Bind, text).map(|target| target.is_ipv6());
        for endpoint in ["tcp://[::1]:5", "tcp://::1:5", "tcp://[fe80::1%eth0]:5", "ws://[::1]:5/a"] {
            assert!(is_ipv6(endpoint).unwrap(), "{endpoint}");
        }
        assert!(Target::parse(Operation::Connect, "tcp://[::1]:0;[::1]:5").unwrap().is_ipv6());
        for endpoint in [
            "tcp://127.0.0.1:5",
            "tcp://[::ffff:127.0.0.1]:5",
            "tcp://a:5",
            "tcp://",
            "ipc://[::1]:5",
            "norm://[ff08::1]:5",
        ] {
            assert!(!is_ipv6(endpoint).unwrap(), "{endpoint}");
        }
        assert!(is_ipv6("[::1]:5").is_err());
    }

    #[test]
    fn separates_host_and_port() {
        for (text, host, port) in [
            ("tcp://localhost:5", "localhost", "5"),
            ("tcp://localhost:", "localhost", ""),
            ("tcp://localhost", "localhost", ""),
            ("tcp://[::1]", "::1", ""),
            ("tcp://[fe80::1%eth0]:5", "fe80::1", "5"),
            ("tcp://eth0:0;localhost:5", "localhost", "5"),
            ("ws://localhost:*/a:1", "localhost", "*"),
            ("epgm://eth0;239.192.1.1:5555", "239.192.1.1", "5555"),
        ] {
            let target = Target::parse(Operation::Endpoint, text).unwrap();
            let authority = target.authority().unwrap();
            assert_eq!((authority.bare_host(), authority.port), (host, port), "{text}");
        }
        assert!(Target::parse(Operation::Endpoint, "ipc:///a:1").unwrap().authority().is_none());
    }
}
