//! The question that a server asks about a client, and the answer.

use core::fmt;
use core::net::IpAddr;
use std::borrow::Cow;

use zeroize::Zeroizing;

use super::super::PublicKey;
use crate::message::{Message, Multipart};
use crate::sys::secret::equal;

/// A client that wants to connect, as a [handler](super::Authenticator::set_handler) sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    domain: String,
    address: String,
    routing_id: Vec<u8>,
    credentials: Credentials,
}

impl Request {
    /// Returns the ZAP domain of the server, or an empty text if it has no domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the client's address as libzmq reports it: the IP address without the port, or
    /// `localhost:uid:gid:pid` over `ipc`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the client's IP address, or `None` over `ipc`. An IPv4 address in IPv6 notation is returned as an IPv4 address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        // A link-local IPv6 address is followed by `%` and the interface.
        let address = self.address.split('%').next().unwrap_or_default();
        address.parse().ok().map(|address: IpAddr| address.to_canonical())
    }

    /// Returns the [routing id](crate::Socket::set_routing_id) of the server.
    #[must_use]
    pub fn routing_id(&self) -> &[u8] {
        &self.routing_id
    }

    /// Returns the client's credentials.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// The credentials of a client, which depend on the security mechanism.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// NULL: no credentials.
    Null,
    /// PLAIN: a user name and a password. `Debug` omits the password.
    #[non_exhaustive]
    Plain {
        /// The user name.
        username: String,
        /// The password.
        password: Password,
    },
    /// CURVE: a public key. The client has proved that it has the secret key.
    #[non_exhaustive]
    Curve {
        /// The client's public key.
        public_key: PublicKey,
    },
    /// GSSAPI: a principal, whose ticket libzmq has verified.
    #[non_exhaustive]
    Gssapi {
        /// The client's principal.
        principal: String,
    },
    /// A mechanism that this crate does not know.
    #[non_exhaustive]
    Other {
        /// The name of the mechanism.
        mechanism: String,
        /// The frames of the client's credentials.
        credentials: Vec<Vec<u8>>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::Null => f.write_str("Null"),
            Credentials::Plain { username, .. } => {
                f.debug_struct("Plain").field("username", username).finish_non_exhaustive()
            }
            Credentials::Curve { public_key } => {
                f.debug_struct("Curve").field("public_key", public_key).finish()
            }
            Credentials::Gssapi { principal } => {
                f.debug_struct("Gssapi").field("principal", principal).finish()
            }
            Credentials::Other { mechanism, .. } => {
                f.debug_struct("Other").field("mechanism", mechanism).finish_non_exhaustive()
            }
        }
    }
}

/// A password that a client sent.
///
/// `Debug` does not show the password, and dropping it erases it from memory.
///
/// `==` compares the password with a text or another password. The time of the comparison depends only on their lengths.
///
/// ```
/// # use zmq::security::Password;
/// fn is_right(password: &Password) -> bool {
///     password == "open sesame"
/// }
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<Vec<u8>>);

impl PartialEq for Password {
    fn eq(&self, other: &Password) -> bool {
        equal(&self.0, &other.0)
    }
}

impl Eq for Password {}

impl PartialEq<str> for Password {
    fn eq(&self, other: &str) -> bool {
        equal(&self.0, other.as_bytes())
    }
}

impl PartialEq<&str> for Password {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl Password {
    /// Exposes the password.
    #[must_use]
    pub fn expose(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// The answer to a [`Request`].
///
/// ```
/// use zmq::security::{Credentials, Decision, Request};
///
/// fn decide(request: &Request) -> Decision {
///     match request.credentials() {
///         Credentials::Plain { username, password, .. } if password == "open sesame" => {
///             Decision::accept().user_id(username).property("Role", "thief")
///         }
///         _ => Decision::deny("the password is wrong"),
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    status: &'static str,
    reason: Cow<'static, str>,
    user_id: String,
    properties: Vec<(String, Vec<u8>)>,
}

impl Decision {
    /// Accepts the client.
    #[must_use]
    pub fn accept() -> Decision {
        Decision::new("200", "OK")
    }

    /// Rejects the client permanently.
    ///
    /// The client learns that it was rejected, but not the reason. It does not try again by itself: it [abandons the
    /// endpoint](crate::Socket::connect) until its program calls `connect` again.
    #[must_use]
    pub fn deny(reason: impl Into<Cow<'static, str>>) -> Decision {
        Decision::new("400", reason)
    }

    /// Rejects the client for now, for example because a database is not available.
    ///
    /// The client is disconnected after the server's [handshake interval](crate::Socket::set_handshake_interval) (default: 30
    /// seconds), and tries again.
    #[must_use]
    pub fn try_later(reason: impl Into<Cow<'static, str>>) -> Decision {
        Decision::new("300", reason)
    }

    pub(super) fn internal_error(reason: impl Into<Cow<'static, str>>) -> Decision {
        Decision::new("500", reason)
    }

    fn new(status: &'static str, reason: impl Into<Cow<'static, str>>) -> Decision {
        Decision { status, reason: reason.into(), user_id: String::new(), properties: Vec::new() }
    }

    /// Sets the client's user id. Messages received from the client have it as their property `User-Id`.
    ///
    /// If the user id contains a NUL, the client is rejected, because the property would end there.
    #[must_use]
    #[doc(alias = "ZMQ_MSG_PROPERTY_USER_ID")]
    pub fn user_id(mut self, user_id: impl Into<String>) -> Decision {
        self.user_id = user_id.into();
        self
    }

    /// Adds a [property](crate::Message::property) to all messages received from the client.
    ///
    /// A client can also send properties of its own. A property set here replaces the client's property of the same name. **If
    /// you set a property, such as a role, only for some clients, the other clients can set it themselves.** So set it for
    /// every client that you accept, with an empty value if necessary.
    ///
    /// A name has 1 to 255 characters: ASCII letters, digits and `-_.+`. The names `Identity` and `Socket-Type` are not
    /// allowed, because libzmq would use the values as the client's own. If a property has another name, the client is
    /// rejected.
    #[must_use]
    pub fn property(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Decision {
        self.properties.push((name.into(), value.into()));
        self
    }

    /// Returns whether the client is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.status == "200"
    }

    /// Returns the reply to the request with this id.
    pub(super) fn into_reply(self, request_id: Message) -> Multipart {
        if !self.is_accepted() {
            // A rejected client has no user id and no properties.
            return self.with_identity(request_id, "", Vec::new());
        }
        if self.user_id.contains('\0') {
            return Decision::internal_error("the user id contains a NUL").into_reply(request_id);
        }
        match encode_properties(&self.properties) {
            Some(metadata) => self.with_identity(request_id, &self.user_id, metadata),
            None => Decision::internal_error("a property cannot be sent").into_reply(request_id),
        }
    }

    fn with_identity(&self, request_id: Message, user_id: &str, metadata: Vec<u8>) -> Multipart {
        Multipart::from([
            Message::from("1.0"),
            request_id,
            Message::from(self.status),
            Message::from(self.reason.as_bytes()),
            Message::from(user_id.as_bytes()),
            Message::from(metadata),
        ])
    }
}

/// Whether a property may have this name.
pub(super) fn is_property_name(name: &str) -> bool {
    let known = ["identity", "socket-type"];
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
        && !known.contains(&name.to_ascii_lowercase().as_str())
}

/// Encodes properties as in ZMTP.
fn encode_properties(properties: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (name, value) in properties.iter().filter(|(name, _)| is_property_name(name)) {
        bytes.push(u8::try_from(name.len()).ok()?);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&i32::try_from(value.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(value);
    }
    properties.iter().all(|(name, _)| is_property_name(name)).then_some(bytes)
}

/// Parses the frames after the envelope as a request of [RFC 27](https://rfc.zeromq.org/spec/27/). If they are not a request,
/// the error is the answer.
pub(super) fn parse(frames: &[&[u8]]) -> Result<Request, Decision> {
    let malformed = |what: &'static str| Err(Decision::internal_error(what));
    let [version, _id, domain, address, routing_id, mechanism, credentials @ ..] = frames else {
        return malformed("a request has at least six frames");
    };
    if *version != b"1.0" {
        return malformed("the version is not 1.0");
    }
    let text = |bytes: &[u8]| core::str::from_utf8(bytes).map(str::to_owned).ok();
    let (Some(domain), Some(address)) = (text(domain), text(address)) else {
        return malformed("domain or address is not UTF-8");
    };
    let credentials = match (*mechanism, credentials) {
        (b"NULL", []) => Credentials::Null,
        (b"PLAIN", [username, password]) => match (text(username), core::str::from_utf8(password)) {
            (Some(username), Ok(_)) => {
                Credentials::Plain { username, password: Password(Zeroizing::new(password.to_vec())) }
            }
            // Any client can send this, so it is a rejection and not an internal error.
            _ => return Err(Decision::deny("user name or password is not UTF-8")),
        },
        (b"CURVE", [key]) => match <[u8; 32]>::try_from(*key) {
            Ok(key) => Credentials::Curve { public_key: PublicKey::from_bytes(key) },
            Err(_) => return malformed("a key has 32 bytes"),
        },
        (b"GSSAPI", [principal]) => match text(principal) {
            Some(principal) => Credentials::Gssapi { principal },
            None => return Err(Decision::deny("the principal is not UTF-8")),
        },
        (b"NULL" | b"PLAIN" | b"CURVE" | b"GSSAPI", _) => return malformed("wrong number of credentials"),
        (mechanism, credentials) => match text(mechanism) {
            Some(mechanism) => {
                let credentials = credentials.iter().map(|frame| frame.to_vec()).collect();
                Credentials::Other { mechanism, credentials }
            }
            None => return malformed("the mechanism is not UTF-8"),
        },
    };
    Ok(Request { domain, address, routing_id: routing_id.to_vec(), credentials })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(frames: &[&[u8]]) -> &'static str {
        parse(frames).map_or_else(|decision| decision.status, |_| "200")
    }

    #[test]
    fn every_mechanism_is_read() {
        let head: [&[u8]; 5] = [b"1.0", b"1", b"domain", b"127.0.0.1", b"id"];
        let with = |rest: &[&'static [u8]]| parse(&[&head[..], rest].concat()).unwrap();
        let request = with(&[b"NULL"]);
        assert_eq!((request.domain(), request.routing_id()), ("domain", &b"id"[..]));
        assert_eq!(request.ip(), Some(IpAddr::from([127, 0, 0, 1])));
        assert_eq!(*request.credentials(), Credentials::Null);
        let request = with(&[b"PLAIN", b"user", b"s3cr3t"]);
        assert!(
            matches!(request.credentials(), Credentials::Plain { password, .. } if password.expose() == "s3cr3t")
        );
        assert!(!format!("{request:?}").contains("s3cr3t"));
        let request = with(&[b"CURVE", &[7; 32]]);
        assert_eq!(*request.credentials(), Credentials::Curve { public_key: PublicKey::from_bytes([7; 32]) });
        let request = with(&[b"GSSAPI", b"me@HERE"]);
        assert_eq!(*request.credentials(), Credentials::Gssapi { principal: "me@HERE".to_owned() });
        let request = with(&[b"NEW", b"a", b"b"]);
        assert!(
            matches!(request.credentials(), Credentials::Other { credentials, .. } if credentials.len() == 2)
        );
    }

    #[test]
    fn every_form_of_address_is_read() {
        for (address, ip) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("::1", Some("::1")),
            ("::ffff:10.1.2.3", Some("10.1.2.3")),
            ("fe80::1%eth0", Some("fe80::1")),
            (":1000:1000:4711", None),
            ("", None),
        ] {
            let request = parse(&[b"1.0", b"1", b"", address.as_bytes(), b"", b"NULL"]).unwrap();
            assert_eq!(request.ip(), ip.map(|ip| ip.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn malformed_requests_are_internal_errors_and_bad_credentials_are_denied() {
        let full: [&[u8]; 8] = [b"1.0", b"1", b"domain", b"127.0.0.1", b"id", b"PLAIN", b"user", b"password"];
        for len in 0..full.len() {
            assert_eq!(status(&full[..len]), "500", "{len} frames");
        }
        assert_eq!(status(&full), "200");
        for index in [0, 2, 3, 5] {
            let mut frames = full;
            frames[index] = b"\xff\xfe";
            assert_eq!(status(&frames), "500", "frame {index}");
        }
        for index in [6, 7] {
            let mut frames = full;
            frames[index] = b"\xff\xfe";
            assert_eq!(status(&frames), "400", "frame {index}");
        }
        for len in [0, 31, 33, 40] {
            let key = vec![1; len];
            assert_eq!(status(&[b"1.0", b"1", b"", b"", b"", b"CURVE", &key]), "500", "{len} bytes");
        }
        assert_eq!(status(&[b"1.0", b"1", b"", b"", b"", b"NULL", b"more"]), "500");
    }

    #[test]
    fn properties_are_encoded_as_in_zmtp() {
        let properties = vec![("Role".to_owned(), b"admin".to_vec())];
        assert_eq!(encode_properties(&properties).unwrap(), b"\x04Role\0\0\0\x05admin");
        for name in ["", "with space", "Identity", "socket-type", "\u{e9}", "a:b", &"x".repeat(256)] {
            assert!(!is_property_name(name), "{name:?}");
            let reply = Decision::accept().property(name, "").into_reply(Message::from("1"));
            assert_eq!(reply[2], "500", "{name:?}");
        }
    }

    #[test]
    fn a_user_id_with_a_nul_is_rejected() {
        let reply = Decision::accept().user_id("admin\0guest").into_reply(Message::from("1"));
        assert_eq!((&reply[2][..], &reply[4][..]), (&b"500"[..], &b""[..]));
    }

    /// [RFC 27](https://rfc.zeromq.org/spec/27/) requires that these frames are empty if the client is rejected.
    #[test]
    fn a_rejected_client_has_no_user_id() {
        for decision in [Decision::deny("no"), Decision::try_later("not yet"), Decision::internal_error("")] {
            let status = decision.status;
            let reply = decision.user_id("admin").property("Role", "admin").into_reply(Message::from("1"));
            assert_eq!((&reply[1][..], &reply[2][..]), (&b"1"[..], status.as_bytes()));
            assert_eq!((&reply[4][..], &reply[5][..]), (&b""[..], &b""[..]));
        }
    }

    #[test]
    fn passwords_are_compared_completely() {
        let password = Password(Zeroizing::new(b"secret".to_vec()));
        assert!(password == *"secret" && password == "secret" && password == password.clone());
        for other in ["", "secre", "secrets", "Secret"] {
            assert!(password != *other && password != Password(Zeroizing::new(other.as_bytes().to_vec())));
        }
    }
}
