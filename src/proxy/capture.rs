//! Copies of messages for the capture socket.

use crate::error::{ErrorKind, Result};
use crate::message::{Message, Multipart};
use crate::socket::Core;

/// The capture socket of a proxy.
pub(super) struct Capture<'a> {
    pub(super) socket: &'a Core,
    /// The number of messages that the socket had no room for.
    pub(super) missed: u64,
}

impl<'a> Capture<'a> {
    pub(super) fn new(socket: &'a Core) -> Capture<'a> {
        Capture { socket, missed: 0 }
    }

    /// Sends a copy, if the socket can take it immediately.
    pub(super) fn copy(&mut self, parts: &[Message]) -> Result<()> {
        let Some(copies) = Multipart::from_frames(parts.iter()) else { return Ok(()) };
        match self.socket.try_send_all(copies) {
            Ok(()) => Ok(()),
            // A ROUTER or STREAM socket refuses a message that does not begin with the routing id of a peer.
            Err(failure) if matches!(failure.kind(), ErrorKind::WouldBlock | ErrorKind::InvalidInput) => {
                self.missed += 1;
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
