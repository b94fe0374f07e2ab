//! Protocol violations of a peer or a ZAP handler during a handshake.

use core::fmt;

/// A protocol violation during a handshake, as reported by
/// [`EventKind::HandshakeFailedProtocol`](crate::monitor::EventKind::HandshakeFailedProtocol).
///
/// A code that this crate does not know is kept, and displayed as a number.
///
/// ```
/// use zmq::monitor::ProtocolError;
///
/// let error = ProtocolError::ZMTP_MECHANISM_MISMATCH;
/// assert_eq!(error.to_string(), "ZMTP_MECHANISM_MISMATCH");
/// assert_eq!(ProtocolError::from_code(0x4000_0007).to_string(), "protocol error 0x40000007");
/// ```
///
/// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProtocolError(u64);

macro_rules! protocol_errors {
    ($($name:ident = $constant:ident = $code:literal, $alias:literal, $docs:literal;)+) => {
        impl ProtocolError {
            $(#[doc = $docs] #[doc(alias = $alias)] pub const $name: ProtocolError = ProtocolError($code);)+

            /// Returns the name of the code in ZeroMQ, such as `ZMTP_CRYPTOGRAPHIC`, or `None` if this crate does not know the
            /// code.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(ProtocolError::$name => Some(stringify!($name)),)+
                    _ => None,
                }
            }
        }

        #[cfg(test)]
        #[test]
        fn the_numbers_are_those_of_c() {
            $(
                assert_eq!(u64::try_from(zmq_sys::$constant), Ok(ProtocolError::$name.code()));
                assert_eq!(ProtocolError::$name.name(), Some(stringify!($name)));
            )+
        }
    };
}

protocol_errors! {
    ZMTP_UNSPECIFIED = ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED = 0x1000_0000,
        "ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED", "The peer sent a command when no command was expected.";
    ZMTP_UNEXPECTED_COMMAND = ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND = 0x1000_0001,
        "ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND", "The peer sent a command when another command was expected.";
    ZMTP_INVALID_SEQUENCE = ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE = 0x1000_0002,
        "ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE", "CURVE: a nonce was not greater than the previous nonce.";
    ZMTP_KEY_EXCHANGE = ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE = 0x1000_0003,
        "ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE", "CURVE: the peer's vouch is for another key than the key that it uses.";
    ZMTP_MALFORMED_COMMAND_UNSPECIFIED = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED = 0x1000_0011,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", "A command was too short to have a name.";
    ZMTP_MALFORMED_COMMAND_MESSAGE = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE = 0x1000_0012,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE", "An encrypted message was malformed.";
    ZMTP_MALFORMED_COMMAND_HELLO = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO = 0x1000_0013,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO", "The command HELLO was malformed.";
    ZMTP_MALFORMED_COMMAND_INITIATE = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE = 0x1000_0014,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE", "The command INITIATE was malformed.";
    ZMTP_MALFORMED_COMMAND_ERROR = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR = 0x1000_0015,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR", "The command ERROR was malformed.";
    ZMTP_MALFORMED_COMMAND_READY = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY = 0x1000_0016,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY", "The command READY was malformed.";
    ZMTP_MALFORMED_COMMAND_WELCOME = ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME = 0x1000_0017,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME", "The command WELCOME was malformed.";
    ZMTP_INVALID_METADATA = ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA = 0x1000_0018,
        "ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA",
        "The peer's metadata was malformed, or the two socket types cannot be connected.";
    ZMTP_CRYPTOGRAPHIC = ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC = 0x1100_0001,
        "ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC", "Data could not be decrypted, because a key is wrong or the data was forged.";
    ZMTP_MECHANISM_MISMATCH = ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH = 0x1100_0002,
        "ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH", "The peer uses another security mechanism.";
    ZAP_UNSPECIFIED = ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED = 0x2000_0000,
        "ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED", "The ZAP handler's reply had no empty delimiter frame.";
    ZAP_MALFORMED_REPLY = ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY = 0x2000_0001,
        "ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY", "The ZAP handler's reply had too few or too many frames.";
    ZAP_BAD_REQUEST_ID = ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID = 0x2000_0002,
        "ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID", "The ZAP handler replied to another request.";
    ZAP_BAD_VERSION = ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION = 0x2000_0003,
        "ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION", "The ZAP handler's reply did not have version 1.0.";
    ZAP_INVALID_STATUS_CODE = ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE = 0x2000_0004,
        "ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE", "The ZAP handler's status code was not 200, 300, 400 or 500.";
    ZAP_INVALID_METADATA = ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA = 0x2000_0005,
        "ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA", "The ZAP handler's metadata was malformed.";
    WS_UNSPECIFIED = ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED = 0x3000_0000,
        "ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED", "A WebSocket request or response was malformed.";
}

impl ProtocolError {
    /// Returns the code in C.
    #[must_use]
    pub const fn code(self) -> u64 {
        self.0
    }

    /// Creates the value from the code in C.
    #[must_use]
    pub const fn from_code(code: u64) -> ProtocolError {
        ProtocolError(code)
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "protocol error {:#x}", self.0),
        }
    }
}

impl fmt::Debug for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
