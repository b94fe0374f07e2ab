//! Sending in a task.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::kind::{CanMultipart, CanSend, Kind};
use crate::message::{IntoMessage, IntoMultipart, Message, Multipart};
use crate::readiness::task::Sender;
use crate::socket::Core;

/// # Sending
///
/// A call succeeds as soon as libzmq has taken the message. libzmq sends it in the background. If there is no peer, or the peer cannot
/// keep up, [the socket type decides](crate::Socket#sending): for example, PUB drops the message, and PUSH and DEALER wait.
///
/// # Errors
///
/// See the [blocking calls that send](crate::Socket#sending) for the errors. Async calls never fail with
/// [`WouldBlock`](crate::ErrorKind::WouldBlock). In addition, a call fails with [`NoRuntime`](crate::ErrorKind::NoRuntime) if it has to
/// wait and the runtime of the socket has ended, and with [`InvalidInput`](crate::ErrorKind::InvalidInput) if its future is polled again
/// after it was ready.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Sends a message of one part. Waits until libzmq takes it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message is not sent. **The message is dropped with the future.** To keep it, use
    /// [`send_from`](Self::send_from). With a socket type that has no multipart messages, send a clone, which shares the bytes of the
    /// message.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[inline]
    pub fn send(&mut self, message: impl IntoMessage) -> SendFuture<'_, K, R>
    where
        K: CanSend,
    {
        SendFuture { socket: InFuture(self), message: Some(message.into_message()) }
    }

    /// Sends all parts of a message, or none. Waits until libzmq takes the message.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no part of the message is sent. **The message is dropped with the future.** To keep
    /// it, use [`send_from`](Self::send_from).
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the whole message.
    #[inline]
    pub fn send_multipart(&mut self, message: impl IntoMultipart) -> SendMultipartFuture<'_, K, R>
    where
        K: CanSend + CanMultipart,
    {
        SendMultipartFuture { call: InFuture(self), message: Some(message.into_multipart()) }
    }

    /// Sends all parts of the message in `message`, or none. Waits until libzmq takes the message. Takes the message out of the `Option`
    /// only when it is sent.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, no part of the message is sent, and the message is still
    /// in the `Option`.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. After an error, the message is still in the `Option`. In addition, the call fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the `Option` is `None`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    /// use zmq::{Context, Multipart, Push};
    ///
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// # #[cfg(feature = "tokio")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// # let context = Context::new()?;
    /// let sender = context.socket(Push)?;
    /// sender.bind("inproc://nobody-receives")?;
    /// let mut sender = sender.into_tokio()?;
    /// let mut message = Some(Multipart::from(["one", "two"]));
    /// assert!(timeout(Duration::from_millis(10), sender.send_from(&mut message)).await.is_err());
    /// assert_eq!(message.unwrap(), ["one", "two"]);
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    #[inline]
    pub fn send_from<'a>(&'a mut self, message: &'a mut Option<Multipart>) -> SendFromFuture<'a, K, R>
    where
        K: CanSend + CanMultipart,
    {
        SendFromFuture { call: InFuture(self), message }
    }
}

/// A message that can be sent.
pub(super) trait Outgoing: Sized {
    /// Sends the message without waiting, and takes it out of the `Option`. After an error, the message is still in the `Option`.
    fn try_send(message: &mut Option<Self>, core: &Core) -> Result<()>;
}

impl Outgoing for Message {
    #[inline]
    fn try_send(message: &mut Option<Message>, core: &Core) -> Result<()> {
        // The message is sent in place, because moving it would take more time than the rest of this function.
        core.try_send_from(message.as_mut().ok_or_else(no_message)?)?;
        // The message is empty now (S1) and owns nothing.
        core::mem::forget(message.take());
        Ok(())
    }
}

impl Outgoing for Multipart {
    fn try_send(message: &mut Option<Multipart>, core: &Core) -> Result<()> {
        core.try_send_all(message.take().ok_or_else(no_message)?).map_err(|failure| {
            let (error, kept) = failure.into_parts();
            *message = Some(kept);
            error
        })
    }
}

/// A message to send, and the socket that sends it.
pub(super) struct Attempt<'a, M> {
    pub(super) core: &'a Core,
    pub(super) message: &'a mut Option<M>,
}

impl<M: Outgoing> Sender for Attempt<'_, M> {
    type Error = Error;

    #[inline]
    fn try_send(&mut self) -> Poll<Result<()>> {
        attempt(self.core, self.message)
    }

    fn look(&mut self) -> Result<bool> {
        self.core.is_writable()
    }
}

/// Sends the message if there is room, and keeps it otherwise.
#[inline]
pub(super) fn attempt<M: Outgoing>(core: &Core, message: &mut Option<M>) -> Poll<Result<()>> {
    match M::try_send(message, core) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        sent => Poll::Ready(sent),
    }
}

#[cold]
pub(super) fn no_message() -> Error {
    let reason = "there is no message; a future must not be polled again after it was ready";
    Error::invalid(Operation::Send, "the message", reason)
}

impl<K: Kind, R: Reactor> InFuture<'_, K, R> {
    #[inline(never)]
    fn poll_send_slowly(
        &mut self,
        task: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError>> {
        let sent = self.poll_send(task, message);
        sent.map_err(|error| SendError::new(error, message.take().unwrap_or_default()))
    }

    #[inline]
    fn poll_send<M: Outgoing>(
        &mut self,
        task: &mut Context<'_>,
        message: &mut Option<M>,
    ) -> Poll<Result<()>> {
        self.0.poll(Operation::Send, task, |parked, edges, socket, task| {
            parked.poll_send(edges, task, &mut Attempt { core: socket.core(), message })
        })
    }
}

/// The future that [`Socket::send`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct SendFuture<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
    message: Option<Message>,
}

impl<K: CanSend, R: Reactor> Future for SendFuture<'_, K, R> {
    type Output = Result<(), SendError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let SendFuture { socket, message } = self.get_mut();
        if let Some(unsent) = message {
            if socket.0.try_now(|core| core.was_sent(unsent)) {
                // It is empty now (S1) and owns nothing.
                core::mem::forget(message.take());
                return Poll::Ready(Ok(()));
            }
        }
        socket.poll_send_slowly(task, message)
    }
}

/// Defines the futures of the calls that send all parts of a message. `$call` is the type that makes the call.
macro_rules! send_futures {
    ($call:ident, $(#[$all_parts_docs:meta])+ $all_parts:ident, $(#[$from_docs:meta])+ $from:ident) => {
        $(#[$all_parts_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        pub struct $all_parts<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
            message: Option<Multipart>,
        }

        impl<K: CanSend + CanMultipart, R: Reactor> Future for $all_parts<'_, K, R> {
            type Output = Result<(), SendError<Multipart>>;

            #[inline]
            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
                let $all_parts { call, message } = self.get_mut();
                let sent = call.poll_send(task, message);
                sent.map_err(|error| {
                    SendError::new(error, message.take().unwrap_or_else(|| Multipart::new(Message::new())))
                })
            }
        }

        $(#[$from_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        pub struct $from<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
            message: &'a mut Option<Multipart>,
        }

        impl<K: CanSend + CanMultipart, R: Reactor> Future for $from<'_, K, R> {
            type Output = Result<()>;

            #[inline]
            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
                let $from { call, message } = self.get_mut();
                call.poll_send(task, message)
            }
        }
    };
}
pub(super) use send_futures;

send_futures! {
    InFuture,
    /// The future that [`Socket::send_multipart`] returns.
    SendMultipartFuture,
    /// The future that [`Socket::send_from`] returns.
    SendFromFuture
}

debug_futures!(SendFuture, SendMultipartFuture, SendFromFuture);
