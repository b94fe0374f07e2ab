//! What a monitor tells.

use core::fmt;
use core::time::Duration;

use super::ProtocolError;
use super::decode::decode;
use crate::error::{Error, ErrorKind, Operation, Result};

/// Something that happened to a monitored socket.
///
/// `Display` is one line, for a log:
///
/// ```
/// use zmq::monitor::Events;
/// use zmq::{Context, Rep};
///
/// let context = Context::new()?;
/// let server = context.socket(Rep)?;
/// let monitor = server.monitor(Events::ALL)?;
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
///
/// let event = monitor.recv()?;
/// assert_eq!(event.endpoint(), endpoint.as_str());
/// println!("{event}"); // LISTENING tcp://127.0.0.1:45678 (descriptor 12)
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
#[derive(Clone, Debug)]
pub struct Event {
    pub(super) kind: EventKind,
    pub(super) endpoints: Endpoints,
}

#[derive(Clone, Debug)]
pub(super) enum Endpoints {
    One(Box<str>),
    Both { local: Box<str>, remote: Box<str> },
}

/// What happened, as [`Event::kind`] tells it.
///
/// A descriptor is its number, to be compared with other events and logs: it may be closed by now, and the number in use
/// for something else.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// A connection that this socket makes is there; the handshake follows.
    #[doc(alias = "ZMQ_EVENT_CONNECTED")]
    Connected {
        /// The connection's descriptor.
        fd: u64,
    },
    /// An attempt to connect has begun, and goes on in the background. This is not a failure.
    ///
    /// In C the event has an error number. This number is always `EINPROGRESS`, so the variant has no error.
    #[doc(alias = "ZMQ_EVENT_CONNECT_DELAYED")]
    ConnectDelayed,
    /// An attempt to connect failed, or a connection was lost; there will be another attempt.
    #[doc(alias = "ZMQ_EVENT_CONNECT_RETRIED")]
    ConnectRetried {
        /// The time until then.
        interval: Duration,
    },
    /// The socket was bound, and accepts connections.
    #[doc(alias = "ZMQ_EVENT_LISTENING")]
    Listening {
        /// The listener's descriptor.
        fd: u64,
    },
    /// The socket could not be bound; [`bind`](crate::Socket::bind) failed too. The endpoint lacks its transport.
    #[doc(alias = "ZMQ_EVENT_BIND_FAILED")]
    BindFailed {
        /// Why.
        error: Error,
    },
    /// A connection that a peer makes is there; the handshake follows.
    #[doc(alias = "ZMQ_EVENT_ACCEPTED")]
    Accepted {
        /// The connection's descriptor.
        fd: u64,
    },
    /// A peer's connection could not be accepted, or was filtered out. If there is no descriptor for it, the bundled libzmq tries ten
    /// times a second, and another one all the time.
    #[doc(alias = "ZMQ_EVENT_ACCEPT_FAILED")]
    AcceptFailed {
        /// Why, unless it was filtered out: then it is of something before.
        error: Error,
    },
    /// A listener, or an attempt to connect, was closed.
    #[doc(alias = "ZMQ_EVENT_CLOSED")]
    Closed {
        /// Its descriptor.
        fd: u64,
    },
    /// A listener could not be closed: the file of an ipc endpoint could not be removed.
    #[doc(alias = "ZMQ_EVENT_CLOSE_FAILED")]
    CloseFailed {
        /// Why.
        error: Error,
    },
    /// A connection was lost, or ended by the peer. A connection that this socket ends by itself does not tell. If this socket made it and
    /// makes it again, `ConnectRetried` follows; else the socket has
    /// [forgotten the endpoint](crate::Socket::connect).
    #[doc(alias = "ZMQ_EVENT_DISCONNECTED")]
    Disconnected {
        /// The connection's descriptor.
        fd: u64,
    },
    /// So many events had no room, as the monitor was not read: they would have come here. Only the bundled libzmq limits how many wait.
    EventsLost {
        /// How many.
        count: u64,
    },
    /// Monitoring has ended: the last event of a monitor.
    #[doc(alias = "ZMQ_EVENT_MONITOR_STOPPED")]
    MonitorStopped,
    /// A connection was lost, or timed out, during the handshake. `Disconnected` follows. With `EACCES`: this side has no ticket,
    /// or no key, for GSSAPI; then the connection may last until its time for the handshake is over.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL")]
    HandshakeFailedNoDetail {
        /// What the system said; its [number](Error::errno) is 0 if it said nothing.
        error: Error,
    },
    /// The handshake is done, and messages can flow.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_SUCCEEDED")]
    HandshakeSucceeded,
    /// The peer, or the ZAP handler, did not keep to the protocol.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL")]
    HandshakeFailedProtocol {
        /// How.
        error: ProtocolError,
    },
    /// The ZAP handler refused the peer; or it refused this socket, and the peer said so.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_AUTH")]
    HandshakeFailedAuth {
        /// The handler's status code: 300, 400 or 500.
        status: u64,
    },
    /// How full the queues of one connection are: an answer to
    /// [`Socket::monitor_pipes_stats`](crate::Socket::monitor_pipes_stats).
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_EVENT_PIPES_STATS")]
    PipesStats {
        /// Messages waiting to be sent.
        outbound: u64,
        /// Messages waiting to be received.
        inbound: u64,
    },
    /// An event that this crate has no name for, or one with other values than libzmq 4.3 gives it.
    Unknown {
        /// The number of C.
        event: u64,
        /// What came with it.
        values: Box<[u64]>,
    },
}

impl Event {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// The endpoint concerned: the local one if this socket is bound to it, else the remote one that it connects to. Empty for
    /// [`EventsLost`](EventKind::EventsLost) and [`MonitorStopped`](EventKind::MonitorStopped).
    ///
    /// If [both](Self::local_endpoint) are known, it is the remote one, or the local one where there is none.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match &self.endpoints {
            Endpoints::One(endpoint) => endpoint,
            Endpoints::Both { local, remote } if remote.is_empty() => local,
            Endpoints::Both { remote, .. } => remote,
        }
    }

    /// This end of the connection. Only a monitor made with `Socket::monitor_v2`, of the draft API, knows it.
    #[must_use]
    pub fn local_endpoint(&self) -> Option<&str> {
        match &self.endpoints {
            Endpoints::Both { local, .. } if !local.is_empty() => Some(local),
            _ => None,
        }
    }

    /// The peer's end of the connection; as for [`local_endpoint`](Self::local_endpoint).
    #[must_use]
    pub fn remote_endpoint(&self) -> Option<&str> {
        match &self.endpoints {
            Endpoints::Both { remote, .. } if !remote.is_empty() => Some(remote),
            _ => None,
        }
    }

    /// Reads an event out of the frames of a message, as they come from a monitor that C code has set.
    ///
    /// Both versions of libzmq's layout are understood. Whatever the frames hold, the result is an event or an error.
    ///
    /// ```
    /// use zmq::monitor::{Event, EventKind};
    ///
    /// let mut first = 0x0004_u16.to_ne_bytes().to_vec(); // CONNECT_RETRIED
    /// first.extend(100_u32.to_ne_bytes()); // milliseconds
    /// let event = Event::from_frames(&[&first[..], b"tcp://127.0.0.1:5555"])?;
    /// assert!(matches!(event.kind(), EventKind::ConnectRetried { interval } if interval.as_millis() == 100));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if these are no frames of an event.
    pub fn from_frames<T: AsRef<[u8]>>(frames: &[T]) -> Result<Event> {
        decode(frames).ok_or_else(|| {
            Error::refused(
                Operation::Convert,
                ErrorKind::InvalidData,
                libc::EINVAL,
                format!("{} frames", frames.len()),
                "not those of a monitor's event",
            )
        })
    }

    pub(super) fn is_last(&self) -> bool {
        matches!(self.kind, EventKind::MonitorStopped)
    }
}

impl EventKind {
    /// The name that ZeroMQ gives it.
    fn name(&self) -> &'static str {
        match self {
            EventKind::Connected { .. } => "CONNECTED",
            EventKind::ConnectDelayed => "CONNECT_DELAYED",
            EventKind::ConnectRetried { .. } => "CONNECT_RETRIED",
            EventKind::Listening { .. } => "LISTENING",
            EventKind::BindFailed { .. } => "BIND_FAILED",
            EventKind::Accepted { .. } => "ACCEPTED",
            EventKind::AcceptFailed { .. } => "ACCEPT_FAILED",
            EventKind::Closed { .. } => "CLOSED",
            EventKind::CloseFailed { .. } => "CLOSE_FAILED",
            EventKind::Disconnected { .. } => "DISCONNECTED",
            EventKind::EventsLost { .. } => "EVENTS_LOST",
            EventKind::MonitorStopped => "MONITOR_STOPPED",
            EventKind::HandshakeFailedNoDetail { .. } => "HANDSHAKE_FAILED_NO_DETAIL",
            EventKind::HandshakeSucceeded => "HANDSHAKE_SUCCEEDED",
            EventKind::HandshakeFailedProtocol { .. } => "HANDSHAKE_FAILED_PROTOCOL",
            EventKind::HandshakeFailedAuth { .. } => "HANDSHAKE_FAILED_AUTH",
            #[cfg(zmq_draft)]
            EventKind::PipesStats { .. } => "PIPES_STATS",
            EventKind::Unknown { .. } => "UNKNOWN",
        }
    }
}

pub(super) const NO_REASON: &str = "no reason was given";

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match &self.endpoints {
            Endpoints::Both { local, remote } if !local.is_empty() && !remote.is_empty() => {
                write!(f, " {local} to {remote}")?;
            }
            _ if self.endpoint().is_empty() => {}
            _ => write!(f, " {}", self.endpoint())?,
        }
        match &self.kind {
            EventKind::Connected { fd }
            | EventKind::Listening { fd }
            | EventKind::Accepted { fd }
            | EventKind::Closed { fd }
            | EventKind::Disconnected { fd } => write!(f, " (descriptor {fd})"),
            EventKind::BindFailed { error }
            | EventKind::AcceptFailed { error }
            | EventKind::CloseFailed { error }
            | EventKind::HandshakeFailedNoDetail { error } => match error.errno() {
                0 => write!(f, " ({NO_REASON})"),
                _ => write!(f, " ({})", error.strerror()),
            },
            EventKind::ConnectRetried { interval } => write!(f, " (in {interval:?})"),
            EventKind::HandshakeFailedProtocol { error } => write!(f, " ({error})"),
            EventKind::HandshakeFailedAuth { status } => write!(f, " (status {status})"),
            #[cfg(zmq_draft)]
            EventKind::PipesStats { outbound, inbound } => {
                write!(f, " ({outbound} outbound, {inbound} inbound)")
            }
            EventKind::EventsLost { count } => write!(f, " ({count} events)"),
            EventKind::Unknown { event, values } => write!(f, " (event {event:#x}, values {values:?})"),
            EventKind::ConnectDelayed | EventKind::MonitorStopped | EventKind::HandshakeSucceeded => Ok(()),
        }
    }
}
