//! Sending with the sending half.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{Sender, Wait};
use crate::aio::send::{Outgoing, attempt, send_futures};
use crate::aio::{Reactor, debug_futures};
use crate::error::{Operation, Result, SendError};
use crate::kind::{CanMultipart, CanSend, Kind};
use crate::message::{IntoMessage, IntoMultipart, Message, Multipart};
use crate::socket;

/// # Sending
///
/// A call succeeds as soon as libzmq has taken the message. libzmq sends it in the background. If there is no peer, or the peer cannot keep
/// up, [the socket type decides](crate::Socket#sending): for example, PUB drops the message, and PUSH and DEALER wait.
///
/// # Errors
///
/// See the [sending calls of an unsplit socket](crate::aio::Socket#sending) for the errors.
impl<K: Kind, R: Reactor> Sender<K, R> {
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
    pub fn send(&self, message: impl IntoMessage) -> SenderSendFuture<'_, K, R>
    where
        K: CanSend,
    {
        SenderSendFuture { wait: Wait::new(&self.halves), message: Some(message.into_message()) }
    }

    /// Sends all parts of a message, or none. Waits until libzmq takes the message. No part from another task is sent between these parts.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no part of the message is sent. **The message is dropped with the future.** To keep it,
    /// use [`send_from`](Self::send_from).
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the whole message.
    #[inline]
    pub fn send_multipart(&self, message: impl IntoMultipart) -> SenderSendMultipartFuture<'_, K, R>
    where
        K: CanSend + CanMultipart,
    {
        SenderSendMultipartFuture { call: Wait::new(&self.halves), message: Some(message.into_multipart()) }
    }

    /// Sends all parts of the message in `message`, or none. Waits until libzmq takes the message. Takes the message out of the `Option`
    /// only when it is sent.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, no part of the message is sent, and the message is still in
    /// the `Option`.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. After an error, the message is still in the `Option`. In addition, the call fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the `Option` is `None`.
    #[inline]
    pub fn send_from<'a>(&'a self, message: &'a mut Option<Multipart>) -> SenderSendFromFuture<'a, K, R>
    where
        K: CanSend + CanMultipart,
    {
        SenderSendFromFuture { call: Wait::new(&self.halves), message }
    }

    /// Sends a message of one part, without waiting.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message. In addition, the call fails with
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if libzmq cannot take the message now.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_send(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.try_now(message.into_message(), socket::Socket::try_send)
    }

    /// Sends all parts of a message, or none, without waiting. No part from another task is sent between these parts.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the whole message. In addition, the call fails with
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if libzmq cannot take the message now.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_send_multipart(&self, message: impl IntoMultipart) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.try_now(message.into_multipart(), socket::Socket::try_send_multipart)
    }

    pub(super) fn try_now<M>(
        &self,
        message: M,
        send: impl FnOnce(&socket::Socket<K>, M) -> Result<(), SendError<M>>,
    ) -> Result<(), SendError<M>> {
        if let Err(error) = self.halves.check(Operation::Send) {
            return Err(SendError::new(error, message));
        }
        self.halves.call(|socket| send(socket, message))
    }
}

impl<K: Kind, R: Reactor> Wait<'_, K, R> {
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
        self.poll_send_with(task, |socket| attempt(socket.core(), message))
    }

    #[inline]
    pub(super) fn poll_send_with(
        &mut self,
        task: &mut Context<'_>,
        attempt: impl FnMut(&socket::Socket<K>) -> Poll<Result<()>>,
    ) -> Poll<Result<()>> {
        let Wait { halves, place } = self;
        halves
            .poll(Operation::Send, task, |shared, edges, task| shared.poll_send(place, edges, task, attempt))
    }
}

/// The future that [`Sender::send`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct SenderSendFuture<'a, K: Kind, R: Reactor> {
    wait: Wait<'a, K, R>,
    message: Option<Message>,
}

impl<K: CanSend, R: Reactor> Future for SenderSendFuture<'_, K, R> {
    type Output = Result<(), SendError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let SenderSendFuture { wait, message } = self.get_mut();
        if let Some(unsent) = message {
            if wait.try_now(|core| core.was_sent(unsent)) {
                // It is empty now (S1) and owns nothing.
                core::mem::forget(message.take());
                return Poll::Ready(Ok(()));
            }
        }
        wait.poll_send_slowly(task, message)
    }
}

send_futures! {
    Wait,
    /// The future that [`Sender::send_multipart`] returns.
    SenderSendMultipartFuture,
    /// The future that [`Sender::send_from`] returns.
    SenderSendFromFuture
}

debug_futures!(SenderSendFuture, SenderSendMultipartFuture, SenderSendFromFuture);
