//! Encryption and authentication.
//!
//! By default a socket talks to anyone, in clear. One call, [`Socket::set_security`], gives it a mechanism:
//!
//! | mechanism | | the server, which decides who may connect | the client |
//! |---|---|---|---|
//! | NULL | in clear; peers are told apart by address | [`Null`] | [`Null`] |
//! | PLAIN | in clear; user name and password | [`PlainServer`] | [`PlainClient`] |
//! | CURVE | encrypted; both sides have keys | [`CurveServer`] | [`CurveClient`] |
//! | GSSAPI | encrypted; Kerberos | [`GssapiServer`] | [`GssapiClient`] |
//!
//! Which side binds has nothing to do with it. A client knows its server by the server's key; the server asks an
//! [`Authenticator`] about its clients.
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
//! # Who is let in if nobody decides
//!
//! | server | no handler in the context | a handler |
//! |---|---|---|
//! | [`Null`] without a domain | everybody | is not asked |
//! | [`CurveServer`] without a domain | **everybody** who knows the server's public key | is asked |
//! | [`GssapiServer`] without a domain | **everybody** who has a ticket for it | is asked |
//! | [`PlainServer`] without a domain | nobody | is asked |
//! | any of them with a domain | nobody | is asked |
//!
//! So give a server a domain, whatever its name, if not everybody is to be let in: it then stays closed also before the
//! authenticator starts and after it is dropped. In C that takes the draft option `ZMQ_ZAP_ENFORCE_DOMAIN` as well.
//!
//! # What it does not cover
//!
//! inproc connections are within the process: they have no handshake, and nobody is asked about them. ipc connections have one,
//! as tcp has. STREAM sockets have no mechanism, and the transports udp, pgm, epgm and norm neither: they are refused together with one.
//! Over ws and wss there is no GSSAPI.

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

/// What [`Socket::set_security`] takes: a mechanism, the side of it, and all that it needs.
///
/// Each of the types within turns into it, so it need only be named where the choice is made at run time:
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
    /// In clear.
    Null(Null),
    /// The side that asks for user name and password.
    PlainServer(PlainServer),
    /// The side that gives them.
    PlainClient(PlainClient),
    /// The side whose public key the other knows.
    CurveServer(CurveServer),
    /// The side that knows the other's public key.
    CurveClient(CurveClient),
    /// The side that accepts Kerberos tickets.
    GssapiServer(GssapiServer),
    /// The side that shows one.
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

/// A security mechanism of ZMTP, as [`Socket::mechanism`] tells it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mechanism(c_int);

impl Mechanism {
    /// In clear: the default.
    #[doc(alias = "ZMQ_NULL")]
    pub const NULL: Mechanism = Mechanism(zmq_sys::ZMQ_NULL);
    /// User name and password, in clear.
    #[doc(alias = "ZMQ_PLAIN")]
    pub const PLAIN: Mechanism = Mechanism(zmq_sys::ZMQ_PLAIN);
    /// Encrypted with keys.
    #[doc(alias = "ZMQ_CURVE")]
    pub const CURVE: Mechanism = Mechanism(zmq_sys::ZMQ_CURVE);
    /// Kerberos.
    #[doc(alias = "ZMQ_GSSAPI")]
    pub const GSSAPI: Mechanism = Mechanism(zmq_sys::ZMQ_GSSAPI);

    /// libzmq's number.
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
    /// Sets the security mechanism, with all that it needs; before the first bind or connect.
    ///
    /// This is the only call that does, so nothing done later turns it off. A second call replaces the first as a whole.
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
    /// A key in the wrong place does not compile:
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
    /// Nothing has changed after the first four.
    ///
    /// * [`WrongState`](ErrorKind::WrongState) once the socket was bound or connected, and if a domain or a GSSAPI principal set
    ///   earlier would have to be taken back, which libzmq cannot;
    /// * [`InvalidInput`](ErrorKind::InvalidInput) for a text that is empty, longer than 255 bytes, or has a NUL in it;
    /// * [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq does not have the mechanism, and for STREAM sockets, which have none;
    /// * [`Forked`](ErrorKind::Forked) in a child process;
    /// * [`Terminated`](ErrorKind::Terminated) once the context is shut down.
    #[doc(alias = "zmq_setsockopt")]
    #[doc(alias = "zmq_plain")]
    #[doc(alias = "zmq_curve")]
    #[doc(alias = "zmq_null")]
    #[doc(alias = "zmq_gssapi")]
    pub fn set_security(&self, security: impl Into<Security>) -> Result<()> {
        self.core().set_security(&security.into())
    }

    /// The security mechanism that was [set](Self::set_security).
    ///
    /// # Errors
    ///
    /// [`Terminated`](ErrorKind::Terminated) once the context is shut down; [`Forked`](ErrorKind::Forked) in a child process.
    #[doc(alias = "ZMQ_MECHANISM")]
    #[doc(alias = "zmq_getsockopt")]
    pub fn mechanism(&self) -> Result<Mechanism> {
        self.core().check_process(Operation::GetOption)?;
        self.core().mechanism(Operation::GetOption)
    }

    /// The domain in which the socket asks a ZAP handler about its peers; `None` if none was set.
    ///
    /// # Errors
    ///
    /// [`Terminated`](ErrorKind::Terminated) once the context is shut down; [`Forked`](ErrorKind::Forked) in a child process.
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
        // Kept, so that no other thread binds or connects meanwhile.
        let attached = self.attached();
        if attached.ever() {
            let reason = "must be set before the first bind or connect";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        if self.socket_kind().has(Ability::Is(SocketKind::Stream)) {
            let reason = "STREAM sockets talk plain TCP, and have no security mechanism";
            return refuse(ErrorKind::Unsupported, libc::EINVAL, reason);
        }
        let settings = security.settings()?;
        let domain = security.domain();
        if domain.is_none_or(|domain| domain.name().is_none()) && self.zap_domain(operation)?.is_some() {
            let reason = "the socket has a ZAP domain, which cannot be taken back; make a new socket";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        if security.is_gssapi_without_principal() && self.has_gssapi_principal() {
            let reason = "the socket has a principal, which cannot be taken back; make a new socket";
            return refuse(ErrorKind::WrongState, zmq_sys::EFSM, reason);
        }
        // Everything was checked: from here on nothing fails but for a context that was shut down, and its sockets neither
        // bind nor connect. The domain comes first, and NULL is set only if it is what was asked for.
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
        // Of at most 255 bytes, and the NUL (O3).
        let mut buffer = vec![0; 256];
        let len = self
            .raw()
            .get_bytes(zmq_sys::ZMQ_ZAP_DOMAIN, &mut buffer)
            .map_err(|errno: Errno| Error::new(operation, errno).on("zap_domain"))?;
        buffer.truncate(len.saturating_sub(1));
        Ok(Some(String::from_utf8_lossy(&buffer).into_owned()).filter(|domain| !domain.is_empty()))
    }
}

/// The value of an option, as libzmq takes it.
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

    /// What is to be set besides the domain, if all of it is allowed.
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

/// A text that libzmq takes: it would store a NUL, and C programs would read up to that only (O5).
fn check_text(security: &str, what: &str, text: &[u8]) -> Result<()> {
    let reason = match text {
        [] => "must not be empty",
        text if text.len() > 255 => "at most 255 bytes",
        text if text.contains(&0) => "must not contain a NUL",
        _ => return Ok(()),
    };
    Err(Error::invalid(Operation::SetSecurity, format!("{security} {what}"), reason))
}
