//! Lets a reactor report the descriptor, so that no task depends on another one.
//!
//! A task can abandon its call for a while, or forever: a future may exist that nobody polls. So no task may have to take a step before
//! another one gets its reply. The reactor calls a waker that belongs to no task. This waker *attends* to the socket: it receives the
//! replies, and wakes the tasks that they belong to.

use std::task::{Poll, Waker};

use super::{Afterwards, Counted, Exchange, Port, Settled};

/// The number of edges in a row that are taken before the lock is released.
const EDGES: usize = 16;

impl<M, E: Clone> Exchange<M, E> {
    /// Returns the reply to a request, if it has arrived. Otherwise, `waker` is called when it arrives.
    ///
    /// `arm` takes an edge of the descriptor, or lets the reactor report the next one.
    pub(crate) fn poll(
        &mut self,
        port: &mut impl Port<Message = M, Error = E>,
        number: u64,
        waker: &Waker,
        arm: impl FnMut() -> Poll<Result<(), E>>,
        afterwards: &mut Afterwards,
    ) -> Poll<Result<M, E>> {
        if let Some(outcome) = self.done.remove(&number) {
            return Poll::Ready(outcome);
        }
        // The task is awake, so its waker is not called meanwhile. A waker that panics must not keep the socket from being settled.
        let own = match self.waiting.get_mut(&number).and_then(|caller| caller.waker.take()) {
            Some(former) if former.will_wake(waker) => former,
            former => {
                afterwards.drop.extend(former);
                waker.clone()
            }
        };
        let settled = self.settle_and_arm(port, arm, afterwards);
        match self.waiting.get_mut(&number) {
            Some(caller) => caller.waker = Some(own),
            None => afterwards.drop.push(own),
        }
        if settled == Settled::NotYet {
            self.wake_all(afterwards);
        }
        self.done.remove(&number).map_or(Poll::Pending, Poll::Ready)
    }

    /// Sends and receives for all callers, after the reactor has reported an edge, or after other code has used the socket.
    pub(crate) fn attend(
        &mut self,
        port: &mut impl Port<Message = M, Error = E>,
        arm: impl FnMut() -> Poll<Result<(), E>>,
        afterwards: &mut Afterwards,
    ) {
        self.is_armed = false;
        if self.settle_and_arm(port, arm, afterwards) == Settled::NotYet {
            self.wake_all(afterwards);
        }
    }

    /// Sends and receives until the reactor reports what comes next, unless there is too much to do.
    fn settle_and_arm(
        &mut self,
        port: &mut impl Port<Message = M, Error = E>,
        mut arm: impl FnMut() -> Poll<Result<(), E>>,
        afterwards: &mut Afterwards,
    ) -> Settled {
        for _ in 0..EDGES {
            let armed = match self.settle(port, Counted::Unwanted, afterwards) {
                Ok(Settled::NotYet) => return Settled::NotYet,
                Ok(Settled::Yes) if self.is_armed || self.waiting.is_empty() => return Settled::Yes,
                Ok(Settled::Yes) => arm(),
                Err(error) => Poll::Ready(Err(error)),
            };
            match armed {
                Poll::Pending => {
                    self.is_armed = true;
                    return Settled::Yes;
                }
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.fail_all(&error, afterwards);
                    return Settled::Yes;
                }
            }
        }
        Settled::NotYet
    }

    /// Wakes all tasks, so that one of them continues.
    fn wake_all(&mut self, afterwards: &mut Afterwards) {
        for caller in self.waiting.values_mut() {
            afterwards.wake.extend(caller.waker.take());
        }
    }
}
