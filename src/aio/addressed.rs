//! Sending to an address, and receiving with the address of the sender.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::send::no_message;
use super::{InFuture, Reactor, Socket};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::kind::Kind;
use crate::message::{IntoMessage, Message};
use crate::readiness::task::Sender;
use crate::socket::{self, CanRecvFrom, CanSendTo};
use crate::timeout::Wait;

/// # Sending to an address
///
/// These calls are for draft socket types. SERVER and PEER identify their peers by number, RADIO sends to groups, and DGRAM to IP
/// addresses. CLIENT, SCATTER, CHANNEL, DISH and GATHER use the calls without an address for [sending](#sending) and
/// [receiving](#receiving). [`Message::group`](crate::Message::group) returns the group of a message that a DISH has received.
///
/// ```
/// use zmq::aio::{Reactor, Socket};
/// use zmq::{Result, Server};
///
/// async fn echo<R: Reactor>(mut server: Socket<Server, R>) -> Result<()> {
///     loop {
///         let (client, request) = server.recv_from().await?;
///         server.send_to(client, request).await?;
///     }
/// }
/// ```
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Sends a message to a peer, a group or an IP address. Waits until libzmq takes the message.
    ///
    /// The [type of `to`](crate::Socket::send_to) depends on the socket type, as in the blocking call. A SERVER or PEER socket waits only
    /// while the queue of this peer is full.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message is not sent. **The message is dropped with the future.** To keep it, use
    /// [`send_to_from`](Self::send_to_from).
    ///
    /// # Errors
    ///
    /// See [sending](#sending) and the [blocking call](crate::Socket::send_to) for the errors. Each error returns the message.
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_msg_set_routing_id")]
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to<To>(&mut self, to: To, message: impl IntoMessage) -> SendToFuture<'_, K, R, To>
    where
        K: CanSendTo<To>,
    {
        SendToFuture { call: InFuture(self), to, message: Some(message.into_message()) }
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
    /// See [`send_to`](Self::send_to) for the errors. After an error, the message is still in the `Option`. In addition, the call fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the `Option` is `None`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    /// use zmq::{Client, Context, Message, Server};
    ///
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// # #[cfg(feature = "tokio")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let context = Context::new()?;
    /// let (server, client) = (context.socket(Server)?, context.socket(Client)?);
    /// server.set_send_hwm(1)?;
    /// client.set_recv_hwm(1)?;
    /// server.bind("inproc://slow-client")?;
    /// client.connect("inproc://slow-client")?;
    /// client.send("Hello")?;
    /// let (id, _) = server.recv_from()?;
    /// while server.try_send_to(id, "fills the queue").is_ok() {}
    ///
    /// let mut server = server.into_tokio()?;
    /// let mut message = Some(Message::from("World"));
    /// assert!(timeout(Duration::from_millis(10), server.send_to_from(id, &mut message)).await.is_err());
    /// assert_eq!(message.unwrap(), "World");
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_msg_set_routing_id")]
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to_from<'a, To>(
        &'a mut self,
        to: To,
        message: &'a mut Option<Message>,
    ) -> SendToFromFuture<'a, K, R, To>
    where
        K: CanSendTo<To>,
    {
        SendToFromFuture { call: InFuture(self), to, message }
    }

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
    pub fn recv_from(&mut self) -> RecvFromFuture<'_, K, R>
    where
        K: CanRecvFrom,
    {
        RecvFromFuture { call: InFuture(self) }
    }
}

/// Sends the message to the address if there is room, and keeps it otherwise.
pub(super) fn attempt_to<K: CanSendTo<To>, To>(
    socket: &socket::Socket<K>,
    to: &To,
    message: &mut Option<Message>,
) -> Poll<Result<()>> {
    let Some(unsent) = message.take() else { return Poll::Ready(Err(no_message())) };
    let Err(failure) = K::send(socket, to, unsent, Wait::Not) else { return Poll::Ready(Ok(())) };
    let (error, unsent) = failure.into_parts();
    *message = Some(unsent);
    if error.kind() == ErrorKind::WouldBlock { Poll::Pending } else { Poll::Ready(Err(error)) }
}

/// A message to send, its address, and the socket that sends it.
struct AttemptTo<'a, K: Kind, To> {
    socket: &'a socket::Socket<K>,
    to: &'a To,
    message: &'a mut Option<Message>,
}

impl<K: CanSendTo<To>, To> Sender for AttemptTo<'_, K, To> {
    type Error = Error;

    fn try_send(&mut self) -> Poll<Result<()>> {
        attempt_to(self.socket, self.to, self.message)
    }

    /// Only an attempt shows whether there is room for this address: a SERVER always reports room, and a DGRAM that has lost its port never
    /// does.
    fn look(&mut self) -> Result<bool> {
        self.socket.core().events_for(Operation::Send)?;
        Ok(true)
    }
}

impl<K: Kind, R: Reactor> InFuture<'_, K, R> {
    fn poll_send_to<To>(
        &mut self,
        task: &mut Context<'_>,
        to: &To,
        message: &mut Option<Message>,
    ) -> Poll<Result<()>>
    where
        K: CanSendTo<To>,
    {
        self.0.poll(Operation::Send, task, |parked, edges, socket, task| {
            parked.poll_send(edges, task, &mut AttemptTo { socket, to, message })
        })
    }
}

/// Defines the futures of the calls that send to an address, and receive with the address of the sender. `$call` is the type that makes
/// the call.
macro_rules! addressed_futures {
    (
        $call:ident,
        $(#[$to_docs:meta])+ $to:ident,
        $(#[$from_docs:meta])+ $to_from:ident,
        $(#[$recv_docs:meta])+ $recv_from:ident
    ) => {
        $(#[$to_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
        pub struct $to<'a, K: Kind, R: Reactor, To> {
            call: $call<'a, K, R>,
            to: To,
            message: Option<Message>,
        }

        /// The address is never pinned.
        impl<K: Kind, R: Reactor, To> Unpin for $to<'_, K, R, To> {}

        impl<K: CanSendTo<To>, R: Reactor, To> Future for $to<'_, K, R, To> {
            type Output = Result<(), SendError>;

            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
                let $to { call, to, message } = self.get_mut();
                let sent = call.poll_send_to(task, to, message);
                sent.map_err(|error| SendError::new(error, message.take().unwrap_or_default()))
            }
        }

        $(#[$from_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
        pub struct $to_from<'a, K: Kind, R: Reactor, To> {
            call: $call<'a, K, R>,
            to: To,
            message: &'a mut Option<Message>,
        }

        /// The address is never pinned.
        impl<K: Kind, R: Reactor, To> Unpin for $to_from<'_, K, R, To> {}

        impl<K: CanSendTo<To>, R: Reactor, To> Future for $to_from<'_, K, R, To> {
            type Output = Result<()>;

            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
                let $to_from { call, to, message } = self.get_mut();
                call.poll_send_to(task, to, message)
            }
        }

        $(#[$recv_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
        pub struct $recv_from<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
        }

        impl<K: CanRecvFrom, R: Reactor> Future for $recv_from<'_, K, R> {
            type Output = Result<(K::From, Message)>;

            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
                self.get_mut().call.poll_recv(task, socket::Socket::try_recv_from)
            }
        }

        $crate::aio::debug_futures!($to<To>, $to_from<To>, $recv_from);
    };
}
pub(super) use addressed_futures;

addressed_futures! {
    InFuture,
    /// The future that [`Socket::send_to`] returns.
    SendToFuture,
    /// The future that [`Socket::send_to_from`] returns.
    SendToFromFuture,
    /// The future that [`Socket::recv_from`] returns.
    RecvFromFuture
}
