//! Sending to an address with the sending half, and receiving with the address of the sender.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::{Receiver, Sender, Wait};
use crate::aio::addressed::attempt_to;
use crate::aio::{Reactor, debug_futures};
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
    /// Sends a message to a peer, a group or an IP address. Waits until libzmq takes the message.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message is not sent. **The message is dropped with the future.** To keep it, send a
    /// clone, which shares its bytes.
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
        SenderSendToFuture { wait: Wait::new(&self.halves), to, message: Some(message.into_message()) }
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
        ReceiverRecvFromFuture { wait: Wait::new(&self.halves) }
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

/// The future that [`Sender::send_to`] returns.
#[must_use = "a future does nothing unless it is awaited"]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
pub struct SenderSendToFuture<'a, K: Kind, R: Reactor, To> {
    wait: Wait<'a, K, R>,
    to: To,
    message: Option<Message>,
}

/// The address is never pinned.
impl<K: Kind, R: Reactor, To> Unpin for SenderSendToFuture<'_, K, R, To> {}

impl<K: CanSendTo<To>, R: Reactor, To> Future for SenderSendToFuture<'_, K, R, To> {
    type Output = Result<(), SendError>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let SenderSendToFuture { wait: Wait { halves, place }, to, message } = self.get_mut();
        let sent = halves.poll(Operation::Send, task, |shared, edges, task| {
            shared.poll_send(place, edges, task, |socket| attempt_to(socket, to, message))
        });
        sent.map_err(|error| SendError::new(error, message.take().unwrap_or_default()))
    }
}

impl<K: Kind, R: Reactor, To> fmt::Debug for SenderSendToFuture<'_, K, R, To> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderSendToFuture").finish_non_exhaustive()
    }
}

/// The future that [`Receiver::recv_from`] returns.
#[must_use = "a future does nothing unless it is awaited"]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
pub struct ReceiverRecvFromFuture<'a, K: Kind, R: Reactor> {
    wait: Wait<'a, K, R>,
}

impl<K: CanRecvFrom, R: Reactor> Future for ReceiverRecvFromFuture<'_, K, R> {
    type Output = Result<(K::From, Message)>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().wait.poll_recv(task, socket::Socket::try_recv_from)
    }
}

debug_futures!(ReceiverRecvFromFuture);
