//! Binding, connecting and closing.

use super::Socket;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::kind::{CanNamePeers, Kind};
use crate::timeout::IntoTimeout;

/// # Binding and connecting
impl<K: Kind> Socket<K> {
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
