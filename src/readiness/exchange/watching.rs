//! Lets one of several threads watch the descriptor.
//!
//! At most one caller watches the descriptor, without the lock. The other callers sleep. If another caller must release the lock before
//! the socket has read all commands, or if it receives the reply of the watcher, it wakes the watcher.
//!
//! A watcher that leaves elects the caller with the latest request in its place. Replies often come in the order of the requests, so this
//! caller probably stays longest. A caller that was woken takes its next step, because a thread cannot abandon its call. A task can, so
//! tasks do not depend on each other in this way.

use std::task::Waker;

use super::{Afterwards, Counted, Exchange, GaveUp, Port, Settled};

/// The next action of a caller, without the lock.
#[derive(Debug)]
pub(crate) enum Step<M, E> {
    /// Returns the reply.
    Done(Result<M, E>),
    /// Waits for the descriptor, or until its waker is called. Then takes a step again.
    Watch,
    /// Waits until its waker is called. Then takes a step again.
    Sleep,
    /// Takes a step again. Other callers can have the lock in between.
    Again,
}

/// The role of a caller that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Watcher,
    Sleeper,
}

/// The caller that watches the descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Watcher {
    Nobody,
    /// A caller that is awake or was woken. It begins to watch, or leaves.
    Elected(u64),
    Watching(u64),
}

impl<M, E: Clone> Exchange<M, E> {
    /// Takes the next step of a caller. If the caller has to wait, `waker` creates the waker for its role.
    pub(crate) fn step(
        &mut self,
        port: &mut impl Port<Message = M, Error = E>,
        number: u64,
        waker: impl FnOnce(Role) -> Waker,
        afterwards: &mut Afterwards,
    ) -> Step<M, E> {
        if self.watcher == Watcher::Watching(number) {
            self.watcher = Watcher::Elected(number);
        }
        // The caller is awake, so its waker is not needed.
        let own = self.waiting.get_mut(&number).and_then(|caller| caller.waker.take());
        afterwards.drop.extend(own);
        if let Some(outcome) = self.done.remove(&number) {
            self.leave(number, afterwards);
            return Step::Done(outcome);
        }
        let settled = match self.watcher {
            // The elected caller receives.
            Watcher::Elected(other) if other != number => {
                self.send_unsent(port, afterwards);
                Ok(Settled::NotYet)
            }
            _ => self.settle(port, Counted::All, afterwards),
        };
        let settled = settled.unwrap_or_else(|error| {
            self.fail_all(&error, afterwards);
            Settled::Yes
        });
        if matches!(self.watcher, Watcher::Watching(_)) && settled == Settled::NotYet {
            // The watcher continues with the remaining messages.
            self.wake_watcher(afterwards);
        }
        if let Some(outcome) = self.done.remove(&number) {
            self.leave(number, afterwards);
            return Step::Done(outcome);
        }
        let role = match self.watcher {
            Watcher::Elected(other) | Watcher::Watching(other) if other != number => Role::Sleeper,
            _ if settled == Settled::NotYet => {
                self.watcher = Watcher::Elected(number);
                return Step::Again;
            }
            _ => {
                self.watcher = Watcher::Watching(number);
                Role::Watcher
            }
        };
        if let Some(caller) = self.waiting.get_mut(&number) {
            caller.waker = Some(waker(role));
        }
        match role {
            Role::Watcher => Step::Watch,
            Role::Sleeper => Step::Sleep,
        }
    }

    /// Ends the wait of a thread, as [`remove`](Self::remove) does, and elects another watcher if necessary.
    pub(crate) fn give_up(&mut self, number: u64, afterwards: &mut Afterwards) -> GaveUp<M, E> {
        let gave_up = self.remove(number, afterwards);
        self.leave(number, afterwards);
        gave_up
    }

    /// Wakes the watcher, so that it checks again after other code has used the socket.
    pub(crate) fn wake_watcher(&mut self, afterwards: &mut Afterwards) {
        let Watcher::Watching(number) = self.watcher else { return };
        let waker = self.waiting.get(&number).and_then(|caller| caller.waker.clone());
        afterwards.wake.extend(waker);
    }

    /// Notes that a caller has left. If no caller watches then, elects another one.
    fn leave(&mut self, number: u64, afterwards: &mut Afterwards) {
        if matches!(self.watcher, Watcher::Elected(own) | Watcher::Watching(own) if own == number) {
            self.watcher = Watcher::Nobody;
        }
        if self.watcher == Watcher::Nobody {
            if let Some((&latest, caller)) = self.waiting.last_key_value() {
                self.watcher = Watcher::Elected(latest);
                afterwards.wake.extend(caller.waker.clone());
            }
        }
    }
}
