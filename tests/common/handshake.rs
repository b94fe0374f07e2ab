//! The results of a socket's handshakes, from its monitor.

use std::ffi::c_int;
use std::time::Duration;

use zmq::capability::Kind;
use zmq::monitor::{EventKind, Events};
use zmq::{Monitor, Socket, zmq_sys};

use super::LIMIT;

/// The result of a handshake, as one side sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Handshake {
    Succeeded,
    /// With an error number.
    FailedNoDetail(c_int),
    /// With the violation in what the peer, or the ZAP handler, sent.
    FailedProtocol(c_int),
    /// With the status code of the ZAP handler.
    FailedAuth(c_int),
}

macro_rules! protocol_errors {
    ($($name:ident = $code:ident;)+) => {
        impl Handshake {
            $(pub(crate) const $name: Handshake = Handshake::FailedProtocol(zmq_sys::$code);)+
        }
    };
}

protocol_errors! {
    CRYPTOGRAPHIC = ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC;
    MISMATCH = ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
    UNEXPECTED = ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND;
    MALFORMED = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED;
    MALFORMED_HELLO = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO;
    MALFORMED_INITIATE = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE;
    MALFORMED_MESSAGE = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE;
    ZAP_BAD_VERSION = ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION;
    ZAP_BAD_REQUEST_ID = ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID;
    ZAP_INVALID_STATUS = ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE;
    ZAP_MALFORMED_REPLY = ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY;
}

/// Watches the handshakes of a socket from its creation.
pub(crate) struct Handshakes(Monitor);

impl Handshakes {
    pub(crate) fn of<K: Kind>(watched: &Socket<K>) -> Handshakes {
        let ends = Events::HANDSHAKE_SUCCEEDED
            | Events::HANDSHAKE_FAILED_NO_DETAIL
            | Events::HANDSHAKE_FAILED_PROTOCOL
            | Events::HANDSHAKE_FAILED_AUTH;
        Handshakes(watched.monitor(ends).unwrap())
    }

    /// The result of the next handshake.
    #[track_caller]
    pub(crate) fn next(&self) -> Handshake {
        self.within(LIMIT).expect("no handshake ended")
    }

    /// The result of the next handshake, ignoring failures of connections that broke.
    #[track_caller]
    pub(crate) fn next_told(&self) -> Handshake {
        loop {
            match self.next() {
                Handshake::FailedNoDetail(libc::EPIPE | libc::ECONNRESET | libc::ECONNABORTED) => {}
                told => return told,
            }
        }
    }

    pub(crate) fn within(&self, time: Duration) -> Option<Handshake> {
        let number = |value: u64| c_int::try_from(value).unwrap();
        let event = self.0.recv_within(time).ok()?;
        match event.kind() {
            EventKind::HandshakeSucceeded => Some(Handshake::Succeeded),
            EventKind::HandshakeFailedNoDetail { error } => Some(Handshake::FailedNoDetail(error.errno())),
            EventKind::HandshakeFailedProtocol { error } => {
                Some(Handshake::FailedProtocol(number(error.code())))
            }
            EventKind::HandshakeFailedAuth { status } => Some(Handshake::FailedAuth(number(*status))),
            _ => panic!("{event}"),
        }
    }
}
