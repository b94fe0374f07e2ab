//! Lets callers that wait for replies on one socket send and receive for each other.
//!
//! All callers use the socket under one lock. A caller holds the lock only for calls that do not wait. A caller that uses the socket works
//! for all callers: it sends the requests that found no room before, in their order, and hands out the replies that have arrived.
//!
//! A call on the socket may read the commands of libzmq, and then the descriptor no longer shows them. So the lock is released only after
//! the socket has read all commands and there is nothing left to receive, or after somebody was woken who continues. Then the next command
//! makes the descriptor readable. `watching.rs` lets one of several threads watch the descriptor. `attending.rs` lets a reactor report it.
//!
//! This module does not depend on libzmq or a runtime, so `exchange/tests.rs` can try all orders of events.

#[cfg(any(feature = "smol", feature = "tokio", test))]
mod attending;
mod watching;

#[cfg(test)]
#[allow(clippy::panic, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::task::{Poll, Waker};

use crate::panics;
use watching::Watcher;
pub(crate) use watching::{Role, Step};

/// The number of messages that are received before the lock is released briefly.
const BATCH: usize = 64;

/// The messages that count towards a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Counted {
    All,
    /// The messages that answer no waiting request. Nothing else bounds their number.
    #[cfg(any(feature = "smol", feature = "tokio", test))]
    Unwanted,
}

/// The calls on the socket. None of them waits.
pub(crate) trait Port {
    type Message;
    type Error: Clone;

    /// Sends the request and takes it out, if there is room. Otherwise, leaves the request in place. May or may not read commands.
    fn try_send(&mut self, request: &mut Option<Self::Message>) -> Poll<Result<(), Self::Error>>;

    /// Receives a message. If there is no message, the socket has read all commands.
    fn try_recv(&mut self) -> Poll<Result<Received<Self::Message>, Self::Error>>;

    /// Reads all commands, and returns what the socket can do now.
    fn look(&mut self) -> Result<Look, Self::Error>;
}

/// A message that was received.
#[derive(Debug)]
pub(crate) enum Received<M> {
    /// A reply, with the number of its request.
    Reply(u64, M),
    /// A message that cannot be a reply.
    Other,
}

/// The calls that can succeed on a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) can_send: bool,
    pub(crate) can_recv: bool,
}

/// The actions to take after the lock is released. Dropping this value wakes callers and drops wakers. The code of a waker may need
/// the lock.
#[derive(Default, Debug)]
pub(crate) struct Afterwards {
    wake: Vec<Waker>,
    drop: Vec<Waker>,
}

impl Drop for Afterwards {
    fn drop(&mut self) {
        for waker in self.wake.drain(..) {
            panics::contain(|| waker.wake());
        }
        for waker in self.drop.drain(..) {
            panics::contain(|| drop(waker));
        }
    }
}

/// A caller without a reply.
#[derive(Debug)]
struct Caller<M> {
    /// The request, until it is sent.
    request: Option<M>,
    waker: Option<Waker>,
}

/// Whether the socket has nothing left to receive, so that the descriptor shows the next command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Settled {
    Yes,
    NotYet,
}

/// The requests on one socket that have no reply yet.
#[derive(Debug)]
pub(crate) struct Exchange<M, E> {
    next: u64,
    waiting: BTreeMap<u64, Caller<M>>,
    /// The numbers of the callers in `waiting` whose requests were not sent yet.
    unsent: BTreeSet<u64>,
    /// The replies that their callers have not taken yet.
    done: HashMap<u64, Result<M, E>>,
    /// The thread that watches the descriptor, if the callers are threads.
    watcher: Watcher,
    /// Whether the reactor reports the next edge of the descriptor, if the callers are tasks.
    #[cfg(any(feature = "smol", feature = "tokio", test))]
    is_armed: bool,
    batch: usize,
    dropped: u64,
}

impl<M, E: Clone> Exchange<M, E> {
    pub(crate) fn new() -> Exchange<M, E> {
        Exchange::with_batch(BATCH)
    }

    fn with_batch(batch: usize) -> Exchange<M, E> {
        Exchange {
            next: 0,
            waiting: BTreeMap::new(),
            unsent: BTreeSet::new(),
            done: HashMap::new(),
            watcher: Watcher::Nobody,
            #[cfg(any(feature = "smol", feature = "tokio", test))]
            is_armed: false,
            batch,
            dropped: 0,
        }
    }

    /// Returns the number of messages that answered no waiting request.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns the number of callers without a reply.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a caller, and returns the number of its request. Its first step sends the request.
    pub(crate) fn begin(&mut self, request: impl FnOnce(u64) -> M) -> u64 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.waiting.insert(number, Caller { request: Some(request(number)), waker: None });
        self.unsent.insert(number);
        number
    }

    /// Removes a caller, and returns the reply if it has arrived. A reply that arrives later is dropped.
    pub(crate) fn remove(&mut self, number: u64, afterwards: &mut Afterwards) -> GaveUp<M, E> {
        let caller = self.waiting.remove(&number);
        self.unsent.remove(&number);
        let done = self.done.remove(&number);
        let (request, waker) = caller.map(|caller| (caller.request, caller.waker)).unwrap_or_default();
        afterwards.drop.extend(waker);
        match (done, request) {
            (Some(outcome), _) => GaveUp::Done(outcome),
            (None, Some(_)) => GaveUp::Unsent,
            (None, None) => GaveUp::Sent,
        }
    }

    /// Counts a message that no caller waits for.
    pub(crate) fn note_dropped(&mut self) {
        self.dropped = self.dropped.saturating_add(1);
    }

    /// Sends the requests that wait for room, until there is no room.
    fn send_unsent(&mut self, port: &mut impl Port<Message = M, Error = E>, afterwards: &mut Afterwards) {
        while let Some(&number) = self.unsent.first() {
            let sent = match self.waiting.get_mut(&number) {
                Some(caller) => port.try_send(&mut caller.request),
                None => Poll::Ready(Ok(())),
            };
            match sent {
                Poll::Pending => break,
                Poll::Ready(sent) => {
                    self.unsent.remove(&number);
                    if let Err(error) = sent {
                        self.deliver(number, Err(error), afterwards);
                    }
                }
            }
        }
    }

    /// Sends and receives until the socket can do no more, or until a batch is full.
    fn settle(
        &mut self,
        port: &mut impl Port<Message = M, Error = E>,
        counted: Counted,
        afterwards: &mut Afterwards,
    ) -> Result<Settled, E> {
        let mut count = 0;
        let mut may_try_again = true;
        loop {
            let unsent = self.unsent.len();
            self.send_unsent(port, afterwards);
            if self.unsent.len() < unsent {
                may_try_again = true;
            }
            loop {
                if self.waiting.is_empty() {
                    return Ok(Settled::Yes);
                }
                if count == self.batch {
                    return Ok(Settled::NotYet);
                }
                let Poll::Ready(received) = port.try_recv()? else { break };
                let is_wanted = self.take_in(received, afterwards);
                count += usize::from(!is_wanted || counted == Counted::All);
            }
            if self.unsent.is_empty() {
                return Ok(Settled::Yes);
            }
            let look = port.look()?;
            let can_send = look.can_send && core::mem::take(&mut may_try_again);
            if !can_send && !look.can_recv {
                return Ok(Settled::Yes);
            }
        }
    }

    /// Delivers a reply, if its caller waits. Returns whether it does.
    fn take_in(&mut self, received: Received<M>, afterwards: &mut Afterwards) -> bool {
        match received {
            Received::Reply(number, reply)
                if self.waiting.get(&number).is_some_and(|caller| caller.request.is_none()) =>
            {
                self.deliver(number, Ok(reply), afterwards);
                true
            }
            _ => {
                self.note_dropped();
                false
            }
        }
    }

    fn deliver(&mut self, number: u64, outcome: Result<M, E>, afterwards: &mut Afterwards) {
        if let Some(caller) = self.waiting.remove(&number) {
            self.done.insert(number, outcome);
            afterwards.wake.extend(caller.waker);
        }
    }

    /// Delivers the error to all callers, because the socket no longer works.
    #[cold]
    fn fail_all(&mut self, error: &E, afterwards: &mut Afterwards) {
        self.unsent.clear();
        while let Some((number, caller)) = self.waiting.pop_first() {
            self.done.insert(number, Err(error.clone()));
            afterwards.wake.extend(caller.waker);
        }
    }
}

/// The state of a request whose caller gave up.
#[derive(Debug)]
pub(crate) enum GaveUp<M, E> {
    Done(Result<M, E>),
    Sent,
    Unsent,
}
