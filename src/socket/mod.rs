//! Sockets.

// rustdoc shows the methods of a socket in the order of these lines. The blank lines keep rustfmt from sorting the modules.
mod bind;

mod send;

mod recv;

#[cfg(zmq_draft)]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
mod addressed;

#[cfg(zmq_draft)]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
mod groups;

#[cfg(zmq_draft)]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
mod router;

mod attach;
mod core;
#[cfg(zmq_draft)]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
mod datagram;
pub(crate) mod limits;
#[cfg(any(feature = "smol", feature = "tokio"))]
mod many;
mod outgoing;
mod tether;
mod transmit;

use std::fmt;
use std::sync::Arc;

#[cfg(zmq_draft)]
pub use addressed::{CanRecvFrom, CanSendTo};
pub(crate) use core::Core;
pub(crate) use tether::Abandoned;

use crate::context::{Context, Inner};
use crate::error::Result;
use crate::kind::{Any, HasFd, Kind, SocketKind};
use crate::raw;

/// A ZeroMQ socket of type `K`, such as `Socket<Req>`.
///
/// [`Context::socket`] creates a socket, and dropping the socket closes it. All calls take `&self`. A socket can be moved to
/// another thread, but threads cannot share it (`Send`, not `Sync`). Create one socket per thread:
///
/// ```compile_fail,E0277
/// # use zmq::{Context, Push};
/// let socket = Context::new()?.socket(Push)?;
/// std::thread::scope(|threads| {
///     threads.spawn(|| socket.send("from another thread"));
/// });
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// ```
/// # use zmq::{Context, Push};
/// # let context = Context::new()?;
/// # context.set_blocky(false)?;
/// let socket = context.socket(Push)?;
/// std::thread::scope(|threads| {
///     threads.spawn(move || socket.try_send("from another thread").is_err());
/// });
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// If several threads have to send requests over the same connection, use a [`Requester`](crate::Requester). Unlike with a
/// socket in an `Arc<Mutex<…>>`, a thread that waits for its reply does not block the other threads.
///
/// If several threads have to use the same connection in another way, let one thread own the socket. The other threads send
/// their messages to this thread over `inproc`, for example from PUSH sockets to a PULL socket. [`proxy`](crate::proxy()) can
/// forward the messages. Sockets of some draft types are [`ThreadSafe`](crate::capability::ThreadSafe): threads can share them.
///
/// # What blocks
///
/// As in C, `send` and `recv` wait until they succeed, or fail with:
/// * [`WouldBlock`](crate::ErrorKind::WouldBlock) after the [send](Self::set_send_timeout) or [receive
///   timeout](Self::set_recv_timeout);
/// * [`Terminated`](crate::ErrorKind::Terminated) if another thread [shuts down the context](Context::shutdown);
/// * [`Interrupted`](crate::ErrorKind::Interrupted) on a signal, but only if the context is
///   [interruptible](Context::set_interruptible).
///
/// A thread that waits sleeps until the system wakes it. With a [spin time](Self::set_spin_time), it looks for messages before it
/// sleeps.
///
/// [`poll`](Self::poll) waits until a message can be received or sent. `try_send` and `try_recv` never wait. No other call
/// waits, with two exceptions: `bind` with a host name, and `connect` with a host name over `udp`, may perform a DNS lookup.
/// With a libzmq other than the bundled one, `unbind` and `disconnect` may perform one as well.
///
/// Over other transports, `connect` looks up host names in the background. The bundled libzmq uses a thread for each lookup, up
/// to 64 at once, so a slow name server does not delay other connections. Another libzmq performs the lookup in the I/O thread,
/// which delays all connections of this thread.
///
/// # Unused sockets
///
/// libzmq's own threads read and write for a socket, but some cleanup happens only during calls on the socket. In particular, a
/// connection that has ended keeps about eleven kilobytes of memory until the next call. So if a program does not use a socket
/// for a long time, while peers connect and disconnect, the program needs more and more memory. To release the memory, call a
/// method that checks for messages, such as `try_recv`, [`events`](Self::events) or [`poll`](Self::poll) with a timeout of
/// zero.
///
/// # Options
///
/// Each option has a setter, such as [`set_linger`](Self::set_linger), and most have a getter, such as
/// [`linger`](Self::linger). If an option has no getter, libzmq cannot read it. If only some socket types have an option, its
/// methods exist only for these types. They also exist for [`Any`](crate::Any), and are checked at run time.
///
/// Setters and getters fail with:
///
/// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the value is out of range;
/// * [`Unsupported`](crate::ErrorKind::Unsupported) if the type of a `Socket<Any>` or the linked libzmq does not have the
///   option;
/// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down;
/// * [`Forked`](crate::ErrorKind::Forked) in a child of the process that created the context.
///
/// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
#[doc(alias = "zmq_socket")]
pub struct Socket<K: Kind> {
    core: Core,
    kind: K,
}

/// # Creating sockets
impl Context {
    /// Creates a socket of the given type, such as `context.socket(Req)`.
    ///
    /// The first socket starts the I/O threads.
    ///
    /// # Errors
    ///
    /// * [`Terminated`](crate::ErrorKind::Terminated) after [`shutdown`](Self::shutdown)
    /// * [`TooManySockets`](crate::ErrorKind::TooManySockets) if the context already has as many sockets as
    ///   [`max_sockets`](crate::option::ContextBuilder::max_sockets) allows
    /// * [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles) if the process has no file descriptor left
    /// * [`WouldBlock`](crate::ErrorKind::WouldBlock) for the first socket, if the system cannot start the I/O threads
    /// * [`Forked`](crate::ErrorKind::Forked) in a child of the process that created the context
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) for a draft socket type, if the linked libzmq has no draft API
    ///
    /// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
    #[doc(alias = "zmq_socket")]
    pub fn socket<K: Kind>(&self, kind: K) -> Result<Socket<K>> {
        #[cfg(zmq_draft)]
        crate::context::check_draft(kind.kind())?;
        let raw =
            self.inner().new_socket(kind.kind().constant()).map_err(|error| error.on(kind.kind().name()))?;
        Socket::new(raw, kind, self.inner().clone())
    }
}

#[allow(unsafe_code, reason = "the compiler cannot see what libzmq promises")]
// SAFETY: libzmq takes the socket's own lock in every call on a socket of these types (T2), with three exceptions. `drop`
// closes the socket, when no other thread has it. The crate does not call `zmq_socket_get_peer_state` and
// `zmq_socket_monitor_pipes_stats` for these types. Only this crate decides which types are `ThreadSafe`. The rest of a
// socket's state is in atomics and locks, which the compiler checks in `core.rs`.
unsafe impl<K: crate::kind::ThreadSafe> Sync for Socket<K> {}

impl<K: Kind> Socket<K> {
    pub(crate) fn new(raw: raw::socket::Socket, kind: K, context: Arc<Inner>) -> Result<Socket<K>> {
        let core = Core::new(raw, kind.kind(), context)?;
        Ok(Socket { core, kind })
    }

    #[inline]
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn into_core(self) -> Core {
        self.core
    }

    /// Returns the socket type.
    #[must_use]
    #[doc(alias = "ZMQ_TYPE")]
    pub fn kind(&self) -> SocketKind {
        self.core.kind
    }

    /// Returns another handle to the socket's context.
    #[must_use]
    pub fn context(&self) -> Context {
        Context::from_inner(self.core.context.clone())
    }

    /// Converts into a socket whose type is known only at run time, so that sockets of several types fit into one collection.
    #[must_use]
    pub fn into_any(self) -> Socket<Any> {
        Socket { kind: Any(self.core.kind), core: self.core }
    }
}

impl Socket<Any> {
    /// Converts into a socket whose type is known at compile time.
    ///
    /// # Errors
    ///
    /// Returns the unchanged socket if it has another type.
    ///
    /// ```
    /// use zmq::{Any, Context, Pub, Socket, SocketKind, Sub};
    ///
    /// let context = Context::new()?;
    /// let socket = context.socket(Any(SocketKind::Sub))?;
    /// let socket = socket.downcast::<Pub>().unwrap_err();
    /// let socket: Socket<Sub> = socket.downcast().unwrap();
    /// socket.subscribe("")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[allow(clippy::result_large_err, reason = "the error is the socket itself")]
    pub fn downcast<K: Kind>(self) -> Result<Socket<K>, Socket<Any>> {
        match K::of(self.core.kind) {
            Some(kind) => Ok(Socket { core: self.core, kind }),
            None => Err(self),
        }
    }
}

impl<K: Kind> fmt::Debug for Socket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(unix)]
impl<K: HasFd> std::os::fd::AsFd for Socket<K> {
    /// Returns a descriptor that becomes readable when the socket's [events](Socket::events) may have changed.
    ///
    /// Sockets of the [`ThreadSafe`](crate::capability::ThreadSafe) types have no descriptor; wait for them with
    /// [`poll`](crate::poll()). A `Socket<Any>` may have such a type, so it must be [downcast](Socket::downcast) first.
    ///
    /// Only wait for the descriptor to become readable; never read from it, because it belongs to libzmq. It becomes readable
    /// once for any number of changes, and sending or receiving can make it unreadable again. So call `events` after each
    /// wake-up, and after each send or receive, before you wait again.
    ///
    /// Follows `ZMQ_FD` in [zmq_getsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html).
    #[doc(alias = "ZMQ_FD")]
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.core.borrow_descriptor()
    }
}

#[cfg(windows)]
impl<K: HasFd> std::os::windows::io::AsSocket for Socket<K> {
    /// Returns a socket handle that becomes readable when the socket's [events](Socket::events) may have changed.
    ///
    /// Only wait for the handle to become readable; never read from it, because it belongs to libzmq. It becomes readable once
    /// for any number of changes, and sending or receiving can make it unreadable again. So call `events` after each wake-up,
    /// and after each send or receive, before you wait again.
    #[doc(alias = "ZMQ_FD")]
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.core.borrow_descriptor()
    }
}

#[cfg(unix)]
impl<K: HasFd> std::os::fd::AsRawFd for Socket<K> {
    /// Returns the descriptor that [`as_fd`](std::os::fd::AsFd::as_fd) returns. It is open only as long as the socket exists.
    #[doc(alias = "ZMQ_FD")]
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        std::os::fd::AsFd::as_fd(self).as_raw_fd()
    }
}

#[cfg(windows)]
impl<K: HasFd> std::os::windows::io::AsRawSocket for Socket<K> {
    /// Returns the socket that [`as_socket`](std::os::windows::io::AsSocket::as_socket) returns. It is open only as long as
    /// the `Socket` exists.
    #[doc(alias = "ZMQ_FD")]
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        std::os::windows::io::AsSocket::as_socket(self).as_raw_socket()
    }
}
