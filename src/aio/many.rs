//! Receiving many messages with one call.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::Result;
use crate::kind::{CanRecv, Kind};
use crate::message::Message;

/// # Receiving many messages
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Receives the parts that have arrived, and appends them to `parts`. Waits until there is one. Returns the number of parts.
    ///
    /// Receives at most `limit` parts, and at most 256 even if the limit is larger. If these parts end within a message, the call also
    /// receives the other parts of that message. A limit of 0 receives nothing, and returns 0 at once.
    /// [`Message::has_more`] says where a message ends.
    ///
    /// This is faster than [`recv`](Self::recv) for each part. The call allocates only if `parts` must grow, so use the same
    /// [`Vec`] again:
    ///
    /// ```
    /// use zmq::aio::{Reactor, Socket};
    /// use zmq::{Message, Pull, Result};
    ///
    /// async fn count_bytes<R: Reactor>(receiver: &mut Socket<Pull, R>) -> Result<usize> {
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
    /// This method is cancel safe. If it is used as a branch in `select!` and another branch completes first, it is guaranteed that no
    /// message was received, and that `parts` has not changed.
    ///
    /// # Errors
    ///
    /// As for all [receiving](#receiving). The call fails only if it has received nothing. If receiving fails after some messages, the
    /// call returns them, and the next call fails.
    #[inline]
    pub fn recv_many<'a>(&'a mut self, parts: &'a mut Vec<Message>, limit: usize) -> RecvManyFuture<'a, K, R>
    where
        K: CanRecv,
    {
        RecvManyFuture { socket: InFuture(self), parts, limit }
    }
}

/// The future of [`Socket::recv_many`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct RecvManyFuture<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
    parts: &'a mut Vec<Message>,
    limit: usize,
}

impl<K: CanRecv, R: Reactor> Future for RecvManyFuture<'_, K, R> {
    type Output = Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<usize>> {
        let RecvManyFuture { socket, parts, limit } = self.get_mut();
        socket.poll_recv(task, |socket| socket.core().try_recv_many(parts, *limit))
    }
}

debug_futures!(RecvManyFuture);
