//! The halves of an async socket: one receives, and the other one sends and can be cloned.

#[cfg(zmq_draft)]
mod addressed;
mod error;
mod ready;
mod recv;
mod send;

use core::fmt;
use core::task::{Context, Poll};
use std::sync::Arc;

#[cfg(zmq_draft)]
pub use addressed::{ReceiverRecvFromFuture, SenderSendToFromFuture, SenderSendToFuture};
pub use error::ReuniteError;
pub use ready::{ReceiverReadableFuture, SenderWritableFuture};
pub use recv::{
    ReceiverRecvFuture, ReceiverRecvManyFuture, ReceiverRecvMultipartFuture, ReceiverRecvToFuture,
};
pub use send::{SenderSendFromFuture, SenderSendFuture, SenderSendMultipartFuture};

use super::reactor::{Edges, Reactor};
use super::{Register, Socket};
use crate::context::{EndsInThread, forked};
use crate::error::exclusive::Exclusive;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::{CanShare, CanSplit, Kind, SocketKind};
use crate::raw::callback;
use crate::raw::registered::Registered;
use crate::readiness::exchange::Look;
use crate::readiness::shared::{Events, Place, Port, Progress, Shared};
use crate::readiness::task::Parked;
use crate::socket;
use crate::socket::Core;
use crate::sys::fork::Origin;
use crate::sys::lender::Lender;

/// The sending half of an async socket, which can be cloned and shared.
///
/// [`Socket::split`] and [`Socket::into_sender`] create it. All calls take `&self`, and the type is [`Clone`], [`Send`] and [`Sync`], so
/// any number of tasks can send at the same time. Each message is sent as a whole, so there is no method that sends a single part of a
/// longer message:
///
/// ```compile_fail,E0599
/// use zmq::Dealer;
/// use zmq::aio::{Reactor, Sender};
///
/// fn one_part<R: Reactor>(sender: &Sender<Dealer, R>) {
///     sender.send_more("the others follow");
/// }
/// ```
///
/// If the queue is full, all tasks that send wait. When there is room again, all these tasks try again, in no particular order.
///
/// The socket is closed when the receiver and all senders are dropped.
pub struct Sender<K: Kind, R: Reactor> {
    halves: Arc<Halves<K, R>>,
}

/// The receiving half of an async socket.
///
/// [`Socket::split`] creates it. All calls that receive take `&mut self`, so only one task receives at a time. Two calls at the same time
/// do not compile:
///
/// ```compile_fail,E0499
/// use zmq::Dealer;
/// use zmq::aio::{Reactor, Receiver};
///
/// async fn both<R: Reactor>(mut receiver: Receiver<Dealer, R>) {
///     let first = receiver.recv();
///     let second = receiver.recv();
///     first.await;
///     second.await;
/// }
/// ```
///
/// The socket is closed when the receiver and all senders are dropped. If only the receiver is dropped, messages still arrive, but no task
/// can receive them.
pub struct Receiver<K: Kind, R: Reactor> {
    halves: Arc<Halves<K, R>>,
}

/// # Halves
///
/// Several tasks can share a socket that is split: one task can wait for a message while other tasks send.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Splits the socket into a half that sends and a half that receives.
    ///
    /// Use the halves if different tasks send and receive. Each call on a half takes a lock, so it is a little slower than the same call on
    /// an unsplit socket. [`Receiver::reunite`] joins the halves again.
    ///
    /// ```
    /// use zmq::{Context, Dealer, Router};
    ///
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// # #[cfg(feature = "tokio")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let context = Context::new()?;
    /// let router = context.socket(Router)?;
    /// let endpoint = router.bind("tcp://127.0.0.1:*")?;
    /// let (replies, mut requests) = router.into_tokio()?.split();
    ///
    /// // Each request has a task of its own, and the replies come in any order.
    /// tokio::spawn(async move {
    ///     while let Ok(request) = requests.recv_multipart().await {
    ///         let replies = replies.clone();
    ///         tokio::spawn(async move { replies.send_multipart(request).await.is_ok() });
    ///     }
    /// });
    ///
    /// let dealer = context.socket(Dealer)?;
    /// dealer.connect(&endpoint)?;
    /// let (sender, mut receiver) = dealer.into_tokio()?.split();
    /// let (sent, received) = tokio::join!(sender.send("Hello"), receiver.recv());
    /// sent?;
    /// assert_eq!(received?, "Hello");
    /// context.shutdown()?; // ends the task that receives
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (Sender<K, R>, Receiver<K, R>)
    where
        K: CanSplit,
    {
        let halves = Arc::new(Halves::new(self));
        (Sender { halves: Arc::clone(&halves) }, Receiver { halves })
    }

    /// Turns the socket into a sending half alone, which any number of tasks can share.
    ///
    /// ```
    /// use zmq::Push;
    /// use zmq::aio::{Reactor, Socket};
    ///
    /// async fn send_both<R: Reactor>(socket: Socket<Push, R>) -> zmq::Result<()> {
    ///     let sender = socket.into_sender();
    ///     let other = sender.clone();
    ///     let (first, second) = (sender.send("first"), other.send("second"));
    ///     first.await?;
    ///     second.await?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn into_sender(self) -> Sender<K, R>
    where
        K: CanShare,
    {
        Sender { halves: Arc::new(Halves::new(self)) }
    }
}

/// The data that the halves of a socket share.
struct Halves<K: Kind, R: Reactor> {
    /// Dropped before `_context`.
    registered: Registered<Shared<socket::Socket<K>>, R::Registration>,
    _context: EndsInThread,
    kind: SocketKind,
    /// The process that created the socket. It can be compared without a lock.
    origin: Origin,
    /// The thread that runs `with_inner`.
    lender: Lender,
}

impl<K: Kind, R: Reactor> Halves<K, R> {
    fn new(socket: Socket<K, R>) -> Halves<K, R> {
        let Socket { registered, _context, .. } = socket;
        let registered = registered.into_inner();
        let (kind, origin) = (registered.owner().kind(), registered.owner().core().raw().origin);
        Halves { registered: registered.into_shared(), _context, kind, origin, lender: Lender::default() }
    }

    fn into_socket(self) -> Socket<K, R> {
        let registered = self.registered.into_unshared();
        Socket {
            parked: Parked::default(),
            waits: super::poll::Waits::default(),
            registered: Exclusive::new(registered),
            _context: self._context,
        }
    }

    /// Fails in a forked child process, where a lock of the socket or of the reactor may be held forever by a thread that exists only in
    /// the parent. Also fails if the calling thread holds the lock.
    #[inline]
    fn check(&self, operation: Operation) -> Result<()> {
        if !self.origin.is_here() {
            return Err(forked(operation));
        }
        if self.lender.is_here() { Err(self.is_lent(operation)) } else { Ok(()) }
    }

    #[cold]
    fn is_lent(&self, operation: Operation) -> Error {
        let reason = "the call is made inside `with_inner` of a half of the same socket";
        Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, self.kind.name(), reason)
    }

    fn shared(&self) -> &Shared<socket::Socket<K>> {
        self.registered.owner()
    }

    /// Makes a call that does not wait.
    #[inline]
    fn call<T>(&self, call: impl FnOnce(&socket::Socket<K>) -> T) -> T {
        // Destructors of messages may use the halves, so they run after the lock is released.
        callback::after(|| self.shared().call(call))
    }

    /// Makes a call that usually succeeds at once, and returns whether it was made and succeeded, as for an unsplit socket.
    #[inline]
    fn try_now(&self, call: impl FnOnce(&Core) -> bool) -> bool {
        // As in `check`.
        self.origin.is_here()
            && !self.lender.is_here()
            && self.registered.source().try_within_budget(|| self.call(|socket| call(socket.core())))
    }

    fn with_inner<T>(&self, calls: impl FnOnce(&socket::Socket<K>) -> T) -> Result<T> {
        self.check(Operation::WithInner)?;
        Ok(callback::after(|| {
            self.shared().lend(|socket| {
                let _mark = self.lender.mark();
                let _lent = socket.core().lend();
                let _descriptor = self.registered.lend();
                calls(socket)
            })
        }))
    }

    /// Runs one step of a call, within the budget of the task.
    #[inline]
    fn poll<T>(
        &self,
        operation: Operation,
        task: &mut Context<'_>,
        step: impl FnOnce(&Shared<socket::Socket<K>>, &Edges<'_, R>, &mut Context<'_>) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        self.check(operation)?;
        let edges = Edges::new(self.registered.source(), operation);
        let step = |task: &mut Context<'_>| callback::after(|| step(self.shared(), &edges, task));
        self.registered.source().within_budget(task, step)
    }
}

/// The wait of one call.
struct Wait<'a, K: Kind, R: Reactor> {
    halves: &'a Halves<K, R>,
    place: Place,
}

impl<'a, K: Kind, R: Reactor> Wait<'a, K, R> {
    #[inline]
    fn new(halves: &'a Halves<K, R>) -> Self {
        Wait { halves, place: Place::default() }
    }

    /// Calls [`Halves::try_now`], unless the task waits: such a task takes the edge before it tries.
    #[inline]
    fn try_now(&self, call: impl FnOnce(&Core) -> bool) -> bool {
        !self.place.is_taken() && self.halves.try_now(call)
    }
}

impl<K: Kind, R: Reactor> Drop for Wait<'_, K, R> {
    #[inline]
    fn drop(&mut self) {
        // `Halves::check` makes the same check of the process. `give_up` does not lock the socket, so it may run inside `with_inner`.
        if self.place.is_taken() && self.halves.origin.is_here() {
            self.halves.shared().give_up(&mut self.place);
        }
    }
}

impl<K: Kind> Port for socket::Socket<K> {
    type Error = Error;

    #[inline]
    fn progress(&self) -> Option<Progress> {
        self.core().raw().progress()
    }

    fn look(&self) -> Result<Events> {
        let Look { can_send, can_recv } = self.core().look()?;
        Ok(Events { is_readable: can_recv, is_writable: can_send })
    }
}

impl<K: Kind, R: Reactor> Clone for Sender<K, R> {
    fn clone(&self) -> Self {
        Sender { halves: Arc::clone(&self.halves) }
    }
}

macro_rules! halves {
    ($($half:ident),+) => {$(
        /// # Both halves
        impl<K: Kind, R: Reactor> $half<K, R> {
            /// Passes the blocking socket to `calls`, for example to set options, to bind and connect, or to make several calls without
            /// waiting.
            ///
            /// Other tasks that use the halves of this socket block their threads until `calls` returns. So `calls` must not call methods
            /// that [block](crate::Socket#what-blocks). In `calls`, all calls on the halves of this socket fail, except `kind`. `calls`
            /// cannot send a message part by part: [`send_more`](crate::Socket::send_more) fails with
            /// [`WrongState`](crate::ErrorKind::WrongState), because a message of another task could follow the part.
            ///
            /// The call returns `Ok` with the result of `calls`. If `calls` can fail as well, write `??`:
            ///
            /// ```
            /// use zmq::aio::{Reactor, Sender};
            /// use zmq::{Dealer, Result};
            ///
            /// fn connect<R: Reactor>(sender: &Sender<Dealer, R>) -> Result<()> {
            ///     sender.with_inner(|socket| socket.connect("tcp://127.0.0.1:5555"))??;
            ///     Ok(())
            /// }
            /// ```
            ///
            /// # Errors
            ///
            /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
            /// * [`WrongState`](crate::ErrorKind::WrongState) if the call is made inside another `with_inner` of the same socket.
            pub fn with_inner<T>(&self, calls: impl FnOnce(&socket::Socket<K>) -> T) -> Result<T> {
                self.halves.with_inner(calls)
            }

            /// Returns the socket type.
            #[must_use]
            pub fn kind(&self) -> SocketKind {
                self.halves.kind
            }
        }

        impl<K: Kind, R: Reactor> fmt::Debug for $half<K, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($half)).field("kind", &self.halves.kind).finish_non_exhaustive()
            }
        }
    )+};
}
halves!(Sender, Receiver);
