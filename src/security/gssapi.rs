//! The GSSAPI mechanism. The facts G1 to G6 and G11 describe how libzmq implements it.

use core::ffi::c_int;

use super::domain::{Domain, with_domain};
use super::{Security, Settings, Value, check_text};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::socket::Core;
use crate::version::{Feature, has};

/// The notation of a principal's name.
///
/// A name without a realm belongs to the system's default Kerberos realm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum GssapiNameType {
    /// A service on a host, such as `zmq@server.example.com`. This is the default.
    #[default]
    #[doc(alias = "ZMQ_GSSAPI_NT_HOSTBASED")]
    HostBased,
    /// A user name, such as `alice`.
    #[doc(alias = "ZMQ_GSSAPI_NT_USER_NAME")]
    UserName,
    /// A Kerberos principal, such as `alice@EXAMPLE.COM` or `zmq/server.example.com@EXAMPLE.COM`. libzmq 4.3 treats it as a
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

/// A principal and the notation of its name.
#[derive(Clone, Debug)]
struct Principal(String, GssapiNameType);

/// The server side of GSSAPI, which accepts Kerberos tickets.
///
/// Both sides verify each other's identity. All traffic is encrypted, unless [`plaintext`](Self::plaintext) is set. The server's keys are
/// read from the keytab of the system, or from the keytab that the environment variable `KRB5_KTNAME` names.
///
/// **Without a [ZAP domain](Self::zap_domain) and without a ZAP handler in the context, the server accepts every client** that
/// has a ticket. To restrict access, give the server a domain and start an [`Authenticator`](crate::security::Authenticator)
/// with a [list of principals](crate::security::Authenticator::set_gssapi_principals).
///
/// GSSAPI requires a libzmq that is built with GSSAPI ([`Feature::Gssapi`]). **libzmq 4.3.5 and older, without the patches of the bundled
/// libzmq, accept a client even if the ZAP handler rejects it**. They also ignore an [enforced](Self::enforce_zap_domain) domain, so
/// every client with a ticket is accepted.
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
    /// Creates a server that uses all keys of the keytab.
    #[must_use]
    pub const fn new() -> GssapiServer {
        GssapiServer { principal: None, plaintext: false, domain: Domain::none() }
    }

    /// Sets the principal whose key the server uses: 1 to 255 bytes, without a NUL. Default: all keys of the keytab.
    ///
    /// With a libzmq other than the bundled one, the principal also needs a ticket, or a key in the client keytab.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL")]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE")]
    pub fn principal(mut self, name: impl Into<String>, name_type: GssapiNameType) -> GssapiServer {
        self.principal = Some(Principal(name.into(), name_type));
        self
    }

    /// Sets whether messages are sent unencrypted after the handshake. Both sides must use the same setting. Default: `false`.
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

/// The client side of GSSAPI, which presents a Kerberos ticket.
///
/// Kerberos uses the ticket that `kinit` stored, or requests a ticket with a key from the keytab that the environment variable
/// `KRB5_CLIENT_KTNAME` names. **The request blocks the I/O thread of the connection** until the Kerberos server answers, or for half a
/// minute if it does not answer. To keep other connections responsive, give the context more [I/O
/// threads](crate::option::ContextBuilder::io_threads) and assign the sockets to them with [`set_affinity`](crate::Socket::set_affinity).
///
/// If there is no ticket, a monitor of the socket reports [`HandshakeFailedNoDetail`](crate::monitor::EventKind::HandshakeFailedNoDetail)
/// with `EACCES`, and the client tries again after the [handshake interval](crate::Socket::set_handshake_interval). With a libzmq other
/// than the bundled one, the monitor reports only that the interval has passed. An established connection stays open after its ticket has
/// expired.
///
/// GSSAPI requires a libzmq that is built with GSSAPI ([`Feature::Gssapi`]).
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
    /// Creates a client that connects to the server with this principal: 1 to 255 bytes, without a NUL.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE")]
    pub fn new(service_principal: impl Into<String>, name_type: GssapiNameType) -> GssapiClient {
        let service = Principal(service_principal.into(), name_type);
        GssapiClient { service, principal: None, plaintext: false }
    }

    /// Sets the principal whose ticket the client presents: 1 to 255 bytes, without a NUL. Default: the principal of the ticket
    /// that Kerberos finds.
    ///
    /// With a libzmq other than the bundled one, the principal also needs a key in the server keytab.
    #[must_use]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL")]
    #[doc(alias = "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE")]
    pub fn principal(mut self, name: impl Into<String>, name_type: GssapiNameType) -> GssapiClient {
        self.principal = Some(Principal(name.into(), name_type));
        self
    }

    /// Sets whether messages are sent unencrypted after the handshake. Both sides must use the same setting. Default: `false`.
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
        // Makes the socket a client, even if it was a server before.
        settings.push((zmq_sys::ZMQ_GSSAPI_SERVICE_PRINCIPAL, Value::Bytes(name.as_bytes())));
        Ok(settings)
    }
}

impl Security {
    /// Whether this is a GSSAPI mechanism without a principal, which uses the default credentials of the process.
    pub(super) fn is_gssapi_without_principal(&self) -> bool {
        match self {
            Security::GssapiServer(server) => server.principal.is_none(),
            Security::GssapiClient(client) => client.principal.is_none(),
            _ => false,
        }
    }
}

impl Core {
    /// Whether a principal was set. libzmq cannot remove a principal, because it refuses an empty one.
    pub(super) fn has_gssapi_principal(&self) -> bool {
        // At most 255 bytes, and the NUL (O3).
        let mut buffer = [0; 256];
        self.raw().get_bytes(zmq_sys::ZMQ_GSSAPI_PRINCIPAL, &mut buffer).is_ok_and(|len| len > 1)
    }
}

/// The settings that both sides have.
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
    Err(Error::refused(Operation::SetSecurity, ErrorKind::Unsupported, libc::ENOTSUP, security, reason)
        .hint("enable the feature `gssapi`, and link the bundled libzmq"))
}
