//! The numbers of messages and bytes that a proxy has forwarded.

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::message::Multipart;

/// The numbers of messages and bytes that a [`Proxy`](crate::proxy::Proxy) has forwarded so far.
///
/// As in C, each part of a message counts as a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct Statistics {
    /// The messages that the frontend received and sent.
    pub frontend: Traffic,
    /// The messages that the backend received and sent.
    pub backend: Traffic,
    /// The number of whole messages that were not captured, because the capture socket could not take them immediately.
    pub uncaptured: u64,
}

/// The numbers of messages and bytes that one socket of a proxy received and sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct Traffic {
    /// The number of messages received from peers.
    pub messages_received: u64,
    /// The number of bytes in the received messages.
    pub bytes_received: u64,
    /// The number of messages sent to peers.
    pub messages_sent: u64,
    /// The number of bytes in the sent messages.
    pub bytes_sent: u64,
}

impl Statistics {
    /// The counters in the order of C: messages received, bytes received, messages sent and bytes sent, first of the frontend
    /// and then of the backend.
    pub(super) fn counters(&self) -> [u64; 8] {
        let [front, back] = [&self.frontend, &self.backend].map(|traffic| {
            [traffic.messages_received, traffic.bytes_received, traffic.messages_sent, traffic.bytes_sent]
        });
        let [a, b, c, d] = front;
        let [e, f, g, h] = back;
        [a, b, c, d, e, f, g, h]
    }
}

impl TryFrom<Multipart> for Statistics {
    type Error = Error;

    /// Decodes the reply to the command `STATISTICS` of a [control socket](crate::proxy::Proxy::control_socket). The reply does
    /// not contain [`uncaptured`](Self::uncaptured), which is 0.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if the reply is not eight frames of eight bytes.
    fn try_from(reply: Multipart) -> Result<Statistics> {
        let invalid = || {
            let what = format!("{} frames", reply.len());
            let reason = "statistics are eight frames of eight bytes";
            Error::refused(Operation::Convert, ErrorKind::InvalidData, libc::EINVAL, what, reason)
        };
        let mut numbers = [0; 8];
        if reply.len() != numbers.len() {
            return Err(invalid());
        }
        for (number, frame) in numbers.iter_mut().zip(&reply) {
            *number = u64::from_ne_bytes(frame[..].try_into().map_err(|_| invalid())?);
        }
        let [a, b, c, d, e, f, g, h] = numbers;
        let traffic = |messages_received, bytes_received, messages_sent, bytes_sent| Traffic {
            messages_received,
            bytes_received,
            messages_sent,
            bytes_sent,
        };
        Ok(Statistics { frontend: traffic(a, b, c, d), backend: traffic(e, f, g, h), uncaptured: 0 })
    }
}
