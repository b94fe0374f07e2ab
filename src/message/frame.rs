//! A message of one frame.

use core::fmt;
use core::ops::Deref;
use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Operation, Result, StringError};
use crate::raw::{self, Errno};

/// A message: the bytes of one frame.
///
/// It dereferences to `[u8]`, so all methods of slices work. These types convert to a message:
///
/// | from | cost |
/// |---|---|
/// | `&str`, `&[u8]`, `&[u8; N]`, `[u8; N]` | a copy |
/// | `String`, `Vec<u8>`, `Box<[u8]>` | none: the message takes over the buffer (up to 33 bytes are copied) |
/// | `Arc<[u8]>`, `bytes::Bytes` (feature `bytes`) | none: the message keeps the owner until libzmq has sent the bytes |
/// | [`Message::from_static`] | none |
/// | [`Message::from_owner`] | none: the message keeps any owner of bytes |
/// | [`MessageMut`](crate::MessageMut) | none: the bytes are written in place |
///
/// ```
/// use zmq::{Context, Pair};
///
/// let context = Context::new()?;
/// let (left, right) = (context.socket(Pair)?, context.socket(Pair)?);
/// left.bind("inproc://messages")?;
/// right.connect("inproc://messages")?;
///
/// left.send("text")?;
/// left.send(vec![0; 1 << 20])?; // not copied
/// assert_eq!(right.recv()?, "text");
/// assert_eq!(right.recv()?.len(), 1 << 20);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Cloning a message shares its bytes; up to 33 bytes are copied. A message can be moved to another thread, but threads
/// cannot share it, because cloning writes to libzmq's structure:
///
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: T) {}
/// share(zmq::Message::from("hello"));
/// ```
///
/// The bytes of a message cannot be changed, because other messages may share them. To write bytes in place, use a
/// [`MessageMut`](crate::MessageMut):
///
/// ```compile_fail,E0594
/// let mut message = zmq::Message::from("hello");
/// message[0] = b'j';
/// ```
///
/// To print a message, use [`to_str`](Self::to_str) or [`to_string_lossy`](Self::to_string_lossy) for text, and `{:?}` for all
/// other bytes. A message has no `Display`, because its bytes need not be text.
///
/// To use a message as the key of a map, use its bytes: `map.insert(message.to_vec(), value)` and `map.get(&message[..])`.
/// `Message` itself can be a key, but then Clippy reports `mutable_key_type`, because it cannot see that the bytes never
/// change.
///
/// A small received message may keep libzmq's whole 8 KiB receive buffer in memory. So copy messages that you store for a long
/// time. The bytes are not aligned, so do not reinterpret them as wider integers in place.
///
/// With the feature `draft`, a message can also have a routing id or a group. Clones keep them.
///
/// Follows [zmq_msg_init(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_init.html).
#[doc(alias = "zmq_msg_t")]
#[doc(alias = "zmq_msg_init")]
#[doc(alias = "zmq_msg_init_data")]
#[doc(alias = "zmq_msg_close")]
#[doc(alias = "zmq_msg_copy")]
#[doc(alias = "zmq_msg_data")]
#[doc(alias = "zmq_msg_move")]
#[repr(transparent)]
pub struct Message {
    pub(super) raw: raw::message::Message,
}

const _: () = {
    assert!(size_of::<Message>() == 64);
    assert!(size_of::<Result<Message>>() <= 80);
};

impl Message {
    /// Creates an empty message.
    #[must_use]
    #[inline]
    pub fn new() -> Message {
        Message { raw: raw::message::Message::new() }
    }

    /// Creates a message with a copy of `bytes`.
    ///
    /// `Message::from(bytes)` does the same, but aborts the process if there is no memory, as `std` does.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if there is no memory for a copy.
    #[doc(alias = "zmq_msg_init_buffer")]
    #[inline]
    pub fn try_from_slice(bytes: &[u8]) -> Result<Message> {
        match raw::message::Message::copied(bytes) {
            Ok(raw) => Ok(Message { raw }),
            Err(errno) => Err(allocation_failed(errno, bytes.len())),
        }
    }

    /// Creates a message that refers to `bytes`, without a copy or a reference count.
    ///
    /// Over `inproc`, the receiver reads the same memory.
    ///
    /// ```
    /// static GREETING: &str = "a greeting long enough not to be worth a copy";
    /// let message = zmq::Message::from_static(GREETING.as_bytes());
    /// assert_eq!(message.as_ptr(), GREETING.as_ptr());
    /// ```
    #[must_use]
    #[doc(alias = "zmq_send_const")]
    pub fn from_static(bytes: &'static [u8]) -> Message {
        match raw::message::Message::from_static(bytes) {
            Ok(raw) => Message { raw },
            Err(_) => Message::from(bytes),
        }
    }

    /// Creates a message that refers to the bytes of `owner`, without a copy.
    ///
    /// `owner` is dropped after the last message with these bytes was dropped, or was sent and written to the network.
    /// * The destructor can run on any thread, often on libzmq's I/O thread, so it must not block. A panic in it is caught.
    /// * If the last message is released during a call on a socket, the destructor runs right after that call. So it may
    ///   use the same socket. This holds for the calls of this crate. If C code calls libzmq on a socket of the context,
    ///   the destructor can run within that call, and must not use the context.
    /// * The destructor may drop contexts and sockets. If it drops the last owner of a context, the context is terminated in
    ///   the background.
    /// * If a context is never terminated, or the process ends first, the destructor may not run at all.
    ///
    /// ```
    /// let picture = std::sync::Arc::new(vec![0_u8; 4096]);
    ///
    /// struct Shared(std::sync::Arc<Vec<u8>>);
    /// impl AsRef<[u8]> for Shared {
    ///     fn as_ref(&self) -> &[u8] {
    ///         &self.0
    ///     }
    /// }
    ///
    /// let message = zmq::Message::from_owner(Shared(picture.clone()));
    /// assert_eq!(message.as_ptr(), picture.as_ptr());
    /// drop(message);
    /// assert_eq!(std::sync::Arc::strong_count(&picture), 1);
    /// ```
    ///
    /// The bytes must live until libzmq no longer needs them, so they cannot be borrowed:
    ///
    /// ```compile_fail,E0597
    /// let text = String::from("short-lived");
    /// let message = zmq::Message::from_owner(text.as_bytes());
    /// ```
    #[doc(alias = "zmq_msg_init_data")]
    #[doc(alias = "zmq_free_fn")]
    pub fn from_owner<T: AsRef<[u8]> + Send + 'static>(owner: T) -> Message {
        match raw::message::Message::from_owner(owner) {
            Ok(raw) => Message { raw },
            // There is no memory for libzmq's 40-byte header. Copies the bytes, or aborts as any allocation does.
            Err((_, owner)) => Message::from(owner.as_ref()),
        }
    }

    /// Returns the number of bytes.
    #[must_use]
    #[inline]
    #[doc(alias = "zmq_msg_size")]
    #[expect(clippy::len_without_is_empty, reason = "the method of the slice is enough")]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns whether more frames of the same multipart message follow.
    ///
    /// The result is meaningful only for received messages; sending ignores it. To forward a message frame by frame, use
    /// `send_more` while the result is `true`.
    ///
    /// ```
    /// # use zmq::{Context, Pair};
    /// # let context = Context::new()?;
    /// # let (left, right) = (context.socket(Pair)?, context.socket(Pair)?);
    /// # left.bind("inproc://more")?;
    /// # right.connect("inproc://more")?;
    /// left.send_more("META:userid=1234")?;
    /// left.send("Hello World")?;
    /// assert!(right.recv()?.has_more());
    /// assert!(!right.recv()?.has_more());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Follows [zmq_msg_more(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_more.html).
    #[must_use]
    #[doc(alias = "zmq_msg_more")]
    #[doc(alias = "ZMQ_MORE")]
    pub fn has_more(&self) -> bool {
        self.raw.has_more()
    }

    /// Returns whether other messages may share the bytes, or the bytes are constant.
    ///
    /// The result stays `true` even after the other messages are dropped.
    ///
    /// Follows [zmq_msg_get(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_get.html).
    #[must_use]
    #[doc(alias = "ZMQ_SHARED")]
    #[doc(alias = "zmq_msg_get")]
    pub fn is_shared(&self) -> bool {
        self.raw.is_shared()
    }

    /// Returns the bytes as text.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if the bytes are not UTF-8.
    pub fn to_str(&self) -> Result<&str> {
        to_str(self)
    }

    /// Returns the bytes as text. Bytes that are not UTF-8 are replaced by U+FFFD. This never fails, so use it for output.
    ///
    /// ```
    /// let message = zmq::Message::from(b"caf\xe9");
    /// println!("received {}", message.to_string_lossy());
    /// assert_eq!(message.to_string_lossy(), "caf\u{fffd}");
    /// ```
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self)
    }

    /// Converts the message to a `String`.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if the bytes are not UTF-8. The error returns the message.
    pub fn into_string(self) -> Result<String, StringError> {
        match core::str::from_utf8(&self) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(StringError::not_utf8(Operation::Convert, error, self)),
        }
    }

    #[inline]
    pub(crate) fn from_raw(raw: raw::message::Message) -> Message {
        Message { raw }
    }

    #[cfg(zmq_draft)]
    pub(crate) fn raw(&self) -> &raw::message::Message {
        &self.raw
    }

    #[inline]
    pub(crate) fn raw_mut(&mut self) -> &mut raw::message::Message {
        &mut self.raw
    }

    /// Releases the content.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.raw.clear();
    }
}

/// Converts bytes to text.
pub(crate) fn to_str(bytes: &[u8]) -> Result<&str> {
    core::str::from_utf8(bytes).map_err(|error| {
        let reason = format!("not UTF-8: {error}");
        Error::refused(
            Operation::Convert,
            ErrorKind::InvalidData,
            libc::EINVAL,
            format!("{} bytes", bytes.len()),
            reason,
        )
    })
}

/// The error if there is no memory for a message of `len` bytes.
pub(super) fn allocation_failed(errno: Errno, len: usize) -> Error {
    Error::new(Operation::NewMessage, errno).on(format!("of {len} bytes"))
}

impl Default for Message {
    fn default() -> Message {
        Message::new()
    }
}

impl Clone for Message {
    /// Shares the bytes with the new message. Up to 33 bytes are copied.
    ///
    /// Follows [zmq_msg_copy(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_copy.html).
    #[inline]
    fn clone(&self) -> Message {
        Message { raw: raw::message::Message::copy_of(&self.raw) }
    }
}

impl Deref for Message {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.raw.as_slice()
    }
}

impl AsRef<[u8]> for Message {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Message {
    /// Shows the first 64 bytes, escaped as in a byte string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_bytes("Message", self, f)
    }
}

/// Prints for example `Message(5 bytes, "hello")`, with at most 64 bytes.
pub(super) fn fmt_bytes(name: &str, bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shown = bytes.get(..64).unwrap_or(bytes);
    let cut = if shown.len() < bytes.len() { "..." } else { "" };
    write!(f, "{name}({} bytes, \"{}\"{cut})", bytes.len(), shown.escape_ascii())
}
