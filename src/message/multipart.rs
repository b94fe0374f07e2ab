//! Multipart messages.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::{IntoMessage, Message};
use crate::error::exclusive::Exclusive;
use crate::error::{Error, ErrorKind, Operation, Result};

/// A message of one or more frames. It is never empty.
///
/// It dereferences to a slice of [`Message`]s, converts to arrays, and has methods for the envelopes of ROUTER and DEALER:
///
/// ```
/// use zmq::{Context, Dealer, Router};
///
/// let context = Context::new()?;
/// let router = context.socket(Router)?;
/// let dealer = context.socket(Dealer)?;
/// router.bind("inproc://envelopes")?;
/// dealer.connect("inproc://envelopes")?;
///
/// dealer.send_multipart(["", "Hello ROUTER"])?;
///
/// let [id, empty, content] = router.recv_multipart()?.try_into()?;
/// assert!(empty.is_empty());
/// assert_eq!(content, "Hello ROUTER");
/// router.send_multipart((id, empty, "ACK"))?;
///
/// assert_eq!(dealer.recv_multipart()?, ["", "ACK"]);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// These values convert to a multipart message:
///
/// | value | frames |
/// |---|---|
/// | `&str`, `String`, `&[u8]`, `&[u8; N]`, `Vec<u8>`, [`Message`] | one |
/// | an array of such values, or a tuple of up to six | one for each element |
/// | a `Vec` of such values | one for each element; fails if there are none, so use `try_into` or [`from_frames`](Self::from_frames) |
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Multipart {
    /// Never empty.
    frames: Vec<Message>,
}

#[expect(clippy::len_without_is_empty, reason = "it is never empty")]
impl Multipart {
    /// Creates a message of one frame.
    #[must_use]
    #[inline]
    #[expect(clippy::vec_init_then_push, reason = "`vec!` would create the frame elsewhere and then move it")]
    pub fn new(frame: impl IntoMessage) -> Multipart {
        let mut frames = Vec::with_capacity(1);
        frames.push(frame.into_message());
        Multipart { frames }
    }

    /// Creates a message from received frames, of which there is at least one.
    pub(crate) fn of_received(frames: Vec<Message>) -> Multipart {
        Multipart { frames }
    }

    /// Creates a message from frames. Returns `None` if there are no frames.
    ///
    /// ```
    /// use zmq::Multipart;
    ///
    /// let lines = Multipart::from_frames("one\ntwo".lines());
    /// assert_eq!(lines.map(|lines| lines.len()), Some(2));
    /// assert!(Multipart::from_frames("".lines()).is_none());
    /// ```
    #[must_use]
    pub fn from_frames<T: IntoMessage>(frames: impl IntoIterator<Item = T>) -> Option<Multipart> {
        let frames: Vec<Message> = frames.into_iter().map(IntoMessage::into_message).collect();
        if frames.is_empty() { None } else { Some(Multipart { frames }) }
    }

    /// Returns the number of frames, which is at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Adds a frame at the end.
    pub fn push(&mut self, frame: impl IntoMessage) {
        self.frames.push(frame.into_message());
    }

    /// Adds a frame at the front, such as the routing id of the peer that a ROUTER sends to.
    ///
    /// The call moves all other frames, so its duration grows with their number. To add several frames, use
    /// [`wrap`](Self::wrap).
    pub fn push_front(&mut self, frame: impl IntoMessage) {
        self.frames.insert(0, frame.into_message());
    }

    /// Splits the message into its first frame and the rest. The rest is `None` if the message has only one frame.
    ///
    /// ```
    /// let (id, rest) = zmq::Multipart::from(["id", "", "Hello"]).split_first();
    /// assert_eq!(id, "id");
    /// assert_eq!(rest.unwrap(), ["", "Hello"]);
    /// ```
    #[must_use]
    pub fn split_first(mut self) -> (Message, Option<Multipart>) {
        let rest = self.frames.split_off(1);
        let first = self.frames.pop().unwrap_or_default();
        (first, if rest.is_empty() { None } else { Some(Multipart { frames: rest }) })
    }

    /// Splits the message into its first `N` frames and the rest. The rest is `None` if the message has exactly `N` frames.
    ///
    /// A broker can read the frames that it understands in this way, and forward the rest:
    ///
    /// ```
    /// use zmq::Multipart;
    ///
    /// let message = Multipart::from(["worker", "", "READY", "echo", "print"]);
    /// let ([worker, _empty, command], services) = message.split_first_chunk()?;
    /// assert_eq!((&worker[..], &command[..]), (&b"worker"[..], &b"READY"[..]));
    /// assert_eq!(services.unwrap(), ["echo", "print"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if the message has fewer than `N` frames. The error returns the whole message.
    #[doc(alias = "split_array")]
    #[doc(alias = "zmsg_pop")]
    pub fn split_first_chunk<const N: usize>(
        mut self,
    ) -> Result<([Message; N], Option<Multipart>), FrameCountError> {
        if self.frames.len() < N {
            return Err(FrameCountError::new(self.frames, format!("expected at least {N} frames")));
        }
        let rest = self.frames.split_off(N);
        let first = self.into_array()?;
        Ok((first, if rest.is_empty() { None } else { Some(Multipart { frames: rest }) }))
    }

    /// Splits the message into its envelope and its content. The envelope consists of all frames up to and including the first
    /// empty frame.
    ///
    /// If there is no empty frame, or no frame after it, the envelope is `None` and the whole message is the content.
    ///
    /// ```
    /// let request = zmq::Multipart::from(["client", "", "Hello"]);
    /// let (envelope, content) = request.split_envelope();
    /// assert_eq!(content, ["Hello"]);
    ///
    /// let mut reply = zmq::Multipart::new("World");
    /// reply.wrap(envelope.unwrap());
    /// assert_eq!(reply, ["client", "", "World"]);
    /// ```
    #[must_use]
    pub fn split_envelope(mut self) -> (Option<Multipart>, Multipart) {
        match self.frames.iter().position(|frame| frame.is_empty()) {
            Some(delimiter) if delimiter + 1 < self.frames.len() => {
                let content = self.frames.split_off(delimiter + 1);
                (Some(self), Multipart { frames: content })
            }
            _ => (None, self),
        }
    }

    /// Inserts the frames of an envelope before the first frame.
    pub fn wrap(&mut self, envelope: Multipart) {
        self.frames.splice(0..0, envelope.frames);
    }

    /// Converts the message to an array of exactly `N` frames. `try_into` does the same.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if the message has more or fewer frames. The error returns the message.
    ///
    /// ```
    /// let message = zmq::Multipart::from(["META:userid=1234", "Hello World"]);
    /// let Ok([meta, body]) = message.into_array() else { return };
    /// assert_eq!(body, "Hello World");
    /// ```
    pub fn into_array<const N: usize>(self) -> Result<[Message; N], FrameCountError> {
        self.try_into()
    }

    /// Returns all frames.
    #[must_use]
    pub fn into_frames(self) -> Vec<Message> {
        self.frames
    }
}

impl Deref for Multipart {
    type Target = [Message];

    fn deref(&self) -> &[Message] {
        &self.frames
    }
}

impl DerefMut for Multipart {
    /// Returns the frames as a slice, to replace or reorder them. Their bytes cannot be changed.
    fn deref_mut(&mut self) -> &mut [Message] {
        &mut self.frames
    }
}

impl IntoIterator for Multipart {
    type Item = Message;
    type IntoIter = std::vec::IntoIter<Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.frames.into_iter()
    }
}

impl<'a> IntoIterator for &'a Multipart {
    type Item = &'a Message;
    type IntoIter = core::slice::Iter<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.frames.iter()
    }
}

impl<T: Into<Message>> Extend<T> for Multipart {
    fn extend<I: IntoIterator<Item = T>>(&mut self, frames: I) {
        self.frames.extend(frames.into_iter().map(Into::into));
    }
}

impl<T: Into<Message>, const N: usize> From<[T; N]> for Multipart {
    /// An array without elements does not compile:
    ///
    /// ```compile_fail,E0080
    /// let _ = zmq::Multipart::from([""; 0]);
    /// ```
    #[inline]
    fn from(parts: [T; N]) -> Multipart {
        const { assert!(N > 0, "a multipart message has at least one frame") };
        let mut frames = Vec::with_capacity(N);
        for part in parts {
            frames.push(part.into());
        }
        Multipart { frames }
    }
}

impl<T: Into<Message>> TryFrom<Vec<T>> for Multipart {
    type Error = Error;

    /// Fails with [`InvalidInput`](ErrorKind::InvalidInput) if there are no frames.
    fn try_from(frames: Vec<T>) -> Result<Multipart> {
        Multipart::from_frames(frames).ok_or_else(|| {
            Error::invalid(Operation::Convert, "no frames", "a multipart message has at least one")
        })
    }
}

macro_rules! from_tuples {
    ($($count:literal ($($part:ident),+))+) => {$(
        impl<$($part: Into<Message>),+> From<($($part,)+)> for Multipart {
            #[inline]
            fn from(parts: ($($part,)+)) -> Multipart {
                #[expect(non_snake_case, reason = "the type parameters also name the values")]
                let ($($part,)+) = parts;
                // `vec!` would create the frames elsewhere and then move them.
                let mut frames = Vec::with_capacity($count);
                $(frames.push($part.into());)+
                Multipart { frames }
            }
        }
    )+};
}

from_tuples! {
    1 (A)
    2 (A, B)
    3 (A, B, C)
    4 (A, B, C, D)
    5 (A, B, C, D, E)
    6 (A, B, C, D, E, F)
}

/// The error for a multipart message with the wrong number of frames. [`into_multipart`](Self::into_multipart) returns the
/// message.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct FrameCountError {
    error: Error,
    multipart: Exclusive<Multipart>,
}

impl fmt::Debug for FrameCountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameCountError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl FrameCountError {
    fn new(frames: Vec<Message>, reason: String) -> FrameCountError {
        FrameCountError {
            error: Error::refused(
                Operation::Convert,
                ErrorKind::InvalidData,
                libc::EINVAL,
                format!("{} frames", frames.len()),
                reason,
            ),
            multipart: Exclusive::new(Multipart { frames }),
        }
    }

    /// Returns the error without the message.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error, which is [`InvalidData`](ErrorKind::InvalidData).
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind()
    }

    /// Returns the whole message.
    #[must_use]
    pub fn into_multipart(self) -> Multipart {
        self.multipart.into_inner()
    }
}

impl From<FrameCountError> for Error {
    fn from(failure: FrameCountError) -> Error {
        failure.error
    }
}

impl From<FrameCountError> for std::io::Error {
    fn from(failure: FrameCountError) -> std::io::Error {
        failure.error.into()
    }
}

impl<const N: usize> TryFrom<Multipart> for [Message; N] {
    type Error = FrameCountError;

    /// Fails with [`InvalidData`](ErrorKind::InvalidData) if the message does not have exactly `N` frames. The error returns
    /// the message.
    fn try_from(multipart: Multipart) -> Result<[Message; N], FrameCountError> {
        multipart
            .frames
            .try_into()
            .map_err(|frames| FrameCountError::new(frames, format!("expected {N} frames")))
    }
}

impl<T, const N: usize> PartialEq<[T; N]> for Multipart
where
    Message: PartialEq<T>,
{
    fn eq(&self, other: &[T; N]) -> bool {
        self.frames.iter().eq(other)
    }
}

impl<T> PartialEq<[T]> for Multipart
where
    Message: PartialEq<T>,
{
    fn eq(&self, other: &[T]) -> bool {
        self.frames.iter().eq(other)
    }
}
