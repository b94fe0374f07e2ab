//! The GSSAPI mechanism. What the descriptions below say of libzmq is among the facts: G1 to G6, G11.

use core::ffi::c_int;

use super::domain::{Domain, with_domain};
use super::{Security, Settings, Value, check_text};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::socket::Core;
use crate::version::{Feature, has};

/// How the name of a principal is written. Without a realm it is of the default realm of the system's Kerberos.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum GssapiNameType {
    /// A service on a host, such as `zmq@server.example.com`: the default.
    #[default]
    #[doc(alias = "ZMQ_GSSAPI_NT_HOSTBASED")]
    HostBased,
    /// A user name, such as `alice`.
    #[doc(alias = "ZMQ_GSSAPI_NT_USER_NAME")]
    UserName,
    /// A Kerberos principal, such as `alice@EXAMPLE.COM` or `zmq/server.example.com@EXAMPLE.COM`. libzmq 4.3 takes it for a
    /// user name, which Kerberos reads in the same way.
    #[doc(alias = "ZMQ_GSSAPI_NT_KRB5_PRINCIPAL")]
    Krb5Principal,
}

impl GssapiNameType {
    fn number(self) -> c_int {
        match self {
            GssapiNameType::HostBased => zmq_sys::ZMQ_GSSAPI_NT_HOSTBASED,
            GssapiNameType::UserName => zmq_sys::ZMQ_GSSAPI_NT_USER_NAME,
            GssapiNameType::Krb5Principal => zmq_sys::ZMQ_GSSAPI_NT_KRB5_PRINCIPAL,
        }
    }
}

/// A principal and how it is written.
#[derive(Clone, Debug)]
struct Principal(String, GssapiNameType);

/// The side of GSSAPI that accepts Kerberos tickets.
///
/// Everything is encrypted unless [said otherwise](Self::plaintext), and each side can be sure who the other is. The keys to read
/// tickets with are in the keytab of the system, or in the one that the environment variable `KRB5_KTNAME` names.
///
/// **Without a [domain](Self::zap_domain) and without a ZAP handler in the context, every client is let in** that has a ticket. To
/// choose the clients, give the server a domain and start an [`Authenticator`](crate::security::Authenticator), which
/// [knows principals](crate::security::Authenticator::set_gssapi_principals).
///
/// It needs a libzmq built with GSSAPI ([`Feature::Gssapi`]). **Without the patches of the bundled one, libzmq 4.3.5 and older
/// let a client in also if the ZAP handler denied it**, and take no notice of an [enforced](Self::enforce_zap_domain) domain: a
/// ticket is all that counts.
///
/// ```
/// use zmq::security::{GssapiNameType, GssapiServer};
///
/// # if !zmq::has(zmq::Feature::Gssapi) { return Ok(()) }
/// let context = zmq::Context::new()?;
/// let server = context.socket(zmq::Rep)?;
/// let principal = "zmq@server.example.com";
/// server.set_security(GssapiServer::new().principal(principal, GssapiNameType::HostBased).zap_domain("global"))?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_gssapi(7)](https://libzmq.readthedocs.io/en/latest/zmq_gssapi.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_GSSAPI_SERVER")]
pub struct GssapiServer {
    principal: Option<Principal>,
    plaintext: bool,
    pub(super) domain: Domain,
}

impl GssapiServer {
    /// A server with all keys of the keytab.
    #[must_use]
    pub const fn new() -> GssapiServer {
        GssapiServer { principal: None, plaintext: false, domain: Domain::none() }
    }

    /// The principal whose key is used, and no other: 1 to 255 bytes.
    ///
    /// With another libzmq than the bundled one it needs a ticket, too, or a key in the keytab for clients.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL")]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE")]
    pub fn principal(mut self, name: impl Into<String>, name_type: GssapiNameType) -> GssapiServer {
        self.principal = Some(Principal(name.into(), name_type));
        self
    }

    /// Whether messages are sent in clear after the handshake; both sides must agree. They are encrypted by default.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PLAINTEXT")]
    pub fn plaintext(mut self, plaintext: bool) -> GssapiServer {
        self.plaintext = plaintext;
        self
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_gssapi("GssapiServer")?;
        let mut settings = common("GssapiServer", self.principal.as_ref(), self.plaintext)?;
        settings.push((zmq_sys::ZMQ_GSSAPI_SERVER, Value::Number(1)));
        Ok(settings)
    }
}

impl Default for GssapiServer {
    fn default() -> GssapiServer {
        GssapiServer::new()
    }
}

with_domain!(GssapiServer);

/// The side of GSSAPI that shows a Kerberos ticket.
///
/// Kerberos finds the ticket where `kinit` has put it, or gets one with a key from the keytab that the environment variable
/// `KRB5_CLIENT_KTNAME` names. **It asks the Kerberos server in the I/O thread of the connection, which does nothing else until
/// there is an answer**, or for half a minute if there is none. A context with more [I/O
/// threads](crate::option::ContextBuilder::io_threads) can have other connections in others ([`set_affinity`](crate::Socket::set_affinity)).
///
/// If there is no ticket, a monitor of the socket is told
/// [`HandshakeFailedNoDetail`](crate::monitor::EventKind::HandshakeFailedNoDetail) with `EACCES`, and the next attempt follows after the
/// [time for handshakes](crate::Socket::set_handshake_interval). With another libzmq than the bundled one, the end of that time is
/// all that is told. Once made, a connection outlives its ticket.
///
/// It needs a libzmq built with GSSAPI ([`Feature::Gssapi`]).
///
/// ```
/// use zmq::security::{GssapiClient, GssapiNameType};
///
/// # if !zmq::has(zmq::Feature::Gssapi) { return Ok(()) }
/// let context = zmq::Context::new()?;
/// let client = context.socket(zmq::Req)?;
/// client.set_security(GssapiClient::new("zmq@server.example.com", GssapiNameType::HostBased))?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_gssapi(7)](https://libzmq.readthedocs.io/en/latest/zmq_gssapi.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_GSSAPI_SERVICE_PRINCIPAL")]
pub struct GssapiClient {
    service: Principal,
    principal: Option<Principal>,
    plaintext: bool,
}

impl GssapiClient {
    /// A client of the server with this principal, 1 to 255 bytes.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE")]
    pub fn new(service_principal: impl Into<String>, name_type: GssapiNameType) -> GssapiClient {
        let service = Principal(service_principal.into(), name_type);
        GssapiClient { service, principal: None, plaintext: false }
    }

    /// The principal whose ticket is shown, and no other: 1 to 255 bytes.
    ///
    /// With another libzmq than the bundled one it needs a key in the keytab for servers, too.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL")]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE")]
    pub fn principal(mut self, name: impl Into<String>, name_type: GssapiNameType) -> GssapiClient {
        self.principal = Some(Principal(name.into(), name_type));
        self
    }

    /// Whether messages are sent in clear after the handshake; both sides must agree. They are encrypted by default.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PLAINTEXT")]
    pub fn plaintext(mut self, plaintext: bool) -> GssapiClient {
        self.plaintext = plaintext;
        self
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_gssapi("GssapiClient")?;
        let Principal(name, name_type) = &self.service;
        check_text("GssapiClient", "service principal", name.as_bytes())?;
        let mut settings = common("GssapiClient", self.principal.as_ref(), self.plaintext)?;
        settings.push((zmq_sys::ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, Value::Number(name_type.number())));
        // Makes it a client, whatever it was before.
        settings.push((zmq_sys::ZMQ_GSSAPI_SERVICE_PRINCIPAL, Value::Bytes(name.as_bytes())));
        Ok(settings)
    }
}

impl Security {
    /// Whether it takes the credentials that the process has.
    pub(super) fn is_gssapi_without_principal(&self) -> bool {
        match self {
            Security::GssapiServer(server) => server.principal.is_none(),
            Security::GssapiClient(client) => client.principal.is_none(),
            _ => false,
        }
    }
}

impl Core {
    /// Whether a principal was set, which libzmq keeps: it takes no empty one.
    pub(super) fn has_gssapi_principal(&self) -> bool {
        // Of at most 255 bytes, and the NUL (O3).
        let mut buffer = [0; 256];
        self.raw().get_bytes(zmq_sys::ZMQ_GSSAPI_PRINCIPAL, &mut buffer).is_ok_and(|len| len > 1)
    }
}

/// What both sides have.
fn common<'a>(security: &str, principal: Option<&'a Principal>, plaintext: bool) -> Result<Settings<'a>> {
    let mut settings = vec![(zmq_sys::ZMQ_GSSAPI_PLAINTEXT, Value::Number(c_int::from(plaintext)))];
    if let Some(Principal(name, name_type)) = principal {
        check_text(security, "principal", name.as_bytes())?;
        settings.push((zmq_sys::ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, Value::Number(name_type.number())));
        settings.push((zmq_sys::ZMQ_GSSAPI_PRINCIPAL, Value::Bytes(name.as_bytes())));
    }
    Ok(settings)
}

fn require_gssapi(security: &str) -> Result<()> {
    if has(Feature::Gssapi) {
        return Ok(());
    }
    let reason = "the linked libzmq is built without GSSAPI";
    Err(Error::refused(Operation::SetSecurity, ErrorKind::Unsupported, libc::ENOTSUP, security, reason))
}
