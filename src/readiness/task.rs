//! Lets a task wait for one socket without losing a wake-up.
//!
//! A task tries first. It waits for an edge of the socket's descriptor only after a check that found nothing. The two
//! directions need different checks:
//!
//! * A receive that finds no message has read all commands of the socket. The next command makes a new edge.
//! * A send that finds no room may have read no commands, because libzmq looks for commands at most once in a
//!   millisecond. So a command that reports room can be unread although its edge is gone. The task therefore asks the
//!   socket for its events, which reads all commands, and tries once more if the socket has room. It does so only once
//!   for each edge, because the room may be for another peer.
//!
//! An edge is always taken before the check that follows it. If another edge comes later, the task sees it when it
//! begins to wait.
//!
//! This module does not depend on libzmq or a runtime, so `task/tests.rs` can try all orders of events.

#[cfg(test)]
#[allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;

use core::task::{Context, Poll, ready};

/// The source of edges of a socket's descriptor: the reactor of a runtime.
pub(crate) trait Source {
    type Error;

    /// Takes the edge that has occurred since the last edge was taken. If there is no edge, wakes the task when the next
    /// one occurs.
    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// Like `poll_edge`, for a task that was woken and checks the socket before it waits again.
    #[inline]
    fn take_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_edge(task)
    }
}

/// The calls that a task makes on a socket to send a message.
pub(crate) trait Sender {
    type Error;

    /// Sends the message if there is room, and keeps it otherwise.
    fn try_send(&mut self) -> Poll<Result<(), Self::Error>>;

    /// Reads all commands of the socket, and returns whether there is room, as far as the socket can report it.
    fn look(&mut self) -> Result<bool, Self::Error>;
}

/// Whether the task that uses the socket waits for an edge.
#[derive(Debug, Default)]
pub(crate) struct Parked(bool);

impl Parked {
    /// Returns whether the task waits for an edge.
    #[inline]
    pub(crate) fn is_parked(&self) -> bool {
        self.0
    }

    /// Takes the edge that may have ended the wait, so that the task does not mistake it for a new one later. An error
    /// is reported when the task waits again.
    #[inline]
    fn unpark<S: Source>(&mut self, source: &S, task: &mut Context<'_>) {
        if core::mem::take(&mut self.0) {
            let _ = source.take_edge(task);
        }
    }

    /// Waits for the next edge.
    fn park<S: Source>(&mut self, source: &S, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0 = true;
        let edge = ready!(source.poll_edge(task));
        self.0 = false;
        Poll::Ready(edge)
    }

    /// Receives with `attempt`, which is pending if there is no message.
    #[inline]
    pub(crate) fn poll_recv<S: Source, T>(
        &mut self,
        source: &S,
        task: &mut Context<'_>,
        mut attempt: impl FnMut() -> Poll<Result<T, S::Error>>,
    ) -> Poll<Result<T, S::Error>> {
        self.unpark(source, task);
        loop {
            if let received @ Poll::Ready(_) = attempt() {
                return received;
            }
            ready!(self.park(source, task))?;
        }
    }

    /// Sends a message.
    #[inline]
    pub(crate) fn poll_send<S: Source>(
        &mut self,
        source: &S,
        task: &mut Context<'_>,
        sender: &mut impl Sender<Error = S::Error>,
    ) -> Poll<Result<(), S::Error>> {
        self.unpark(source, task);
        loop {
            if let sent @ Poll::Ready(_) = sender.try_send() {
                return sent;
            }
            if sender.look()? {
                if let sent @ Poll::Ready(_) = sender.try_send() {
                    return sent;
                }
            }
            ready!(self.park(source, task))?;
        }
    }

    /// Ends the wait of a task that gives up, so that the source does not keep its waker.
    ///
    /// This may take an edge. Nothing is lost, because each call checks before it waits.
    pub(crate) fn give_up<S: Source>(&mut self, source: &S) {
        if core::mem::take(&mut self.0) {
            let _ = source.poll_edge(&mut Context::from_waker(core::task::Waker::noop()));
        }
    }
}
