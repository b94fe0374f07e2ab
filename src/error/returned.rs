//! Errors that return a message or a socket.

use core::fmt;
use std::io;

use super::exclusive::Exclusive;
use super::kind::kind_methods;
use super::{Error, ErrorKind, Operation};

/// The error of a failed send, with the message that was not sent.
///
/// [`into_message`](Self::into_message) returns the message, for example to send it again. `?` converts the error
/// to an [`Error`], and drops the message.
///
/// ```
/// use zmq::{Context, ErrorKind, Push};
///
/// let context = Context::new()?;
/// let sender = context.socket(Push)?;
/// let failure = sender.try_send("nobody is there yet").unwrap_err();
/// assert_eq!(failure.kind(), ErrorKind::WouldBlock);
/// assert_eq!(&failure.into_message()[..], b"nobody is there yet");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct SendError<T = crate::message::Message> {
    error: Error,
    message: Exclusive<T>,
}

impl<T> SendError<T> {
    #[inline]
    pub(crate) fn new(error: Error, message: T) -> SendError<T> {
        SendError { error, message: Exclusive::new(message) }
    }

    /// Returns the reason, without the message.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    kind_methods! {}

    /// Returns the message that was not sent.
    #[must_use]
    pub fn into_message(self) -> T {
        self.message.into_inner()
    }

    /// Returns the error and the message.
    #[must_use]
    pub fn into_parts(self) -> (Error, T) {
        (self.error, self.message.into_inner())
    }
}

/// The error of receiving a message as a `String`, or of converting a message to a `String`.
///
/// If the message is not UTF-8, [`into_message`](Self::into_message) returns it.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct StringError {
    error: Error,
    message: Exclusive<Option<crate::message::Message>>,
}

impl StringError {
    /// Creates the error for a message that is not UTF-8.
    pub(crate) fn not_utf8(
        operation: Operation,
        error: core::str::Utf8Error,
        message: crate::message::Message,
    ) -> Self {
        let error = Error::refused(
            operation,
            ErrorKind::InvalidData,
            libc::EINVAL,
            format!("{} bytes", message.len()),
            format!("not UTF-8: {error}"),
        );
        StringError { error, message: Exclusive::new(Some(message)) }
    }

    /// Returns the reason, without the message.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error, which is [`InvalidData`](ErrorKind::InvalidData) if the message is not UTF-8.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    kind_methods! {}

    /// Returns the message that is not UTF-8, or `None` if no message was received.
    #[must_use]
    pub fn into_message(self) -> Option<crate::message::Message> {
        self.message.into_inner()
    }
}

impl From<Error> for StringError {
    fn from(error: Error) -> StringError {
        StringError { error, message: Exclusive::new(None) }
    }
}

/// The error of a call that turns a socket or a monitor into another value, such as
/// [`into_requester`](crate::Socket::into_requester). [`into_inner`](Self::into_inner) returns the socket or the monitor.
///
/// ```
/// use zmq::{Context, Dealer, ErrorKind};
///
/// let context = Context::new()?;
/// let (dealer, peer) = (context.socket(Dealer)?, context.socket(Dealer)?);
/// dealer.bind("inproc://begun")?;
/// peer.connect("inproc://begun")?;
/// dealer.send_more("the first part")?;
/// let failure = dealer.into_requester().unwrap_err();
/// assert_eq!(failure.kind(), ErrorKind::WrongState);
/// let dealer = failure.into_inner();
/// dealer.send("the last part")?;
/// let requester = dealer.into_requester()?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct ConvertError<T> {
    error: Error,
    owner: Exclusive<T>,
}

impl<T> ConvertError<T> {
    pub(crate) fn new(error: Error, owner: T) -> ConvertError<T> {
        ConvertError { error, owner: Exclusive::new(owner) }
    }

    /// Returns the reason, without the socket or the monitor.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// Returns the socket or the monitor.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.owner.into_inner()
    }
}

/// Implements the conversions to errors without the value that is returned, and `Debug`, whose output does not show the value.
macro_rules! without_value {
    ($($failure:ident $(<$value:ident>)?),+) => {$(
        impl $(<$value>)? fmt::Debug for $failure $(<$value>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($failure)).field("error", &self.error).finish_non_exhaustive()
            }
        }

        impl $(<$value>)? From<$failure $(<$value>)?> for Error {
            fn from(failure: $failure $(<$value>)?) -> Error {
                failure.error
            }
        }

        impl $(<$value>)? From<$failure $(<$value>)?> for io::Error {
            fn from(failure: $failure $(<$value>)?) -> io::Error {
                failure.error.into()
            }
        }
    )+};
}
without_value!(SendError<T>, StringError, ConvertError<T>);
