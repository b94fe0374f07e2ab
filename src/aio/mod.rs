//! The types of async sockets, for any runtime.
//!
//! The types of [`zmq::tokio`](https://docs.rs/zmq/latest/zmq/tokio/) and [`zmq::smol`](https://docs.rs/zmq/latest/zmq/smol/) are aliases
//! of the types in this module. A function that works with every runtime is generic over the [`Reactor`]:
//!
//! ```
//! use zmq::aio::{Reactor, Socket};
//! use zmq::{Rep, Result};
//!
//! async fn echo<R: Reactor>(socket: &mut Socket<Rep, R>) -> Result<()> {
//!     let request = socket.recv().await?;
//!     socket.send(request).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Cancel safety
//!
//! The future of a call on a socket can be dropped before it is ready, for example by `select!` or by a time limit. The socket loses no
//! message, and is in the same state as before the call. If the call sends, its message is not sent. The message is dropped with the
//! future, except with [`send_from`](Socket::send_from) and `send_to_from`, which keep it. A [`Requester`] differs:
//! [`request`](Requester::request) describes what happens to a request whose future is dropped.
//!
//! # Time limits
//!
//! The [receive](crate::Socket::set_recv_timeout) and [send timeouts](crate::Socket::set_send_timeout) of a socket have no effect on async
//! calls. Use a timeout of the runtime, such as `tokio::time::timeout`.
//!
//! # Dropping
//!
//! Dropping an async socket never blocks. If the socket is the last owner of its context, a thread named `zmq-end` ends the context and
//! waits until all messages are sent. If the process ends first, unsent messages are lost. To wait until all messages are sent, end the
//! program with [`context.close().await`](crate::Context::close).
//!
//! [docs/async.md](https://docs.rs/crate/zmq/latest/source/docs/async.md) describes more: which calls block, pitfalls, and the reasons for
//! the design of the API.

// rustdoc shows the methods of a socket in the order of these lines. The blank lines keep rustfmt from sorting the modules.
mod recv;

mod send;

mod many;

#[cfg(zmq_draft)]
mod addressed;

mod ready;

mod poll;

#[cfg(feature = "futures")]
mod stream;

#[cfg(feature = "futures")]
mod sink;

mod error;
#[cfg(feature = "futures")]
mod events;
mod halves;
mod monitor;
mod reactor;
mod requester;

use core::fmt;
use core::task::{Context, Poll};

#[cfg(zmq_draft)]
pub use addressed::{RecvFromFuture, SendToFromFuture, SendToFuture};
#[cfg(feature = "futures")]
pub use events::{MonitorIntoStream, MonitorStream};
pub use halves::{
    Receiver, ReceiverReadableFuture, ReceiverRecvFuture, ReceiverRecvManyFuture,
    ReceiverRecvMultipartFuture, ReceiverRecvToFuture, ReuniteError, Sender, SenderSendFromFuture,
    SenderSendFuture, SenderSendMultipartFuture, SenderWritableFuture,
};
#[cfg(zmq_draft)]
pub use halves::{ReceiverRecvFromFuture, SenderSendToFromFuture, SenderSendToFuture};
pub use many::RecvManyFuture;
pub use monitor::{Monitor, MonitorRecvFuture};
pub use reactor::Reactor;
pub(crate) use reactor::Runtime;
pub use ready::{ReadableFuture, WritableFuture};
pub use recv::{RecvFuture, RecvMultipartFuture, RecvToFuture};
pub use requester::{RequestFuture, Requester};
pub use send::{SendFromFuture, SendFuture, SendMultipartFuture};
#[cfg(feature = "futures")]
pub use sink::{IntoSink, SendSink};
#[cfg(feature = "futures")]
pub use stream::{IntoStream, RecvStream};

use crate::context::EndsInThread;
use crate::error::exclusive::Exclusive;
use crate::error::{ConvertError, Operation, Result};
use crate::kind::{Kind, SocketKind};
use crate::raw::registered::{Register, Registered};
use crate::readiness::task::Parked;
use crate::socket::{self, Core};
use poll::Waits;
use reactor::{Edges, register};

/// An async socket of type `K`, registered with the reactor `R`.
///
/// `into_tokio` and `into_smol` of a [`zmq::Socket`](crate::Socket) create it. Its futures are [`Send`], so a spawned task can use it. All
/// calls take `&mut self`, so two calls on one socket at the same time do not compile:
///
/// ```compile_fail,E0499
/// use zmq::aio::{Reactor, Socket};
///
/// async fn both<R: Reactor>(mut socket: Socket<zmq::Dealer, R>) {
///     let message = socket.recv();
///     socket.send("at the same time").await;
///     message.await;
/// }
/// ```
///
/// In `select!`, the handler of a branch can use the socket, because `select!` drops the other futures before it runs the handler.
pub struct Socket<K: Kind, R: Reactor> {
    parked: Parked,
    waits: Waits,
    /// Dropped before `_context`.
    registered: Exclusive<Registered<socket::Socket<K>, R::Registration>>,
    _context: EndsInThread,
}

impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Registers a socket with the reactor.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub(crate) fn register(socket: socket::Socket<K>) -> Result<Self, ConvertError<socket::Socket<K>>> {
        let name = socket.kind().name();
        let (registered, _context) = register::<_, R>(socket, socket::Socket::core, name)?;
        Ok(Socket { parked: Parked::default(), waits: Waits::default(), registered, _context })
    }

    /// Returns a reference to the blocking socket, for example to set options, to subscribe, to bind and connect, or to send and receive
    /// without waiting.
    ///
    /// Do not call methods that [block](crate::Socket#what-blocks), such as `recv`, because they block the thread of the runtime.
    ///
    /// ```
    /// use zmq::Sub;
    /// use zmq::aio::{Reactor, Socket};
    ///
    /// fn subscribe<R: Reactor>(subscriber: &mut Socket<Sub, R>) -> zmq::Result<()> {
    ///     subscriber.inner().subscribe("news")
    /// }
    /// ```
    ///
    /// Unless threads can share sockets of this type, the reference is not [`Send`]. Then a spawned task cannot hold it across an `.await`.
    /// This does not compile:
    ///
    /// ```compile_fail
    /// use zmq::Sub;
    /// use zmq::aio::{Reactor, Socket};
    ///
    /// fn spawn(_task: impl Future<Output = ()> + Send) {}
    ///
    /// fn subscribe<R: Reactor>(mut subscriber: Socket<Sub, R>) {
    ///     spawn(async move {
    ///         let blocking = subscriber.inner();
    ///         std::future::ready(()).await;
    ///         blocking.subscribe("news").unwrap();
    ///     });
    /// }
    /// ```
    #[doc(alias = "try_recv")]
    #[doc(alias = "try_send")]
    #[doc(alias = "DONTWAIT")]
    pub fn inner(&mut self) -> &socket::Socket<K> {
        self.registered.get_mut().inner()
    }

    /// Ends the registration with the runtime, and returns the blocking socket.
    #[must_use]
    pub fn into_inner(self) -> socket::Socket<K> {
        self.registered.into_inner().into_owner()
    }

    /// Returns the socket type.
    pub fn kind(&mut self) -> SocketKind {
        self.registered.get_mut().owner().kind()
    }

    /// Runs one step of a call, within the budget of the task.
    #[inline]
    fn poll<T>(
        &mut self,
        operation: Operation,
        task: &mut Context<'_>,
        step: impl FnOnce(&mut Parked, &Edges<'_, R>, &socket::Socket<K>, &mut Context<'_>) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        let registered = self.registered.get_mut();
        // In a forked child process, a lock of the reactor may be held forever by a thread that exists only in the parent.
        registered.owner().core().check_process(operation)?;
        let edges = Edges::new(registered.source(), operation);
        registered
            .source()
            .within_budget(task, |task| step(&mut self.parked, &edges, registered.owner(), task))
    }
}

impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Makes a call that usually succeeds at once, and returns whether it was made and succeeded. If not, the caller makes the call in
    /// the way that can wait.
    ///
    /// This halves the time that an async call takes in addition to a blocking call.
    #[inline]
    fn try_now(&mut self, call: impl FnOnce(&Core) -> bool) -> bool {
        // A task that waits takes the edge before it tries, as in the orders that the model of `task.rs` tries.
        if self.parked.is_parked() {
            return false;
        }
        let registered = self.registered.get_mut();
        let core = registered.owner().core();
        // As in `poll`.
        core.is_in_its_process() && registered.source().try_within_budget(|| call(core))
    }
}

impl<K: Kind, R: Reactor> fmt::Debug for Socket<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("is_parked", &self.parked.is_parked()).finish_non_exhaustive()
    }
}

/// The socket of one future. Dropping it before the future is ready ends the wait.
struct InFuture<'a, K: Kind, R: Reactor>(&'a mut Socket<K, R>);

impl<K: Kind, R: Reactor> Drop for InFuture<'_, K, R> {
    fn drop(&mut self) {
        let Socket { parked, waits, registered, .. } = &mut *self.0;
        if parked.is_parked() {
            let registered = registered.get_mut();
            // `Socket::poll` makes the same check.
            if registered.owner().core().check_process(Operation::Receive).is_ok() {
                parked.give_up(registered.source());
            }
        }
        *waits = Waits::default();
    }
}

/// Implements `Debug` for futures. The output shows neither the message nor the socket.
macro_rules! debug_futures {
    ($($future:ident $(<$parameter:ident>)?),+) => {$(
        impl<K: Kind, R: $crate::aio::Reactor $(, $parameter)?> core::fmt::Debug
            for $future<'_, K, R $(, $parameter)?>
        {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($future)).finish_non_exhaustive()
            }
        }
    )+};
}
use debug_futures;
