//! The arguments of the calls that send, and the compiler's texts for other types.
//!
//! Without `do_not_recommend`, the compiler would show the missing `From` instead of these texts.

use super::{Message, Multipart};

/// The argument of [`Socket::send`](crate::Socket::send) and similar calls: any type that implements `Into<Message>`.
///
/// Do not implement this trait. To send your own type, implement `From<YourType>` for [`Message`]:
///
/// ```
/// use zmq::Message;
///
/// struct Temperature(i16);
///
/// impl From<Temperature> for Message {
///     fn from(temperature: Temperature) -> Message {
///         Message::from(temperature.0.to_be_bytes())
///     }
/// }
///
/// # let context = zmq::Context::new()?;
/// # let (socket, peer) = (context.socket(zmq::Pair)?, context.socket(zmq::Pair)?);
/// # socket.bind("inproc://temperatures")?;
/// # peer.connect("inproc://temperatures")?;
/// socket.send(Temperature(21))?;
/// assert_eq!(peer.recv()?, [0, 21]);
/// # Ok::<(), zmq::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "expected bytes or text",
    note = "a message is made from `&str`, `String`, `&[u8]`, `[u8; N]`, `Vec<u8>`, `Box<[u8]>`, `Arc<[u8]>`, `MessageMut`, \
            `Message` or `&Message`, and from `bytes::Bytes` if the feature `bytes` of the package `zmq` is enabled",
    note = "turn a number into bytes with `to_be_bytes()`, or into text with `to_string()`",
    note = "serialize a type of your own, for example to JSON, or implement `From<YourType>` for `zmq::Message`",
    note = "instead of `&mut message`, pass `message`, or `&message` to keep it"
)]
pub trait IntoMessage {
    /// Converts the value to a message.
    fn into_message(self) -> Message;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Message>> IntoMessage for T {
    #[inline]
    fn into_message(self) -> Message {
        self.into()
    }
}

/// The argument of [`Socket::send_multipart`](crate::Socket::send_multipart): any type that implements `Into<Multipart>`.
///
/// | parts | write |
/// |---|---|
/// | one part | the part itself: `"a"` |
/// | of one type | an array: `["a", "b"]` |
/// | of several types, up to six parts | a tuple: `("a", b"b", message)` |
/// | of several types, more than six parts | an array of messages: `[Message::from("a"), Message::from(b"b"), …]` |
/// | in a `Vec` | `Multipart::try_from(vec)?`, which fails if there are no parts |
/// | in a slice, or from an iterator | [`Multipart::from_frames(slice.iter().copied())`](Multipart::from_frames), which is `None` if there are no parts |
///
/// Do not implement this trait. To send your own type, implement `From<YourType>` for [`Multipart`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a multipart message",
    label = "expected an array or a tuple of parts",
    note = "parts of one type are an array, as in `[\"a\", \"b\"]`, and up to six parts of several types are a tuple, as in \
            `(\"a\", b\"b\", message)`; for more, write `[Message::from(\"a\"), Message::from(b\"b\"), …]`",
    note = "a `Vec` can be empty, but a multipart message cannot: write `Multipart::try_from(vec)?`",
    note = "for a slice or an iterator, write `Multipart::from_frames(slice.iter().copied())`, which is `None` without parts",
    note = "each part is bytes or text: whatever `send` takes"
)]
pub trait IntoMultipart {
    /// Converts the value to a message.
    fn into_multipart(self) -> Multipart;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Multipart>> IntoMultipart for T {
    #[inline]
    fn into_multipart(self) -> Multipart {
        self.into()
    }
}
