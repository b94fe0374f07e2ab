//! What can go wrong, and the value that was refused.

use core::ffi::c_int;
use core::fmt;
use std::borrow::Cow;
use std::io;

use crate::raw::exclusive::Exclusive;
use crate::raw::{Errno, strings};

/// The result of most calls in this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// The error of a ZeroMQ call.
///
/// It tells [what sort of failure](Error::kind) it was, [libzmq's error number](Error::errno), and in its text the
/// operation and the endpoint, option or value concerned:
///
/// ```
/// use zmq::{Context, ErrorKind, Req};
///
/// let context = Context::new()?;
/// let requester = context.socket(Req)?;
/// let error = requester.connect("carrier-pigeon://loft").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::ProtocolNotSupported);
/// assert_eq!(error.to_string(), "connect carrier-pigeon://loft: Protocol not supported");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// It is two words small, allocates nothing on the would-block path, and turns into a [`std::io::Error`].
#[derive(Clone, thiserror::Error)]
#[error("{}", self.describe())]
#[doc(alias = "zmq_errno")]
pub struct Error {
    errno: c_int,
    kind: ErrorKind,
    operation: Operation,
    detail: Option<Box<Detail>>,
}

#[derive(Clone, Debug)]
struct Detail {
    /// The endpoint, option or value.
    subject: String,
    /// Stands in for the system's text where that would mislead.
    reason: Option<Cow<'static, str>>,
    /// What to do about it.
    hint: Option<Cow<'static, str>>,
}

impl Error {
    /// An error that libzmq or the system reported.
    #[inline]
    pub(crate) fn new(operation: Operation, errno: Errno) -> Error {
        Error { errno: errno.0, kind: ErrorKind::from_errno(errno.0), operation, detail: None }
    }

    /// An error that this crate found before libzmq saw the value.
    pub(crate) fn refused(
        operation: Operation,
        kind: ErrorKind,
        errno: c_int,
        subject: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Error {
        let detail = Detail { subject: subject.into(), reason: Some(reason.into()), hint: None };
        Error { errno, kind, operation, detail: Some(Box::new(detail)) }
    }

    /// A value that is not allowed.
    pub(crate) fn invalid(
        operation: Operation,
        subject: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Error {
        Error::refused(operation, ErrorKind::InvalidInput, libc::EINVAL, subject, reason)
    }

    /// Names the endpoint, option or value concerned.
    pub(crate) fn on(mut self, subject: impl Into<String>) -> Error {
        self.detail_mut().subject = subject.into();
        self
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Error {
        self.detail_mut().hint = Some(hint.into());
        self
    }

    /// Replaces the kind that the error number stands for, and its text.
    pub(crate) fn meaning(mut self, kind: ErrorKind, reason: &'static str) -> Error {
        self.kind = kind;
        self.detail_mut().reason = Some(Cow::Borrowed(reason));
        self
    }

    pub(crate) fn is_operation(&self, operation: Operation) -> bool {
        self.operation == operation
    }

    fn detail_mut(&mut self) -> &mut Detail {
        self.detail
            .get_or_insert_with(|| Box::new(Detail { subject: String::new(), reason: None, hint: None }))
    }

    /// What sort of failure it was.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The error number: libzmq's or the system's own, or, where this crate refused a value before libzmq saw it,
    /// the one that libzmq uses for such a value.
    #[must_use]
    #[doc(alias = "zmq_errno")]
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// libzmq's text for [`errno`](Self::errno), without the operation: what a C program prints.
    ///
    /// Follows [zmq_strerror(3)](https://libzmq.readthedocs.io/en/latest/zmq_strerror.html).
    #[must_use]
    #[doc(alias = "zmq_strerror")]
    pub fn strerror(&self) -> String {
        strings::error_text(self.errno)
    }

    fn describe(&self) -> String {
        let mut text = self.operation.name().to_owned();
        let detail = self.detail.as_deref();
        if let Some(subject) = detail.map(|detail| &detail.subject).filter(|subject| !subject.is_empty()) {
            text.push(' ');
            text.push_str(subject);
        }
        text.push_str(": ");
        match detail.and_then(|detail| detail.reason.as_ref()) {
            Some(reason) => text.push_str(reason),
            None => text.push_str(&self.strerror()),
        }
        if let Some(hint) = detail.and_then(|detail| detail.hint.as_ref()) {
            text.push_str(" (");
            text.push_str(hint);
            text.push(')');
        }
        text
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("errno", &self.errno)
            .field("text", &self.describe())
            .finish()
    }
}

impl From<core::convert::Infallible> for Error {
    fn from(never: core::convert::Infallible) -> Error {
        match never {}
    }
}

/// The operation that an error names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    NewContext,
    SetContextOption,
    GetContextOption,
    Shutdown,
    NewSocket,
    Bind,
    Connect,
    Unbind,
    Disconnect,
    Send,
    Receive,
    SetOption,
    GetOption,
    Poll,
    Proxy,
    NewMessage,
    Convert,
    Endpoint,
    Adopt,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::NewContext => "new context",
            Operation::SetContextOption => "set context option",
            Operation::GetContextOption => "get context option",
            Operation::Shutdown => "shutdown",
            Operation::NewSocket => "socket",
            Operation::Bind => "bind",
            Operation::Connect => "connect",
            Operation::Unbind => "unbind",
            Operation::Disconnect => "disconnect",
            Operation::Send => "send",
            Operation::Receive => "recv",
            Operation::SetOption => "set",
            Operation::GetOption => "get",
            Operation::Poll => "poll",
            Operation::Proxy => "proxy",
            Operation::NewMessage => "new message",
            Operation::Convert => "convert",
            Operation::Endpoint => "endpoint",
            Operation::Adopt => "from raw",
        }
    }
}

macro_rules! error_kinds {
    ($($(#[$docs:meta])* $kind:ident, $io:ident, [$($errno:ident),*];)+) => {
        /// What sort of failure an [`Error`] is.
        ///
        /// Kinds that [`std::io::ErrorKind`] has too bear its names.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$docs])* $kind,)+
        }

        impl ErrorKind {
            /// The kind that an error number stands for.
            #[inline]
            pub(crate) fn from_errno(errno: c_int) -> ErrorKind {
                match errno {
                    // Some systems give two of the names one number.
                    $($(#[allow(unreachable_patterns, reason = "EAGAIN and EWOULDBLOCK, ENOTSUP and EOPNOTSUPP")]
                        errno::$errno => ErrorKind::$kind,)*)+
                    _ => ErrorKind::Other,
                }
            }

            fn to_io(self) -> io::ErrorKind {
                match self {
                    $(ErrorKind::$kind => io::ErrorKind::$io,)+
                }
            }
        }
    };
}

/// The error numbers that have a kind of their own.
mod errno {
    pub(super) use libc::{
        EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, ECONNABORTED, ECONNREFUSED, ECONNRESET,
        EEXIST, EHOSTUNREACH, EINTR, EINVAL, EISDIR, EMFILE, EMSGSIZE, ENAMETOOLONG, ENETDOWN, ENETUNREACH,
        ENFILE, ENOBUFS, ENODEV, ENOENT, ENOMEM, ENOTCONN, ENOTDIR, ENOTSOCK, ENOTSUP, EOPNOTSUPP, EPERM,
        EPIPE, EPROTONOSUPPORT, EROFS, ETIMEDOUT, EWOULDBLOCK,
    };
    pub(super) use zmq_sys::{EFSM, EMTHREAD, ENOCOMPATPROTO, ETERM};
}

error_kinds! {
    /// The endpoint is in use already (EADDRINUSE).
    AddrInUse, AddrInUse, [EADDRINUSE];
    /// The address is not this machine's, or its family is not available (EADDRNOTAVAIL, EAFNOSUPPORT).
    AddrNotAvailable, AddrNotAvailable, [EADDRNOTAVAIL, EAFNOSUPPORT];
    /// Something else is there already, and is not replaced (EEXIST).
    AlreadyExists, AlreadyExists, [EEXIST];
    /// The connection is gone (EPIPE).
    BrokenPipe, BrokenPipe, [EPIPE];
    /// The connection was aborted (ECONNABORTED).
    ConnectionAborted, ConnectionAborted, [ECONNABORTED];
    /// The peer refused the connection (ECONNREFUSED).
    ConnectionRefused, ConnectionRefused, [ECONNREFUSED];
    /// The peer reset the connection (ECONNRESET).
    ConnectionReset, ConnectionReset, [ECONNRESET];
    /// The context or socket was made before a `fork`, and this is the child.
    Forked, PermissionDenied, [];
    /// The message cannot be routed to the peer it names (EHOSTUNREACH).
    HostUnreachable, HostUnreachable, [EHOSTUNREACH];
    /// The linked libzmq does not fit the bindings this crate was compiled with.
    IncompatibleLibrary, Unsupported, [];
    /// The socket's kind cannot use the endpoint's transport (ENOCOMPATPROTO).
    IncompatibleProtocol, Unsupported, [ENOCOMPATPROTO];
    /// A signal interrupted the call, and [`Context::set_interruptible`](crate::Context::set_interruptible) asked to
    /// be told (EINTR).
    Interrupted, Interrupted, [EINTR];
    /// The bytes are not what was asked for: not UTF-8, or another number of frames.
    InvalidData, InvalidData, [];
    /// The path of the endpoint is too long for the system (ENAMETOOLONG).
    InvalidFilename, InvalidFilename, [ENAMETOOLONG];
    /// The value is not allowed (EINVAL).
    InvalidInput, InvalidInput, [EINVAL];
    /// The path is a directory (EISDIR).
    IsADirectory, IsADirectory, [EISDIR];
    /// The message is too large for the transport (EMSGSIZE).
    MessageTooLarge, InvalidInput, [EMSGSIZE];
    /// The peer was lost between two parts of a multipart message: the parts sent so far are discarded, and the
    /// message can be sent anew from its first part.
    MultipartAborted, ConnectionAborted, [];
    /// The network is down (ENETDOWN).
    NetworkDown, NetworkDown, [ENETDOWN];
    /// The network is not reachable (ENETUNREACH).
    NetworkUnreachable, NetworkUnreachable, [ENETUNREACH];
    /// The context has no I/O thread for the transport (EMTHREAD).
    NoIoThread, Other, [EMTHREAD];
    /// There is no such network interface or host (ENODEV).
    NoSuchDevice, NotFound, [ENODEV];
    /// A directory of the path is none (ENOTDIR).
    NotADirectory, NotADirectory, [ENOTDIR];
    /// The handle is no socket (ENOTSOCK).
    NotASocket, InvalidInput, [ENOTSOCK];
    /// The socket is not connected (ENOTCONN).
    NotConnected, NotConnected, [ENOTCONN];
    /// The endpoint or the file does not exist (ENOENT).
    NotFound, NotFound, [ENOENT];
    /// There is no memory for it (ENOMEM, ENOBUFS).
    OutOfMemory, OutOfMemory, [ENOMEM, ENOBUFS];
    /// The system does not allow it (EACCES, EPERM).
    PermissionDenied, PermissionDenied, [EACCES, EPERM];
    /// The linked libzmq does not know the transport (EPROTONOSUPPORT).
    ProtocolNotSupported, Unsupported, [EPROTONOSUPPORT];
    /// The file system is read-only (EROFS).
    ReadOnlyFilesystem, ReadOnlyFilesystem, [EROFS];
    /// The context was [shut down](crate::Context::shutdown) (ETERM).
    Terminated, Other, [ETERM];
    /// The connection timed out in the system (ETIMEDOUT). A send or receive timeout that runs out is
    /// [`WouldBlock`](Self::WouldBlock), as in C.
    TimedOut, TimedOut, [ETIMEDOUT];
    /// The process or the system has no descriptor left (EMFILE, ENFILE).
    TooManyOpenFiles, Other, [EMFILE, ENFILE];
    /// The context's [limit of sockets](crate::Context::set_max_sockets) is reached (EMFILE in C).
    TooManySockets, Other, [];
    /// The socket's kind, or the linked libzmq, cannot do it (ENOTSUP).
    Unsupported, Unsupported, [ENOTSUP, EOPNOTSUPP];
    /// It cannot be done without waiting, or within the timeout (EAGAIN).
    WouldBlock, WouldBlock, [EAGAIN, EWOULDBLOCK];
    /// It is not this call's turn: a REQ or REP socket out of step, or an option set too late (EFSM).
    WrongState, Other, [EFSM];
    /// Any other failure; [`Error::errno`] tells.
    Other, Other, [];
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind.to_io(), error)
    }
}

/// A failed send, with the message that was not sent.
///
/// Nothing is lost: send [the message](Self::into_message) again, or let `?` turn the failure into an [`Error`].
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
pub struct SendError<T = crate::Message> {
    error: Error,
    message: Exclusive<T>,
}

impl<T> SendError<T> {
    #[inline]
    pub(crate) fn new(error: Error, message: T) -> SendError<T> {
        SendError { error, message: Exclusive::new(message) }
    }

    /// Why it was not sent.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What sort of failure it was.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// The message that was not sent.
    #[must_use]
    pub fn into_message(self) -> T {
        self.message.into_inner()
    }

    /// Both halves.
    #[must_use]
    pub fn into_parts(self) -> (Error, T) {
        (self.error, self.message.into_inner())
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> From<SendError<T>> for Error {
    fn from(failure: SendError<T>) -> Error {
        failure.error
    }
}

impl<T> From<SendError<T>> for io::Error {
    fn from(failure: SendError<T>) -> io::Error {
        failure.error.into()
    }
}

/// A message that could not be had as a `String`.
///
/// If it was received but is not UTF-8, it is still [here](Self::into_message), whole.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct StringError {
    error: Error,
    message: Exclusive<Option<crate::Message>>,
}

impl fmt::Debug for StringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StringError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl StringError {
    /// A message that is not UTF-8.
    pub(crate) fn not_utf8(
        operation: Operation,
        error: core::str::Utf8Error,
        message: crate::Message,
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

    /// Why there is no string.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What sort of failure it was; [`InvalidData`](ErrorKind::InvalidData) if the message is not UTF-8.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// The message that is not UTF-8; `None` if none was received.
    #[must_use]
    pub fn into_message(self) -> Option<crate::Message> {
        self.message.into_inner()
    }
}

impl From<Error> for StringError {
    fn from(error: Error) -> StringError {
        StringError { error, message: Exclusive::new(None) }
    }
}

impl From<StringError> for Error {
    fn from(failure: StringError) -> Error {
        failure.error
    }
}

impl From<StringError> for io::Error {
    fn from(failure: StringError) -> io::Error {
        failure.error.into()
    }
}

const _: () = {
    assert!(size_of::<Error>() == 16);
    const fn boxable<T: std::error::Error + Send + Sync + 'static>() {}
    boxable::<Error>();
    boxable::<SendError>();
    boxable::<SendError<crate::Multipart>>();
    boxable::<StringError>();
    boxable::<crate::FrameCountError>();
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_number_is_a_value() {
        for errno in (-1..4096).chain(156_384_700..156_384_800) {
            let error = Error::new(Operation::Bind, Errno(errno));
            assert_eq!(error.errno(), errno);
            assert!(error.to_string().starts_with("bind: "), "{error}");
            assert_eq!(io::Error::from(error.clone()).kind(), error.kind().to_io());
        }
    }

    #[test]
    fn the_text_names_operation_subject_and_remedy() {
        let error = Error::invalid(Operation::Connect, "tcp://*:1", "no").hint("name a host");
        assert_eq!(error.to_string(), "connect tcp://*:1: no (name a host)");
        assert_eq!(error.errno(), libc::EINVAL);
    }
}
