//! Conversions to and from messages, and comparisons.

use std::sync::Arc;

use super::{Message, MessageMut, Multipart};
use crate::error::{Error, ErrorKind, Operation, Result, StringError};
use crate::raw;

/// Up to this length, libzmq keeps the bytes inside the message, and a copy is cheaper than taking
/// over the buffer.
const INLINE: usize = if cfg!(target_pointer_width = "64") { 33 } else { 37 };

impl From<&[u8]> for Message {
    /// Copies the bytes. If there is no memory, the process aborts, as with the collections of `std`.
    /// [`Message::try_from_slice`] returns an error instead.
    #[inline]
    fn from(bytes: &[u8]) -> Message {
        match raw::message::Message::copied(bytes) {
            Ok(raw) => Message { raw },
            Err(_) => out_of_memory(bytes.len()),
        }
    }
}

#[cold]
fn out_of_memory(len: usize) -> ! {
    match std::alloc::Layout::array::<u8>(len) {
        Ok(layout) => std::alloc::handle_alloc_error(layout),
        Err(_) => std::process::abort(),
    }
}

impl From<Vec<u8>> for Message {
    /// Takes over the buffer. Up to 33 bytes are copied.
    #[inline]
    fn from(bytes: Vec<u8>) -> Message {
        if bytes.len() <= INLINE {
            return Message::from(bytes.as_slice());
        }
        match raw::message::Message::from_vec(bytes) {
            Ok(raw) => Message { raw },
            // There is no memory for libzmq's 40-byte header.
            Err((_, bytes)) => Message::from(bytes.as_slice()),
        }
    }
}

impl From<&str> for Message {
    #[inline]
    fn from(text: &str) -> Message {
        Message::from(text.as_bytes())
    }
}

impl From<&String> for Message {
    #[inline]
    fn from(text: &String) -> Message {
        Message::from(text.as_bytes())
    }
}

impl From<&Vec<u8>> for Message {
    #[inline]
    fn from(bytes: &Vec<u8>) -> Message {
        Message::from(bytes.as_slice())
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    #[inline]
    fn from(bytes: &[u8; N]) -> Message {
        Message::from(bytes.as_slice())
    }
}

impl<const N: usize> From<[u8; N]> for Message {
    #[inline]
    fn from(bytes: [u8; N]) -> Message {
        Message::from(bytes.as_slice())
    }
}

impl From<String> for Message {
    #[inline]
    fn from(text: String) -> Message {
        Message::from(text.into_bytes())
    }
}

impl From<Box<[u8]>> for Message {
    #[inline]
    fn from(bytes: Box<[u8]>) -> Message {
        Message::from(bytes.into_vec())
    }
}

impl From<Arc<[u8]>> for Message {
    /// Shares the buffer. Up to 33 bytes are copied.
    fn from(bytes: Arc<[u8]>) -> Message {
        if bytes.len() <= INLINE { Message::from(&*bytes) } else { Message::from_owner(bytes) }
    }
}

impl From<&Message> for Message {
    /// Shares the bytes, like `clone`.
    #[inline]
    fn from(message: &Message) -> Message {
        message.clone()
    }
}

#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
impl From<bytes::Bytes> for Message {
    /// Shares the buffer. Up to 33 bytes are copied.
    fn from(bytes: bytes::Bytes) -> Message {
        if bytes.len() <= INLINE { Message::from(&*bytes) } else { Message::from_owner(bytes) }
    }
}

#[cfg(feature = "bytes")]
#[cfg_attr(docsrs, doc(cfg(feature = "bytes")))]
impl From<Message> for bytes::Bytes {
    /// Shares the buffer. Up to 33 bytes, which are stored in the message itself, are copied.
    fn from(message: Message) -> bytes::Bytes {
        /// Only ever read through `as_ref`, so that sharing it between threads is sound.
        struct Owner(crate::raw::message::SharedMessage);
        impl AsRef<[u8]> for Owner {
            fn as_ref(&self) -> &[u8] {
                self.0.as_slice()
            }
        }
        if message.len() <= INLINE {
            return bytes::Bytes::copy_from_slice(&message);
        }
        bytes::Bytes::from_owner(Owner(message.raw.into_shared()))
    }
}

impl TryFrom<Message> for String {
    type Error = StringError;

    fn try_from(message: Message) -> Result<String, StringError> {
        message.into_string()
    }
}

impl From<Message> for Vec<u8> {
    fn from(message: Message) -> Vec<u8> {
        message.to_vec()
    }
}

impl<const N: usize> TryFrom<&Message> for [u8; N] {
    type Error = Error;

    /// Copies the bytes. Fails with [`InvalidData`](ErrorKind::InvalidData) if there are not exactly `N` bytes.
    fn try_from(message: &Message) -> Result<[u8; N]> {
        message[..].try_into().map_err(|_| {
            let (len, expected) = (message.len(), format!("expected {N} bytes"));
            Error::refused(
                Operation::Convert,
                ErrorKind::InvalidData,
                libc::EINVAL,
                format!("{len} bytes"),
                expected,
            )
        })
    }
}

impl<const N: usize> TryFrom<Message> for [u8; N] {
    type Error = Error;

    /// Copies the bytes. Fails with [`InvalidData`](ErrorKind::InvalidData) if there are not exactly `N` bytes.
    ///
    /// ```
    /// # use zmq::{Context, Pair};
    /// # let context = Context::new()?;
    /// # let (left, right) = (context.socket(Pair)?, context.socket(Pair)?);
    /// # left.bind("inproc://numbers")?;
    /// # right.connect("inproc://numbers")?;
    /// left.send(42_u32.to_be_bytes())?;
    /// assert_eq!(u32::from_be_bytes(right.recv()?.try_into()?), 42);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    fn try_from(message: Message) -> Result<[u8; N]> {
        (&message).try_into()
    }
}

/// Values that become one frame. A `Vec` or an array of elements other than bytes is a list of frames.
macro_rules! one_frame {
    ($($(#[$cfg:meta])? $frame:ty $([$($generics:tt)*])?;)+) => {$(
        $(#[$cfg])?
        impl $(<$($generics)*>)? From<$frame> for Multipart {
            /// Creates a message of one frame.
            #[inline]
            fn from(frame: $frame) -> Multipart {
                Multipart::new(frame)
            }
        }
    )+};
}

one_frame! {
    Message;
    &Message;
    MessageMut;
    &str;
    String;
    &String;
    &[u8];
    &[u8; N] [const N: usize];
    Vec<u8>;
    &Vec<u8>;
    Box<[u8]>;
    Arc<[u8]>;
    #[cfg(feature = "bytes")] bytes::Bytes;
}

impl PartialEq for Message {
    /// Compares the bytes.
    fn eq(&self, other: &Message) -> bool {
        **self == **other
    }
}

impl Eq for Message {}

impl core::hash::Hash for Message {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// Comparisons with the common types that contain bytes.
macro_rules! compare {
    ($($other:ty $([$($generics:tt)*])?;)+) => {$(
        impl $(<$($generics)*>)? PartialEq<$other> for Message {
            fn eq(&self, other: &$other) -> bool {
                let other: &[u8] = other.as_ref();
                **self == *other
            }
        }
    )+};
}

compare! {
    [u8];
    &[u8];
    [u8; N] [const N: usize];
    &[u8; N] [const N: usize];
    Vec<u8>;
    str;
    &str;
    String;
}
