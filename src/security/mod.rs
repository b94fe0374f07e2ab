//! Encryption and authentication.
//!
//! By default, a socket accepts every peer and sends unencrypted messages. [`Socket::set_security`] gives it one of these
//! mechanisms:
//!
//! | mechanism | protection | server side, which accepts or rejects clients | client side |
//! |---|---|---|---|
//! | NULL | unencrypted; peers are identified only by address | [`Null`] | [`Null`] |
//! | PLAIN | unencrypted; user name and password | [`PlainServer`] | [`PlainClient`] |
//! | CURVE | encrypted; both sides have keys | [`CurveServer`] | [`CurveClient`] |
//! | GSSAPI | encrypted; Kerberos | [`GssapiServer`] | [`GssapiClient`] |
//!
//! Either side can bind. A CURVE client identifies its server by the server's public key. A server asks an [`Authenticator`]
//! whether to accept a client.
//!
//! ```
//! use zmq::security::{Authenticator, CurveClient, CurveClients, CurveServer, KeyPair};
//! use zmq::{Context, Pull, Push};
//!
//! # if !zmq::has(zmq::Feature::Curve) { return Ok(()) }
//! let server_keys = KeyPair::generate()?; // usually read from a `Certificate`
//! let client_keys = KeyPair::generate()?;
//!
//! let context = Context::new()?;
//! let authenticator = Authenticator::new(&context)?;
//! authenticator.set_curve_clients("*", CurveClients::keys([client_keys.public_key()]))?;
//!
//! let server = context.socket(Pull)?;
//! server.set_security(CurveServer::new(&server_keys).zap_domain("global"))?;
//! let endpoint = server.bind("tcp://127.0.0.1:*")?;
//!
//! let client = context.socket(Push)?;
//! client.set_security(CurveClient::new(&client_keys, server_keys.public_key()))?;
//! client.connect(&endpoint)?;
//!
//! client.send("for your eyes only")?;
//! assert_eq!(server.recv_string()?, "for your eyes only");
//! # Ok::<(), zmq::Error>(())
//! ```
//!
//! # Who is accepted without an authenticator
//!
//! | server | the context has no ZAP handler | the context has a ZAP handler |
//! |---|---|---|
//! | [`Null`] without a domain | accepts **everybody** | does not ask the handler |
//! | [`CurveServer`] without a domain | accepts **everybody** who knows the server's public key | asks the handler |
//! | [`GssapiServer`] without a domain | accepts **everybody** who has a ticket for the server | asks the handler |
//! | [`PlainServer`] without a domain | rejects everybody | asks the handler |
//! | any server with a domain | rejects everybody | asks the handler |
//!
//! To restrict access, give the server a domain with any name. It then rejects every client until the authenticator starts, and
//! again after the authenticator is dropped. In C this also requires the draft option `ZMQ_ZAP_ENFORCE_DOMAIN`.
//!
//! # Transports without security
//!
//! * `inproc` connections stay within the process. They have no handshake, so no mechanism applies and no ZAP handler is asked.
//! * `ws` and `wss` do not support GSSAPI.
//! * `udp`, `pgm`, `epgm` and `norm` have no handshake either, so no ZAP handler is asked. A socket with a mechanism other than
//!   NULL cannot bind or connect to them.
//! * STREAM sockets have no security mechanism.

mod authenticator;
mod certificate;
mod curve;
mod domain;
mod file;
mod gssapi;
mod key;
mod null;
mod plain;
mod zpl;

use core::ffi::c_int;
use core::fmt;

pub use authenticator::{Authenticator, Credentials, CurveClients, Decision, Network, Password, Request};
pub use certificate::Certificate;
pub use curve::{CurveClient, CurveServer};
pub use gssapi::{GssapiClient, GssapiNameType, GssapiServer};
pub use key::{KeyError, KeyPair, PublicKey, SecretKey};
pub use null::Null;
pub use plain::{PlainClient, PlainServer};

use self::domain::Domain;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::{Ability, Kind, SocketKind};
use crate::raw::Errno;
use crate::socket::{Core, Socket};

/// A security mechanism with its settings, for [`Socket::set_security`].
///
/// Each mechanism type converts to `Security`, so programs name this type only to choose a mechanism at run time:
///
/// ```
/// use zmq::security::{Null, PlainClient, Security};
///
/// fn from_environment() -> Security {
///     match (std::env::var("BROKER_USER"), std::env::var("BROKER_PASSWORD")) {
///         (Ok(user), Ok(password)) => PlainClient::new(user, password).into(),
///         _ => Null::new().into(),
///     }
/// }
/// # let context = zmq::Context::new()?;
/// # let socket = context.socket(zmq::Req)?;
/// socket.set_security(from_environment())?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "ZMQ_MECHANISM")]
pub enum Security {
    /// No encryption and no credentials.
    Null(Null),
    /// The server side of PLAIN, which verifies user names and passwords.
    PlainServer(PlainServer),
    /// The client side of PLAIN, which sends a user name and a password.
    PlainClient(PlainClient),
    /// The server side of CURVE.
    CurveServer(CurveServer),
    /// The client side of CURVE, which knows the public key of the server.
    CurveClient(CurveClient),
    /// The server side of GSSAPI, which accepts Kerberos tickets.
    GssapiServer(GssapiServer),
    /// The client side of GSSAPI, which presents a Kerberos ticket.
    GssapiClient(GssapiClient),
}

macro_rules! into_security {
    ($($name:ident),+) => {$(
        impl From<$name> for Security {
            fn from(security: $name) -> Security {
                Security::$name(security)
            }
        }
    )+};
}

into_security!(Null, PlainServer, PlainClient, CurveServer, CurveClient, GssapiServer, GssapiClient);

impl From<&Security> for Security {
    fn from(security: &Security) -> Security {
        security.clone()
    }
}

/// A security mechanism of ZMTP, as [`Socket::mechanism`] returns it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mechanism(c_int);

impl Mechanism {
    /// No encryption and no credentials. This is the default.
    #[doc(alias = "ZMQ_NULL")]
    pub const NULL: Mechanism = Mechanism(zmq_sys::ZMQ_NULL);
    /// User name and password, unencrypted.
    #[doc(alias = "ZMQ_PLAIN")]
    pub const PLAIN: Mechanism = Mechanism(zmq_sys::ZMQ_PLAIN);
    /// Encryption, with keys of both sides.
    #[doc(alias = "ZMQ_CURVE")]
    pub const CURVE: Mechanism = Mechanism(zmq_sys::ZMQ_CURVE);
    /// Encryption, with Kerberos tickets.
    #[doc(alias = "ZMQ_GSSAPI")]
    pub const GSSAPI: Mechanism = Mechanism(zmq_sys::ZMQ_GSSAPI);

    /// Returns libzmq's number for the mechanism.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Mechanism::NULL => Some("NULL"),
            Mechanism::PLAIN => Some("PLAIN"),
            Mechanism::CURVE => Some("CURVE"),
            Mechanism::GSSAPI => Some("GSSAPI"),
            _ => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "mechanism {}", self.0),
        }
    }
}

impl fmt::Debug for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<K: Kind> Socket<K> {
    /// Sets the security mechanism and its settings. Must be called before the first bind or connect.
    ///
    /// No other call changes the mechanism. A second call to `set_security` replaces all settings of the first call.
    ///
    /// ```
    /// use zmq::security::{PlainClient, PlainServer};
    /// use zmq::{Context, Rep, Req};
    ///
    /// let context = Context::new()?;
    /// context.socket(Rep)?.set_security(PlainServer::new().zap_domain("global"))?;
    /// context.socket(Req)?.set_security(PlainClient::new("admin", "secret"))?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// A key of the wrong type does not compile:
    ///
    /// ```compile_fail,E0277
    /// # use zmq::security::{CurveServer, KeyPair};
    /// # let (keys, context) = (KeyPair::generate()?, zmq::Context::new()?);
    /// # let socket = context.socket(zmq::Rep)?;
    /// socket.set_security(CurveServer::new(keys.public_key()))?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// After an error other than `Terminated`, the socket is unchanged.
    ///
    /// * [`WrongState`](ErrorKind::WrongState) if the socket was ever bound or connected; also if the call would remove a
    ///   domain or a GSSAPI principal that was set earlier, because libzmq cannot remove it
    /// * [`InvalidInput`](ErrorKind::InvalidInput) for a text that is empty, is longer than 255 bytes, or contains a NUL
    /// * [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq does not support the mechanism, and for STREAM sockets,
    ///   which have no security
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
    /// * [`Terminated`](ErrorKind::Terminated) if the context is shut down
    #[doc(alias = "zmq_setsockopt")]
    #[doc(alias = "zmq_plain")]
    #[doc(alias = "zmq_curve")]
    #[doc(alias = "zmq_null")]
    #[doc(alias = "zmq_gssapi")]
    pub fn set_security(&self, security: impl Into<Security>) -> Result<()> {
        self.core().set_security(&security.into())
    }

    /// Returns the security mechanism of the socket, which [`set_security`](Self::set_security) sets. Default:
    /// [`Mechanism::NULL`].
    ///
    /// # Errors
    ///
    /// [`Terminated`](ErrorKind::Terminated) if the context is shut down; [`Forked`](ErrorKind::Forked) in a forked child
    /// process.
    #[doc(alias = "ZMQ_MECHANISM")]
    #[doc(alias = "zmq_getsockopt")]
    pub fn mechanism(&self) -> Result<Mechanism> {
        self.core().check_process(Operation::GetOption)?;
        self.core().mechanism(Operation::GetOption)
    }

    /// Returns the ZAP domain of the socket, or `None` if it has no domain.
    ///
    /// # Errors
    ///
    /// [`Terminated`](ErrorKind::Terminated) if the context is shut down; [`Forked`](ErrorKind::Forked) in a forked child
    /// process.
    #[doc(alias = "ZMQ_ZAP_DOMAIN")]
    #[doc(alias = "zmq_getsockopt")]
    pub fn zap_domain(&self) -> Result<Option<String>> {
        self.core().check_process(Operation::GetOption)?;
        self.core().zap_domain(Operation::GetOption)
    }
}

impl Core {
    fn set_security(&self, security: &Security) -> Result<()> {
        let operation = Operation::SetSecurity;
        self.check_process(operation)?;
        let refuse = |kind, errno, reason: &'static str| {
            Err(Error::refused(operation, kind, errno, security.name(), reason))
        };
        // The guard stays until the end, so that no other thread binds or connects meanwhile.
        let attached = self.attached();
        if attached.ever() {
            let reason = "must be set before the first bind or connect";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        if self.socket_kind().has(Ability::Is(SocketKind::Stream)) {
            let reason = "STREAM sockets use plain TCP and have no security mechanism";
            return refuse(ErrorKind::Unsupported, libc::EINVAL, reason);
        }
        let settings = security.settings()?;
        let domain = security.domain();
        if domain.is_none_or(|domain| domain.name().is_none()) && self.zap_domain(operation)?.is_some() {
            let reason = "libzmq cannot remove the ZAP domain of a socket; create a new socket";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        if security.is_gssapi_without_principal() && self.has_gssapi_principal() {
            let reason = "libzmq cannot remove the principal of a socket; create a new socket";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        // Everything was checked. From here on, calls fail only if the context was shut down, and then its sockets neither bind
        // nor connect. The domain comes first, and NULL is set only if the caller asked for it.
        let failed = |errno| Error::new(operation, errno).on(security.name());
        if let Some(domain) = domain {
            domain.apply(self).map_err(failed)?;
        } else {
            domain::let_anyone(self).map_err(failed)?;
        }
        for (option, value) in settings {
            match value {
                Value::Number(number) => self.raw().set(option, number),
                Value::Bytes(bytes) => self.raw().set_bytes(option, bytes),
            }
            .map_err(failed)?;
        }
        Ok(())
    }

    fn mechanism(&self, operation: Operation) -> Result<Mechanism> {
        let mechanism = self.raw().get::<c_int>(zmq_sys::ZMQ_MECHANISM);
        mechanism.map(Mechanism).map_err(|errno| Error::new(operation, errno).on("mechanism"))
    }

    fn zap_domain(&self, operation: Operation) -> Result<Option<String>> {
        // At most 255 bytes, and the NUL (O3).
        let mut buffer = vec![0; 256];
        let len = self
            .raw()
            .get_bytes(zmq_sys::ZMQ_ZAP_DOMAIN, &mut buffer)
            .map_err(|errno: Errno| Error::new(operation, errno).on("zap_domain"))?;
        buffer.truncate(len.saturating_sub(1));
        Ok(Some(String::from_utf8_lossy(&buffer).into_owned()).filter(|domain| !domain.is_empty()))
    }
}

/// The value of a libzmq option.
enum Value<'a> {
    Number(c_int),
    Bytes(&'a [u8]),
}

/// Options in the order in which they are set.
type Settings<'a> = Vec<(c_int, Value<'a>)>;

impl Security {
    fn name(&self) -> &'static str {
        match self {
            Security::Null(_) => "Null",
            Security::PlainServer(_) => "PlainServer",
            Security::PlainClient(_) => "PlainClient",
            Security::CurveServer(_) => "CurveServer",
            Security::CurveClient(_) => "CurveClient",
            Security::GssapiServer(_) => "GssapiServer",
            Security::GssapiClient(_) => "GssapiClient",
        }
    }

    fn domain(&self) -> Option<&Domain> {
        match self {
            Security::Null(null) => Some(&null.domain),
            Security::PlainServer(server) => Some(&server.domain),
            Security::CurveServer(server) => Some(&server.domain),
            Security::GssapiServer(server) => Some(&server.domain),
            Security::PlainClient(_) | Security::CurveClient(_) | Security::GssapiClient(_) => None,
        }
    }

    /// The options to set in addition to the domain, after all values were checked.
    fn settings(&self) -> Result<Settings<'_>> {
        if let Some(domain) = self.domain() {
            domain.check(self.name())?;
        }
        match self {
            Security::Null(_) => Ok(null::settings()),
            Security::PlainServer(_) => Ok(plain::server_settings()),
            Security::PlainClient(client) => client.settings(),
            Security::CurveServer(server) => server.settings(),
            Security::CurveClient(client) => client.settings(),
            Security::GssapiServer(server) => server.settings(),
            Security::GssapiClient(client) => client.settings(),
        }
    }
}

/// Checks a text before libzmq sees it. libzmq would store a NUL, and C programs would read only up to it (O5).
fn check_text(security: &str, what: &str, text: &[u8]) -> Result<()> {
    let reason = match text {
        [] => "must not be empty",
        text if text.len() > 255 => "must not be longer than 255 bytes",
        text if text.contains(&0) => "must not contain a NUL byte",
        _ => return Ok(()),
    };
    Err(Error::invalid(Operation::SetSecurity, format!("{security} {what}"), reason))
}
