//! Sockets.

#[cfg(zmq_draft)]
mod addressed;
mod attach;
mod core;
#[cfg(zmq_draft)]
mod datagram;
pub(crate) mod limits;
mod outgoing;
mod recv;
mod send;
mod tether;

use std::fmt;
use std::sync::Arc;

#[cfg(zmq_draft)]
pub use addressed::{CanRecvFrom, CanSendTo};
pub(crate) use core::Core;
pub use recv::Received;
pub(crate) use tether::Abandoned;

use crate::context::{Context, Inner};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::kind::{Any, CanNamePeers, HasFd, Kind, SocketKind};
use crate::raw;
use crate::timeout::IntoTimeout;

/// A socket of kind `K`.
///
/// Made by [`Context::socket`]; closed when dropped. All calls take `&self`. A socket may move from thread to thread, but
/// only one may use it at a time; a thread that needs one makes its own:
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
/// Threads that are to use one connection talk over inproc to the thread that has it: each with a PUSH, say, and that thread
/// with a PULL; [`proxy`](crate::proxy()) passes on what it receives. With the feature `draft` there are kinds whose sockets can
/// be shared; they are [`ThreadSafe`](crate::ThreadSafe).
///
/// # What blocks
///
/// `send` and `recv` wait as in C: until they can, or the [send](Self::set_send_timeout) or
/// [receive timeout](Self::set_recv_timeout) has passed ([`WouldBlock`](crate::ErrorKind::WouldBlock)), or another thread
/// [shuts the context down](Context::shutdown) ([`Terminated`](crate::ErrorKind::Terminated)). Signals do not end them unless
/// [asked for](Context::set_interruptible). [`poll`](Self::poll) waits until it can be one or the other. `try_send` and `try_recv`
/// never wait. Nothing else does, but for `bind` to a host name, and `connect` to one over udp, which may have to ask the network
/// for its address.
///
/// Over the other transports, `connect` looks host names up in the background. The bundled libzmq has a thread for each, so that
/// a slow name server holds up nobody else, up to 64 at once. With another one, all connections of the I/O thread wait meanwhile.
///
/// # What needs a call
///
/// libzmq's own threads read and write for a socket, but what belongs to the socket itself is done within its calls. Above
/// all, it lets go of connections that have ended when it is next used: some eleven kilobytes for each. A server that nobody calls
/// for long, while peers come and go, grows by that. Any call that looks for messages does it, such as `try_recv`,
/// [`events`](Self::events) or [`poll`](Self::poll) without waiting.
///
/// # Options
///
/// Each option has a setter, such as [`set_linger`](Self::set_linger), and most have a getter, such as
/// [`linger`](Self::linger). An option without a getter is one that libzmq cannot read. If only some socket types have an
/// option, its methods exist only for these types. They also exist for [`Any`](crate::Any), and are checked at run time.
///
/// Setters and getters fail with
///
/// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the value is out of range;
/// * [`Unsupported`](crate::ErrorKind::Unsupported) if the type of a `Socket<Any>` or the linked libzmq lacks the option;
/// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down;
/// * [`Forked`](crate::ErrorKind::Forked) in a child of the process that created the context.
///
/// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
#[doc(alias = "zmq_socket")]
pub struct Socket<K: Kind> {
    core: Core,
    kind: K,
}

/// # Making sockets
impl Context {
    /// Makes a socket of a kind, such as `context.socket(Req)`.
    ///
    /// The first one starts the I/O threads.
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) after [`shutdown`](Self::shutdown);
    /// [`TooManySockets`](crate::ErrorKind::TooManySockets) at the limit of [`set_max_sockets`](Self::set_max_sockets);
    /// [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles) if the process has no descriptor left;
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if it is the first and the system starts no more threads;
    /// [`Forked`](crate::ErrorKind::Forked) in a child of the process that made the context;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a draft kind, if the linked libzmq has none.
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

#[allow(unsafe_code, reason = "what libzmq promises, the compiler cannot see")]
// SAFETY: libzmq takes the socket's own lock in every call on a socket of these kinds (T2), but for closing, for which
// `drop` has the socket to itself, and for `zmq_socket_get_peer_state` and `zmq_socket_monitor_pipes_stats`, which these kinds
// are not asked. Only this crate says which kinds are `ThreadSafe`. What a socket remembers besides is in atomics and locks,
// which `core.rs` has the compiler check.
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

    /// The kind of the socket.
    #[must_use]
    #[doc(alias = "ZMQ_TYPE")]
    pub fn kind(&self) -> SocketKind {
        self.core.kind
    }

    /// Another handle to the socket's context.
    #[must_use]
    pub fn context(&self) -> Context {
        Context::from_inner(self.core.context.clone())
    }

    /// The socket, its kind known at run time only: so that sockets of several kinds fit one collection.
    #[must_use]
    pub fn into_any(self) -> Socket<Any> {
        Socket { kind: Any(self.core.kind), core: self.core }
    }

    /// Accepts peers at an endpoint. May be called for several, also along with [`connect`](Self::connect).
    ///
    /// Gives back the endpoint really bound: `tcp://127.0.0.1:*` takes a free port, `ipc://*` a new path
    /// (in the directory that TMPDIR, TEMPDIR or TMP names, or else the current one).
    ///
    /// ```
    /// use zmq::{Context, Rep};
    ///
    /// let context = Context::new()?;
    /// let responder = context.socket(Rep)?;
    /// let endpoint = responder.bind("tcp://127.0.0.1:*")?;
    /// assert!(endpoint.as_str().starts_with("tcp://127.0.0.1:"));
    /// assert!(!endpoint.as_str().ends_with('*'));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// The name of a host is looked up at once, and a name server that is slow holds the call up.
    ///
    /// An ipc path at which a socket was left behind by a process that is gone is taken over. Unlike in C, anything else
    /// there, and a socket at which somebody listens, is left alone.
    ///
    /// # Errors
    ///
    /// Among others: [`AddrInUse`](crate::ErrorKind::AddrInUse); [`AlreadyExists`](crate::ErrorKind::AlreadyExists) if a file that is no
    /// socket is in the way; [`AddrNotAvailable`](crate::ErrorKind::AddrNotAvailable) and
    /// [`NoSuchDevice`](crate::ErrorKind::NoSuchDevice) if the host or interface is not this machine's;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no endpoint;
    /// [`ProtocolNotSupported`](crate::ErrorKind::ProtocolNotSupported) for a transport that the linked libzmq does not have;
    /// [`IncompatibleProtocol`](crate::ErrorKind::IncompatibleProtocol) for one that the kind cannot use. The system adds its
    /// own, such as [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for a path.
    ///
    /// Follows [zmq_bind(3)](https://libzmq.readthedocs.io/en/latest/zmq_bind.html).
    #[doc(alias = "zmq_bind")]
    pub fn bind(&self, endpoint: impl AsRef<str>) -> Result<Endpoint> {
        self.core.bind(endpoint.as_ref())
    }

    /// Connects to an endpoint, in the background: the peer need not be there yet. May be called for several. DEALER, SUB, PUB and REQ
    /// have one connection to an endpoint: to connect to it once more changes nothing, as long as the socket has it.
    ///
    /// # What is tried again
    ///
    /// If nobody answers, or the connection is lost, the socket tries again after the [interval](Self::set_reconnect_interval), for ever.
    /// So it does if the peer does something wrong after the handshake, such as sending a message that is
    /// [too large](Self::set_max_message_size).
    ///
    /// The socket gives an endpoint up, and forgets it, if
    ///
    /// * the handshake fails for a reason that stays: the peer has another mechanism, or is of a kind that does not match, or says what is no
    ///   ZMTP; or it [denies](crate::security::Decision::deny) this socket;
    /// * the interval is `None`, and the connection is lost, however that happens;
    /// * with the feature `draft`, what `set_reconnect_stop` names happens.
    ///
    /// What is still to be sent there is dropped; what was received can be received. `connect` connects to the endpoint again, and
    /// [`disconnect`](Self::disconnect) does not find it. A [monitor](crate::Monitor) tells of the end with
    /// [`Disconnected`](crate::EventKind::Disconnected) (or [`Closed`](crate::EventKind::Closed), if there was no connection yet), and
    /// [`ConnectRetried`](crate::EventKind::ConnectRetried) follows only if the endpoint is tried again. Wait for
    /// `Disconnected` before you connect again: the event that says why the handshake failed may come before the socket has
    /// forgotten the endpoint.
    ///
    /// With another libzmq than the bundled one, an endpoint that was given up may not be forgotten: `connect` then does nothing. A message that is
    /// too large, or anything wrong after the handshake, ends it for good, too, and `disconnect` of such an
    /// endpoint may end the connection to another one.
    ///
    /// If a host name has several addresses, the bundled libzmq tries one after the other, those of IPv6 too if that is
    /// [on](Self::set_ipv6). Another one tries the first alone. One that does not answer takes as long as the
    /// [connect timeout](Self::set_connect_timeout) allows.
    ///
    /// What is sent over inproc before the name is bound waits for that, for as long as the [linger](Self::set_linger) says once the
    /// socket is dropped, and until then the socket keeps its place in the context. With another libzmq than the bundled one, it keeps
    /// it until the bind, though nothing was sent.
    ///
    /// # Errors
    ///
    /// Among others: [`InvalidInput`](crate::ErrorKind::InvalidInput) for an endpoint that no peer can have, such as
    /// `tcp://*:5555`, `tcp://localhost:0` or `tcp://localhost:80:90`, and for an IPv6 address without
    /// [`set_ipv6`](Self::set_ipv6); [`ProtocolNotSupported`](crate::ErrorKind::ProtocolNotSupported) and
    /// [`IncompatibleProtocol`](crate::ErrorKind::IncompatibleProtocol) as for [`bind`](Self::bind). It is not an error if nobody
    /// answers, or if a host name cannot be resolved. With another libzmq than the bundled one, a
    /// [conflating](Self::set_conflate) socket that connects to an inproc name which is not bound is
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// Follows [zmq_connect(3)](https://libzmq.readthedocs.io/en/latest/zmq_connect.html).
    #[doc(alias = "zmq_connect")]
    pub fn connect(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.connect(endpoint.as_ref())
    }

    /// Connects to an endpoint, and has the peer under a routing id of one's own choice: messages can be sent to it at once,
    /// before anything was received from it. 1 to 255 bytes, the first not zero.
    ///
    /// ```
    /// use zmq::{Context, ErrorKind, Router};
    ///
    /// let context = Context::new()?;
    /// let (server, client) = (context.socket(Router)?, context.socket(Router)?);
    /// let endpoint = server.bind("tcp://127.0.0.1:*")?;
    /// # match client.connect_with_routing_id(&endpoint, "a first try") {
    /// #     Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(()),
    /// #     result => result?,
    /// # }
    /// client.connect_with_routing_id(&endpoint, "server")?;
    /// client.send_multipart(["server", "Hello"])?;
    /// assert_eq!(server.recv_multipart()?[1], "Hello");
    ///
    /// let error = client.connect_with_routing_id(&endpoint, "server").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::AddrInUse);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](crate::ErrorKind::AddrInUse) if a peer has that id already;
    /// [`WrongState`](crate::ErrorKind::WrongState) if the socket is [immediate](Self::set_immediate): the peer is then not
    /// there before the connection is;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) with another libzmq than the bundled one: it would end the process if the id
    /// was taken, and peers choose ids too. Otherwise as for [`connect`](Self::connect).
    ///
    /// Follows `ZMQ_CONNECT_ROUTING_ID` in
    /// [zmq_setsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html).
    #[doc(alias = "ZMQ_CONNECT_ROUTING_ID")]
    #[doc(alias = "ZMQ_CONNECT_RID")]
    pub fn connect_with_routing_id(&self, endpoint: impl AsRef<str>, id: impl AsRef<[u8]>) -> Result<()>
    where
        K: CanNamePeers,
    {
        self.core.connect_with_routing_id(endpoint.as_ref(), id.as_ref())
    }

    /// Accepts peers through a listening socket that was made elsewhere, by systemd, say. libzmq closes it in the end, or at
    /// once if this fails.
    ///
    /// The endpoint says of what transport it is: `tcp`, `ipc` or `ws`. Over tcp and ws its address is not looked at; give the
    /// socket's own. The path of an ipc socket stays.
    ///
    /// ```
    /// use std::net::TcpListener;
    /// use zmq::{Context, Rep};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let endpoint = format!("tcp://{}", listener.local_addr()?);
    /// let context = Context::new()?;
    /// let responder = context.socket(Rep)?;
    /// assert_eq!(responder.bind_fd(&endpoint, listener)?, endpoint.as_str());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is not a socket of that transport that listens. Otherwise as for
    /// [`bind`](Self::bind).
    ///
    /// Follows `ZMQ_USE_FD` in [zmq_setsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html).
    #[cfg(unix)]
    #[doc(alias = "ZMQ_USE_FD")]
    pub fn bind_fd(
        &self,
        endpoint: impl AsRef<str>,
        fd: impl Into<std::os::fd::OwnedFd>,
    ) -> Result<Endpoint> {
        self.core.bind_fd(endpoint.as_ref(), fd.into())
    }

    /// Stops accepting peers at an endpoint: the one that [`bind`](Self::bind) gave back, or, with the bundled libzmq, the text that
    /// it was given, with the port that a wildcard became. The file of an ipc path that was named stays.
    ///
    /// The port is given up in the background, soon after this returns: to bind it again at once may be
    /// [`AddrInUse`](crate::ErrorKind::AddrInUse).
    ///
    /// The bundled libzmq never looks a host name up for this. Another one does so for a name that it does not find, and waits
    /// for the name server.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the socket is not bound to it; the text of a wildcard never is.
    ///
    /// Follows [zmq_unbind(3)](https://libzmq.readthedocs.io/en/latest/zmq_unbind.html).
    #[doc(alias = "zmq_unbind")]
    pub fn unbind(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.unbind(endpoint.as_ref())
    }

    /// Ends the connection to an endpoint. Messages waiting to go there have as long as [linger](Self::set_linger) allows. If parts
    /// of a message from there were received, so can the others be.
    ///
    /// The endpoint is the text that [`connect`](Self::connect) was given, with a number for a number and a name for a name. The
    /// bundled libzmq never looks a host name up for this. Another one does so for a name that it does not find, and waits for the
    /// name server.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the socket is not connected to it, or has
    /// [given it up](Self::connect); with another libzmq than the bundled one,
    /// [`WrongState`](crate::ErrorKind::WrongState) if parts of a message are still to be received, from wherever.
    ///
    /// Follows [zmq_disconnect(3)](https://libzmq.readthedocs.io/en/latest/zmq_disconnect.html).
    #[doc(alias = "zmq_disconnect")]
    pub fn disconnect(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.disconnect(endpoint.as_ref())
    }

    /// Closes the socket, giving messages still to be sent as long as `linger`: `None` is for ever.
    ///
    /// The call itself does not wait; dropping the context does. Dropping the socket closes it too, with the linger that
    /// was [set](Self::set_linger).
    ///
    /// However it is closed, libzmq ends it in the background. Until that is done, its ports are in use and it counts among
    /// the sockets of its context: to bind again at once may be [`AddrInUse`](crate::ErrorKind::AddrInUse), and to make another
    /// socket [`TooManySockets`](crate::ErrorKind::TooManySockets). Dropping the context waits for it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, Push};
    ///
    /// let context = Context::new()?;
    /// let socket = context.socket(Push)?;
    /// socket.connect("tcp://127.0.0.1:1")?;
    /// socket.send("nobody will ever read this")?;
    /// socket.close(Duration::from_millis(10))?;
    /// drop(context); // would wait for ever otherwise
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) if the context was shut down: the linger could not be changed any more. The
    /// socket is closed all the same.
    ///
    /// Follows [zmq_close(3)](https://libzmq.readthedocs.io/en/latest/zmq_close.html).
    #[doc(alias = "zmq_close")]
    pub fn close(self, linger: impl IntoTimeout) -> Result<()> {
        self.set_linger(linger)
    }
}

impl Socket<Any> {
    /// The socket with its kind in the type, if that is its kind; or the socket as it was.
    ///
    /// # Errors
    ///
    /// The socket itself, if it is of another kind.
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
    #[allow(clippy::result_large_err, reason = "what comes back is the socket itself")]
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
    /// A descriptor that becomes readable when the socket's [events](Socket::events) may have changed.
    ///
    /// The draft kinds that threads may share have none; [`poll`](crate::poll()) waits for all kinds. Nor has a
    /// `Socket<Any>`, whose kind may be one of those: [downcast](Socket::downcast) it.
    ///
    /// Only wait for it to become readable, and never read from it: it belongs to libzmq. One wake-up stands for any
    /// number of changes, and sending or receiving may use it up; so after one, and after every send or receive, look at
    /// `events` before waiting again.
    ///
    /// Follows `ZMQ_FD` in [zmq_getsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html).
    #[doc(alias = "ZMQ_FD")]
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.core.as_fd()
    }
}

#[cfg(windows)]
impl<K: HasFd> std::os::windows::io::AsSocket for Socket<K> {
    /// As the `AsFd` of Unix.
    #[doc(alias = "ZMQ_FD")]
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.core.as_socket()
    }
}
