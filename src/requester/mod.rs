//! Requests from several threads over one socket.

pub(crate) mod envelope;
pub(crate) mod guarded;
mod interrupter;
mod parker;

use core::fmt;
use core::time::Duration;
use std::cell::OnceCell;
use std::sync::Arc;
use std::task::Waker;

use crate::error::{ConvertError, Error, Operation, Result};
use crate::events::POLLIN;
use crate::kind::Dealer;
use crate::message::{IntoMultipart, Multipart};
use crate::raw::Errno;
use crate::raw::poll::{PollItem, RawDescriptor};
use crate::readiness::exchange::{GaveUp, Role, Step};
use crate::socket::Socket;
use crate::timeout::{Deadline, Wait};
use crate::wait::wait_for;
use guarded::{Guarded, check};
use interrupter::Interrupter;
use parker::Parker;

/// Sends requests and waits for their replies, from any number of threads over one DEALER socket.
///
/// Configure and connect a DEALER socket as usual, and turn it into a requester with [`Socket::into_requester`]. Clones of a requester
/// share the socket. Each request returns its own reply, in whatever order the replies arrive:
///
/// ```
/// use std::thread;
/// use std::time::Duration;
/// use zmq::{Context, Dealer, Rep};
///
/// let context = Context::new()?;
/// let server = context.socket(Rep)?;
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
/// thread::spawn(move || -> zmq::Result<()> {
///     loop {
///         let request = server.recv()?;
///         server.send(request)?;
///     }
/// });
///
/// let dealer = context.socket(Dealer)?;
/// dealer.connect(&endpoint)?;
/// let requester = dealer.into_requester()?;
/// thread::scope(|threads| {
///     for number in 0..4 {
///         let requester = &requester;
///         threads.spawn(move || {
///             let request = format!("request {number}");
///             let reply = requester.request_within(request.as_str(), Duration::from_secs(5)).unwrap();
///             assert_eq!(reply, [request]);
///         });
///     }
/// });
/// context.shutdown()?; // ends the server
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Servers
///
/// A server uses a REP socket, or a ROUTER socket that returns the envelope of each request. It can be written in any language. The
/// envelope consists of a frame of 8 bytes, which is different for each request, and an empty frame. A REP socket returns the envelope
/// by itself. A ROUTER socket receives the routing id of the requester, the two frames of the envelope, and the content of the request.
/// The server must send the routing id and the envelope before the content of the reply.
///
/// If the socket is connected to several servers, the requests go to them in turn, as with every DEALER socket.
///
/// # What is lost
///
/// A request gets no reply if the server disappears, or if it drops the request or the reply. So limit the time with
/// [`request_within`](Self::request_within) or with the [receive timeout](Socket::set_recv_timeout) of the socket. A requester never
/// repeats a request by itself, because the server may already have handled it.
///
/// A call that ends without a reply does not cancel its request, unless the request was still waiting for room. So a server may still
/// receive and handle the request. The late reply is dropped, like every message that answers no waiting request, such as the second of
/// two replies. [`dropped`](Self::dropped) counts these messages.
///
/// # Threads
///
/// A requester starts no thread. One of the waiting threads waits for the socket, and receives the replies for all waiting threads. No
/// thread holds a lock while it waits. A requester needs two descriptors, in addition to the descriptors of the socket.
///
/// Dropping the last clone closes the socket. In a forked child process, requests and calls of `with_inner` fail.
#[derive(Clone)]
pub struct Requester {
    shared: Arc<Shared>,
}

/// The data that the clones of a requester share.
struct Shared {
    requests: Guarded,
    descriptor: RawDescriptor,
    interrupter: Arc<Interrupter>,
}

/// # Requests from several threads
impl Socket<Dealer> {
    /// Turns the socket into a [`Requester`], which sends requests from any number of threads.
    ///
    /// Configure and connect the socket first. Later, [`Requester::with_inner`] gives access to it.
    ///
    /// # Errors
    ///
    /// Each error returns the socket.
    ///
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the socket has sent only some parts of a message, or if it [keeps only the
    ///   latest message](Self::set_conflate).
    /// * [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles) if the process cannot open two more descriptors.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub fn into_requester(self) -> Result<Requester, ConvertError<Self>> {
        let system = |error| Error::system(Operation::IntoRequester, &error);
        let interrupter = match check(&self).and_then(|()| Interrupter::new().map_err(system)) {
            Ok(interrupter) => interrupter,
            Err(error) => return Err(ConvertError::new(error, self)),
        };
        let shared = Shared {
            descriptor: self.core().notification().unwrap_or_default(),
            requests: Guarded::from(self),
            interrupter: Arc::new(interrupter),
        };
        Ok(Requester { shared: Arc::new(shared) })
    }
}

impl Requester {
    /// Sends a request and waits for its reply, up to the [receive timeout](Socket::set_recv_timeout) of the socket.
    ///
    /// By default, the receive timeout is infinite, so the call waits forever if the server disappears.
    ///
    /// The timeout also limits the wait for room to send the request. The send timeout of the socket has no effect.
    ///
    /// # Errors
    ///
    /// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if no reply arrived in time. The text of the error says whether the request was
    ///   sent.
    /// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the call is made inside [`with_inner`](Self::with_inner) of the same
    ///   requester.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    ///
    /// Signals do not end the call, even if the context is [interruptible](crate::Context::set_interruptible).
    pub fn request(&self, message: impl IntoMultipart) -> Result<Multipart> {
        self.shared.request(message.into_multipart(), Wait::AsSet)
    }

    /// Sends a request and waits up to `timeout` for its reply, whatever the [receive timeout](Socket::set_recv_timeout) of the
    /// socket is.
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, Dealer};
    ///
    /// let context = Context::new()?;
    /// context.set_blocky(false)?;
    /// let dealer = context.socket(Dealer)?;
    /// dealer.bind("inproc://nobody-answers")?;
    /// let requester = dealer.into_requester()?;
    /// let error = requester.request_within("Hello", Duration::from_millis(10)).unwrap_err();
    /// assert!(error.is_would_block());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`request`](Self::request) for the errors.
    #[doc(alias = "request_timeout")]
    pub fn request_within(&self, message: impl IntoMultipart, timeout: Duration) -> Result<Multipart> {
        self.shared.request(message.into_multipart(), Wait::UpTo(timeout))
    }

    /// Passes the socket to `call`, for example to connect to another server, to set options, or to start a monitor.
    ///
    /// All requests wait until `call` returns, so `call` should not wait for anything. It must not send or receive. In `call`,
    /// requests and calls of `with_inner` on the same requester fail. [`send_more`](Socket::send_more) fails as well, because the
    /// next request would become a part of its message.
    ///
    /// The call returns `Ok` with the result of `call`. If `call` can fail as well, write `??`:
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # context.set_blocky(false)?;
    /// # let dealer = context.socket(zmq::Dealer)?;
    /// let requester = dealer.into_requester()?;
    /// requester.with_inner(|socket| socket.connect("tcp://127.0.0.1:5555"))??;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the call is made inside another `with_inner` of the same requester.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    pub fn with_inner<T>(&self, call: impl FnOnce(&Socket<Dealer>) -> T) -> Result<T> {
        self.shared.requests.lend(call)
    }

    /// Returns the number of messages that were dropped because they answer no waiting request: late replies, second replies, and
    /// messages without the envelope of a request. A message is counted when a waiting thread receives it.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.requests.dropped()
    }

    /// Returns the number of requests that currently wait for a reply.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.requests.pending()
    }
}

impl fmt::Debug for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requester")
            .field("pending", &self.pending())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn request(&self, message: Multipart, wait: Wait) -> Result<Multipart> {
        self.requests.check(Operation::Request)?;
        let message = envelope::wrap(message);
        let parker = OnceCell::new();
        let waker = |role| match role {
            Role::Watcher => Waker::from(Arc::clone(&self.interrupter)),
            Role::Sleeper => Waker::from(Arc::clone(parker.get_or_init(|| Arc::new(Parker::new())))),
        };
        let (number, limit, mut step) = self.requests.locked(|state, afterwards| {
            let limit = match wait {
                Wait::UpTo(timeout) => Some(timeout),
                _ => state.recv_limit(),
            };
            let number = state.begin(message);
            (number, limit, state.step(number, waker, afterwards))
        });
        let deadline = Deadline::after(limit);
        loop {
            let waited = match step {
                Step::Done(outcome) => return outcome.map_err(|error| error.within(Operation::Request)),
                Step::Again => Ok(()),
                Step::Watch => self.watch(deadline),
                Step::Sleep => {
                    if let Some(parker) = parker.get() {
                        parker.park(deadline);
                    }
                    Ok(())
                }
            };
            if waited.is_err() || deadline.has_passed() {
                return self.give_up(number, waited);
            }
            step = self.requests.locked(|state, afterwards| state.step(number, waker, afterwards));
        }
    }

    /// Waits until the descriptor is readable or the thread is interrupted.
    fn watch(&self, deadline: Deadline) -> Result<()> {
        let mut items = [
            PollItem::descriptor(self.descriptor, POLLIN.bits()),
            PollItem::descriptor(self.interrupter.descriptor(), POLLIN.bits()),
        ];
        wait_for(items.as_mut_slice(), deadline.left(), || false)?;
        let [_, interrupter] = items;
        if interrupter.returned() != 0 {
            self.interrupter.clear();
        }
        Ok(())
    }

    /// Ends a request whose time is over, or whose wait failed.
    fn give_up(&self, number: u64, waited: Result<()>) -> Result<Multipart> {
        let gave_up = self.requests.locked(|state, afterwards| state.exchange.give_up(number, afterwards));
        let operation = match gave_up {
            GaveUp::Done(outcome) => return outcome.map_err(|error| error.within(Operation::Request)),
            GaveUp::Sent => Operation::Request,
            GaveUp::Unsent => Operation::RequestUnsent,
        };
        waited.map_err(|error| error.within(operation))?;
        Err(Error::new(operation, Errno(libc::EAGAIN)))
    }
}
