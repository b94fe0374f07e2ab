//! What a message tells of the connection that it came over.

use std::ffi::CString;

use super::Message;

impl Message {
    /// A property of the peer that the message was received from; `None` if there is no such property, or if it is not UTF-8.
    ///
    /// | name | |
    /// |---|---|
    /// | `User-Id` | whom an [authenticator](crate::security::Authenticator) took the peer for |
    /// | `Peer-Address` | its address, without the port |
    /// | `Socket-Type` | its kind, such as `DEALER` |
    /// | `Routing-Id` | the id that it has set |
    ///
    /// An authenticator may give others to a peer, and a peer itself those that begin with `X-`. Messages over inproc have none.
    ///
    /// ```
    /// use zmq::{Context, Pull, Push};
    ///
    /// let context = Context::new()?;
    /// let receiver = context.socket(Pull)?;
    /// let sender = context.socket(Push)?;
    /// sender.connect(receiver.bind("tcp://127.0.0.1:*")?)?;
    /// sender.send("Hello")?;
    ///
    /// let message = receiver.recv()?;
    /// assert_eq!(message.property("Peer-Address"), Some("127.0.0.1"));
    /// assert_eq!(message.property("Socket-Type"), Some("PUSH"));
    /// assert_eq!(message.property("User-Id"), None);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Follows [zmq_msg_gets(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_gets.html).
    #[must_use]
    #[doc(alias = "zmq_msg_gets")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_USER_ID")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_PEER_ADDRESS")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_SOCKET_TYPE")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_ROUTING_ID")]
    pub fn property(&self, name: &str) -> Option<&str> {
        // A name with a NUL in it is nobody's.
        let name = CString::new(name).ok()?;
        self.raw.property(&name)?.to_str().ok()
    }
}
