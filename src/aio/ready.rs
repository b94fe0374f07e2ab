//! Waiting until a socket is ready.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{InFuture, Reactor, Socket, debug_futures};
use crate::error::{Operation, Result};
use crate::events::PollEvents;
use crate::kind::{CanRecv, CanSend, Kind};
use crate::socket::Core;

/// # Waiting until a socket is ready
///
/// These methods only wait. They neither receive nor send. After the wait, call methods that do not wait, through
/// [`inner`](Self::inner):
///
/// ```
/// use zmq::aio::{Reactor, Socket};
/// use zmq::{ErrorKind, Message, Pull, Result};
///
/// async fn recv<R: Reactor>(receiver: &mut Socket<Pull, R>) -> Result<Message> {
///     loop {
///         receiver.readable().await?;
///         match receiver.inner().try_recv() {
///             Err(error) if error.kind() == ErrorKind::WouldBlock => {}
///             received => return received,
///         }
///     }
/// }
/// ```
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Waits until the socket has a message to receive.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It neither receives nor sends.
    ///
    /// # Errors
    ///
    /// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) if the call has to wait and the runtime of the socket has ended.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    pub fn readable(&mut self) -> ReadableFuture<'_, K, R>
    where
        K: CanRecv,
    {
        ReadableFuture { socket: InFuture(self) }
    }

    /// Waits until the socket has room for a message.
    ///
    /// A [mandatory](crate::Socket::set_router_mandatory) ROUTER socket has room as soon as one of its peers has room. Sending to
    /// another peer can still fail with [`WouldBlock`](crate::ErrorKind::WouldBlock). So do not use this method in a loop with such
    /// a socket. Use [`send_from`](Self::send_from), which waits for the peer of the message.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It neither receives nor sends.
    ///
    /// # Errors
    ///
    /// See [`readable`](Self::readable) for the errors.
    pub fn writable(&mut self) -> WritableFuture<'_, K, R>
    where
        K: CanSend,
    {
        WritableFuture { socket: InFuture(self) }
    }
}

impl<K: Kind, R: Reactor> InFuture<'_, K, R> {
    /// Waits until the socket has the event. Asking for the events reads all commands, like a receive that finds no message, so
    /// both wait in the same way.
    fn poll_event(
        &mut self,
        task: &mut Context<'_>,
        operation: Operation,
        event: PollEvents,
    ) -> Poll<Result<()>> {
        self.0.poll(operation, task, |parked, edges, socket, task| {
            parked.poll_recv(edges, task, || look_for(socket.core(), operation, event))
        })
    }
}

/// Reads all commands of the socket. Pending if the socket does not have the event.
pub(super) fn look_for(core: &Core, operation: Operation, event: PollEvents) -> Poll<Result<()>> {
    match core.events_for(operation) {
        Ok(events) if !events.contains(event) => Poll::Pending,
        looked => Poll::Ready(looked.map(drop)),
    }
}

/// The future that [`Socket::readable`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct ReadableFuture<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
}

impl<K: CanRecv, R: Reactor> Future for ReadableFuture<'_, K, R> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().socket.poll_event(task, Operation::Receive, PollEvents::IN)
    }
}

/// The future that [`Socket::writable`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct WritableFuture<'a, K: Kind, R: Reactor> {
    socket: InFuture<'a, K, R>,
}

impl<K: CanSend, R: Reactor> Future for WritableFuture<'_, K, R> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().socket.poll_event(task, Operation::Send, PollEvents::OUT)
    }
}

debug_futures!(ReadableFuture, WritableFuture);
