//! Sockets.

mod capability;
mod kind;
mod recv;
mod send;

use core::ffi::c_int;
use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

pub(crate) use capability::Ability;
pub use capability::{CanProbe, CanRecv, CanRequest, CanRoute, CanSend, CanSubscribe};
pub use kind::{
    Any, Dealer, Kind, Pair, Pub, Pull, Push, Rep, Req, Router, SocketKind, Stream, Sub, XPub, XSub,
};
pub use recv::Received;

use crate::context::{Context, Inner, Names, forked};
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::{self, Errno};
use crate::timeout::FOREVER;
use send::Repair;

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
/// # What blocks
///
/// `send` and `recv` wait as in C: until they can, or the [send](Self::set_send_timeout) or
/// [receive timeout](Self::set_receive_timeout) has passed ([`WouldBlock`](ErrorKind::WouldBlock)), or another thread
/// [shuts the context down](Context::shutdown) ([`Terminated`](ErrorKind::Terminated)). Signals do not end them unless
/// [asked for](Context::set_interruptible). `try_send` and `try_recv` never wait. Nothing else blocks.
///
/// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
#[doc(alias = "zmq_socket")]
pub struct Socket<K: Kind> {
    core: Core,
    kind: K,
}

/// All of a socket but its type.
pub(crate) struct Core {
    /// Closed before the context can go.
    raw: raw::socket::Socket,
    context: Arc<Inner>,
    kind: SocketKind,
    /// The notification descriptor, which stays the same for the socket's life.
    descriptor: raw::poll::RawDescriptor,
    /// Whether it was bound or connected: some options would then corrupt memory (O7).
    attached: AtomicBool,
    /// Whether the last part sent promised more.
    mid_message: AtomicBool,
    /// What a REQ socket needs before its next request.
    repair: Repair,
    receive_timeout: AtomicI32,
    send_timeout: AtomicI32,
    names: Names,
}

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
        Context::from(self.core.context.clone())
    }

    /// The socket, its kind known at run time only: so that sockets of several kinds fit one collection.
    #[must_use]
    pub fn into_any(self) -> Socket<Any> {
        Socket { kind: Any(self.core.kind), core: self.core }
    }

    /// Accepts peers at an endpoint. May be called for several, also along with [`connect`](Self::connect).
    ///
    /// Gives back the endpoint really bound: `tcp://127.0.0.1:*` takes a free port, `ipc://*` a new path.
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
    /// An ipc path at which a socket was left behind by a process that is gone is taken over. Unlike in C, anything else
    /// there, and a socket at which somebody listens, is left alone.
    ///
    /// # Errors
    ///
    /// Among others: [`AddrInUse`](ErrorKind::AddrInUse); [`AlreadyExists`](ErrorKind::AlreadyExists) if a file that is no
    /// socket is in the way; [`AddrNotAvailable`](ErrorKind::AddrNotAvailable) and
    /// [`NoSuchDevice`](ErrorKind::NoSuchDevice) if the host or interface is not this machine's;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no endpoint;
    /// [`ProtocolNotSupported`](ErrorKind::ProtocolNotSupported) for a transport that the linked libzmq does not have;
    /// [`IncompatibleProtocol`](ErrorKind::IncompatibleProtocol) for one that the kind cannot use. The system adds its
    /// own, such as [`PermissionDenied`](ErrorKind::PermissionDenied) for a path.
    ///
    /// Follows [zmq_bind(3)](https://libzmq.readthedocs.io/en/latest/zmq_bind.html).
    #[doc(alias = "zmq_bind")]
    pub fn bind(&self, endpoint: impl AsRef<str>) -> Result<Endpoint> {
        self.core.bind(endpoint.as_ref())
    }

    /// Connects to an endpoint, in the background: the peer need not be there yet. May be called for several.
    ///
    /// # Errors
    ///
    /// Among others: [`InvalidInput`](ErrorKind::InvalidInput) for what is no endpoint to connect to, such as
    /// `tcp://*:5555`; [`ProtocolNotSupported`](ErrorKind::ProtocolNotSupported) and
    /// [`IncompatibleProtocol`](ErrorKind::IncompatibleProtocol) as for [`bind`](Self::bind). That nobody answers, or that
    /// a host name cannot be resolved, is no error: libzmq tries again for ever.
    ///
    /// Follows [zmq_connect(3)](https://libzmq.readthedocs.io/en/latest/zmq_connect.html).
    #[doc(alias = "zmq_connect")]
    pub fn connect(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.connect(endpoint.as_ref())
    }

    /// Stops accepting peers at an endpoint: the one that [`bind`](Self::bind) gave back.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if the socket is not bound to it; the text of a wildcard never is.
    ///
    /// Follows [zmq_unbind(3)](https://libzmq.readthedocs.io/en/latest/zmq_unbind.html).
    #[doc(alias = "zmq_unbind")]
    pub fn unbind(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.unbind(endpoint.as_ref())
    }

    /// Ends the connection to an endpoint. Messages waiting to go there have as long as [linger](Self::set_linger) allows.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if the socket is not connected to it.
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
    /// [`Terminated`](ErrorKind::Terminated) if the context was shut down: the linger could not be changed any more. The
    /// socket is closed all the same.
    ///
    /// Follows [zmq_close(3)](https://libzmq.readthedocs.io/en/latest/zmq_close.html).
    #[doc(alias = "zmq_close")]
    pub fn close(self, linger: impl Into<Option<Duration>>) -> Result<()> {
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
impl<K: Kind> std::os::fd::AsFd for Socket<K> {
    /// A descriptor that becomes readable when the socket's [events](Socket::events) may have changed.
    ///
    /// Only wait for it to become readable, and never read from it: it belongs to libzmq. One wake-up stands for any
    /// number of changes, and sending or receiving may use it up; so after one, and after every send or receive, look at
    /// `events` before waiting again.
    ///
    /// Follows `ZMQ_FD` in [zmq_getsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html).
    #[doc(alias = "ZMQ_FD")]
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.core.raw.borrow_descriptor(self.core.descriptor)
    }
}

#[cfg(windows)]
impl<K: Kind> std::os::windows::io::AsSocket for Socket<K> {
    /// As the `AsFd` of Unix.
    #[doc(alias = "ZMQ_FD")]
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.core.raw.borrow_descriptor(self.core.descriptor)
    }
}

impl Core {
    fn new(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        let mut core = Core {
            raw,
            context,
            kind,
            descriptor: Default::default(),
            attached: AtomicBool::new(false),
            mid_message: AtomicBool::new(false),
            repair: Repair::default(),
            receive_timeout: AtomicI32::new(FOREVER),
            send_timeout: AtomicI32::new(FOREVER),
            names: Names::default(),
        };
        core.descriptor =
            core.raw.descriptor().map_err(|errno| Error::new(Operation::NewSocket, errno).on(kind.name()))?;
        Ok(core)
    }

    /// A socket that was used before, elsewhere.
    pub(crate) fn adopt(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        context.adopt_socket();
        let core = Core::new(raw, kind, context)?;
        core.attached.store(true, Ordering::Relaxed);
        for (option, known) in
            [(zmq_sys::ZMQ_RCVTIMEO, &core.receive_timeout), (zmq_sys::ZMQ_SNDTIMEO, &core.send_timeout)]
        {
            if let Ok(milliseconds) = core.raw.get(option) {
                known.store(milliseconds, Ordering::Relaxed);
            }
        }
        Ok(core)
    }

    pub(crate) fn with_kind<K: Kind>(self, kind: K) -> Socket<K> {
        Socket { core: self, kind }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &raw::socket::Socket {
        &self.raw
    }

    pub(crate) fn disown(&mut self) -> core::ptr::NonNull<core::ffi::c_void> {
        self.raw.disown()
    }

    pub(crate) fn socket_kind(&self) -> SocketKind {
        self.kind
    }

    /// Refuses to touch the parent's socket in a forked child.
    #[inline]
    pub(crate) fn check_process(&self, operation: Operation) -> Result<()> {
        if self.raw.is_here() { Ok(()) } else { Err(forked(operation)) }
    }

    pub(crate) fn is_attached(&self) -> bool {
        self.attached.load(Ordering::Relaxed)
    }

    fn is_interruptible(&self) -> bool {
        self.context.is_interruptible()
    }

    /// Runs a call that may meet a signal, until it has not.
    fn retry<T>(&self, operation: Operation, call: impl Fn() -> Result<T, Errno>) -> Result<T> {
        loop {
            match call() {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                result => return result.map_err(|errno| Error::new(operation, errno)),
            }
        }
    }

    fn bind(&self, endpoint: &str) -> Result<Endpoint> {
        let operation = Operation::Bind;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        let bind = || self.raw.bind(&text);
        if let Some(name) = endpoint::inproc_name(endpoint) {
            self.check_zap(operation, endpoint)?;
            let mut inproc = self.context.inproc();
            self.retry(operation, bind).map_err(|error| endpoint::explain(error, endpoint))?;
            inproc.bound(name, &self.names);
        } else {
            #[cfg(unix)]
            crate::ipc::check_path(operation, endpoint)?;
            self.retry(operation, bind).map_err(|error| endpoint::explain(error, endpoint))?;
        }
        self.attached.store(true, Ordering::Relaxed);
        self.last_endpoint(operation)
    }

    fn connect(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Connect;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        self.check_transport(operation, endpoint)?;
        let connect = || {
            self.retry(operation, || self.raw.connect(&text))
                .map_err(|error| endpoint::explain(error, endpoint))
        };
        if let Some(name) = endpoint::inproc_name(endpoint) {
            let mut inproc = self.context.inproc();
            inproc.connecting(name, self.context.raw()).map_err(|error| error.on(endpoint))?;
            connect()?;
        } else {
            connect()?;
        }
        self.attached.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn unbind(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Unbind;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        if let Some(name) = endpoint::inproc_name(endpoint) {
            self.context.inproc().unbound(name, &self.names);
        }
        self.retry(operation, || self.raw.unbind(&text)).map_err(|error| error.on(endpoint))
    }

    fn disconnect(&self, endpoint: &str) -> Result<()> {
        let operation = Operation::Disconnect;
        self.check_process(operation)?;
        let text = endpoint::check(operation, endpoint)?;
        if let Some(name) = endpoint::inproc_name(endpoint) {
            // libzmq's disconnect is its unbind, and takes bound names too.
            self.context.inproc().unbound(name, &self.names);
        }
        self.retry(operation, || self.raw.disconnect(&text)).map_err(|error| error.on(endpoint))
    }

    /// STREAM over inproc aborts the process when a frame arrives (A11).
    fn check_transport(&self, operation: Operation, endpoint: &str) -> Result<()> {
        if self.kind == SocketKind::Stream && endpoint::inproc_name(endpoint).is_some() {
            return Err(Error::refused(
                operation,
                ErrorKind::IncompatibleProtocol,
                zmq_sys::ENOCOMPATPROTO,
                endpoint,
                "a STREAM socket talks to TCP peers, and not over inproc",
            ));
        }
        Ok(())
    }

    /// Anything but a handler at ZAP's name aborts the process at the next handshake (A14).
    fn check_zap(&self, operation: Operation, endpoint: &str) -> Result<()> {
        let handler = matches!(self.kind, SocketKind::Rep | SocketKind::Router);
        if endpoint == "inproc://zeromq.zap.01" && !handler {
            return Err(Error::refused(
                operation,
                ErrorKind::IncompatibleProtocol,
                zmq_sys::ENOCOMPATPROTO,
                endpoint,
                "this name is for the ZAP handler, which is a REP or a ROUTER socket",
            ));
        }
        Ok(())
    }

    /// `ZMQ_LAST_ENDPOINT`, which does not say how much room it needs (O3).
    pub(crate) fn last_endpoint(&self, operation: Operation) -> Result<Endpoint> {
        let mut buffer = vec![0; 256];
        loop {
            match self.raw.get_bytes(zmq_sys::ZMQ_LAST_ENDPOINT, &mut buffer) {
                Ok(len) => {
                    buffer.truncate(len.saturating_sub(1));
                    return Ok(Endpoint::from_library(String::from_utf8_lossy(&buffer).into_owned()));
                }
                Err(Errno(libc::EINVAL)) if buffer.len() < 1 << 20 => buffer = vec![0; 4 * buffer.len()],
                Err(errno) => return Err(Error::new(operation, errno).on("last_endpoint")),
            }
        }
    }

    /// Notes what the socket itself has to know of an option just set.
    pub(crate) fn note_option(&self, option: c_int, value: c_int) {
        match option {
            zmq_sys::ZMQ_RCVTIMEO => self.receive_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_SNDTIMEO => self.send_timeout.store(value, Ordering::Relaxed),
            zmq_sys::ZMQ_REQ_RELAXED => self.repair.set_relaxed(value != 0),
            zmq_sys::ZMQ_REQ_CORRELATE => self.repair.set_correlate(value != 0),
            _ => {}
        }
    }

    /// Runs a blocking call with another timeout than the one that is set.
    fn with_timeout<T>(
        &self,
        option: c_int,
        normal: &AtomicI32,
        milliseconds: c_int,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        self.raw.set(option, milliseconds)?;
        let result = call();
        // Fails only once the context is shut down, and then nothing waits any more.
        let _ = self.raw.set(option, normal.load(Ordering::Relaxed));
        result
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if self.raw.is_here() {
            self.context.release_socket(&self.names);
        }
    }
}
