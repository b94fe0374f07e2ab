//! The PLAIN mechanism.

use core::fmt;

use zeroize::Zeroizing;

use super::domain::{Domain, with_domain};
use super::{Settings, Value, check_text};
use crate::error::Result;

/// The server side of PLAIN, which asks the ZAP handler about the user name and password of each client.
///
/// **Nothing is encrypted**: anybody who can read the network traffic sees the passwords. Use PLAIN only on private networks.
///
/// While the context has no ZAP handler, the server rejects every client.
///
/// ```
/// use zmq::security::{Authenticator, PlainClient, PlainServer};
/// use zmq::{Context, Rep, Req};
///
/// let context = Context::new()?;
/// let authenticator = Authenticator::new(&context)?;
/// authenticator.set_plain_passwords("*", [("admin", "secret")])?;
///
/// let server = context.socket(Rep)?;
/// server.set_security(PlainServer::new())?;
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(Req)?;
/// client.set_security(PlainClient::new("admin", "secret"))?;
/// client.connect(&endpoint)?;
/// client.send("Hello")?;
/// assert_eq!(server.recv_string()?, "Hello");
/// # server.send("World")?;
/// # client.recv()?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_plain(7)](https://libzmq.readthedocs.io/en/latest/zmq_plain.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_PLAIN_SERVER")]
pub struct PlainServer {
    pub(super) domain: Domain,
}

impl PlainServer {
    /// Creates a PLAIN server.
    #[must_use]
    pub const fn new() -> PlainServer {
        PlainServer { domain: Domain::none() }
    }
}

impl Default for PlainServer {
    fn default() -> PlainServer {
        PlainServer::new()
    }
}

with_domain!(PlainServer);

pub(super) fn server_settings<'a>() -> Settings<'a> {
    vec![(zmq_sys::ZMQ_PLAIN_SERVER, Value::Number(1))]
}

/// The client side of PLAIN, which sends a user name and a password.
///
/// **All traffic, including the password, is unencrypted.** Dropping this value erases the password from memory. libzmq does
/// not erase its own copies.
///
/// Follows [zmq_plain(7)](https://libzmq.readthedocs.io/en/latest/zmq_plain.html).
#[derive(Clone)]
#[doc(alias = "ZMQ_PLAIN_USERNAME")]
#[doc(alias = "ZMQ_PLAIN_PASSWORD")]
pub struct PlainClient {
    username: String,
    password: Zeroizing<Vec<u8>>,
}

impl PlainClient {
    /// Creates a client with a user name and a password, each of 1 to 255 bytes, without a NUL.
    /// [`set_security`](crate::Socket::set_security) returns an error for other values.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> PlainClient {
        PlainClient { username: username.into(), password: Zeroizing::new(password.into().into_bytes()) }
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        let (username, password) = (self.username.as_bytes(), self.password.as_slice());
        check_text("PlainClient", "username", username)?;
        check_text("PlainClient", "password", password)?;
        Ok(vec![
            (zmq_sys::ZMQ_PLAIN_USERNAME, Value::Bytes(username)),
            (zmq_sys::ZMQ_PLAIN_PASSWORD, Value::Bytes(password)),
        ])
    }
}

impl fmt::Debug for PlainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainClient").field("username", &self.username).finish_non_exhaustive()
    }
}
