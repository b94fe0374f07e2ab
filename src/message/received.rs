//! A message that was received into a buffer.

use core::ops::Deref;

use crate::error::Result;

/// The result of [`Socket::recv_into`](crate::Socket::recv_into).
///
/// It dereferences to `[u8]`: the part of the buffer that the message filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecvInto<'a> {
    filled: &'a [u8],
    message: usize,
    more: bool,
}

impl<'a> RecvInto<'a> {
    /// `message` is the length of the message in bytes.
    #[inline]
    pub(crate) fn new(filled: &'a [u8], message: usize, more: bool) -> RecvInto<'a> {
        RecvInto { filled, message, more }
    }

    /// Returns the bytes as text.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](crate::ErrorKind::InvalidData) if the bytes are not UTF-8.
    pub fn to_str(&self) -> Result<&'a str> {
        super::to_str(self.filled)
    }

    /// Returns the length of the message in bytes. It may be longer than the buffer.
    #[must_use]
    pub fn message_len(&self) -> usize {
        self.message
    }

    /// Returns whether the message was longer than the buffer.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.filled.len() < self.message
    }

    /// Returns whether more parts of the message follow.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }
}

impl Deref for RecvInto<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.filled
    }
}
