//! Methods for types that implement a future, a stream or a sink.

use core::task::{Context, Poll};

use super::recv::received;
use super::send::Attempt;
use super::{Reactor, Socket};
use crate::error::{Operation, Result};
use crate::events::PollEvents;
use crate::kind::{CanMultipart, CanRecv, CanSend, Kind};
use crate::message::{Message, Multipart};
use crate::socket;

/// The methods whose last call returned `Pending`.
#[derive(Default)]
pub(super) struct Waits {
    to_recv: bool,
    to_send: bool,
}

/// # Polling
///
/// Use these methods in a type that implements [`Future`] or a similar trait. In async functions, use the other methods. If a method
/// returns [`Poll::Pending`], the task is woken when it must call the method again.
///
/// One task can wait to receive and to send at the same time. Each time it is woken, it must call both methods again. Any other call on
/// this socket, such as [`recv`](Self::recv), ends these waits. On a [mandatory](crate::Socket::set_router_mandatory) ROUTER socket, a
/// task that waits both to receive and to send to a peer without room is woken repeatedly, even if nothing has changed.
///
/// # Cancel safety
///
/// A call that returns [`Poll::Pending`] has received or sent nothing. It need not be repeated.
///
/// # Errors
///
/// See [receiving](#receiving) and [sending](#sending) for the errors.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Receives one part of a message, as [`recv`](Self::recv) does.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    pub fn poll_recv(&mut self, task: &mut Context<'_>) -> Poll<Result<Message>>
    where
        K: CanRecv,
    {
        self.poll_received(task, socket::Socket::try_recv)
    }

    /// Receives all parts of a message, as [`recv_multipart`](Self::recv_multipart) does.
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use zmq::aio::{Reactor, Socket};
    /// use zmq::{Multipart, Result, Sub};
    ///
    /// /// The next message of two publishers.
    /// struct Next<'a, R: Reactor>([&'a mut Socket<Sub, R>; 2]);
    ///
    /// impl<R: Reactor> Future for Next<'_, R> {
    ///     type Output = Result<Multipart>;
    ///
    ///     fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
    ///         for subscriber in &mut self.get_mut().0 {
    ///             if let Poll::Ready(received) = subscriber.poll_recv_multipart(task) {
    ///                 return Poll::Ready(received);
    ///             }
    ///         }
    ///         Poll::Pending
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    pub fn poll_recv_multipart(&mut self, task: &mut Context<'_>) -> Poll<Result<Multipart>>
    where
        K: CanRecv + CanMultipart,
    {
        self.poll_received(task, socket::Socket::try_recv_multipart)
    }

    /// Sends all parts of the message in `message`, or none, as [`send_from`](Self::send_from) does. Takes the message out of the
    /// `Option` only when it is sent.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. After an error, the message is still in the `Option`. In addition, the call fails
    /// with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the `Option` is `None`.
    pub fn poll_send(&mut self, task: &mut Context<'_>, message: &mut Option<Multipart>) -> Poll<Result<()>>
    where
        K: CanSend + CanMultipart,
    {
        let sent = self.poll(Operation::Send, task, |parked, edges, socket, task| {
            parked.poll_send(edges, task, &mut Attempt { core: socket.core(), message })
        });
        let other_waits = self.waits.to_recv;
        self.waits = Waits { to_recv: other_waits && sent.is_pending(), to_send: sent.is_pending() };
        if other_waits {
            self.look_for_both(task, sent.is_ready());
        }
        sent
    }

    fn poll_received<T>(
        &mut self,
        task: &mut Context<'_>,
        attempt: fn(&socket::Socket<K>) -> Result<T>,
    ) -> Poll<Result<T>> {
        let polled = self.poll(Operation::Receive, task, |parked, edges, socket, task| {
            parked.poll_recv(edges, task, || received(attempt(socket)))
        });
        let other_waits = self.waits.to_send;
        self.waits = Waits { to_recv: polled.is_pending(), to_send: other_waits && polled.is_pending() };
        if other_waits {
            self.look_for_both(task, polled.is_ready());
        }
        polled
    }

    /// Wakes the task if this call may have taken the wake-up of the other call that the task waits for.
    ///
    /// A call that is ready may have taken an edge without reading the commands. A call that is pending may have read commands that the
    /// other call waits for. The check itself may read commands that both calls wait for.
    #[cold]
    fn look_for_both(&mut self, task: &Context<'_>, is_ready: bool) {
        let nothing = |events: PollEvents| !events.intersects(PollEvents::IN | PollEvents::OUT);
        if is_ready || !self.inner().core().events_for(Operation::Receive).is_ok_and(nothing) {
            task.waker().wake_by_ref();
        }
    }
}
