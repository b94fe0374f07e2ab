//! A socket as a sink for messages.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::{Error, Operation, SendError};
use crate::kind::{CanMultipart, CanSend, Kind};
use crate::message::{Message, Multipart};

// The heading of this block is in `stream.rs`.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Returns a sink that sends messages and borrows the socket.
    ///
    /// The sink holds at most one message. Flushing and closing the sink pass this message to libzmq. They do not wait until a peer
    /// receives it.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use zmq::aio::{Reactor, Socket};
    /// use zmq::{Multipart, Push, Result};
    ///
    /// async fn send_all<R: Reactor>(sender: &mut Socket<Push, R>, messages: Vec<Multipart>) -> Result<()> {
    ///     let mut sink = sender.sink();
    ///     for message in messages {
    ///         sink.feed(message).await?;
    ///     }
    ///     sink.flush().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// If a future that sends is dropped, its message may already be in the sink. The sink then sends the message later, unless
    /// [`SendSink::take`] takes it out. Dropping the sink drops the message in it. Without a sink, [`send_from`](Self::send_from) always
    /// keeps a message that was not sent.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn sink(&mut self) -> SendSink<'_, K, R>
    where
        K: CanSend + CanMultipart,
    {
        SendSink { socket: InFuture(self), message: None }
    }

    /// Turns the socket into a sink that sends messages, like the sink of [`sink`](Self::sink). [`IntoSink::into_inner`] returns the
    /// socket.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn into_sink(self) -> IntoSink<K, R>
    where
        K: CanSend + CanMultipart,
    {
        IntoSink { socket: self, message: None }
    }
}

/// Sends the message that the sink holds. If this fails, the error returns the message.
fn poll_flush<K: CanSend + CanMultipart, R: Reactor>(
    socket: &mut Socket<K, R>,
    message: &mut Option<Multipart>,
    task: &mut Context<'_>,
) -> Poll<Result<(), SendError<Multipart>>> {
    if message.is_none() {
        return Poll::Ready(Ok(()));
    }
    let sent = ready!(socket.poll_send(task, message));
    Poll::Ready(sent.map_err(|error| {
        SendError::new(error, message.take().unwrap_or_else(|| Multipart::new(Message::new())))
    }))
}

fn start_send(place: &mut Option<Multipart>, message: Multipart) -> Result<(), SendError<Multipart>> {
    if place.is_some() {
        let reason = "the sink still holds another message; wait until `poll_ready` is ready";
        return Err(SendError::new(Error::invalid(Operation::Send, "the message", reason), message));
    }
    *place = Some(message);
    Ok(())
}

macro_rules! sink {
    ($sink:ty) => {
        impl<K: CanSend + CanMultipart, R: Reactor> Sink<Multipart> for $sink {
            type Error = SendError<Multipart>;

            fn poll_ready(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
                self.poll_flush(task)
            }

            fn start_send(self: Pin<&mut Self>, message: Multipart) -> Result<(), Self::Error> {
                start_send(&mut self.get_mut().message, message)
            }

            fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
                let (socket, message) = self.get_mut().parts();
                poll_flush(socket, message, task)
            }

            fn poll_close(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
                self.poll_flush(task)
            }
        }
    };
}

/// The sink that [`Socket::sink`] returns.
#[must_use = "a sink does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct SendSink<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
    message: Option<Multipart>,
}

impl<K: Kind, R: Reactor> SendSink<'_, K, R> {
    /// Takes out and returns the message that the sink has not sent yet.
    pub fn take(&mut self) -> Option<Multipart> {
        self.message.take()
    }

    fn parts(&mut self) -> (&mut Socket<K, R>, &mut Option<Multipart>) {
        (self.socket.0, &mut self.message)
    }
}

sink!(SendSink<'_, K, R>);

/// The sink that [`Socket::into_sink`] returns.
#[must_use = "a sink does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct IntoSink<K: Kind, R: Reactor> {
    socket: Socket<K, R>,
    message: Option<Multipart>,
}

impl<K: Kind, R: Reactor> IntoSink<K, R> {
    /// Returns a reference to the socket, for example to set options.
    pub fn get_mut(&mut self) -> &mut Socket<K, R> {
        &mut self.socket
    }

    /// Returns the socket, and the message that the sink has not sent yet.
    #[must_use]
    pub fn into_inner(self) -> (Socket<K, R>, Option<Multipart>) {
        (self.socket, self.message)
    }

    fn parts(&mut self) -> (&mut Socket<K, R>, &mut Option<Multipart>) {
        (&mut self.socket, &mut self.message)
    }
}

impl<K: Kind, R: Reactor> Unpin for IntoSink<K, R> {}

sink!(IntoSink<K, R>);

impl<K: Kind, R: Reactor> fmt::Debug for IntoSink<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoSink").field("socket", &self.socket).finish_non_exhaustive()
    }
}

debug_futures!(SendSink);
