//! How several tasks share one socket: one receives, and any number send, so that no wake-up is lost.
//!
//! `task.rs` says how one task waits for a socket. When tasks share a socket, a call of one of them can read a command that another
//! one waits for. Then the descriptor is silent, and nothing but that call knows. So, with the socket still locked:
//!
//! * Whoever has made a call looks for all others that wait. The socket counts what it learns, so that this costs two loads unless
//!   the call has read a command. A socket that does not count is asked for its events.
//! * A look for somebody else reads commands, too. So it counts for a task that is about to wait, as if that task had looked.
//! * A task stores its waker before it unlocks the socket, and asks for the next edge afterwards.
//!
//! An edge is for everybody: whoever takes one from the reactor wakes all others that wait. The reactor has only one waker of the
//! socket, which does the same. All senders are woken, not one of them, so a woken task that is dropped leaves no other one waiting.
//!
//! A sender tries again if the socket has learned that there may be room. A socket that does not count only says whether it has room,
//! and a mandatory ROUTER says so whenever any peer has some. There, a task that is refused nevertheless wakes all others that wait:
//! what its attempt has read may be for them.
//!
//! Wakers run and are dropped when nothing is locked. As in `task.rs`, here is no libzmq and no runtime.

#[cfg(test)]
#[allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;
mod waiting;

use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::waiting::{Due, RECEIVER, SENDERS, Waiting};
use super::task::Source;

pub(crate) use self::waiting::Place;

/// How much a socket has learned. It changes only in calls on the socket.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[repr(C)]
pub(crate) struct Progress {
    /// How many commands the socket has read.
    pub(crate) commands: u64,
    /// How many times there may have come to be room for a message for which there was none.
    pub(crate) changes: u64,
}

/// What can be done with a socket, as far as the socket can say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
}

/// A socket that tasks share.
pub(crate) trait Port {
    type Error;

    /// How much the socket has learned, if it counts.
    fn progress(&self) -> Option<Progress>;

    /// Reads all commands of the socket, and returns what can be done.
    fn look(&self) -> Result<Events, Self::Error>;
}

/// A socket, and who waits for it.
pub(crate) struct Shared<P> {
    port: Mutex<Locked<P>>,
    waiting: Arc<Waiting>,
    /// Wakes everybody who waits. The only waker that the reactor gets.
    waker: Waker,
}

struct Locked<P> {
    port: P,
    /// What the socket had learned when somebody last looked for those who wait. Of no meaning if nobody waits.
    seen: Option<Progress>,
}

/// What a look has found for those who wait.
struct Found<E> {
    due: Due,
    /// The answer of the socket, if it was asked.
    events: Option<Result<Events, E>>,
}

impl<P> Shared<P> {
    pub(crate) fn new(port: P) -> Shared<P> {
        let waiting = Arc::new(Waiting::default());
        let waker = Waker::from(Arc::clone(&waiting));
        Shared { port: Mutex::new(Locked { port, seen: None }), waiting, waker }
    }

    /// Returns the socket, which nobody shares any more.
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
        let mut locked = self.lock();
        let result = call(&locked.port);
        let due = self.look_for_others(&mut locked, false).due;
        drop(locked);
        self.waiting.wake(due);
        result
    }

    /// Lends the socket for calls of any kind, and wakes everybody who waits afterwards, even if `calls` panics.
    pub(crate) fn lend<T>(&self, calls: impl FnOnce(&P) -> T) -> T {
        struct WakesAll<'a>(&'a Waiting);

        impl Drop for WakesAll<'_> {
            fn drop(&mut self) {
                self.0.wake_all();
            }
        }

        // Dropped in the opposite order.
        let _wakes_all = WakesAll(&self.waiting);
        let locked = self.lock();
        calls(&locked.port)
    }

    /// Looks for those who wait, with the socket locked. `asks` has the socket asked for its events in any case.
    #[inline]
    fn look_for_others(&self, locked: &mut Locked<P>, asks: bool) -> Found<P::Error> {
        let parked = self.waiting.parked();
        if parked == 0 && !asks {
            return Found { due: Due::NOBODY, events: None };
        }
        let progress = locked.port.progress();
        if progress.is_some() && progress == locked.seen && !asks {
            return Found { due: Due::NOBODY, events: None };
        }
        self.look_at(locked, parked, progress, asks)
    }

    /// The rest of a look that may find something.
    fn look_at(
        &self,
        locked: &mut Locked<P>,
        parked: u8,
        progress: Option<Progress>,
        asks: bool,
    ) -> Found<P::Error> {
        let seen = locked.seen;
        let is_news = |now: fn(Progress) -> u64| seen.map(now) != progress.map(now);
        let receiver_may = parked & RECEIVER != 0 && is_news(|progress| progress.commands);
        let events = (asks || progress.is_none() || receiver_may).then(|| locked.port.look());
        // The look may have read more.
        let progress = locked.port.progress();
        locked.seen = progress;
        let failed = matches!(events, Some(Err(_)));
        let found = match &events {
            Some(Ok(found)) => *found,
            _ => Events { is_readable: false, is_writable: false },
        };
        let may_send = match (seen, progress) {
            (Some(seen), Some(progress)) => seen.changes != progress.changes,
            // It does not count.
            (_, None) => found.is_writable,
            (None, Some(_)) => true,
        };
        let due = self.waiting.due(
            parked & RECEIVER != 0 && (found.is_readable || failed),
            parked & SENDERS != 0 && (may_send || failed),
        );
        Found { due, events }
    }

    /// Receives with `attempt`, which is pending if there is no message, and then has read all commands.
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
                // What a look for others has read, the attempt has not.
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
            match self.poll_edge(place, source) {
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
                // Only a look reads all commands for certain.
                let asks = is_first && sent.is_pending();
                let others = self.waiting.parked() != 0;
                if tried.is_none() && !is_first && sent.is_pending() {
                    // The attempt may have read what others wait for, and a look could read what this task waits for.
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
                if asks && let Some(Err(error)) = found.events {
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
            match self.poll_edge(place, source) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(edge) => edge?,
            }
        }
    }

    fn park_sender(&self, locked: &mut Locked<P>, place: &mut Place, task: &mut Context<'_>) {
        locked.seen = locked.port.progress();
        self.waiting.park_sender(place, task.waker());
    }

    /// Ends the wait of a task that is polled again. Takes the edge that may have ended it, so that the task does not take it for a
    /// new one later. A failure shows when the task waits again.
    #[inline]
    fn unpark<S: Source<Error = P::Error>>(&self, place: &mut Place, source: &S) {
        if place.is_taken() {
            let _ = self.poll_edge(place, source);
            self.give_up(place);
        }
    }

    /// Asks for an edge, with nothing locked. If there is one, the task waits no longer, and nobody else does.
    fn poll_edge<S: Source<Error = P::Error>>(
        &self,
        place: &mut Place,
        source: &S,
    ) -> Poll<Result<(), P::Error>> {
        let edge = source.poll_edge(&mut Context::from_waker(&self.waker));
        if edge.is_ready() {
            self.waiting.leave(place);
            self.waiting.wake_all();
        }
        edge
    }

    /// Ends the wait of a task that gives up. An edge stays where it is, for the others.
    pub(crate) fn give_up(&self, place: &mut Place) {
        if place.is_taken() {
            self.waiting.leave(place);
        }
    }
}
