//! What a monitor tells, and how it is read out of the frames that libzmq sends.

use core::ffi::c_int;
use core::fmt;
use core::time::Duration;

use super::{MonitorEvents, ProtocolError};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::Errno;

/// Something that happened to a monitored socket.
///
/// `Display` is one line, for a log:
///
/// ```
/// use zmq::{Context, MonitorEvents, Rep};
///
/// let context = Context::new()?;
/// let server = context.socket(Rep)?;
/// let monitor = server.monitor(MonitorEvents::ALL)?;
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
pub struct MonitorEvent {
    kind: EventKind,
    endpoints: Endpoints,
}

#[derive(Clone, Debug)]
enum Endpoints {
    One(Box<str>),
    Both { local: Box<str>, remote: Box<str> },
}

/// What happened, as [`MonitorEvent::kind`] tells it.
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
    /// Connecting has begun and will take a while.
    #[doc(alias = "ZMQ_EVENT_CONNECT_DELAYED")]
    ConnectDelayed {
        /// What the system said: as a rule, that the connection is in progress.
        error: Error,
    },
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
    /// A peer's connection could not be accepted, or was filtered out.
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
    /// A connection was lost, or ended by the peer. A connection that this socket ends by itself does not tell.
    #[doc(alias = "ZMQ_EVENT_DISCONNECTED")]
    Disconnected {
        /// The connection's descriptor.
        fd: u64,
    },
    /// Monitoring has ended: the last event of a monitor.
    #[doc(alias = "ZMQ_EVENT_MONITOR_STOPPED")]
    MonitorStopped,
    /// A connection was lost, or timed out, during the handshake. `Disconnected` follows.
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

impl MonitorEvent {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// The endpoint concerned: the local one if this socket is bound to it, else the remote one that it connects to. Empty for
    /// [`MonitorStopped`](EventKind::MonitorStopped).
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
    /// use zmq::{EventKind, MonitorEvent};
    ///
    /// let mut first = 0x0004_u16.to_ne_bytes().to_vec(); // CONNECT_RETRIED
    /// first.extend(100_u32.to_ne_bytes()); // milliseconds
    /// let event = MonitorEvent::from_frames(&[&first[..], b"tcp://127.0.0.1:5555"])?;
    /// assert!(matches!(event.kind(), EventKind::ConnectRetried { interval } if interval.as_millis() == 100));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if these are no frames of an event.
    pub fn from_frames<T: AsRef<[u8]>>(frames: &[T]) -> Result<MonitorEvent> {
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

/// The first version: event and value in six bytes, and one endpoint. The second: the event, how many values there are,
/// the values, and two endpoints (N9).
fn decode<T: AsRef<[u8]>>(frames: &[T]) -> Option<MonitorEvent> {
    let (endpoints, code, values) = match frames {
        [first, endpoint] => {
            let (event, value) = first.as_ref().split_first_chunk::<2>()?;
            let value = u32::from_ne_bytes(value.try_into().ok()?);
            let values = vec![u64::from(value)];
            (Endpoints::One(text(endpoint)), u64::from(u16::from_ne_bytes(*event)), values)
        }
        [event, count, values @ .., local, remote] => {
            let values: Vec<u64> = values.iter().map(number).collect::<Option<_>>()?;
            if usize::try_from(number(count)?) != Ok(values.len()) {
                return None;
            }
            (Endpoints::Both { local: text(local), remote: text(remote) }, number(event)?, values)
        }
        _ => return None,
    };
    let mut event = MonitorEvent { kind: EventKind::MonitorStopped, endpoints };
    event.kind = EventKind::new(code, values, event.endpoint());
    Some(event)
}

fn number<T: AsRef<[u8]>>(frame: &T) -> Option<u64> {
    Some(u64::from_ne_bytes(frame.as_ref().try_into().ok()?))
}

/// libzmq takes endpoints for bytes, and a peer has a say in its own.
fn text<T: AsRef<[u8]>>(frame: &T) -> Box<str> {
    String::from_utf8_lossy(frame.as_ref()).into()
}

impl EventKind {
    fn new(code: u64, values: Vec<u64>, endpoint: &str) -> EventKind {
        let code_of = MonitorEvents::from_bits(code);
        let known = match values[..] {
            [value] => EventKind::with_value(code_of, value, endpoint),
            #[cfg(zmq_draft)]
            [outbound, inbound] if code_of == MonitorEvents::PIPES_STATS => {
                Some(EventKind::PipesStats { outbound, inbound })
            }
            _ => None,
        };
        known.unwrap_or(EventKind::Unknown { event: code, values: values.into() })
    }

    fn with_value(code: MonitorEvents, value: u64, endpoint: &str) -> Option<EventKind> {
        let error = |operation| {
            let error = Error::new(operation, Errno(c_int::try_from(value).ok()?)).on(endpoint);
            Some(if value == 0 { error.meaning(ErrorKind::Other, NO_REASON) } else { error })
        };
        Some(match code {
            MonitorEvents::CONNECTED => EventKind::Connected { fd: value },
            MonitorEvents::CONNECT_DELAYED => EventKind::ConnectDelayed { error: error(Operation::Connect)? },
            MonitorEvents::CONNECT_RETRIED => {
                EventKind::ConnectRetried { interval: Duration::from_millis(value) }
            }
            MonitorEvents::LISTENING => EventKind::Listening { fd: value },
            MonitorEvents::BIND_FAILED => EventKind::BindFailed { error: error(Operation::Bind)? },
            MonitorEvents::ACCEPTED => EventKind::Accepted { fd: value },
            MonitorEvents::ACCEPT_FAILED => EventKind::AcceptFailed { error: error(Operation::Accept)? },
            MonitorEvents::CLOSED => EventKind::Closed { fd: value },
            MonitorEvents::CLOSE_FAILED => EventKind::CloseFailed { error: error(Operation::Close)? },
            MonitorEvents::DISCONNECTED => EventKind::Disconnected { fd: value },
            MonitorEvents::MONITOR_STOPPED => EventKind::MonitorStopped,
            MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL => {
                EventKind::HandshakeFailedNoDetail { error: error(Operation::Handshake)? }
            }
            MonitorEvents::HANDSHAKE_SUCCEEDED => EventKind::HandshakeSucceeded,
            MonitorEvents::HANDSHAKE_FAILED_PROTOCOL => {
                EventKind::HandshakeFailedProtocol { error: ProtocolError::from_code(value) }
            }
            MonitorEvents::HANDSHAKE_FAILED_AUTH => EventKind::HandshakeFailedAuth { status: value },
            _ => return None,
        })
    }

    /// The name that ZeroMQ gives it.
    fn name(&self) -> &'static str {
        match self {
            EventKind::Connected { .. } => "CONNECTED",
            EventKind::ConnectDelayed { .. } => "CONNECT_DELAYED",
            EventKind::ConnectRetried { .. } => "CONNECT_RETRIED",
            EventKind::Listening { .. } => "LISTENING",
            EventKind::BindFailed { .. } => "BIND_FAILED",
            EventKind::Accepted { .. } => "ACCEPTED",
            EventKind::AcceptFailed { .. } => "ACCEPT_FAILED",
            EventKind::Closed { .. } => "CLOSED",
            EventKind::CloseFailed { .. } => "CLOSE_FAILED",
            EventKind::Disconnected { .. } => "DISCONNECTED",
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

const NO_REASON: &str = "no reason was given";

impl fmt::Display for MonitorEvent {
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
            EventKind::ConnectDelayed { error }
            | EventKind::BindFailed { error }
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
            EventKind::Unknown { event, values } => write!(f, " (event {event:#x}, values {values:?})"),
            EventKind::MonitorStopped | EventKind::HandshakeSucceeded => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(event: u16, value: u32, endpoint: &[u8]) -> MonitorEvent {
        let first = [&event.to_ne_bytes()[..], &value.to_ne_bytes()].concat();
        MonitorEvent::from_frames(&[&first[..], endpoint]).unwrap()
    }

    fn v2(event: u64, values: &[u64], local: &str, remote: &str) -> MonitorEvent {
        let count = u64::try_from(values.len()).unwrap();
        let numbers = [event, count].into_iter().chain(values.iter().copied());
        let mut frames: Vec<Vec<u8>> = numbers.map(|number| number.to_ne_bytes().to_vec()).collect();
        frames.extend([local, remote].map(|text| text.as_bytes().to_vec()));
        MonitorEvent::from_frames(&frames).unwrap()
    }

    /// The frames that v1 can have, all events and a choice of values.
    #[test]
    fn every_event_of_the_first_version_is_an_event() {
        for event in 0..=u16::MAX {
            for value in [0, 1, 4, u32::MAX] {
                let read = v1(event, value, b"tcp://127.0.0.1:5");
                assert_eq!(read.endpoint(), "tcp://127.0.0.1:5");
                let named = event.is_power_of_two() && event < 0x8000;
                match read.kind() {
                    EventKind::Unknown { event: code, values } => {
                        assert_eq!((*code, &values[..]), (u64::from(event), &[u64::from(value)][..]));
                        // What should be an error number, and is none.
                        assert!(!named || value == u32::MAX, "{read}");
                    }
                    _ => assert!(named, "{event:#x} became {read}"),
                }
                assert!(!format!("{read} {read:?}").is_empty());
            }
        }
    }

    #[test]
    fn values_have_their_types() {
        let errno = u32::try_from(libc::EADDRINUSE).unwrap();
        let event = v1(0x10, errno, b"tcp://127.0.0.1:5");
        let EventKind::BindFailed { error } = event.kind() else { panic!("{event}") };
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(error.to_string(), "bind tcp://127.0.0.1:5: Address already in use");
        assert_eq!(event.to_string(), "BIND_FAILED tcp://127.0.0.1:5 (Address already in use)");

        let event = v1(0x800, 0, b"");
        let EventKind::HandshakeFailedNoDetail { error } = event.kind() else { panic!("{event}") };
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(event.to_string(), "HANDSHAKE_FAILED_NO_DETAIL (no reason was given)");

        assert_eq!(v1(0x4, 1500, b"").to_string(), "CONNECT_RETRIED (in 1.5s)");
        assert_eq!(
            v1(0x2000, 0x1100_0001, b"").to_string(),
            "HANDSHAKE_FAILED_PROTOCOL (ZMTP_CRYPTOGRAPHIC)"
        );
        assert_eq!(v1(0x4000, 400, b"").to_string(), "HANDSHAKE_FAILED_AUTH (status 400)");
        assert_eq!(v1(0x8000, 7, b"").to_string(), "UNKNOWN (event 0x8000, values [7])");
    }

    #[test]
    fn the_second_version_has_both_endpoints() {
        let event = v2(0x1, &[12], "tcp://127.0.0.1:9", "tcp://127.0.0.1:5");
        assert!(matches!(event.kind(), EventKind::Connected { fd: 12 }));
        assert_eq!(event.endpoint(), "tcp://127.0.0.1:5");
        assert_eq!(event.local_endpoint(), Some("tcp://127.0.0.1:9"));
        assert_eq!(event.remote_endpoint(), Some("tcp://127.0.0.1:5"));

        let event = v2(0x8, &[12], "tcp://127.0.0.1:9", "");
        assert_eq!(event.endpoint(), "tcp://127.0.0.1:9");
        assert_eq!(event.remote_endpoint(), None);

        for values in [&[][..], &[1, 2], &[1, 2, 3]] {
            let event = v2(0x1, values, "", "");
            let EventKind::Unknown { event: 1, values: kept } = event.kind() else { panic!("{event}") };
            assert_eq!(&kept[..], values);
        }
        #[cfg(zmq_draft)]
        assert!(matches!(
            v2(0x1_0000, &[3, 4], "", "").kind(),
            EventKind::PipesStats { outbound: 3, inbound: 4 }
        ));
    }

    #[test]
    fn an_endpoint_need_not_be_text() {
        assert_eq!(v1(0x1, 1, b"ipc://\xFF\0").endpoint(), "ipc://\u{FFFD}\0");
    }

    /// Frames of every small length in every small number: each is an event or an error.
    #[test]
    fn what_is_no_event_is_an_error() {
        let mut refused = 0;
        for count in 0..8_u32 {
            for lengths in 0..4_usize.pow(count) {
                let length = |index| [0, 6, 7, 8][lengths / 4_usize.pow(index) % 4];
                for fill in [0_u8, 1, 3, 255] {
                    let frames: Vec<Vec<u8>> = (0..count).map(|index| vec![fill; length(index)]).collect();
                    match MonitorEvent::from_frames(&frames) {
                        Ok(event) => assert!(frames[0].len() == if count == 2 { 6 } else { 8 }, "{event}"),
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::InvalidData);
                            refused += 1;
                        }
                    }
                }
            }
        }
        assert!(refused > 1000);
    }
}
