//! Binding, connecting and closing.

use super::Socket;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::kind::{CanNamePeers, Kind};
use crate::timeout::IntoTimeout;

/// # Binding and connecting
impl<K: Kind> Socket<K> {
    /// Accepts peers at an endpoint. A socket can bind to several endpoints, and also [connect](Self::connect) to others.
    ///
    /// Returns the endpoint that the socket is bound to. For `tcp://127.0.0.1:*`, libzmq chooses a free port. For
    /// `ipc://*`, it chooses a new path in the directory that the environment variable `TMPDIR`, `TEMPDIR` or `TMP` names,
    /// or else in the current directory.
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
    /// A host name is resolved during the call, so a slow name server delays it.
    ///
    /// If a process that has ended left an ipc socket at the path, the call replaces that socket. Unlike in C, the call
    /// never replaces another kind of file, or a socket on which a process listens.
    ///
    /// # Errors
    ///
    /// * [`AddrInUse`](crate::ErrorKind::AddrInUse) if another socket is bound to the endpoint.
    /// * [`AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is a file at the ipc path that is not a socket.
    /// * [`AddrNotAvailable`](crate::ErrorKind::AddrNotAvailable) or [`NoSuchDevice`](crate::ErrorKind::NoSuchDevice) if
    ///   this machine has no such address or network interface.
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not an endpoint.
    /// * [`ProtocolNotSupported`](crate::ErrorKind::ProtocolNotSupported) if the linked libzmq does not have the transport.
    /// * [`IncompatibleProtocol`](crate::ErrorKind::IncompatibleProtocol) if the socket type cannot use the transport.
    /// * Errors of the operating system, such as [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for a path.
    ///
    /// Follows [zmq_bind(3)](https://libzmq.readthedocs.io/en/latest/zmq_bind.html).
    #[doc(alias = "zmq_bind")]
    pub fn bind(&self, endpoint: impl AsRef<str>) -> Result<Endpoint> {
        self.core.bind(endpoint.as_ref())
    }

    /// Connects to an endpoint in the background. The peer does not have to exist yet.
    ///
    /// A socket can connect to several endpoints. DEALER, SUB, PUB and REQ sockets have one connection to each endpoint:
    /// connecting to the endpoint again has no effect while this connection exists.
    ///
    /// # Reconnecting
    ///
    /// If no peer answers, or the connection is lost, the socket tries again after the [reconnect
    /// interval](Self::set_reconnect_interval), without a limit on the number of attempts. It also does so if the peer
    /// breaks the protocol after the handshake, for example by sending a message that is [too
    /// large](Self::set_max_message_size).
    ///
    /// The socket abandons an endpoint, and forgets it, if:
    ///
    /// * the handshake fails for a permanent reason: the peer has another security mechanism, has a socket type that does
    ///   not match, does not speak ZMTP, or [denies](crate::security::Decision::deny) this socket;
    /// * the reconnect interval is `None`, and the connection is lost for any reason;
    /// * a condition occurs that `set_reconnect_stop` selects (feature `draft`).
    ///
    /// Unsent messages for this endpoint are dropped. Messages that have arrived can still be received. After that,
    /// `connect` makes a new connection to the endpoint, and [`disconnect`](Self::disconnect) fails with
    /// [`NotFound`](crate::ErrorKind::NotFound). A [monitor](crate::Monitor) reports the end of the connection with
    /// [`Disconnected`](crate::monitor::EventKind::Disconnected), or with [`Closed`](crate::monitor::EventKind::Closed) if
    /// there was no connection yet. If the socket tries again,
    /// [`ConnectRetried`](crate::monitor::EventKind::ConnectRetried) follows. Wait for `Disconnected` before you connect
    /// again: the event with the reason of a failed handshake can arrive before the socket has forgotten the endpoint.
    ///
    /// A libzmq other than the bundled one may not forget an endpoint that it has abandoned. Then `connect` has no effect.
    /// Such a libzmq also abandons an endpoint whose peer breaks the protocol after the handshake. `disconnect` for such an
    /// endpoint can end the connection to another endpoint.
    ///
    /// If a host name has several addresses, the bundled libzmq tries one after the other, and IPv6 addresses only with
    /// [`set_ipv6`](Self::set_ipv6). Another libzmq tries only the first address. For each address that does not answer,
    /// the socket waits for the [connect timeout](Self::set_connect_timeout).
    ///
    /// Messages to an inproc name that is not bound yet wait for the bind. After the socket is dropped, they wait at most for
    /// the [linger period](Self::set_linger). During this time, the socket counts toward the [maximum number of
    /// sockets](crate::option::ContextBuilder::max_sockets) of its context. With a libzmq other than the bundled one, the
    /// socket counts until the bind, even if nothing was sent.
    ///
    /// # Errors
    ///
    /// It is not an error if no peer answers, or if a host name cannot be resolved.
    ///
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text cannot be the endpoint of a peer, as with
    ///   `tcp://*:5555`, `tcp://localhost:0` or `tcp://localhost:80:90`, or if it contains an IPv6 address and
    ///   [`set_ipv6`](Self::set_ipv6) was not called.
    /// * [`ProtocolNotSupported`](crate::ErrorKind::ProtocolNotSupported) and
    ///   [`IncompatibleProtocol`](crate::ErrorKind::IncompatibleProtocol) as for [`bind`](Self::bind).
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) if a [conflating](Self::set_conflate) socket connects to an inproc
    ///   name that is not bound, with a libzmq other than the bundled one.
    ///
    /// Follows [zmq_connect(3)](https://libzmq.readthedocs.io/en/latest/zmq_connect.html).
    #[doc(alias = "zmq_connect")]
    pub fn connect(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.connect(endpoint.as_ref())
    }

    /// Connects to an endpoint, and gives the peer this routing id. So the socket can send messages to the peer before the
    /// peer sends one.
    ///
    /// The id has 1 to 255 bytes. The first byte must not be zero.
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
    /// See [`connect`](Self::connect) for the errors. In addition:
    ///
    /// * [`AddrInUse`](crate::ErrorKind::AddrInUse) if a peer of the socket already has this id.
    /// * [`WrongState`](crate::ErrorKind::WrongState) if the socket is [immediate](Self::set_immediate), because it then
    ///   has no peer before the connection is made.
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) with a libzmq other than the bundled one. Such a libzmq aborts the
    ///   process if another peer already has the id, and peers can choose their ids.
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

    /// Accepts peers on a socket that already listens, for example one passed by systemd.
    ///
    /// Takes ownership of the descriptor, which is closed when the socket unbinds, or immediately on error. The endpoint
    /// consists of the transport (`tcp`, `ipc` or `ws`) and the address of the descriptor. For tcp and ws, peers are accepted
    /// at the address of the descriptor even if the endpoint contains another address. The file of an ipc socket is not
    /// deleted.
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
    /// See [`bind`](Self::bind) for the errors. In addition, the call fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the descriptor is not a listening socket of this transport.
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

    /// Stops accepting peers at an endpoint, **and disconnects the peers that were accepted there**. Pass the endpoint that
    /// [`bind`](Self::bind) returned.
    ///
    /// Messages that were sent before are still delivered, during the [linger period](Self::set_linger). Messages that have
    /// arrived can still be received, but the peers get no reply: a ROUTER or REP socket drops the reply without an error. So
    /// do not call `unbind` to end a server. Send all replies first, then drop the socket. Peers over `inproc` stay connected.
    ///
    /// The bundled libzmq also accepts the text that was passed to `bind`, with the chosen port in place of a wildcard. If
    /// `bind` was called with an ipc path, the file at this path is not deleted.
    ///
    /// The port is released in the background, soon after the call returns. Binding it again immediately can fail with
    /// [`AddrInUse`](crate::ErrorKind::AddrInUse).
    ///
    /// The bundled libzmq never resolves a host name in this call. Another libzmq resolves the name if it does not find the
    /// endpoint, and waits for the name server.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the socket is not bound to this endpoint.
    ///
    /// Follows [zmq_unbind(3)](https://libzmq.readthedocs.io/en/latest/zmq_unbind.html).
    #[doc(alias = "zmq_unbind")]
    pub fn unbind(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.unbind(endpoint.as_ref())
    }

    /// Ends the connection to an endpoint. Unsent messages for this endpoint are still sent during the [linger
    /// period](Self::set_linger). If the program has received a part of a message from this endpoint, it can still receive
    /// the other parts.
    ///
    /// Pass the same text that was passed to [`connect`](Self::connect). For example, a host name and its IP address are
    /// different texts. The bundled libzmq never resolves a host name in this call. Another libzmq resolves the name if it
    /// does not find the endpoint, and waits for the name server.
    ///
    /// # Errors
    ///
    /// * [`NotFound`](crate::ErrorKind::NotFound) if the socket is not connected to this endpoint, or has [abandoned
    ///   it](Self::connect).
    /// * [`WrongState`](crate::ErrorKind::WrongState) with a libzmq other than the bundled one, if the program has received
    ///   a part of a message from any peer, but not its last part.
    ///
    /// Follows [zmq_disconnect(3)](https://libzmq.readthedocs.io/en/latest/zmq_disconnect.html).
    #[doc(alias = "zmq_disconnect")]
    pub fn disconnect(&self, endpoint: impl AsRef<str>) -> Result<()> {
        self.core.disconnect(endpoint.as_ref())
    }

    /// Closes the socket. Unsent messages are still sent for the time `linger`; `None` means forever.
    ///
    /// The call itself does not wait, but dropping the context does. Dropping the socket also closes it, with the linger
    /// period that was [set](Self::set_linger).
    ///
    /// libzmq closes a socket in the background. Until the socket is closed, its ports are in use, and it counts toward the
    /// [maximum number of sockets](crate::option::ContextBuilder::max_sockets) of its context. Binding a port again
    /// immediately can fail with [`AddrInUse`](crate::ErrorKind::AddrInUse), and creating another socket can fail with
    /// [`TooManySockets`](crate::ErrorKind::TooManySockets). Dropping the context waits until the socket is closed.
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
    /// drop(context); // would wait forever otherwise
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) if the context was shut down, so that the linger period could not be
    /// changed. The socket is closed anyway.
    ///
    /// Follows [zmq_close(3)](https://libzmq.readthedocs.io/en/latest/zmq_close.html).
    #[doc(alias = "zmq_close")]
    pub fn close(self, linger: impl IntoTimeout) -> Result<()> {
        self.set_linger(linger)
    }
}
