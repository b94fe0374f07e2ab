//! A socket that carries requests, behind a lock.

#[cfg(any(feature = "smol", feature = "tokio"))]
use core::task::Poll;
#[cfg(any(feature = "smol", feature = "tokio"))]
use std::sync::TryLockError;
#[cfg(any(feature = "smol", feature = "tokio"))]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::envelope::{Requests, Start};
use crate::context::Inner;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::Dealer;
use crate::message::Multipart;
use crate::raw::callback;
#[cfg(any(feature = "smol", feature = "tokio"))]
use crate::readiness::exchange::GaveUp;
use crate::readiness::exchange::{Afterwards, Exchange, Role, Step};
use crate::socket::Socket;
use crate::sys::lender::Lender;

/// A socket that carries requests, behind a lock.
pub(crate) struct Guarded {
    /// Dropped before `context`.
    state: Mutex<State>,
    /// The thread that runs code of the program while it holds the lock.
    lender: Lender,
    /// The requests that code of the program abandoned while its thread held the lock.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    abandoned: Mutex<Vec<u64>>,
    #[cfg(any(feature = "smol", feature = "tokio"))]
    has_abandoned: AtomicBool,
    /// The counts when the lock was last released.
    dropped: AtomicU64,
    pending: AtomicUsize,
    context: Arc<Inner>,
}

/// What the lock guards.
pub(crate) struct State {
    pub(crate) exchange: Exchange<Multipart, Error>,
    socket: Socket<Dealer>,
    start: Start,
}

impl State {
    /// Adds a request, and returns its number.
    pub(crate) fn begin(&mut self, request: Multipart) -> u64 {
        let start = self.start;
        self.exchange.begin(|number| start.number(request, number))
    }

    /// Takes the next step of the caller of this request.
    pub(crate) fn step(
        &mut self,
        number: u64,
        waker: impl FnOnce(Role) -> Waker,
        afterwards: &mut Afterwards,
    ) -> Step<Multipart, Error> {
        let mut port = Requests { socket: &self.socket, start: self.start };
        self.exchange.step(&mut port, number, waker, afterwards)
    }

    /// Returns the reply to a request, as [`Exchange::poll`] does.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    pub(crate) fn poll(
        &mut self,
        number: u64,
        waker: &Waker,
        arm: impl FnMut() -> Poll<Result<()>>,
        afterwards: &mut Afterwards,
    ) -> Poll<Result<Multipart>> {
        let mut port = Requests { socket: &self.socket, start: self.start };
        self.exchange.poll(&mut port, number, waker, arm, afterwards)
    }

    /// Sends and receives for all tasks.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    pub(crate) fn attend(&mut self, arm: impl FnMut() -> Poll<Result<()>>, afterwards: &mut Afterwards) {
        let mut port = Requests { socket: &self.socket, start: self.start };
        self.exchange.attend(&mut port, arm, afterwards);
    }

    /// Ends the wait of a request. A reply that has arrived is dropped.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    fn abandon(&mut self, number: u64, afterwards: &mut Afterwards) {
        if let GaveUp::Done(Ok(_)) = self.exchange.remove(number, afterwards) {
            self.exchange.note_dropped();
        }
    }

    /// Returns how long a call may wait according to the receive timeout of the socket.
    pub(crate) fn recv_limit(&self) -> Option<Duration> {
        self.socket.core().recv_limit()
    }
}

/// Refuses a socket that cannot carry requests.
pub(crate) fn check(socket: &Socket<Dealer>) -> Result<()> {
    let operation = Operation::IntoRequester;
    socket.core().check_process(operation)?;
    let reason = if socket.core().is_mid_message() {
        "some parts of a message were not sent yet"
    } else if socket.core().conflates() {
        "a socket that keeps only the latest message cannot carry requests"
    } else {
        return Ok(());
    };
    Err(Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, socket.kind().name(), reason))
}

impl From<Socket<Dealer>> for Guarded {
    fn from(socket: Socket<Dealer>) -> Guarded {
        Guarded {
            context: Arc::clone(socket.core().context()),
            state: Mutex::new(State { exchange: Exchange::new(), socket, start: Start::random() }),
            lender: Lender::default(),
            #[cfg(any(feature = "smol", feature = "tokio"))]
            abandoned: Mutex::default(),
            #[cfg(any(feature = "smol", feature = "tokio"))]
            has_abandoned: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            pending: AtomicUsize::new(0),
        }
    }
}

impl Guarded {
    /// Fails in a forked child process, where the lock may be held forever by a thread that exists only in the parent. Also fails if the
    /// calling thread holds the lock.
    pub(crate) fn check(&self, operation: Operation) -> Result<()> {
        self.context.check_process(operation)?;
        if self.lender.is_here() {
            let reason = "the call is made inside `with_inner` of the same requester";
            return Err(Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, "", reason));
        }
        Ok(())
    }

    /// Runs `section` with the lock held. Destructors of messages and wakers are code of the program, so they run after the lock is
    /// released.
    pub(crate) fn locked<T>(&self, section: impl FnOnce(&mut State, &mut Afterwards) -> T) -> T {
        // Dropped at the end, after the lock is released.
        let mut afterwards = Afterwards::default();
        callback::after(|| {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            self.with(&mut state, &mut afterwards, section)
        })
    }

    /// Like [`locked`](Self::locked), unless the lock is held.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    pub(crate) fn try_locked<T>(&self, section: impl FnOnce(&mut State, &mut Afterwards) -> T) -> Option<T> {
        let mut afterwards = Afterwards::default();
        callback::after(|| {
            let mut state = match self.state.try_lock() {
                Ok(state) => state,
                Err(TryLockError::Poisoned(state)) => state.into_inner(),
                Err(TryLockError::WouldBlock) => return None,
            };
            Some(self.with(&mut state, &mut afterwards, section))
        })
    }

    /// Runs `section`, and stores the counts.
    fn with<T>(
        &self,
        state: &mut State,
        afterwards: &mut Afterwards,
        section: impl FnOnce(&mut State, &mut Afterwards) -> T,
    ) -> T {
        #[cfg(any(feature = "smol", feature = "tokio"))]
        self.remove_abandoned(state, afterwards);
        let result = section(state, afterwards);
        self.dropped.store(state.exchange.dropped(), Ordering::Relaxed);
        self.pending.store(state.exchange.waiting(), Ordering::Relaxed);
        result
    }

    /// Lends the socket to code of the program, with the lock held.
    pub(crate) fn lend<T>(&self, call: impl FnOnce(&Socket<Dealer>) -> T) -> Result<T> {
        self.check(Operation::WithInner)?;
        Ok(self.locked(|state, afterwards| {
            // The call may read commands that a watching thread waits for, so this thread is woken, even if the call panics.
            state.exchange.wake_watcher(afterwards);
            let (mark, lent) = (self.lender.mark(), state.socket.core().lend());
            let result = call(&state.socket);
            drop((mark, lent));
            #[cfg(any(feature = "smol", feature = "tokio"))]
            self.remove_abandoned(state, afterwards);
            result
        }))
    }

    /// Ends the wait of a request that nobody waits for any more. A reply that has arrived is dropped.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    pub(crate) fn abandon(&self, number: u64) {
        match self.check(Operation::Request) {
            Ok(()) => self.locked(|state, afterwards| state.abandon(number, afterwards)),
            Err(error) if error.kind() == ErrorKind::WrongState => {
                self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).push(number);
                self.has_abandoned.store(true, Ordering::Relaxed);
            }
            // A forked child has nothing to end.
            Err(_) => {}
        }
    }

    /// Ends the waits of requests that could not be ended before.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    fn remove_abandoned(&self, state: &mut State, afterwards: &mut Afterwards) {
        if self.has_abandoned.load(Ordering::Relaxed) {
            self.has_abandoned.store(false, Ordering::Relaxed);
            let numbers =
                core::mem::take(&mut *self.abandoned.lock().unwrap_or_else(PoisonError::into_inner));
            numbers.into_iter().for_each(|number| state.abandon(number, afterwards));
        }
    }

    /// The number of messages that answered no waiting request.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// The number of requests that wait.
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }
}
