//! The metadata of a received message.

use std::ffi::CString;

use super::Message;
use crate::error::{Error, ErrorKind, Operation, Result};

/// # Properties
///
/// A message that was received over a network transport has properties. They are the same for all messages of one connection:
///
/// | name | method | value |
/// |---|---|---|
/// | `Peer-Address` | [`peer_address`](Self::peer_address) | the peer's IP address, without the port |
/// | `Socket-Type` | [`socket_type`](Self::socket_type) | the socket type of the peer, such as `DEALER` |
/// | `User-Id` | [`user_id`](Self::user_id) | the user id that the ZAP handler gave to the peer |
/// | `Identity` | [`identity`](Self::identity) | the routing id that the peer announced |
/// | any other | [`property`](Self::property) | added by the ZAP handler, or by the peer with `ZMQ_METADATA` |
///
/// **Do not trust properties that the peer sets.** Only `Peer-Address`, `User-Id` and the properties that the ZAP handler
/// adds are set on this side. If the handler and the peer set the same property, the message has the handler's value. With
/// a libzmq other than the bundled one, a peer can set its own `User-Id` if no handler was asked about the peer. A value
/// ends at its first NUL.
///
/// A message has no properties if it was received over `inproc` or `udp`, or if this program created it. A clone keeps the
/// properties. When a message is forwarded, its properties are not sent.
///
/// Follows [zmq_msg_gets(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_gets.html).
impl Message {
    /// Returns the property with this name, or `None` if the message has no such property. Names are case-sensitive.
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
    /// The text borrows from the message:
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
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the name contains a NUL; [`InvalidData`](ErrorKind::InvalidData) if the
    /// value is not UTF-8. [`property_bytes`](Self::property_bytes) accepts any value.
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

    /// Returns the property with this name as bytes, which need not be text, or `None` if the message has no such property.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the name contains a NUL.
    #[doc(alias = "zmq_msg_gets")]
    pub fn property_bytes(&self, name: &str) -> Result<Option<&[u8]>> {
        match CString::new(name) {
            // The internal property with the descriptor of the connection is hidden, because a program could only misuse it.
            Ok(name) if name.as_bytes() == b"__fd" => Ok(None),
            Ok(name) => Ok(self.raw.property(&name)),
            Err(_) => Err(Error::invalid(
                Operation::Property,
                name.escape_debug().to_string(),
                "the name must not contain a NUL byte",
            )),
        }
    }

    /// Returns the IP address of the peer, without the port.
    ///
    /// Over `ipc`, this is the peer's user, group and process id, as in `localhost:1000:100:4711`, if the system supports it.
    ///
    /// # Errors
    ///
    /// See [`property`](Self::property) for the errors.
    #[doc(alias = "ZMQ_MSG_PROPERTY_PEER_ADDRESS")]
    #[doc(alias = "ZMQ_SRCFD")]
    pub fn peer_address(&self) -> Result<Option<&str>> {
        self.property("Peer-Address")
    }

    /// Returns the socket type that the peer announced, in capital letters, such as `DEALER`.
    ///
    /// # Errors
    ///
    /// See [`property`](Self::property) for the errors.
    #[doc(alias = "ZMQ_MSG_PROPERTY_SOCKET_TYPE")]
    pub fn socket_type(&self) -> Result<Option<&str>> {
        self.property("Socket-Type")
    }

    /// Returns the user id that the ZAP handler gave to the peer. Only messages on the side that asked a handler have this
    /// property.
    ///
    /// With a libzmq other than the bundled one, a peer can set this property itself if the socket does not always ask a
    /// handler. So rely on it only on sockets with a [domain](crate::security::CurveServer::zap_domain).
    ///
    /// # Errors
    ///
    /// See [`property`](Self::property) for the errors.
    #[doc(alias = "ZMQ_MSG_PROPERTY_USER_ID")]
    pub fn user_id(&self) -> Result<Option<&str>> {
        self.property("User-Id")
    }

    /// Returns the [routing id](crate::Socket::set_routing_id) that a REQ, DEALER or ROUTER peer announced. It is empty if
    /// the peer announced no id.
    ///
    /// Do not use it to answer a peer: a ROUTER finds the id of the peer in the first frame of the message. This property ends
    /// at its first NUL, and two peers may announce the same id. libzmq provides it only under its old name, `Identity`, and
    /// never as `ZMQ_MSG_PROPERTY_ROUTING_ID`.
    ///
    /// The id is bytes, not text, so unlike the other methods, this method cannot fail.
    #[must_use]
    #[doc(alias = "ZMQ_MSG_PROPERTY_ROUTING_ID")]
    pub fn identity(&self) -> Option<&[u8]> {
        self.raw.property(c"Identity")
    }
}
