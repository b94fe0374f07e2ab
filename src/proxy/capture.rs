//! Copies for a third socket.

use crate::error::{ErrorKind, Result};
use crate::message::{Message, Multipart};
use crate::socket::Core;

/// The capture socket of a proxy.
pub(super) struct Capture<'a> {
    pub(super) socket: &'a Core,
    /// How many messages it had no room for.
    pub(super) missed: u64,
}

impl<'a> Capture<'a> {
    pub(super) fn new(socket: &'a Core) -> Capture<'a> {
        Capture { socket, missed: 0 }
    }

    /// Sends a copy, if the socket can take one at once.
    pub(super) fn copy(&mut self, parts: &[Message]) -> Result<()> {
        let Some(copies) = Multipart::from_frames(parts.iter()) else { return Ok(()) };
        match self.socket.try_send_all(copies) {
            Ok(()) => Ok(()),
            // What has no id in front is for no peer of a ROUTER or a STREAM.
            Err(failure) if matches!(failure.kind(), ErrorKind::WouldBlock | ErrorKind::InvalidInput) => {
                self.missed += 1;
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
