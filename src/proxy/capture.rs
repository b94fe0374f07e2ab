//! Copies for a third socket.

use crate::error::{ErrorKind, Result};
use crate::kind::CanSend;
use crate::message::{Message, Multipart};
use crate::socket::{Core, Socket};

/// A socket that gets a copy of what a [steerable proxy](crate::proxy_steerable) forwards: any that can send.
pub trait ProxyCapture: sealed::Sealed {}

impl<K: CanSend> ProxyCapture for Socket<K> {}

mod sealed {
    use super::{CanSend, Capture, Socket};

    #[expect(unnameable_types, reason = "what seals the trait")]
    pub trait Sealed {
        #[doc(hidden)]
        fn capture(&self) -> Capture<'_>;
    }

    impl<K: CanSend> Sealed for Socket<K> {
        fn capture(&self) -> Capture<'_> {
            Capture::new(self.core())
        }
    }
}

/// The capture socket of a proxy.
#[expect(unnameable_types, reason = "the method of a sealed trait makes it")]
#[expect(missing_debug_implementations, reason = "nobody sees it")]
pub struct Capture<'a> {
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
