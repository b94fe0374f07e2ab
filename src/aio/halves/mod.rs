//! Halves of an async socket: one receives, the other one can be cloned and sends.

mod error;
mod recv;
mod send;

use core::fmt;
use core::task::{Context, Poll};
use std::sync::Arc;

pub use error::ReuniteError;
pub use recv::{ReceiverRecvFuture, ReceiverRecvMultipartFuture, ReceiverRecvToFuture};
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
use crate::sys::fork::Origin;
use crate::sys::lender::Lender;

/// The sending half of an async socket, which can be cloned and shared.
///
/// Made by [`Socket::split`] or [`Socket::into_sender`]. All calls take `&self`, and the type is [`Clone`], [`Send`] and [`Sync`]. So any
/// number of tasks can send at the same time. Each message is sent as a whole. So there is no call for single parts:
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
/// If the queue is full, all tasks that send wait. When there is room again, all of them try again, in no particular order.
///
/// The socket is closed when the receiver and all senders are dropped.
pub struct Sender<K: Kind, R: Reactor> {
    halves: Arc<Halves<K, R>>,
}

/// The receiving half of an async socket.
///
/// Made by [`Socket::split`]. All calls take `&mut self`, so one task receives at a time.
///
/// The socket is closed when the receiver and all senders are dropped. Dropping the receiver alone does not keep messages from
/// arriving, and nobody receives them.
pub struct Receiver<K: Kind, R: Reactor> {
    halves: Arc<Halves<K, R>>,
}

/// # Halves
///
/// Two tasks can share a socket if it is split. Then one task can wait for a message while others send.
impl<K: Kind, R: Reactor> Socket<K, R> {
    /// Splits the socket into a half that sends and a half that receives.
    ///
    /// Use them when different tasks send and receive. Each call of a half takes a lock, which makes it a little slower than the same
    /// call of an unsplit socket. [`Receiver::reunite`] joins the halves again.
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

    /// Turns the socket into one that only sends, and that many tasks can share.
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

/// What the halves of a socket share.
struct Halves<K: Kind, R: Reactor> {
    /// Dropped before the share of the context.
    registered: Registered<Shared<socket::Socket<K>>, R::Registration>,
    _context: EndsInThread,
    kind: SocketKind,
    /// The process of the socket, which can be compared without a lock.
    origin: Origin,
    /// The thread that is in `with_inner`.
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

    /// Refuses to touch the parent's socket in a forked child, where a thread that is not there may hold a lock of the socket or of the
    /// reactor. Also refuses a call of the thread that holds the lock.
    #[inline]
    fn check(&self, operation: Operation) -> Result<()> {
        if !self.origin.is_here() {
            return Err(forked(operation));
        }
        if self.lender.is_here() { Err(self.is_lent(operation)) } else { Ok(()) }
    }

    #[cold]
    fn is_lent(&self, operation: Operation) -> Error {
        let reason = "this thread is in a call to `with_inner` of a half of the same socket";
        Error::refused(operation, ErrorKind::WrongState, zmq_sys::EFSM, self.kind.name(), reason)
    }

    fn shared(&self) -> &Shared<socket::Socket<K>> {
        self.registered.owner()
    }

    /// Makes a call that does not wait.
    #[inline]
    fn call<T>(&self, call: impl FnOnce(&socket::Socket<K>) -> T) -> T {
        // The destructors of messages may use the halves.
        callback::after(|| self.shared().call(call))
    }

    fn with_inner<T>(&self, calls: impl FnOnce(&socket::Socket<K>) -> T) -> Result<T> {
        self.check(Operation::WithInner)?;
        Ok(callback::after(|| {
            self.shared().lend(|socket| {
                let _mark = self.lender.mark();
                calls(socket)
            })
        }))
    }

    /// Runs a step of a call, within the budget of the task.
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
}

impl<K: Kind, R: Reactor> Drop for Wait<'_, K, R> {
    #[inline]
    fn drop(&mut self) {
        // As in `Halves::check`. This takes no lock of the socket, so it may run in `with_inner`.
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
            /// Lends the blocking socket to `calls`, for example to set options, to bind and connect, or to make several calls without
            /// waiting.
            ///
            /// Meanwhile, the calls of all halves of the socket wait for `calls` to end, and block the threads of the runtime. So do not
            /// call what [blocks](crate::Socket#what-blocks). Calls of the halves of this socket fail in `calls`. If `calls` sends a message
            /// in parts, it has to send all of them.
            ///
            /// # Errors
            ///
            /// * [`Forked`](crate::ErrorKind::Forked) in a child process.
            /// * [`WrongState`](crate::ErrorKind::WrongState) in another call to `with_inner` of the same socket.
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
