//! What libzmq and the peer say about a received message.

use std::ffi::CString;

use super::Message;
use crate::error::{Error, ErrorKind, Operation, Result};

/// # Properties
///
/// A message that came over a network transport has properties, the same for all messages of one connection:
///
/// | name | method | value |
/// |---|---|---|
/// | `Peer-Address` | [`peer_address`](Self::peer_address) | the peer's IP address, without the port |
/// | `Socket-Type` | [`socket_type`](Self::socket_type) | the kind of socket that sent it, as in `DEALER` |
/// | `User-Id` | [`user_id`](Self::user_id) | who the ZAP handler said that the peer is |
/// | `Identity` | [`identity`](Self::identity) | the routing id that the peer announced |
/// | any other | [`property`](Self::property) | what the ZAP handler, or the peer by `ZMQ_METADATA`, added |
///
/// Those from the peer are whatever it chose to say; only `Peer-Address` and `User-Id` come from elsewhere (with a system's
/// libzmq, a peer about which no handler was asked can say its own `User-Id`). Of a name that both use, what the handler said counts. A
/// value ends at its first NUL.
///
/// There are none in messages that came over inproc or udp, and none in what this program made. A message that is sent on loses
/// them; a clone has them too.
///
/// Follows [zmq_msg_gets(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_gets.html).
impl Message {
    /// A property by its name, upper and lower case as given; `None` if the message has no such property.
    ///
    /// ```
    /// use zmq::{Context, Dealer};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Dealer)?;
    /// let client = context.socket(Dealer)?;
    /// client.connect(server.bind("tcp://127.0.0.1:*")?)?;
    /// client.send("Hello")?;
    ///
    /// let message = server.recv()?;
    /// assert_eq!(message.property("Peer-Address")?, Some("127.0.0.1"));
    /// assert_eq!(message.property("Socket-Type")?, Some("DEALER"));
    /// assert_eq!(message.property("X-Unheard-Of")?, None);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// The text belongs to the message:
    ///
    /// ```compile_fail,E0505
    /// # let message = zmq::Message::from("hello");
    /// let address = message.property("Peer-Address")?;
    /// drop(message);
    /// println!("{address:?}");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there is a NUL in the name; [`InvalidData`](ErrorKind::InvalidData) if the value is
    /// not UTF-8: [`property_bytes`](Self::property_bytes) takes it as it is.
    #[doc(alias = "zmq_msg_gets")]
    pub fn property(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.property_bytes(name)? else { return Ok(None) };
        match core::str::from_utf8(value) {
            Ok(text) => Ok(Some(text)),
            Err(error) => {
                let reason = format!("not UTF-8: {error}");
                let kind = ErrorKind::InvalidData;
                Err(Error::refused(Operation::Property, kind, libc::EINVAL, name, reason))
            }
        }
    }

    /// A property that need not be text.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there is a NUL in the name.
    #[doc(alias = "zmq_msg_gets")]
    pub fn property_bytes(&self, name: &str) -> Result<Option<&[u8]>> {
        match CString::new(name) {
            // libzmq's own note of the connection's descriptor, with which a program could only do harm.
            Ok(name) if name.as_bytes() == b"__fd" => Ok(None),
            Ok(name) => Ok(self.raw.property(&name)),
            Err(_) => {
                Err(Error::invalid(Operation::Property, name.escape_debug().to_string(), "a NUL in the name"))
            }
        }
    }

    /// The IP address of the peer, without the port; over ipc, where the system tells, `:` and the peer's user, group and
    /// process id, as in `:1000:100:4711`.
    ///
    /// # Errors
    ///
    /// As for [`property`](Self::property).
    #[doc(alias = "ZMQ_MSG_PROPERTY_PEER_ADDRESS")]
    #[doc(alias = "ZMQ_SRCFD")]
    pub fn peer_address(&self) -> Result<Option<&str>> {
        self.property("Peer-Address")
    }

    /// The kind of the peer's socket, as it says, in ZeroMQ's capitals.
    ///
    /// # Errors
    ///
    /// As for [`property`](Self::property).
    #[doc(alias = "ZMQ_MSG_PROPERTY_SOCKET_TYPE")]
    pub fn socket_type(&self) -> Result<Option<&str>> {
        self.property("Socket-Type")
    }

    /// Returns the user id that the ZAP handler gave to the peer. Only the side that asked a handler has it.
    ///
    /// With a libzmq other than the bundled one, a peer can set this property itself unless a handler is always asked. So rely
    /// on it only on sockets with a [domain](crate::security::CurveServer::zap_domain).
    ///
    /// # Errors
    ///
    /// As for [`property`](Self::property).
    #[doc(alias = "ZMQ_MSG_PROPERTY_USER_ID")]
    pub fn user_id(&self) -> Result<Option<&str>> {
        self.property("User-Id")
    }

    /// The [routing id](crate::Socket::set_routing_id) that a REQ, DEALER or ROUTER peer announced; empty if it announced none.
    ///
    /// It is cut at its first NUL, and two peers may announce the same: to answer a peer, a ROUTER uses the first frame.
    /// In C, too, the property is to be had under its old name, `Identity`, only: the one under
    /// `ZMQ_MSG_PROPERTY_ROUTING_ID` is never there.
    ///
    /// It is bytes and need not be text, so nothing can be wrong with it, and this is no `Result` as the others are.
    #[must_use]
    #[doc(alias = "ZMQ_MSG_PROPERTY_ROUTING_ID")]
    pub fn identity(&self) -> Option<&[u8]> {
        self.raw.property(c"Identity")
    }
}
