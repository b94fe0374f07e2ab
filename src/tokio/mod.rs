//! Async sockets for the runtime [tokio](https://docs.rs/tokio), with the feature `tokio`, on Unix.
//!
//! Configure, bind and connect a [`zmq::Socket`](crate::Socket) as usual, then turn it into an async [`Socket`] with
//! [`into_tokio`](crate::Socket::into_tokio):
//!
//! ```
//! use zmq::{Context, Rep, Req};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
//! # runtime.block_on(async {
//! let context = Context::new()?;
//! let responder = context.socket(Rep)?;
//! let endpoint = responder.bind("tcp://127.0.0.1:*")?;
//! let mut responder = responder.into_tokio()?;
//!
//! let server = tokio::spawn(async move {
//!     let request = responder.recv().await?;
//!     assert_eq!(request, "Hello");
//!     responder.send("World").await?;
//!     Ok::<(), zmq::Error>(())
//! });
//!
//! let requester = context.socket(Req)?;
//! requester.connect(&endpoint)?;
//! let mut requester = requester.into_tokio()?;
//! requester.send("Hello").await?;
//! assert_eq!(requester.recv().await?, "World");
//! server.await??;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Cancel safety
//!
//! Every future of this module can be dropped at any time, for example by `select!` or `timeout`. This never loses or breaks a
//! message that the socket has, and the next call works as if the dropped one had not been made. A call that sends and is dropped
//! has not sent its message. The message is dropped with the call, except with [`send_from`](Socket::send_from).
//!
//! # Time limits
//!
//! The [receive](crate::Socket::set_recv_timeout) and [send timeouts](crate::Socket::set_send_timeout) of a socket have no effect on
//! async calls. Use `tokio::time::timeout`.
//!
//! # Dropping
//!
//! Dropping an async socket never blocks. If the socket is the last owner of its context, a thread named `zmq-end` ends the context and
//! waits until all messages are sent. If the process ends before that, unsent messages are lost. If the system starts no thread, the context
//! is never ended. To wait for the messages, keep
//! a clone of the [`Context`](crate::Context), and drop it last, where blocking is allowed: after the runtime has ended, or in tokio's
//! `spawn_blocking`.
//!
//! [docs/async.md](https://docs.rs/crate/zmq/latest/source/docs/async.md) says more: what blocks, pitfalls, and why the API is as it is.

mod error;
mod recv;
mod send;

use core::fmt;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use ::tokio::task::coop;

pub use error::RegisterError;
pub use recv::{RecvFuture, RecvMultipartFuture, RecvToFuture};
pub use send::{SendFromFuture, SendFuture, SendMultipartFuture};

use crate::context::EndsInThread;
use crate::error::exclusive::Exclusive;
use crate::error::{Error, Operation, Result};
use crate::kind::{Kind, SocketKind};
use crate::raw::tokio::{Registered, Registration};
use crate::readiness::task::{Parked, Source};
use crate::socket;

/// An async socket of type `K`, registered with a tokio runtime.
///
/// Made by [`zmq::Socket::into_tokio`](crate::Socket::into_tokio). It works in both kinds of tokio runtimes, and its futures are
/// [`Send`], so that tasks with it can be [spawned](::tokio::spawn). All calls take `&mut self`. Two calls on one socket at the same
/// time do not compile:
///
/// ```compile_fail,E0499
/// # async fn both(mut socket: zmq::tokio::Socket<zmq::Dealer>) {
/// let message = socket.recv();
/// socket.send("at the same time").await;
/// message.await;
/// # }
/// ```
///
/// In `select!` the handler of a branch can use the socket, because the other futures are dropped before it runs.
pub struct Socket<K: Kind> {
    parked: Parked,
    /// Dropped before the share of the context.
    registered: Exclusive<Registered<socket::Socket<K>>>,
    _context: EndsInThread,
}

/// # Async sockets
impl<K: Kind> socket::Socket<K> {
    /// Turns the socket into an async one, which is registered with the tokio runtime of the calling task.
    ///
    /// The socket can be bound and connected before. The options that must be set before the socket binds or connects can still be set
    /// afterwards, through [`tokio::Socket::inner`](crate::tokio::Socket::inner).
    ///
    /// # Errors
    ///
    /// Each error returns the socket.
    ///
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) outside of a tokio runtime, or in one without an I/O driver. Build the runtime with
    ///   `enable_io` or `enable_all`. Without an I/O driver, tokio panics. The panic is caught, but the panic hook runs. A program that
    ///   is compiled with `panic = "abort"` ends.
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) for the draft types that threads can share. They have no descriptor.
    /// * [`Forked`](crate::ErrorKind::Forked) in a child process.
    /// * [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles), [`OutOfMemory`](crate::ErrorKind::OutOfMemory) or
    ///   [`Other`](crate::ErrorKind::Other) if the system refuses the registration.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub fn into_tokio(self) -> Result<Socket<K>, RegisterError<K>> {
        if let Err(error) = self.core().check_process(Operation::IntoTokio) {
            return Err(RegisterError::new(error, self));
        }
        let context = EndsInThread::new(Arc::clone(self.core().context()));
        match Registered::new(self) {
            Ok(registered) => {
                let registered = Exclusive::new(registered);
                Ok(Socket { parked: Parked::default(), registered, _context: context })
            }
            Err((error, socket)) => {
                Err(RegisterError::new(error::refused(error.as_ref(), socket.kind()), socket))
            }
        }
    }
}

impl<K: Kind> Socket<K> {
    /// Returns the blocking socket for a moment, for example to set options, to subscribe, to bind and connect, or to send and receive
    /// without waiting.
    ///
    /// The reference is not [`Send`]. So a spawned task cannot keep it while it awaits something, and no other code uses the socket in
    /// the meantime. Do not call what [blocks](crate::Socket#what-blocks), such as `recv`, because it blocks the thread of the
    /// runtime.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    /// # runtime.block_on(async {
    /// # let context = zmq::Context::new()?;
    /// let mut subscriber = context.socket(zmq::Sub)?.into_tokio()?;
    /// subscriber.inner().subscribe("news")?;
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    pub fn inner(&mut self) -> &socket::Socket<K> {
        self.registered.get_mut().owner()
    }

    /// Ends the registration with the runtime, and returns the blocking socket.
    #[must_use]
    pub fn into_inner(self) -> socket::Socket<K> {
        self.registered.into_inner().into_owner()
    }

    /// Returns the socket type.
    pub fn kind(&mut self) -> SocketKind {
        self.inner().kind()
    }

    /// Runs a step of a call, unless the task has had its share of time: a socket that is always ready must not keep other tasks from
    /// running.
    #[inline]
    fn poll<T>(
        &mut self,
        operation: Operation,
        task: &mut Context<'_>,
        step: impl FnOnce(&mut Parked, &Reactor<'_>, &socket::Socket<K>, &mut Context<'_>) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        let registered = self.registered.get_mut();
        // In a forked child, a thread that is not there may hold a lock of the runtime.
        registered.owner().core().check_process(operation)?;
        let budget = ready!(coop::poll_proceed(task));
        let reactor = Reactor { registration: registered.source(), operation };
        let polled = step(&mut self.parked, &reactor, registered.owner(), task);
        if polled.is_ready() {
            budget.made_progress();
        }
        polled
    }
}

impl<K: Kind> fmt::Debug for Socket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("is_parked", &self.parked.is_parked()).finish_non_exhaustive()
    }
}

/// The reactor, for one operation.
struct Reactor<'a> {
    registration: &'a Registration,
    operation: Operation,
}

impl Source for Reactor<'_> {
    type Error = Error;

    #[inline]
    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.registration.poll_edge(task).map_err(|_| error::gone(self.operation))
    }
}

/// The socket as one future has it: dropped before it is ready, the future leaves nothing behind.
struct InFuture<'a, K: Kind>(&'a mut Socket<K>);

impl<K: Kind> Drop for InFuture<'_, K> {
    fn drop(&mut self) {
        let Socket { parked, registered, .. } = &mut *self.0;
        if parked.is_parked() {
            let registered = registered.get_mut();
            // As in `Socket::poll`.
            if registered.owner().core().check_process(Operation::Receive).is_ok() {
                parked.give_up(registered.source());
            }
        }
    }
}

/// Formats futures without what they hold: a message, and a socket in use.
macro_rules! debug_futures {
    ($($future:ident),+) => {$(
        impl<K: Kind> core::fmt::Debug for $future<'_, K> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($future)).finish_non_exhaustive()
            }
        }
    )+};
}
use debug_futures;
