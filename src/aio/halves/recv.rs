//! Receiving with the receiving half.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use super::{Halves, Receiver, ReuniteError, Sender, Wait};
use crate::aio::many::recv_many_future;
use crate::aio::recv::{received, recv_futures};
use crate::aio::{Reactor, Socket, debug_futures};
use crate::error::{Operation, Result};
use crate::kind::{CanMultipart, CanRecv, Kind};
use crate::message::{Message, Multipart};
use crate::socket;

/// # Receiving
///
/// When the first part of a message has arrived, all its parts have arrived. So receiving the other parts never waits.
///
/// # Errors
///
/// See the [receiving calls of an unsplit socket](Socket#receiving) for the errors.
impl<K: Kind, R: Reactor> Receiver<K, R> {
    /// Receives one part of a message. Waits until a part has arrived.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[inline]
    pub fn recv(&mut self) -> ReceiverRecvFuture<'_, K, R>
    where
        K: CanRecv,
    {
        ReceiverRecvFuture { wait: Wait::new(&self.halves) }
    }

    /// Receives one part of a message into an existing message. Waits until a part has arrived. The previous content of the existing
    /// message is released.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, nothing was received. The existing message can be empty
    /// afterwards.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. The message can be empty after an error.
    #[inline]
    pub fn recv_to<'a>(&'a mut self, message: &'a mut Message) -> ReceiverRecvToFuture<'a, K, R>
    where
        K: CanRecv,
    {
        ReceiverRecvToFuture { call: Wait::new(&self.halves), message }
    }

    /// Receives all parts of a message. Waits until a message has arrived.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[inline]
    pub fn recv_multipart(&mut self) -> ReceiverRecvMultipartFuture<'_, K, R>
    where
        K: CanRecv + CanMultipart,
    {
        ReceiverRecvMultipartFuture { call: Wait::new(&self.halves) }
    }

    /// Receives the parts that have arrived, and appends them to `parts`. Waits until at least one part has arrived. Returns the
    /// number of received parts.
    ///
    /// Receives at most `limit` parts, and at most 256 if the limit is larger. If the last of these parts is not the end of its
    /// message, the call also receives the rest of this message. [`Message::has_more`] returns whether a part is followed by another
    /// part of the same message. With a limit of 0, the call returns 0 at once.
    ///
    /// This is faster than one [`recv`](Self::recv) for each part, because the call takes the lock of the socket only once. It allocates
    /// memory only if `parts` has to grow, so reuse the [`Vec`]:
    ///
    /// ```
    /// use zmq::aio::{Reactor, Receiver};
    /// use zmq::{Dealer, Message, Result};
    ///
    /// async fn count_bytes<R: Reactor>(receiver: &mut Receiver<Dealer, R>) -> Result<usize> {
    ///     let mut parts: Vec<Message> = Vec::with_capacity(100);
    ///     let mut bytes = 0;
    ///     for _ in 0..1000 {
    ///         receiver.recv_many(&mut parts, 100).await?;
    ///         bytes += parts.drain(..).map(|part| part.len()).sum::<usize>();
    ///     }
    ///     Ok(bytes)
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, no message was received, and `parts` is unchanged.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. The call fails only if it has received nothing. If receiving fails after some
    /// messages, the call succeeds with these messages, and the next call fails.
    #[inline]
    pub fn recv_many<'a>(
        &'a mut self,
        parts: &'a mut Vec<Message>,
        limit: usize,
    ) -> ReceiverRecvManyFuture<'a, K, R>
    where
        K: CanRecv,
    {
        ReceiverRecvManyFuture { call: Wait::new(&self.halves), parts, limit }
    }

    /// Receives one part of a message, if there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. In addition, the call fails with [`WouldBlock`](crate::ErrorKind::WouldBlock) if
    /// there is no message.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_recv(&mut self) -> Result<Message>
    where
        K: CanRecv,
    {
        self.halves.check(Operation::Receive)?;
        self.halves.call(socket::Socket::try_recv)
    }

    /// Receives all parts of a message, if there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. In addition, the call fails with [`WouldBlock`](crate::ErrorKind::WouldBlock) if
    /// there is no message.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    pub fn try_recv_multipart(&mut self) -> Result<Multipart>
    where
        K: CanRecv + CanMultipart,
    {
        self.halves.check(Operation::Receive)?;
        self.halves.call(socket::Socket::try_recv_multipart)
    }
}

/// # Joining
impl<K: Kind, R: Reactor> Receiver<K, R> {
    /// Joins the halves to an unsplit socket.
    ///
    /// ```
    /// use zmq::Dealer;
    /// use zmq::aio::{Reactor, Socket};
    ///
    /// fn there_and_back<R: Reactor>(socket: Socket<Dealer, R>) -> Socket<Dealer, R> {
    ///     let (sender, receiver) = socket.split();
    ///     receiver.reunite(sender).expect("they are halves of one socket, and there is no other sender")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the halves belong to different sockets, or if other clones of the sender exist. The error returns both halves.
    #[allow(clippy::result_large_err, reason = "the error holds the halves themselves")]
    pub fn reunite(self, sender: Sender<K, R>) -> Result<Socket<K, R>, ReuniteError<K, R>> {
        if !Arc::ptr_eq(&self.halves, &sender.halves) {
            return Err(ReuniteError::new(sender, self, true));
        }
        // If only these two halves exist, no other code can create another half.
        if Arc::strong_count(&self.halves) > 2 {
            return Err(ReuniteError::new(sender, self, false));
        }
        drop(sender);
        Arc::try_unwrap(self.halves).map(Halves::into_socket).map_err(|halves| {
            ReuniteError::new(Sender { halves: Arc::clone(&halves) }, Receiver { halves }, false)
        })
    }
}

impl<K: Kind, R: Reactor> Wait<'_, K, R> {
    #[inline(never)]
    fn poll_recv_slowly(&mut self, task: &mut Context<'_>) -> Poll<Result<Message>>
    where
        K: CanRecv,
    {
        self.poll_recv(task, socket::Socket::try_recv)
    }

    #[inline]
    pub(super) fn poll_recv<T>(
        &mut self,
        task: &mut Context<'_>,
        mut attempt: impl FnMut(&socket::Socket<K>) -> Result<T>,
    ) -> Poll<Result<T>> {
        let Wait { halves, place } = self;
        halves.poll(Operation::Receive, task, |shared, edges, task| {
            shared.poll_recv(place, edges, task, |socket| received(attempt(socket)))
        })
    }
}

/// The future that [`Receiver::recv`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct ReceiverRecvFuture<'a, K: Kind, R: Reactor> {
    wait: Wait<'a, K, R>,
}

impl<K: CanRecv, R: Reactor> Future for ReceiverRecvFuture<'_, K, R> {
    type Output = Result<Message>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<Message>> {
        let wait = &mut self.get_mut().wait;
        let mut message = Message::new();
        if wait.try_now(|core| core.was_received(&mut message)) {
            return Poll::Ready(Ok(message));
        }
        wait.poll_recv_slowly(task)
    }
}

recv_many_future! {
    Wait,
    /// The future that [`Receiver::recv_many`] returns.
    ReceiverRecvManyFuture
}

recv_futures! {
    Wait,
    /// The future that [`Receiver::recv_to`] returns.
    ReceiverRecvToFuture,
    /// The future that [`Receiver::recv_multipart`] returns.
    ReceiverRecvMultipartFuture
}

debug_futures!(ReceiverRecvFuture, ReceiverRecvToFuture, ReceiverRecvMultipartFuture);
