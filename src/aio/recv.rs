//! Receiving in a task.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::{ErrorKind, Operation, Result};
use crate::kind::{CanMultipart, CanRecv, Kind};
use crate::message::{Message, Multipart};
use crate::socket;

/// # Receiving
///
/// When the first part of a message has arrived, all its parts have arrived. So receiving the other parts never waits.
///
/// # Errors
///
/// See the [blocking calls that receive](crate::Socket#receiving) for the errors. Async calls never fail with
/// [`WouldBlock`](crate::ErrorKind::WouldBlock). In addition, a call fails with [`NoRuntime`](crate::ErrorKind::NoRuntime) if it has
/// to wait and the runtime of the socket has ended.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Receives one part of a message. Waits until a part has arrived.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    /// use zmq::{Context, Pull};
    ///
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// # #[cfg(feature = "tokio")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// # let context = Context::new()?;
    /// let receiver = context.socket(Pull)?;
    /// receiver.bind("inproc://nobody-sends")?;
    /// let mut receiver = receiver.into_tokio()?;
    /// assert!(timeout(Duration::from_millis(10), receiver.recv()).await.is_err());
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    #[inline]
    pub fn recv(&mut self) -> RecvFuture<'_, K, R>
    where
        K: CanRecv,
    {
        RecvFuture { socket: InFuture(self) }
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
    pub fn recv_to<'a>(&'a mut self, message: &'a mut Message) -> RecvToFuture<'a, K, R>
    where
        K: CanRecv,
    {
        RecvToFuture { call: InFuture(self), message }
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
    pub fn recv_multipart(&mut self) -> RecvMultipartFuture<'_, K, R>
    where
        K: CanRecv + CanMultipart,
    {
        RecvMultipartFuture { call: InFuture(self) }
    }
}

impl<K: Kind, R: Reactor> InFuture<'_, K, R> {
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
        self.0.poll(Operation::Receive, task, |parked, edges, socket, task| {
            parked.poll_recv(edges, task, || received(attempt(socket)))
        })
    }
}

/// Converts the result of a call that does not wait.
#[inline]
pub(super) fn received<T>(received: Result<T>) -> Poll<Result<T>> {
    match received {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        received => Poll::Ready(received),
    }
}

/// The future that [`Socket::recv`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct RecvFuture<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
}

impl<K: CanRecv, R: Reactor> Future for RecvFuture<'_, K, R> {
    type Output = Result<Message>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<Message>> {
        let socket = &mut self.get_mut().socket;
        let mut message = Message::new();
        if socket.0.try_now(|core| core.was_received(&mut message)) {
            return Poll::Ready(Ok(message));
        }
        socket.poll_recv_slowly(task)
    }
}

/// Defines the futures of the calls that receive a part into a message, or a message. `$call` is the type that makes the call.
macro_rules! recv_futures {
    ($call:ident, $(#[$to_docs:meta])+ $to:ident, $(#[$all_parts_docs:meta])+ $all_parts:ident) => {
        $(#[$to_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        pub struct $to<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
            message: &'a mut Message,
        }

        impl<K: CanRecv, R: Reactor> Future for $to<'_, K, R> {
            type Output = Result<()>;

            #[inline]
            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
                let $to { call, message } = self.get_mut();
                call.poll_recv(task, |socket| socket.core().try_recv_to(message))
            }
        }

        $(#[$all_parts_docs])+
        #[must_use = "a future does nothing unless it is awaited"]
        pub struct $all_parts<'a, K: Kind, R: Reactor> {
            call: $call<'a, K, R>,
        }

        impl<K: CanRecv + CanMultipart, R: Reactor> Future for $all_parts<'_, K, R> {
            type Output = Result<Multipart>;

            #[inline]
            fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<Multipart>> {
                self.get_mut().call.poll_recv(task, socket::Socket::try_recv_multipart)
            }
        }
    };
}
pub(super) use recv_futures;

recv_futures! {
    InFuture,
    /// The future that [`Socket::recv_to`] returns.
    RecvToFuture,
    /// The future that [`Socket::recv_multipart`] returns.
    RecvMultipartFuture
}

debug_futures!(RecvFuture, RecvToFuture, RecvMultipartFuture);
