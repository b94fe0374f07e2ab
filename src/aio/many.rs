//! Receiving many messages with one call.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{InFuture, Reactor, Socket};
use crate::error::Result;
use crate::kind::{CanRecv, Kind};
use crate::message::Message;

/// # Receiving many messages
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Receives the parts that have arrived, and appends them to `parts`. Waits until at least one part has arrived. Returns the
    /// number of received parts.
    ///
    /// Receives at most `limit` parts, and at most 256 if the limit is larger. If the last of these parts is not the end of its
    /// message, the call also receives the rest of this message. [`Message::has_more`] returns whether a part is followed by another
    /// part of the same message. With a limit of 0, the call returns 0 at once.
    ///
    /// This is faster than one [`recv`](Self::recv) for each part. The call allocates memory only if `parts` has to grow, so reuse the
    /// [`Vec`]:
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
    /// This method is cancel safe. If its future is dropped before it is ready, no message was received, and `parts` is unchanged.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. The call fails only if it has received nothing. If receiving fails after some
    /// messages, the call succeeds with these messages, and the next call fails.
    #[inline]
    pub fn recv_many<'a>(&'a mut self, parts: &'a mut Vec<Message>, limit: usize) -> RecvManyFuture<'a, K, R>
    where
        K: CanRecv,
    {
        RecvManyFuture { call: InFuture(self), parts, limit }
    }
}

/// Defines the future of the call that receives many parts. `$call` is the type that makes the call.
macro_rules! recv_many_future {
    ($call:ident, $(#[$docs:meta])+ $many:ident) => {
        $(#[$docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        pub struct $many<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
            parts: &'a mut Vec<Message>,
            limit: usize,
        }

        impl<K: CanRecv, R: Reactor> Future for $many<'_, K, R> {
            type Output = Result<usize>;

            #[inline]
            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<usize>> {
                let $many { call, parts, limit } = self.get_mut();
                call.poll_recv(task, |socket| socket.core().try_recv_many(parts, *limit))
            }
        }

        $crate::aio::debug_futures!($many);
    };
}
pub(super) use recv_many_future;

recv_many_future! {
    InFuture,
    /// The future that [`Socket::recv_many`] returns.
    RecvManyFuture
}
