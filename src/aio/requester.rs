//! Requests from several tasks over one socket.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

use super::reactor::Edges;
use super::{Reactor, Socket};
use crate::context::EndsInThread;
use crate::error::{ConvertError, Error, Operation, Result};
use crate::kind::Dealer;
use crate::message::{IntoMultipart, Multipart};
use crate::panics;
use crate::raw::registered::{Register, Registered};
use crate::readiness::exchange::{Afterwards, Step};
use crate::readiness::task::Source;
use crate::requester::envelope;
use crate::requester::guarded::{Guarded, State, check};
use crate::socket;

/// Sends requests and waits for their replies, from any number of tasks over one DEALER socket.
///
/// This type is the async counterpart of [`zmq::Requester`](crate::Requester), whose page describes which servers can answer, when a
/// request or reply is lost, and what happens to late replies. [`Socket::into_requester`] creates a requester. Clones share the socket:
///
/// ```
/// use std::time::Duration;
/// use tokio::time::timeout;
/// use zmq::{Context, Dealer, Rep};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let context = Context::new()?;
/// let server = context.socket(Rep)?;
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
/// let mut server = server.into_tokio()?;
/// tokio::spawn(async move {
///     while let Ok(request) = server.recv_multipart().await {
///         if server.send_multipart(request).await.is_err() {
///             break;
///         }
///     }
/// });
///
/// let dealer = context.socket(Dealer)?;
/// dealer.connect(&endpoint)?;
/// let requester = dealer.into_tokio()?.into_requester()?;
/// let tasks: Vec<_> = (0..4)
///     .map(|number| {
///         let requester = requester.clone();
///         tokio::spawn(async move {
///             let request = format!("request {number}");
///             let reply = timeout(Duration::from_secs(5), requester.request(request.as_str())).await??;
///             assert_eq!(reply, [request]);
///             Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
///         })
///     })
///     .collect();
/// for task in tasks {
///     task.await?.unwrap();
/// }
/// context.shutdown()?; // ends the server
/// # Ok(())
/// # })
/// # }
/// ```
///
/// A requester starts no task and no thread. One of the waiting tasks receives the replies for all waiting tasks.
///
/// Dropping the last clone closes the socket, and never blocks. In a forked child process, requests and calls of `with_inner` fail.
pub struct Requester<R: Reactor> {
    shared: Arc<Shared<R>>,
}

/// The data that the clones share.
struct Shared<R: Reactor> {
    /// Dropped before `_context`.
    registered: Registered<Guarded, R::Registration>,
    alarm: Arc<Alarm>,
    /// The only waker that the reactor receives.
    waker: Waker,
    _context: EndsInThread,
}

/// Wakes the watching task when the reactor reports an edge.
///
/// The reactor may keep it longer than the clones exist, so it is not part of `Shared`.
#[derive(Debug, Default)]
struct Alarm(Mutex<Option<Waker>>);

impl Alarm {
    fn watcher(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The lock is released before the waker is called.
        let watcher = self.watcher().take();
        if let Some(watcher) = watcher {
            panics::contain(|| watcher.wake());
        }
    }
}

impl<R: Reactor> Socket<Dealer, R> {
    /// Turns the socket into a [`Requester`], which sends requests from any number of tasks.
    ///
    /// Configure and connect the socket first. Later, [`Requester::with_inner`] gives access to it.
    ///
    /// # Errors
    ///
    /// Each error returns the socket.
    ///
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the socket has sent only some parts of a message, or if it [keeps only the
    ///   latest message](crate::Socket::set_conflate).
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub fn into_requester(mut self) -> Result<Requester<R>, ConvertError<Self>> {
        if let Err(error) = check(self.inner()) {
            return Err(ConvertError::new(error, self));
        }
        let Socket { registered, _context, .. } = self;
        let alarm = Arc::new(Alarm::default());
        let waker = Waker::from(Arc::clone(&alarm));
        let registered = registered.into_inner().into_part();
        Ok(Requester { shared: Arc::new(Shared { registered, alarm, waker, _context }) })
    }
}

impl<R: Reactor> Requester<R> {
    /// Sends a request and waits for its reply. If the server disappears, this waits forever, so use a timeout.
    ///
    /// If the queue is full, requests wait, and are sent in their order as soon as there is room.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it is ready does not affect other requests. If the request was still waiting for room, it is not sent.
    /// Otherwise, **the request stays sent**, and its reply is dropped.
    ///
    /// # Errors
    ///
    /// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) if the call has to wait and the runtime of the socket has ended.
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the call is made inside [`with_inner`](Self::with_inner) of the same requester.
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the future is polled again after it was ready.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    pub fn request(&self, message: impl IntoMultipart) -> RequestFuture<'_, R> {
        let request = envelope::wrap(message.into_multipart());
        RequestFuture { shared: &self.shared, state: Waiting::ToBegin(request) }
    }

    /// Passes the blocking socket to `call`, for example to connect to another server, to set options, or to start a monitor.
    ///
    /// All requests wait until `call` returns, so `call` must not block. It must not send or receive. In `call`, requests and calls of
    /// `with_inner` on the same requester fail. [`send_more`](crate::Socket::send_more) fails as well, because the next request would
    /// become a part of its message.
    ///
    /// The call returns `Ok` with the result of `call`. If `call` can fail as well, write `??`.
    ///
    /// # Errors
    ///
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the call is made inside another `with_inner` of the same requester.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    pub fn with_inner<T>(&self, call: impl FnOnce(&socket::Socket<Dealer>) -> T) -> Result<T> {
        self.shared.requests().lend(|socket| {
            let _lent = self.shared.registered.lend();
            call(socket)
        })
    }

    /// Returns the number of messages that were dropped because they answer no waiting request: late replies, second replies, and
    /// messages without the envelope of a request. A message is counted when a waiting task receives it.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.requests().dropped()
    }

    /// Returns the number of requests that currently wait for a reply.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.requests().pending()
    }
}

impl<R: Reactor> Clone for Requester<R> {
    fn clone(&self) -> Requester<R> {
        Requester { shared: Arc::clone(&self.shared) }
    }
}

impl<R: Reactor> fmt::Debug for Requester<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requester")
            .field("pending", &self.pending())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl<R: Reactor> Shared<R> {
    fn requests(&self) -> &Guarded {
        self.registered.owner()
    }

    /// Takes an edge from the reactor. If there is no edge, registers the waker for the next edge.
    fn poll_edge(&self) -> Poll<Result<()>> {
        let edges = Edges::<R>::new(self.registered.source(), Operation::Request);
        edges.poll_edge(&mut Context::from_waker(&self.waker))
    }

    /// Takes a step of a request with the lock held, and sets the waker that the reactor calls.
    fn step(
        &self,
        task: &Context<'_>,
        number: impl FnOnce(&mut State) -> u64,
    ) -> (u64, Step<Multipart, Error>) {
        self.requests().locked(|state, afterwards| {
            let number = number(state);
            let step = state.step(number, |_| task.waker().clone(), afterwards);
            if let Step::Watch = step {
                let before = self.alarm.watcher().replace(task.waker().clone());
                afterwards.drop_waker(before);
            } else {
                self.silence(state, afterwards);
            }
            (number, step)
        })
    }

    /// Forgets the waker if no task watches any more.
    fn silence(&self, state: &State, afterwards: &mut Afterwards) {
        if !state.exchange.is_watched() {
            afterwards.drop_waker(self.alarm.watcher().take());
        }
    }

    /// Ends the wait of a request.
    fn give_up(&self, number: u64) {
        self.requests().give_up(number, |state, afterwards| self.silence(state, afterwards));
    }
}

/// The future that [`Requester::request`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct RequestFuture<'a, R: Reactor> {
    shared: &'a Shared<R>,
    state: Waiting,
}

/// The progress of a request.
enum Waiting {
    ToBegin(Multipart),
    /// The request waits for its reply. `watches` is true if its task watches the descriptor.
    Reply {
        number: u64,
        watches: bool,
    },
    Nothing,
}

impl<R: Reactor> Future for RequestFuture<'_, R> {
    type Output = Result<Multipart>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<Multipart>> {
        let RequestFuture { shared, state } = self.get_mut();
        // In a forked child process, a lock of the reactor may be held forever by a thread that exists only in the parent.
        shared.requests().check(Operation::Request)?;
        shared.registered.source().within_budget(task, |task| poll(shared, state, task))
    }
}

/// Takes steps of a request until it has to wait.
fn poll<R: Reactor>(
    shared: &Shared<R>,
    state: &mut Waiting,
    task: &mut Context<'_>,
) -> Poll<Result<Multipart>> {
    let (number, mut step) = match core::mem::replace(state, Waiting::Nothing) {
        Waiting::ToBegin(request) => shared.step(task, |state| state.begin(request)),
        Waiting::Reply { number, watches } => {
            if watches {
                // The edge that woke the task is taken before the next check. An error is reported when the task waits again.
                let _ = shared.poll_edge();
            }
            shared.step(task, |_| number)
        }
        Waiting::Nothing => {
            let reason = "a future must not be polled again after it was ready";
            return Poll::Ready(Err(Error::invalid(Operation::Request, "a request", reason)));
        }
    };
    loop {
        let watches = match step {
            Step::Done(outcome) => {
                return Poll::Ready(outcome.map_err(|error| error.within(Operation::Request)));
            }
            Step::Sleep => false,
            Step::Again => {
                task.waker().wake_by_ref();
                false
            }
            Step::Watch => match shared.poll_edge() {
                Poll::Pending => true,
                Poll::Ready(Ok(())) => {
                    (_, step) = shared.step(task, |_| number);
                    continue;
                }
                Poll::Ready(Err(error)) => {
                    shared.give_up(number);
                    return Poll::Ready(Err(error));
                }
            },
        };
        *state = Waiting::Reply { number, watches };
        return Poll::Pending;
    }
}

impl<R: Reactor> Drop for RequestFuture<'_, R> {
    fn drop(&mut self) {
        if let Waiting::Reply { number, .. } = self.state {
            self.shared.give_up(number);
        }
    }
}

impl<R: Reactor> fmt::Debug for RequestFuture<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFuture").finish_non_exhaustive()
    }
}
