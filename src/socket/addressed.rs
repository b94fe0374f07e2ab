//! Sockets that send to an address, and return the address of the sender with each message.

use core::time::Duration;

use super::transmit::Then;
use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::kind::{Addressing, Is, Kind, Peer, Server, SocketKind};
use crate::message::{IntoMessage, Message, RoutingId};
use crate::raw;
use crate::timeout::Wait;

/// The socket types that send to an address: a [`RoutingId`] for SERVER and PEER, the name of a group for RADIO, and an IPv4
/// address for DGRAM.
#[diagnostic::on_unimplemented(
    message = "`{Self}` sockets do not send to such an address",
    note = "SERVER and PEER sockets send to a `RoutingId`, RADIO to the name of a group, DGRAM to a `SocketAddrV4`; \
            other socket types send without an address, with `send`"
)]
pub trait CanSendTo<To>: Kind {
    #[doc(hidden)]
    fn send(socket: &Socket<Self>, to: &To, message: Message, wait: Wait) -> Result<(), SendError>;
}

/// The socket types that return the address of each message's sender: a [`RoutingId`] for SERVER and PEER, and an IPv4 address
/// for DGRAM.
#[diagnostic::on_unimplemented(
    message = "`{Self}` sockets do not return the sender of a message",
    note = "SERVER, PEER and DGRAM sockets do; a DISH has the group in the message, a ROUTER the sender's id in the first \
            frame"
)]
pub trait CanRecvFrom: Kind {
    /// The type of the sender's address.
    type From;

    #[doc(hidden)]
    fn recv(socket: &Socket<Self>, wait: Wait) -> Result<(Self::From, Message)>;
}

/// # Sending to an address
///
/// These calls are for draft socket types. SERVER and PEER identify their peers by number, RADIO sends to groups, and DGRAM to
/// IP addresses:
///
/// ```
/// use zmq::{Client, Context, Server};
///
/// let context = Context::new()?;
/// let (server, client) = (context.socket(Server)?, context.socket(Client)?);
/// server.bind("inproc://answers")?;
/// client.connect("inproc://answers")?;
///
/// client.send("Hello")?;
/// let (sender, request) = server.recv_from()?;
/// assert_eq!(request, "Hello");
/// server.send_to(sender, "World")?;
/// assert_eq!(client.recv()?, "World");
/// # Ok::<(), zmq::Error>(())
/// ```
impl<K: Kind> Socket<K> {
    /// Sends a message to a peer, a group or an IP address. Waits until libzmq takes the message.
    ///
    /// `to` is a [`RoutingId`] for SERVER and PEER, the name of a group of up to 255 bytes without a NUL for RADIO, and a
    /// [`SocketAddrV4`](std::net::SocketAddrV4) for DGRAM.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message. In addition:
    ///
    /// * SERVER and PEER: [`HostUnreachable`](ErrorKind::HostUnreachable) if the peer is gone and all its messages were
    ///   received. Before that, the socket treats it as a peer that cannot keep up.
    /// * RADIO: [`InvalidInput`](ErrorKind::InvalidInput) if `to` is not a valid name of a group;
    ///   [`MessageTooLarge`](ErrorKind::MessageTooLarge) if the socket is connected over udp, and the message and the
    ///   group together have more than 8191 bytes.
    /// * DGRAM: [`WrongState`](ErrorKind::WrongState) if the socket is not bound; [`InvalidInput`](ErrorKind::InvalidInput)
    ///   for port 0 and the address 255.255.255.255; [`MessageTooLarge`](ErrorKind::MessageTooLarge) for more than 8192
    ///   bytes.
    ///
    /// Follows [zmq_msg_set_routing_id(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_set_routing_id.html) and
    /// [zmq_msg_set_group(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_set_group.html).
    #[doc(alias = "zmq_msg_set_routing_id")]
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to<To>(&self, to: To, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSendTo<To>,
    {
        K::send(self, &to, message.into_message(), Wait::AsSet)
    }

    /// Sends a message to a peer, a group or an IP address, without waiting.
    ///
    /// # Errors
    ///
    /// See [`send_to`](Self::send_to) for the errors.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_send_to<To>(&self, to: To, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSendTo<To>,
    {
        K::send(self, &to, message.into_message(), Wait::Not)
    }

    /// Sends a message to a peer, a group or an IP address. Waits up to `timeout` until libzmq takes the message, regardless of
    /// the [send timeout](Self::set_send_timeout).
    ///
    /// `timeout` is rounded up to whole milliseconds. While a SERVER or PEER socket waits, the call uses a file descriptor.
    ///
    /// # Errors
    ///
    /// See [`send_to`](Self::send_to) for the errors.
    #[doc(alias = "send_to_timeout")]
    #[doc(alias = "ZMQ_SNDTIMEO")]
    pub fn send_to_within<To>(
        &self,
        to: To,
        message: impl IntoMessage,
        timeout: Duration,
    ) -> Result<(), SendError>
    where
        K: CanSendTo<To>,
    {
        K::send(self, &to, message.into_message(), Wait::UpTo(timeout))
    }

    /// Receives a message, and returns it with the address of its sender. Waits until a message has arrived.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "zmq_msg_routing_id")]
    pub fn recv_from(&self) -> Result<(K::From, Message)>
    where
        K: CanRecvFrom,
    {
        K::recv(self, Wait::AsSet)
    }

    /// Receives a message, if there is one, and returns it with the address of its sender.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_recv_from(&self) -> Result<(K::From, Message)>
    where
        K: CanRecvFrom,
    {
        K::recv(self, Wait::Not)
    }

    /// Receives a message, and returns it with the address of its sender. Waits up to `timeout` until there is one,
    /// regardless of the [receive timeout](Self::set_recv_timeout).
    ///
    /// `timeout` is rounded up to whole milliseconds. While a SERVER or PEER socket waits, the call uses a file descriptor.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "recv_from_timeout")]
    #[doc(alias = "ZMQ_RCVTIMEO")]
    pub fn recv_from_within(&self, timeout: Duration) -> Result<(K::From, Message)>
    where
        K: CanRecvFrom,
    {
        K::recv(self, Wait::UpTo(timeout))
    }

    /// Connects to a PEER, and returns its routing id on this socket, so that the socket can [send](Self::send_to) to it at
    /// once.
    ///
    /// ```
    /// use zmq::{Context, Peer};
    ///
    /// let context = Context::new()?;
    /// let (left, right) = (context.socket(Peer)?, context.socket(Peer)?);
    /// left.bind("inproc://left")?;
    /// let id = right.connect_peer("inproc://left")?;
    ///
    /// right.send_to(id, "Hello")?;
    /// let (sender, message) = left.recv_from()?;
    /// assert_eq!(message, "Hello");
    /// left.send_to(sender, "World")?;
    /// assert_eq!(right.recv_from()?.0, id);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`connect`](Self::connect) for the errors. In addition, the call fails with
    /// [`WrongState`](ErrorKind::WrongState) if the socket is [immediate](Self::set_immediate), because it then has no peer
    /// before the connection is made.
    ///
    /// Follows [zmq_connect_peer(3)](https://libzmq.readthedocs.io/en/latest/zmq_connect_peer.html).
    #[doc(alias = "zmq_connect_peer")]
    pub fn connect_peer(&self, endpoint: impl AsRef<str>) -> Result<RoutingId>
    where
        K: Is<Peer>,
    {
        self.core.connect_peer(endpoint.as_ref())
    }
}

impl CanSendTo<RoutingId> for Server {
    fn send(socket: &Socket<Server>, to: &RoutingId, message: Message, wait: Wait) -> Result<(), SendError> {
        socket.core.send_to_peer(*to, message, wait)
    }
}

impl CanSendTo<RoutingId> for Peer {
    fn send(socket: &Socket<Peer>, to: &RoutingId, message: Message, wait: Wait) -> Result<(), SendError> {
        socket.core.send_to_peer(*to, message, wait)
    }
}

impl CanRecvFrom for Server {
    type From = RoutingId;

    fn recv(socket: &Socket<Server>, wait: Wait) -> Result<(RoutingId, Message)> {
        numbered(socket.core.recv(wait)?)
    }
}

impl CanRecvFrom for Peer {
    type From = RoutingId;

    fn recv(socket: &Socket<Peer>, wait: Wait) -> Result<(RoutingId, Message)> {
        numbered(socket.core.recv(wait)?)
    }
}

/// The number is never missing, because libzmq sets it for every peer (I7).
fn numbered(message: Message) -> Result<(RoutingId, Message)> {
    match message.routing_id() {
        Some(id) => Ok((id, message)),
        None => Err(Error::refused(
            Operation::Receive,
            ErrorKind::InvalidData,
            libc::EINVAL,
            "",
            "a message without a routing id",
        )),
    }
}

/// The error of a `Socket<Any>` of a type that has no multipart messages.
#[cold]
pub(super) fn no_multipart(operation: Operation, kind: SocketKind) -> Error {
    let reason = format!("{kind} sockets have no multipart messages");
    Error::refused(operation, ErrorKind::Unsupported, libc::EINVAL, "", reason)
}

impl Core {
    fn send_to_peer(&self, to: RoutingId, mut message: Message, wait: Wait) -> Result<(), SendError> {
        let sent = match message.raw_mut().set_routing_id(to.get()) {
            Ok(()) => self.send_addressed(message.raw_mut(), wait),
            Err(errno) => Err(Error::new(Operation::Send, errno)),
        };
        let named = |error: Error| match error.kind() {
            ErrorKind::HostUnreachable => error.on(format!("to peer {to}")),
            _ => error,
        };
        sent.map_err(|error| SendError::new(named(error), message))
    }

    pub(super) fn send_addressed(&self, message: &mut raw::message::Message, wait: Wait) -> Result<()> {
        self.check_process(Operation::Send)?;
        self.send_first(message, Then::End, wait)
    }

    /// Implements `send` for a `Socket<Any>` whose type needs the address of the receiver, and forwarding: a received
    /// message still contains its address.
    #[cold]
    pub(super) fn send_to_its_address(
        &self,
        part: &mut raw::message::Message,
        then: Then,
        wait: Wait,
    ) -> Result<()> {
        if then == Then::More {
            return Err(no_multipart(Operation::Send, self.kind));
        }
        match self.kind.behavior().addressing {
            Addressing::Group => self.send_to_its_group(part, wait),
            Addressing::RoutingId if part.routing_id() != 0 => self.send_addressed(part, wait),
            _ => Err(Error::refused(
                Operation::Send,
                ErrorKind::Unsupported,
                libc::EINVAL,
                "",
                format!("{} sockets need the address of the receiver", self.kind),
            )
            .hint("downcast the socket, and use send_to")),
        }
    }
}
