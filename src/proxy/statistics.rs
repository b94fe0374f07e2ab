//! What a proxy has done.

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::message::Multipart;

/// What a [`Proxy`](crate::proxy::Proxy) has forwarded so far.
///
/// As in C, each part of a message counts as a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct Statistics {
    /// What the frontend received and sent.
    pub frontend: Traffic,
    /// What the backend received and sent.
    pub backend: Traffic,
    /// Whole messages that the capture socket could not take at once, and was not sent.
    pub uncaptured: u64,
}

/// What one socket of a proxy received and sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct Traffic {
    /// Messages received from its peers.
    pub messages_received: u64,
    /// Bytes of those.
    pub bytes_received: u64,
    /// Messages sent to its peers.
    pub messages_sent: u64,
    /// Bytes of those.
    pub bytes_sent: u64,
}

impl Statistics {
    /// The counters in the order of C: for the frontend, then for the backend, messages and bytes received, messages and
    /// bytes sent.
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

    /// Reads the reply to the command `STATISTICS`: see [`Proxy::control_socket`](crate::proxy::Proxy::control_socket). It does not tell what was not
    /// captured. [`InvalidData`](ErrorKind::InvalidData) if it is not eight numbers of eight bytes.
    fn try_from(reply: Multipart) -> Result<Statistics> {
        let invalid = || {
            let what = format!("{} frames", reply.len());
            let reason = "statistics are eight numbers of eight bytes";
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
