//! Requests from several tasks over one socket.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Weak};
use std::task::Wake;

use super::reactor::Edges;
use super::{Reactor, Socket};
use crate::context::EndsInThread;
use crate::error::{ConvertError, Error, Operation, Result};
use crate::kind::Dealer;
use crate::message::{IntoMultipart, Multipart};
use crate::raw::callback;
use crate::raw::registered::{Register, Registered};
use crate::readiness::call::Call;
use crate::readiness::exchange::Afterwards;
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
/// A requester starts no task and no thread. When replies arrive, the reactor of the runtime hands them out, and wakes the tasks that wait
/// for them. So a request gets its reply even if the futures of other requests are not polled. The destructors of
/// [messages with an owner](crate::Message::from_owner) that are dropped, because nobody waits for them, can run in a thread of the runtime.
///
/// Dropping the last clone closes the socket, and never blocks. In a forked child process, requests and calls of `with_inner` fail.
pub struct Requester<R: Reactor> {
    shared: Arc<Shared<R>>,
}

/// The data that the clones share.
struct Shared<R: Reactor> {
    /// Dropped before `_context`.
    registered: Registered<Guarded, R::Registration>,
    /// The only waker that the reactor receives.
    waker: Waker,
    /// The calls of the reactor.
    call: Call,
    _context: EndsInThread,
}

/// Attends to the socket when the reactor reports an edge. It belongs to no task, so each task gets its reply whether or not other tasks
/// run.
struct Attendant<R: Reactor>(Weak<Shared<R>>);

impl<R: Reactor> Wake for Attendant<R> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            // Destructors run at the end, after the tasks were woken.
            callback::after(|| shared.attend());
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
        let registered = registered.into_inner().into_part();
        // The threads of libzmq must not use the socket.
        registered.source().use_only_descriptor(true);
        let shared = Arc::new_cyclic(|shared| Shared {
            registered,
            waker: Waker::from(Arc::new(Attendant(Weak::clone(shared)))),
            call: Call::default(),
            _context,
        });
        Ok(Requester { shared })
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
        callback::after(|| {
            let _attends = AttendsIfCalled(&self.shared);
            self.shared.requests().lend(|socket| {
                // The call may read commands, which the descriptor then does not show.
                self.shared.call.note();
                call(socket)
            })
        })
    }

    /// Returns the number of messages that were dropped because they answer no waiting request: late replies, second replies, and
    /// messages without the envelope of a request. A message is counted when it is received, which happens only while a request waits.
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
        R::Registration::beyond_budget(|task| edges.poll_edge(task), &self.waker)
    }

    /// Runs `section` with the lock held. Attends to the socket if the reactor has reported an edge meanwhile.
    fn locked<T>(&self, section: impl FnOnce(&mut State, &mut Afterwards) -> T) -> T {
        // Destructors run at the end, so they delay no reply.
        callback::after(|| {
            let _attends = AttendsIfCalled(self);
            self.requests().locked(section)
        })
    }

    /// Attends to the socket. If the lock is held, its holder does this afterwards.
    fn attend(&self) {
        if self.requests().check(Operation::Request).is_err() {
            // The calling thread holds the lock, or this is a forked child process, which uses no socket.
            self.call.note();
            return;
        }
        self.call.make(|| {
            let attended = self.requests().try_locked(|state, afterwards| {
                self.call.answer();
                state.attend(|| self.poll_edge(), afterwards);
            });
            attended.is_some()
        });
    }
}

/// When it is dropped, attends to the socket if the reactor has reported an edge while the lock was held. A panic does not prevent this.
struct AttendsIfCalled<'a, R: Reactor>(&'a Shared<R>);

impl<R: Reactor> Drop for AttendsIfCalled<'_, R> {
    fn drop(&mut self) {
        if self.0.call.take() {
            self.0.attend();
        }
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
    /// The request with this number waits for its reply.
    ForReply(u64),
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

/// Begins a request, and returns the reply if it has arrived.
fn poll<R: Reactor>(
    shared: &Shared<R>,
    waiting: &mut Waiting,
    task: &mut Context<'_>,
) -> Poll<Result<Multipart>> {
    let former = core::mem::replace(waiting, Waiting::Nothing);
    if let Waiting::Nothing = former {
        let reason = "a future must not be polled again after it was ready";
        return Poll::Ready(Err(Error::invalid(Operation::Request, "a request", reason)));
    }
    let polled = shared.locked(|state, afterwards| {
        let number = match former {
            Waiting::ToBegin(request) => state.begin(request),
            Waiting::ForReply(number) => number,
            Waiting::Nothing => return Poll::Pending,
        };
        *waiting = Waiting::ForReply(number);
        state.poll(number, task.waker(), || shared.poll_edge(), afterwards)
    });
    if polled.is_ready() {
        *waiting = Waiting::Nothing;
    }
    polled.map_err(|error| error.within(Operation::Request))
}

impl<R: Reactor> Drop for RequestFuture<'_, R> {
    fn drop(&mut self) {
        if let Waiting::ForReply(number) = self.state {
            callback::after(|| {
                let _attends = AttendsIfCalled(self.shared);
                self.shared.requests().abandon(number);
            });
        }
    }
}

impl<R: Reactor> fmt::Debug for RequestFuture<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFuture").finish_non_exhaustive()
    }
}
