//! A socket that carries requests, behind a lock.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::envelope::{Requests, Start};
use crate::context::Inner;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::Dealer;
use crate::message::Multipart;
use crate::raw::callback;
use crate::readiness::exchange::{Afterwards, Exchange, GaveUp, Role, Step};
use crate::socket::Socket;
use crate::sys::lender::Lender;

/// A socket that carries requests, behind a lock.
pub(crate) struct Guarded {
    /// Dropped before `context`.
    state: Mutex<State>,
    /// The thread that runs code of the program while it holds the lock.
    lender: Lender,
    /// The requests that code of the program gave up while its thread held the lock.
    given_up: Mutex<Vec<u64>>,
    has_given_up: AtomicBool,
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

    /// Ends the wait of a request. A reply that has arrived is dropped.
    fn give_up(&mut self, number: u64, afterwards: &mut Afterwards) {
        if let GaveUp::Done(Ok(_)) = self.exchange.give_up(number, afterwards) {
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
            given_up: Mutex::default(),
            has_given_up: AtomicBool::new(false),
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
            self.give_up_all(&mut state, &mut afterwards);
            let result = section(&mut state, &mut afterwards);
            self.dropped.store(state.exchange.dropped(), Ordering::Relaxed);
            self.pending.store(state.exchange.waiting(), Ordering::Relaxed);
            result
        })
    }

    /// Lends the socket to code of the program, with the lock held.
    pub(crate) fn lend<T>(&self, call: impl FnOnce(&Socket<Dealer>) -> T) -> Result<T> {
        self.check(Operation::WithInner)?;
        Ok(self.locked(|state, afterwards| {
            // The call may read commands that the watcher waits for, so the watcher is woken, even if the call panics.
            state.exchange.wake_watcher(afterwards);
            let (mark, lent) = (self.lender.mark(), state.socket.core().lend());
            let result = call(&state.socket);
            drop((mark, lent));
            self.give_up_all(state, afterwards);
            result
        }))
    }

    /// Ends the wait of a request that nobody waits for any more. A reply that has arrived is dropped.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    pub(crate) fn give_up(&self, number: u64, finish: impl FnOnce(&mut State, &mut Afterwards)) {
        match self.check(Operation::Request) {
            Ok(()) => self.locked(|state, afterwards| {
                state.give_up(number, afterwards);
                finish(state, afterwards);
            }),
            Err(error) if error.kind() == ErrorKind::WrongState => {
                self.given_up.lock().unwrap_or_else(PoisonError::into_inner).push(number);
                self.has_given_up.store(true, Ordering::Relaxed);
            }
            // A forked child has nothing to end.
            Err(_) => {}
        }
    }

    /// Ends the waits of requests that could not be ended before.
    fn give_up_all(&self, state: &mut State, afterwards: &mut Afterwards) {
        if self.has_given_up.load(Ordering::Relaxed) {
            self.has_given_up.store(false, Ordering::Relaxed);
            let numbers = core::mem::take(&mut *self.given_up.lock().unwrap_or_else(PoisonError::into_inner));
            numbers.into_iter().for_each(|number| state.give_up(number, afterwards));
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
