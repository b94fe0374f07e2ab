//! A message that is still being written.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::{Message, allocation_failed, fmt_bytes};
use crate::error::Result;
use crate::raw;

/// A message whose bytes can be written in place, because no other message shares them yet.
///
/// `MessageMut` relates to [`Message`] as `BytesMut` relates to `Bytes`. Sending it, or calling `into()`, turns it into a
/// `Message` without a copy.
///
/// ```
/// use zmq::{Context, MessageMut, Pair};
/// # let context = Context::new()?;
/// # let (socket, peer) = (context.socket(Pair)?, context.socket(Pair)?);
/// # socket.bind("inproc://build")?;
/// # peer.connect("inproc://build")?;
///
/// let mut reply = MessageMut::try_zeroed(15)?;
/// reply.copy_from_slice(b"Server response");
/// socket.send(reply)?;
/// # assert_eq!(peer.recv()?, "Server response");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_msg_init_size(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_init_size.html).
#[doc(alias = "zmq_msg_init_size")]
pub struct MessageMut {
    raw: raw::message::FreshMessage,
}

impl MessageMut {
    /// Creates a message of `len` bytes, all zero.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) if there is no memory for the bytes.
    #[expect(
        clippy::inline_always,
        reason = "without it, the message is first written to memory and then moved"
    )]
    #[inline(always)]
    pub fn try_zeroed(len: usize) -> Result<MessageMut> {
        match raw::message::FreshMessage::zeroed(len) {
            Ok(raw) => Ok(MessageMut { raw }),
            Err(errno) => Err(allocation_failed(errno, len)),
        }
    }
}

impl Deref for MessageMut {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.raw.as_slice()
    }
}

impl DerefMut for MessageMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.raw.as_mut_slice()
    }
}

impl AsRef<[u8]> for MessageMut {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for MessageMut {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl From<MessageMut> for Message {
    #[inline]
    fn from(message: MessageMut) -> Message {
        Message::from_raw(message.raw.into_message())
    }
}

impl fmt::Debug for MessageMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_bytes("MessageMut", self, f)
    }
}
