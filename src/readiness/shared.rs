//! Lets several tasks share one socket without losing a wake-up: one task receives, and any number of tasks send.
//!
//! `task.rs` describes how one task waits for a socket. If tasks share a socket, a call of one task can read a command that another
//! task waits for. Then the descriptor shows nothing, and only the task that made the call can know about the command. So these rules
//! apply while the socket is still locked:
//!
//! * A task that has made a call checks for all other tasks that wait. The socket counts what it learns, so this check costs two
//!   loads, unless the call has read a command. A socket that does not count is asked for its events.
//! * A check for other tasks also reads commands. So if the checking task is about to wait itself, the result of the check also
//!   counts for this task.
//! * A task stores its waker before it unlocks the socket. Only then does it ask the reactor for the next edge.
//!
//! An edge is for all tasks: a task that takes an edge from the reactor wakes all other tasks that wait. The reactor has only one
//! waker for the socket, which also wakes all tasks that wait. All senders are woken, not only one of them. So if a woken task is
//! dropped, no other task waits in vain.
//!
//! A sender tries again if the socket has learned that there may be room. A socket that does not count only reports whether it has
//! room, and a mandatory ROUTER socket reports room whenever any peer has room. With such a socket, a task whose message was refused
//! still wakes all other tasks that wait, because its attempt may have read commands for them.
//!
//! Wakers are called and dropped only when no lock is held. Like `task.rs`, this module does not depend on libzmq or a runtime.

#[cfg(test)]
#[allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;
mod waiting;

use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::waiting::{Due, RECEIVER, SENDERS, Waiting};
use super::task::Source;

pub(crate) use self::waiting::Place;

/// The counts of what a socket has learned. They change only in calls on the socket.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[repr(C)]
pub(crate) struct Progress {
    /// The number of commands that the socket has read.
    pub(crate) commands: u64,
    /// The number of changes after which there may be room for a message that was refused before.
    pub(crate) changes: u64,
}

/// The events of a socket, as far as the socket can report them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
}

/// A socket that tasks share.
pub(crate) trait Port {
    type Error;

    /// Returns the counts of what the socket has learned, if it counts.
    fn progress(&self) -> Option<Progress>;

    /// Reads all commands of the socket, and returns its events.
    fn look(&self) -> Result<Events, Self::Error>;
}

/// A socket, and the tasks that wait for it.
pub(crate) struct Shared<P> {
    port: Mutex<Locked<P>>,
    waiting: Arc<Waiting>,
    /// Wakes all tasks that wait. This is the only waker that the reactor receives.
    waker: Waker,
}

struct Locked<P> {
    port: P,
    /// The counts at the last check for waiting tasks. Has no meaning if no task waits.
    seen: Option<Progress>,
}

/// The result of a check for waiting tasks.
struct Found<E> {
    due: Due,
    /// The answer of the socket, if it was asked for its events.
    events: Option<Result<Events, E>>,
}

impl<P> Shared<P> {
    pub(crate) fn new(port: P) -> Shared<P> {
        let waiting = Arc::new(Waiting::default());
        let waker = Waker::from(Arc::clone(&waiting));
        Shared { port: Mutex::new(Locked { port, seen: None }), waiting, waker }
    }

    /// Returns the socket, when no task shares it any more.
    pub(crate) fn into_port(self) -> P {
        self.port.into_inner().unwrap_or_else(PoisonError::into_inner).port
    }
}

impl<P: Port> Shared<P> {
    #[inline]
    fn lock(&self) -> MutexGuard<'_, Locked<P>> {
        self.port.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call that does not wait.
    #[inline]
    pub(crate) fn call<T>(&self, call: impl FnOnce(&P) -> T) -> T {
        let locked = self.lock();
        let result = call(&locked.port);
        if self.has_news(&locked) {
            self.look_and_wake(locked);
        }
        result
    }

    /// Whether tasks wait and the socket may have learned something since the last check for them.
    #[inline]
    fn has_news(&self, locked: &Locked<P>) -> bool {
        if self.waiting.parked() == 0 {
            return false;
        }
        let progress = locked.port.progress();
        progress.is_none() || progress != locked.seen
    }

    #[cold]
    fn look_and_wake(&self, mut locked: MutexGuard<'_, Locked<P>>) {
        let due = self.look_for_others(&mut locked, false).due;
        drop(locked);
        self.waiting.wake(due);
    }

    /// Lends the socket for calls of any kind. Afterwards, wakes all tasks that wait, even if `calls` panics.
    pub(crate) fn lend<T>(&self, calls: impl FnOnce(&P) -> T) -> T {
        struct WakesAll<'a>(&'a Waiting);

        impl Drop for WakesAll<'_> {
            fn drop(&mut self) {
                self.0.wake_all();
            }
        }

        // Values are dropped in the opposite order, so the tasks are woken after the lock is released.
        let _wakes_all = WakesAll(&self.waiting);
        let locked = self.lock();
        calls(&locked.port)
    }

    /// Checks for waiting tasks, with the socket locked. If `asks` is true, the socket is always asked for its events.
    #[inline]
    fn look_for_others(&self, locked: &mut Locked<P>, asks: bool) -> Found<P::Error> {
        if !asks && !self.has_news(locked) {
            return Found { due: Due::NOBODY, events: None };
        }
        self.look_at(locked, asks)
    }

    /// The rest of a check that may find something.
    fn look_at(&self, locked: &mut Locked<P>, asks: bool) -> Found<P::Error> {
        let parked = self.waiting.parked();
        let (seen, progress) = (locked.seen, locked.port.progress());
        let is_news = |now: fn(Progress) -> u64| seen.map(now) != progress.map(now);
        let receiver_may = parked & RECEIVER != 0 && is_news(|progress| progress.commands);
        let events = (asks || progress.is_none() || receiver_may).then(|| locked.port.look());
        // Asking for the events may have read more commands.
        let progress = locked.port.progress();
        locked.seen = progress;
        let failed = matches!(events, Some(Err(_)));
        let found = match &events {
            Some(Ok(found)) => *found,
            _ => Events { is_readable: false, is_writable: false },
        };
        let may_send = match (seen, progress) {
            (Some(seen), Some(progress)) => seen.changes != progress.changes,
            // The socket does not count.
            (_, None) => found.is_writable,
            (None, Some(_)) => true,
        };
        let due = self.waiting.due(
            parked & RECEIVER != 0 && (found.is_readable || failed),
            parked & SENDERS != 0 && (may_send || failed),
        );
        Found { due, events }
    }

    /// Receives with `attempt`. If there is no message, `attempt` is pending, and has read all commands.
    pub(crate) fn poll_recv<S: Source<Error = P::Error>, T>(
        &self,
        place: &mut Place,
        source: &S,
        task: &mut Context<'_>,
        mut attempt: impl FnMut(&P) -> Poll<Result<T, P::Error>>,
    ) -> Poll<Result<T, P::Error>> {
        self.unpark(place, source);
        loop {
            let mut due = Due::NOBODY;
            let mut locked = self.lock();
            let received = loop {
                let received = attempt(&locked.port);
                let found = self.look_for_others(&mut locked, false);
                due.add(found.due);
                // The attempt did not see the commands that the check for other tasks has read.
                let is_pending = received.is_pending();
                if is_pending && !matches!(found.events, None | Some(Ok(Events { is_readable: false, .. }))) {
                    continue;
                }
                if is_pending {
                    locked.seen = locked.port.progress();
                    self.waiting.park_receiver(place, task.waker());
                }
                break received;
            };
            drop(locked);
            self.waiting.wake(due);
            if received.is_ready() {
                return received;
            }
            match self.note(place, source.poll_edge(&mut Context::from_waker(&self.waker))) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(edge) => edge?,
            }
        }
    }

    /// Sends with `attempt`, which is pending if there is no room.
    pub(crate) fn poll_send<S: Source<Error = P::Error>>(
        &self,
        place: &mut Place,
        source: &S,
        task: &mut Context<'_>,
        mut attempt: impl FnMut(&P) -> Poll<Result<(), P::Error>>,
    ) -> Poll<Result<(), P::Error>> {
        self.unpark(place, source);
        loop {
            let mut due = Due::NOBODY;
            let mut locked = self.lock();
            let mut is_first = true;
            let sent = loop {
                let sent = attempt(&locked.port);
                let tried = locked.port.progress();
                // Only asking for the events is certain to read all commands.
                let asks = is_first && sent.is_pending();
                let others = self.waiting.parked() != 0;
                if tried.is_none() && !is_first && sent.is_pending() {
                    // The attempt may have read commands that other tasks wait for. Asking for the events could read commands that
                    // this task waits for.
                    if others {
                        due.add(self.waiting.due(true, true));
                    }
                    self.park_sender(&mut locked, place, task);
                    break sent;
                }
                let found = self.look_for_others(&mut locked, asks);
                due.add(found.due);
                if sent.is_ready() {
                    break sent;
                }
                let may_send = match (tried, locked.port.progress()) {
                    (Some(tried), Some(now)) => tried.changes != now.changes,
                    _ => matches!(found.events, Some(Ok(Events { is_writable: true, .. }))),
                };
                if let (true, Some(Err(error))) = (asks, found.events) {
                    break Poll::Ready(Err(error));
                }
                is_first = false;
                if !may_send {
                    self.park_sender(&mut locked, place, task);
                    break sent;
                }
            };
            drop(locked);
            self.waiting.wake(due);
            if sent.is_ready() {
                return sent;
            }
            match self.note(place, source.poll_edge(&mut Context::from_waker(&self.waker))) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(edge) => edge?,
            }
        }
    }

    fn park_sender(&self, locked: &mut Locked<P>, place: &mut Place, task: &mut Context<'_>) {
        locked.seen = locked.port.progress();
        self.waiting.park_sender(place, task.waker());
    }

    /// Ends the wait of a task that is polled again. Takes the edge that may have ended the wait, so that the task does not mistake
    /// it for a new edge later. An error is reported when the task waits again.
    #[inline]
    fn unpark<S: Source<Error = P::Error>>(&self, place: &mut Place, source: &S) {
        if place.is_taken() {
            let _ = self.note(place, source.take_edge(&mut Context::from_waker(&self.waker)));
            self.give_up(place);
        }
    }

    /// Notes the answer of the reactor, which was asked with no lock held. If there is an edge, ends the wait of this task, and wakes all
    /// other tasks.
    fn note<E>(&self, place: &mut Place, edge: Poll<Result<(), E>>) -> Poll<Result<(), E>> {
        if edge.is_ready() {
            self.waiting.leave(place);
            self.waiting.wake_all();
        }
        edge
    }

    /// Ends the wait of a task that gives up. An edge stays in the reactor, for the other tasks.
    pub(crate) fn give_up(&self, place: &mut Place) {
        if place.is_taken() {
            self.waiting.leave(place);
        }
    }
}
