//! The messages of a socket as a stream.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::{CanMultipart, CanRecv, Kind};
use crate::message::Multipart;

/// # Streams and sinks
///
/// These methods need the feature `futures`. The traits
/// [`StreamExt`](https://docs.rs/futures/0.3/futures/stream/trait.StreamExt.html) and
/// [`SinkExt`](https://docs.rs/futures/0.3/futures/sink/trait.SinkExt.html) provide the methods of streams and sinks.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Returns a stream of the messages that arrive. The stream borrows the socket.
    ///
    /// The stream ends when the context is shut down. Other errors are items of the stream. After
    /// [`NoRuntime`](ErrorKind::NoRuntime), [`Forked`](ErrorKind::Forked) and [`Unsupported`](ErrorKind::Unsupported), the stream ends,
    /// because each later receive would fail in the same way.
    ///
    /// ```
    /// use futures::{StreamExt, TryStreamExt};
    /// use zmq::aio::{Reactor, Socket};
    /// use zmq::{Multipart, Result, Sub};
    ///
    /// async fn first_ten<R: Reactor>(subscriber: &mut Socket<Sub, R>) -> Result<Vec<Multipart>> {
    ///     subscriber.stream().take(10).try_collect().await
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream, or a future that waits for its next item, loses no message.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn stream(&mut self) -> RecvStream<'_, K, R>
    where
        K: CanRecv + CanMultipart,
    {
        RecvStream { socket: InFuture(self), is_ended: false }
    }

    /// Turns the socket into a stream of the messages that arrive, like the stream of
    /// [`stream`](Self::stream). [`IntoStream::into_inner`] returns the socket.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn into_stream(self) -> IntoStream<K, R>
    where
        K: CanRecv + CanMultipart,
    {
        IntoStream { socket: self, is_ended: false }
    }
}

/// Returns the next item. A stream that has ended returns no more items.
fn poll_next<K: CanRecv + CanMultipart, R: Reactor>(
    socket: &mut Socket<K, R>,
    is_ended: &mut bool,
    task: &mut Context<'_>,
) -> Poll<Option<Result<Multipart>>> {
    if *is_ended {
        return Poll::Ready(None);
    }
    let received = ready!(socket.poll_recv_multipart(task));
    let kind = received.as_ref().err().map(Error::kind);
    *is_ended = kind.is_some_and(is_final);
    Poll::Ready(if kind == Some(ErrorKind::Terminated) { None } else { Some(received) })
}

/// Whether each later call fails in the same way, so that a stream must end after the error.
pub(super) fn is_final(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Terminated | ErrorKind::NoRuntime | ErrorKind::Forked | ErrorKind::Unsupported)
}

/// The stream that [`Socket::stream`] returns.
#[must_use = "a stream does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct RecvStream<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
    is_ended: bool,
}

impl<K: CanRecv + CanMultipart, R: Reactor> Stream for RecvStream<'_, K, R> {
    type Item = Result<Multipart>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let RecvStream { socket, is_ended } = self.get_mut();
        poll_next(socket.0, is_ended, task)
    }
}

impl<K: CanRecv + CanMultipart, R: Reactor> FusedStream for RecvStream<'_, K, R> {
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

/// The stream that [`Socket::into_stream`] returns.
#[must_use = "a stream does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct IntoStream<K: Kind, R: Reactor> {
    socket: Socket<K, R>,
    is_ended: bool,
}

impl<K: Kind, R: Reactor> IntoStream<K, R> {
    /// Returns a reference to the socket, for example to subscribe.
    pub fn get_mut(&mut self) -> &mut Socket<K, R> {
        &mut self.socket
    }

    /// Returns the socket.
    #[must_use]
    pub fn into_inner(self) -> Socket<K, R> {
        self.socket
    }
}

impl<K: Kind, R: Reactor> Unpin for IntoStream<K, R> {}

impl<K: CanRecv + CanMultipart, R: Reactor> Stream for IntoStream<K, R> {
    type Item = Result<Multipart>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let IntoStream { socket, is_ended } = self.get_mut();
        poll_next(socket, is_ended, task)
    }
}

impl<K: CanRecv + CanMultipart, R: Reactor> FusedStream for IntoStream<K, R> {
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

impl<K: Kind, R: Reactor> fmt::Debug for IntoStream<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoStream").field("socket", &self.socket).finish_non_exhaustive()
    }
}

debug_futures!(RecvStream);
