//! The events of a monitor.

use core::fmt;
use core::time::Duration;

use super::ProtocolError;
use super::decode::decode;
use crate::error::{Error, ErrorKind, Operation, Result};

/// An event of a monitored socket.
///
/// `Display` prints one line, for example for a log:
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

/// What happened to a socket. [`Event::kind`] returns it.
///
/// Descriptors are plain numbers. Use them only to match events with each other or with logs: a descriptor may already be
/// closed, and its number may belong to another file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// The socket has connected to a peer. The handshake follows.
    #[doc(alias = "ZMQ_EVENT_CONNECTED")]
    Connected {
        /// The descriptor of the connection.
        fd: u64,
    },
    /// An attempt to connect continues in the background. This is not a failure.
    ///
    /// In C the event has an error number. This number is always `EINPROGRESS`, so the variant has no error.
    #[doc(alias = "ZMQ_EVENT_CONNECT_DELAYED")]
    ConnectDelayed,
    /// An attempt to connect failed, or a connection was lost. Another attempt follows.
    #[doc(alias = "ZMQ_EVENT_CONNECT_RETRIED")]
    ConnectRetried {
        /// The time until the next attempt.
        interval: Duration,
    },
    /// The socket was bound and accepts connections.
    #[doc(alias = "ZMQ_EVENT_LISTENING")]
    Listening {
        /// The descriptor of the listening socket.
        fd: u64,
    },
    /// The socket could not be bound. [`bind`](crate::Socket::bind) failed as well. The endpoint of this event has no transport
    /// prefix, such as `tcp://`.
    #[doc(alias = "ZMQ_EVENT_BIND_FAILED")]
    BindFailed {
        /// The reason.
        error: Error,
    },
    /// The socket has accepted a connection from a peer. The handshake follows.
    #[doc(alias = "ZMQ_EVENT_ACCEPTED")]
    Accepted {
        /// The descriptor of the connection.
        fd: u64,
    },
    /// A peer's connection could not be accepted, or a filter rejected it.
    ///
    /// If the process has no descriptor left, the bundled libzmq tries again ten times a second. Another libzmq tries again at
    /// once, and keeps a processor busy.
    #[doc(alias = "ZMQ_EVENT_ACCEPT_FAILED")]
    AcceptFailed {
        /// The reason. Unspecified if a filter rejected the connection.
        error: Error,
    },
    /// A listening socket was closed, or an attempt to connect was abandoned.
    #[doc(alias = "ZMQ_EVENT_CLOSED")]
    Closed {
        /// The closed descriptor.
        fd: u64,
    },
    /// A listening socket could not be closed, because the file of an `ipc` endpoint could not be removed.
    #[doc(alias = "ZMQ_EVENT_CLOSE_FAILED")]
    CloseFailed {
        /// The reason.
        error: Error,
    },
    /// A connection was lost, or the peer closed it. Not emitted when this side closes the connection.
    ///
    /// A side that made the connection either tries again, and `ConnectRetried` follows, or has [abandoned the
    /// endpoint](crate::Socket::connect).
    #[doc(alias = "ZMQ_EVENT_DISCONNECTED")]
    Disconnected {
        /// The descriptor of the connection.
        fd: u64,
    },
    /// Events are missing at this point, because the monitor was not read and its queue was full. Only the bundled libzmq
    /// limits the queue.
    EventsLost {
        /// The number of missing events.
        count: u64,
    },
    /// Monitoring has ended. This is the last event of a monitor.
    #[doc(alias = "ZMQ_EVENT_MONITOR_STOPPED")]
    MonitorStopped,
    /// A connection was lost, or timed out, during the handshake. `Disconnected` follows.
    ///
    /// The error `EACCES` means that this side has no GSSAPI ticket or key. In that case the connection may stay open until the
    /// [handshake interval](crate::Socket::set_handshake_interval) has passed.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL")]
    HandshakeFailedNoDetail {
        /// The system's error. Its [number](Error::errno) is 0 if the system reported no error.
        error: Error,
    },
    /// The handshake has succeeded, and messages can flow.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_SUCCEEDED")]
    HandshakeSucceeded,
    /// The peer or the ZAP handler violated the protocol.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL")]
    HandshakeFailedProtocol {
        /// The violation.
        error: ProtocolError,
    },
    /// The ZAP handler rejected the peer, or the peer's ZAP handler rejected this socket.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_AUTH")]
    HandshakeFailedAuth {
        /// The status code of the ZAP handler: 300, 400 or 500.
        status: u64,
    },
    /// The fill levels of the queues of one connection. [`Socket::monitor_pipes_stats`](crate::Socket::monitor_pipes_stats)
    /// requests this event.
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_EVENT_PIPES_STATS")]
    PipesStats {
        /// The number of messages waiting to be sent.
        outbound: u64,
        /// The number of messages waiting to be received.
        inbound: u64,
    },
    /// An event that this crate does not know, or a known event with unexpected values.
    Unknown {
        /// The number of the event in C.
        event: u64,
        /// The values of the event.
        values: Box<[u64]>,
    },
}

impl Event {
    /// Returns what happened.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Returns the endpoint of the event: the local endpoint if the socket is bound to it, or the remote endpoint that the
    /// socket connects to. The text is empty for [`EventsLost`](EventKind::EventsLost) and
    /// [`MonitorStopped`](EventKind::MonitorStopped).
    ///
    /// For an event that has [both endpoints](Self::local_endpoint), this is the remote endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match &self.endpoints {
            Endpoints::One(endpoint) => endpoint,
            Endpoints::Both { local, remote } if remote.is_empty() => local,
            Endpoints::Both { remote, .. } => remote,
        }
    }

    /// Returns the endpoint on this side of the connection. Only events of a monitor that `Socket::monitor_v2` of the draft API
    /// created have this endpoint.
    #[must_use]
    pub fn local_endpoint(&self) -> Option<&str> {
        match &self.endpoints {
            Endpoints::Both { local, .. } if !local.is_empty() => Some(local),
            _ => None,
        }
    }

    /// Returns the endpoint on the peer's side of the connection. Only events of a monitor that `Socket::monitor_v2` of the
    /// draft API created have this endpoint.
    #[must_use]
    pub fn remote_endpoint(&self) -> Option<&str> {
        match &self.endpoints {
            Endpoints::Both { remote, .. } if !remote.is_empty() => Some(remote),
            _ => None,
        }
    }

    /// Decodes an event from the frames of a message, for example from a monitor that C code started.
    ///
    /// Supports versions 1 and 2 of libzmq's event format. Never panics, whatever the frames contain.
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
    /// [`InvalidData`](ErrorKind::InvalidData) if the frames are not an event.
    pub fn from_frames<T: AsRef<[u8]>>(frames: &[T]) -> Result<Event> {
        decode(frames).ok_or_else(|| {
            Error::refused(
                Operation::Convert,
                ErrorKind::InvalidData,
                libc::EINVAL,
                format!("{} frames", frames.len()),
                "not the frames of a monitor event",
            )
        })
    }

    pub(super) fn is_last(&self) -> bool {
        matches!(self.kind, EventKind::MonitorStopped)
    }
}

impl EventKind {
    /// The name of the event in ZeroMQ.
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
