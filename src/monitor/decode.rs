//! Decodes the frames that libzmq sends into an event.

use core::ffi::c_int;
use core::time::Duration;

use super::event::{Endpoints, NO_REASON};
use super::{EVENTS_LOST, Event, EventKind, Events, ProtocolError};
use crate::error::{Error, ErrorKind, Operation};
use crate::raw::Errno;

/// Version 1 has the event and its value in six bytes, and one endpoint. Version 2 has the event, the number of values, the
/// values, and two endpoints (N9).
pub(super) fn decode<T: AsRef<[u8]>>(frames: &[T]) -> Option<Event> {
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
    let mut event = Event { kind: EventKind::MonitorStopped, endpoints };
    event.kind = EventKind::new(code, values, event.endpoint());
    Some(event)
}

fn number<T: AsRef<[u8]>>(frame: &T) -> Option<u64> {
    Some(u64::from_ne_bytes(frame.as_ref().try_into().ok()?))
}

/// Replaces invalid UTF-8, because libzmq treats endpoints as bytes, and a peer can influence its own endpoint.
fn text<T: AsRef<[u8]>>(frame: &T) -> Box<str> {
    String::from_utf8_lossy(frame.as_ref()).into()
}

impl EventKind {
    fn new(code: u64, values: Vec<u64>, endpoint: &str) -> EventKind {
        let code_of = Events::from_bits(code);
        let known = match values[..] {
            [count] if code_of == EVENTS_LOST => Some(EventKind::EventsLost { count }),
            [value] => EventKind::with_value(code_of, value, endpoint),
            #[cfg(zmq_draft)]
            [outbound, inbound] if code_of == Events::PIPES_STATS => {
                Some(EventKind::PipesStats { outbound, inbound })
            }
            _ => None,
        };
        known.unwrap_or(EventKind::Unknown { event: code, values: values.into() })
    }

    fn with_value(code: Events, value: u64, endpoint: &str) -> Option<EventKind> {
        let error = |operation| {
            let error = Error::new(operation, Errno(c_int::try_from(value).ok()?)).on(endpoint);
            Some(if value == 0 { error.meaning(ErrorKind::Other, NO_REASON) } else { error })
        };
        Some(match code {
            Events::CONNECTED => EventKind::Connected { fd: value },
            Events::CONNECT_DELAYED => EventKind::ConnectDelayed,
            Events::CONNECT_RETRIED => EventKind::ConnectRetried { interval: Duration::from_millis(value) },
            Events::LISTENING => EventKind::Listening { fd: value },
            Events::BIND_FAILED => EventKind::BindFailed { error: error(Operation::Bind)? },
            Events::ACCEPTED => EventKind::Accepted { fd: value },
            Events::ACCEPT_FAILED => EventKind::AcceptFailed { error: error(Operation::Accept)? },
            Events::CLOSED => EventKind::Closed { fd: value },
            Events::CLOSE_FAILED => EventKind::CloseFailed { error: error(Operation::Close)? },
            Events::DISCONNECTED => EventKind::Disconnected { fd: value },
            Events::MONITOR_STOPPED => EventKind::MonitorStopped,
            Events::HANDSHAKE_FAILED_NO_DETAIL => {
                EventKind::HandshakeFailedNoDetail { error: error(Operation::Handshake)? }
            }
            Events::HANDSHAKE_SUCCEEDED => EventKind::HandshakeSucceeded,
            Events::HANDSHAKE_FAILED_PROTOCOL => {
                EventKind::HandshakeFailedProtocol { error: ProtocolError::from_code(value) }
            }
            Events::HANDSHAKE_FAILED_AUTH => EventKind::HandshakeFailedAuth { status: value },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(event: u16, value: u32, endpoint: &[u8]) -> Event {
        let first = [&event.to_ne_bytes()[..], &value.to_ne_bytes()].concat();
        Event::from_frames(&[&first[..], endpoint]).unwrap()
    }

    fn v2(event: u64, values: &[u64], local: &str, remote: &str) -> Event {
        let count = u64::try_from(values.len()).unwrap();
        let numbers = [event, count].into_iter().chain(values.iter().copied());
        let mut frames: Vec<Vec<u8>> = numbers.map(|number| number.to_ne_bytes().to_vec()).collect();
        frames.extend([local, remote].map(|text| text.as_bytes().to_vec()));
        Event::from_frames(&frames).unwrap()
    }

    /// All events of version 1, with several values.
    #[test]
    fn every_event_of_the_first_version_is_an_event() {
        for event in 0..=u16::MAX {
            for value in [0, 1, 4, u32::MAX] {
                let read = v1(event, value, b"tcp://127.0.0.1:5");
                assert_eq!(read.endpoint(), "tcp://127.0.0.1:5");
                let named = event.is_power_of_two() && event < 0x8000 || event == u16::MAX;
                match read.kind() {
                    EventKind::Unknown { event: code, values } => {
                        assert_eq!((*code, &values[..]), (u64::from(event), &[u64::from(value)][..]));
                        // The value should be an error number, but is not.
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
        // C libraries differ in the text.
        let text = crate::raw::strings::error_text(libc::EADDRINUSE);
        assert_eq!(error.to_string(), format!("bind tcp://127.0.0.1:5: {text}"));
        assert_eq!(event.to_string(), format!("BIND_FAILED tcp://127.0.0.1:5 ({text})"));

        let event = v1(0x800, 0, b"");
        let EventKind::HandshakeFailedNoDetail { error } = event.kind() else { panic!("{event}") };
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(event.to_string(), "HANDSHAKE_FAILED_NO_DETAIL (no reason was given)");

        let in_progress = u32::try_from(libc::EINPROGRESS).unwrap();
        assert_eq!(
            v1(0x2, in_progress, b"tcp://127.0.0.1:5").to_string(),
            "CONNECT_DELAYED tcp://127.0.0.1:5"
        );
        assert_eq!(v1(0x4, 1500, b"").to_string(), "CONNECT_RETRIED (in 1.5s)");
        assert_eq!(
            v1(0x2000, 0x1100_0001, b"").to_string(),
            "HANDSHAKE_FAILED_PROTOCOL (ZMTP_CRYPTOGRAPHIC)"
        );
        assert_eq!(v1(0x4000, 400, b"").to_string(), "HANDSHAKE_FAILED_AUTH (status 400)");
        assert_eq!(v1(0xFFFF, 12, b"").to_string(), "EVENTS_LOST (12 events)");
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
    fn an_endpoint_may_not_be_utf8() {
        assert_eq!(v1(0x1, 1, b"ipc://\xFF\0").endpoint(), "ipc://\u{FFFD}\0");
    }

    /// Frames of every small length in every small number: each is an event or an error.
    #[test]
    fn invalid_frames_are_an_error() {
        let mut refused = 0;
        for count in 0..8_u32 {
            for lengths in 0..4_usize.pow(count) {
                let length = |index| [0, 6, 7, 8][lengths / 4_usize.pow(index) % 4];
                for fill in [0_u8, 1, 3, 255] {
                    let frames: Vec<Vec<u8>> = (0..count).map(|index| vec![fill; length(index)]).collect();
                    match Event::from_frames(&frames) {
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
