//! Sending to an address with the sending half, and receiving with the address of the sender.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{Receiver, Sender, Wait};
use crate::aio::Reactor;
use crate::aio::addressed::{addressed_futures, attempt_to};
use crate::error::{Operation, Result, SendError};
use crate::kind::Kind;
use crate::message::{IntoMessage, Message};
use crate::socket::{self, CanRecvFrom, CanSendTo};

/// # Sending to an address
///
/// These calls are for the draft types SERVER, PEER, RADIO and DGRAM:
///
/// ```
/// use zmq::aio::{Reactor, Sender};
/// use zmq::message::RoutingId;
/// use zmq::{Result, Server};
///
/// async fn reply<R: Reactor>(sender: Sender<Server, R>, client: RoutingId) -> Result<()> {
///     Ok(sender.send_to(client, "World").await?)
/// }
/// ```
impl<K: Kind, R: Reactor> Sender<K, R> {
    /// Sends a message to a peer, a group or an IP address. Waits until libzmq takes the message. The [type of
    /// `to`](crate::Socket::send_to) depends on the socket type, as in the blocking call.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message is not sent. **The message is dropped with the future.** To keep it, use
    /// [`send_to_from`](Self::send_to_from).
    ///
    /// # Errors
    ///
    /// See the [call of an unsplit socket](crate::aio::Socket::send_to) for the errors. Each error returns the message.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_msg_set_routing_id")]
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to<To>(&self, to: To, message: impl IntoMessage) -> SenderSendToFuture<'_, K, R, To>
    where
        K: CanSendTo<To>,
    {
        SenderSendToFuture { call: Wait::new(&self.halves), to, message: Some(message.into_message()) }
    }

    /// Sends the message in `message` to a peer, a group or an IP address. Waits until libzmq takes the message. Takes the message out of
    /// the `Option` only when it is sent.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, the message is not sent, and is still in the `Option`.
    ///
    /// # Errors
    ///
    /// See the [call of an unsplit socket](crate::aio::Socket::send_to_from) for the errors. After an error, the message is still in the
    /// `Option`.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_msg_set_routing_id")]
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to_from<'a, To>(
        &'a self,
        to: To,
        message: &'a mut Option<Message>,
    ) -> SenderSendToFromFuture<'a, K, R, To>
    where
        K: CanSendTo<To>,
    {
        SenderSendToFromFuture { call: Wait::new(&self.halves), to, message }
    }

    /// Sends a message to a peer, a group or an IP address, without waiting.
    ///
    /// # Errors
    ///
    /// See [`send_to`](Self::send_to) for the errors. Each error returns the message. In addition, the call fails with
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if libzmq cannot take the message now.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_send_to<To>(&self, to: To, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSendTo<To>,
    {
        self.try_now(message.into_message(), |socket, message| socket.try_send_to(to, message))
    }
}

/// # Receiving from an address
///
/// These calls are for the draft types SERVER, PEER and DGRAM. They return the address of the sender with each message.
impl<K: Kind, R: Reactor> Receiver<K, R> {
    /// Receives a message, and returns it with the address of its sender. Waits until a message has arrived.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_msg_routing_id")]
    pub fn recv_from(&mut self) -> ReceiverRecvFromFuture<'_, K, R>
    where
        K: CanRecvFrom,
    {
        ReceiverRecvFromFuture { call: Wait::new(&self.halves) }
    }

    /// Receives a message, if there is one, and returns it with the address of its sender.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. In addition, the call fails with [`WouldBlock`](crate::ErrorKind::WouldBlock) if
    /// there is no message.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_recv_from(&mut self) -> Result<(K::From, Message)>
    where
        K: CanRecvFrom,
    {
        self.halves.check(Operation::Receive)?;
        self.halves.call(socket::Socket::try_recv_from)
    }
}

impl<K: Kind, R: Reactor> Wait<'_, K, R> {
    fn poll_send_to<To>(
        &mut self,
        task: &mut Context<'_>,
        to: &To,
        message: &mut Option<Message>,
    ) -> Poll<Result<()>>
    where
        K: CanSendTo<To>,
    {
        self.poll_send_with(task, |socket| attempt_to(socket, to, message))
    }
}

addressed_futures! {
    Wait,
    /// The future that [`Sender::send_to`] returns.
    SenderSendToFuture,
    /// The future that [`Sender::send_to_from`] returns.
    SenderSendToFromFuture,
    /// The future that [`Receiver::recv_from`] returns.
    ReceiverRecvFromFuture
}
