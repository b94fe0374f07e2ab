//! Waiting until a half is ready.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::{Receiver, Sender, Wait};
use crate::aio::ready::look_for;
use crate::aio::{Reactor, debug_futures};
use crate::error::{Operation, Result};
use crate::events::PollEvents;
use crate::kind::{CanRecv, CanSend, Kind};

/// # Waiting until the socket is ready
impl<K: Kind, R: Reactor> Receiver<K, R> {
    /// Waits until the socket has a message to receive. Does not receive the message.
    ///
    /// ```
    /// use zmq::aio::{Reactor, Receiver};
    /// use zmq::{Dealer, ErrorKind, Multipart, Result};
    ///
    /// async fn recv<R: Reactor>(receiver: &mut Receiver<Dealer, R>) -> Result<Multipart> {
    ///     loop {
    ///         receiver.readable().await?;
    ///         match receiver.try_recv_multipart() {
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => {}
    ///             received => return received,
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It neither receives nor sends.
    ///
    /// # Errors
    ///
    /// See [`readable`](crate::aio::Socket::readable) of an unsplit socket for the errors. In addition, the call fails with
    /// [`WrongState`](crate::ErrorKind::WrongState) inside [`with_inner`](Self::with_inner) of a half of the same socket.
    pub fn readable(&mut self) -> ReceiverReadableFuture<'_, K, R>
    where
        K: CanRecv,
    {
        ReceiverReadableFuture { wait: Wait::new(&self.halves) }
    }
}

/// # Waiting until the socket is ready
impl<K: Kind, R: Reactor> Sender<K, R> {
    /// Waits until the socket has room for a message. Does not send anything.
    ///
    /// If several tasks wait, they are all woken. So another task can use the room first, and then
    /// [`try_send`](Self::try_send) fails with [`WouldBlock`](crate::ErrorKind::WouldBlock):
    ///
    /// ```
    /// use zmq::aio::{Reactor, Sender};
    /// use zmq::{ErrorKind, Push, Result};
    ///
    /// /// Creates the message only when there is room for it.
    /// async fn send_latest<R: Reactor>(sender: &Sender<Push, R>, latest: impl Fn() -> String) -> Result<()> {
    ///     loop {
    ///         sender.writable().await?;
    ///         match sender.try_send(latest()) {
    ///             Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
    ///             sent => return Ok(sent?),
    ///         }
    ///     }
    /// }
    /// ```
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
    /// See [`writable`](crate::aio::Socket::writable) of an unsplit socket for the errors. In addition, the call fails with
    /// [`WrongState`](crate::ErrorKind::WrongState) inside [`with_inner`](Self::with_inner) of a half of the same socket.
    pub fn writable(&self) -> SenderWritableFuture<'_, K, R>
    where
        K: CanSend,
    {
        SenderWritableFuture { wait: Wait::new(&self.halves) }
    }
}

/// The future that [`Receiver::readable`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct ReceiverReadableFuture<'a, K: Kind, R: Reactor> {
    wait: Wait<'a, K, R>,
}

impl<K: CanRecv, R: Reactor> Future for ReceiverReadableFuture<'_, K, R> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let Wait { halves, place } = &mut self.get_mut().wait;
        let operation = Operation::Receive;
        halves.poll(operation, task, |shared, edges, task| {
            shared.poll_recv(place, edges, task, |socket| look_for(socket.core(), operation, PollEvents::IN))
        })
    }
}

/// The future that [`Sender::writable`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct SenderWritableFuture<'a, K: Kind, R: Reactor> {
    wait: Wait<'a, K, R>,
}

impl<K: CanSend, R: Reactor> Future for SenderWritableFuture<'_, K, R> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let Wait { halves, place } = &mut self.get_mut().wait;
        let operation = Operation::Send;
        halves.poll(operation, task, |shared, edges, task| {
            shared.poll_send(place, edges, task, |socket| look_for(socket.core(), operation, PollEvents::OUT))
        })
    }
}

debug_futures!(ReceiverReadableFuture, SenderWritableFuture);
