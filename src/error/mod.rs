//! Errors, including errors that return a message or a socket.
//!
//! Most calls return an [`Error`], whose [`kind`](Error::kind) says what went wrong. A failed send or conversion returns the
//! message or the socket in a separate error type, which converts to an [`Error`].

pub(crate) mod exclusive;
mod kind;
mod returned;

use core::ffi::c_int;
use core::fmt;
use std::borrow::Cow;
use std::io;

pub use kind::ErrorKind;
use kind::kind_methods;
pub use returned::{ConvertError, SendError, StringError};

pub use crate::message::multipart::FrameCountError;
use crate::raw::{Errno, strings};

/// The result of most calls in this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// The error of a ZeroMQ call.
///
/// An error has a [kind](Error::kind) and [libzmq's error number](Error::errno). Its text names the operation, and the
/// endpoint, option or value concerned:
///
/// ```
/// use zmq::{Context, ErrorKind, Req};
///
/// let context = Context::new()?;
/// let requester = context.socket(Req)?;
/// let error = requester.connect("carrier-pigeon://loft").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::ProtocolNotSupported);
/// assert_eq!(
///     error.to_string(),
///     "connect carrier-pigeon://loft: Protocol not supported \
///      (there is no such transport; the usual ones are tcp, ipc and inproc)"
/// );
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Calls that send return a [`SendError`], which holds the message, and [`recv_string`](crate::Socket::recv_string) returns a
/// [`StringError`]. `?` turns both into an `Error`. So if the last call of a function is a send, write `Ok(…?)`:
///
/// ```
/// # use zmq::{Push, Socket};
/// fn report(socket: &Socket<Push>, value: u32) -> zmq::Result<()> {
///     Ok(socket.send(value.to_string())?)
/// }
/// ```
///
/// An `Error` takes 16 bytes and converts to a [`std::io::Error`]. A [`WouldBlock`](ErrorKind::WouldBlock) error is created
/// without allocating memory.
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
    /// Replaces the system's text if the system's text is misleading.
    reason: Option<Cow<'static, str>>,
    /// The remedy.
    hint: Option<Cow<'static, str>>,
}

impl Error {
    /// Creates an error that libzmq or the system reported.
    #[inline]
    pub(crate) fn new(operation: Operation, errno: Errno) -> Error {
        Error { errno: errno.0, kind: ErrorKind::from_errno(errno.0), operation, detail: None }
    }

    /// Creates an error for a failed operation of the standard library. If no error number fits, its text is kept.
    pub(crate) fn system(operation: Operation, error: &io::Error) -> Error {
        match Errno::of(error) {
            Some(errno) => Error::new(operation, errno),
            None => Error::refused(operation, ErrorKind::Other, libc::EIO, "", error.to_string()),
        }
    }

    /// Creates an error that this crate found before libzmq saw the value.
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

    /// Creates an error for a value that is not allowed.
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

    /// Adds the remedy.
    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Error {
        self.detail_mut().hint = Some(hint.into());
        self
    }

    /// Replaces the kind and the text of the error number.
    pub(crate) fn meaning(mut self, kind: ErrorKind, reason: &'static str) -> Error {
        self.kind = kind;
        self.detail_mut().reason = Some(Cow::Borrowed(reason));
        self
    }

    /// Names the operation that the user called, instead of the inner operation that failed.
    pub(crate) fn within(mut self, operation: Operation) -> Error {
        self.operation = operation;
        self
    }

    fn detail_mut(&mut self) -> &mut Detail {
        self.detail
            .get_or_insert_with(|| Box::new(Detail { subject: String::new(), reason: None, hint: None }))
    }

    /// Returns the kind of the error.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    kind_methods! {
        ///
        /// ```
        /// # use zmq::{Context, Pull};
        /// # let context = Context::new()?;
        /// # let receiver = context.socket(Pull)?;
        /// match receiver.try_recv() {
        ///     Ok(message) => println!("received {}", message.to_string_lossy()),
        ///     Err(error) if error.is_would_block() => println!("nothing yet"),
        ///     Err(error) => return Err(error),
        /// }
        /// # Ok::<(), zmq::Error>(())
        /// ```
    }

    /// Returns the error number of libzmq or the system. If this crate refused a value before libzmq saw it, this is the number
    /// that libzmq uses for such a value.
    #[must_use]
    #[doc(alias = "zmq_errno")]
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// Returns libzmq's text for [`errno`](Self::errno), without the operation, as a C program would print it.
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
        let hint = match detail {
            Some(Detail { hint: Some(hint), .. }) => Some(&**hint),
            Some(Detail { reason: Some(_), .. }) => None,
            _ => self.usual_hint(),
        };
        if let Some(hint) = hint {
            text.push_str(" (");
            text.push_str(hint);
            text.push(')');
        }
        text
    }

    /// Hints for common errors. They are not stored, so that these errors stay cheap.
    fn usual_hint(&self) -> Option<&'static str> {
        match (self.operation, self.kind) {
            (Operation::Send, ErrorKind::WouldBlock) => Some("no peer could take the message in time"),
            (Operation::Receive, ErrorKind::WouldBlock) => Some("no message arrived in time"),
            (Operation::Request, ErrorKind::WouldBlock) => Some("no reply arrived in time"),
            (Operation::RequestUnsent, ErrorKind::WouldBlock) => {
                Some("the request was not sent: no server could take it in time")
            }
            (Operation::ReceiveUnsubscribed, ErrorKind::WouldBlock) => {
                Some("the socket has not subscribed; call `subscribe(\"\")` to receive every message")
            }
            (Operation::Send, ErrorKind::WrongState) => {
                Some("a REQ or REP socket must receive a message first")
            }
            (Operation::Receive, ErrorKind::WrongState) => {
                Some("a REQ or REP socket must send a message first")
            }
            (Operation::Send, ErrorKind::HostUnreachable) => Some("no peer has that routing id"),
            (Operation::Send, ErrorKind::Unsupported) => Some("sockets of this type cannot send"),
            (Operation::Receive, ErrorKind::Unsupported) => Some("sockets of this type cannot receive"),
            _ => None,
        }
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
    CloseContext,
    NewSocket,
    Bind,
    Connect,
    Unbind,
    Disconnect,
    #[cfg(zmq_draft)]
    Join,
    #[cfg(zmq_draft)]
    Leave,
    #[cfg(zmq_draft)]
    PeerState,
    Send,
    Receive,
    /// Receiving on a SUB socket without a subscription.
    ReceiveUnsubscribed,
    SetOption,
    GetOption,
    Poll,
    Proxy,
    Timers,
    NewMessage,
    Convert,
    Endpoint,
    Adopt,
    #[cfg(feature = "smol")]
    IntoSmol,
    #[cfg(feature = "tokio")]
    IntoTokio,
    IntoRequester,
    Request,
    /// A request that was not sent.
    RequestUnsent,
    WithInner,
    Monitor,
    StopMonitor,
    #[cfg(zmq_draft)]
    PipesStats,
    Accept,
    Close,
    Handshake,
    Property,
    SetSecurity,
    Key,
    Z85,
    ReadCertificate,
    SaveCertificate,
    Authenticator,
    Network,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::NewContext => "new context",
            Operation::SetContextOption => "set context option",
            Operation::GetContextOption => "get context option",
            Operation::Shutdown => "shutdown",
            Operation::CloseContext => "close context",
            Operation::NewSocket => "socket",
            Operation::Bind => "bind",
            Operation::Connect => "connect",
            Operation::Unbind => "unbind",
            Operation::Disconnect => "disconnect",
            #[cfg(zmq_draft)]
            Operation::Join => "join",
            #[cfg(zmq_draft)]
            Operation::Leave => "leave",
            #[cfg(zmq_draft)]
            Operation::PeerState => "peer state",
            Operation::Send => "send",
            Operation::Receive | Operation::ReceiveUnsubscribed => "recv",
            Operation::SetOption => "set",
            Operation::GetOption => "get",
            Operation::Poll => "poll",
            Operation::Proxy => "proxy",
            Operation::Timers => "timers",
            Operation::NewMessage => "new message",
            Operation::Convert => "convert",
            Operation::Endpoint => "endpoint",
            Operation::Adopt => "from raw",
            #[cfg(feature = "smol")]
            Operation::IntoSmol => "into_smol",
            #[cfg(feature = "tokio")]
            Operation::IntoTokio => "into_tokio",
            Operation::IntoRequester => "into_requester",
            Operation::Request | Operation::RequestUnsent => "request",
            Operation::WithInner => "with_inner",
            Operation::Monitor => "monitor",
            Operation::StopMonitor => "stop monitor",
            #[cfg(zmq_draft)]
            Operation::PipesStats => "monitor pipes stats",
            Operation::Accept => "accept",
            Operation::Close => "close",
            Operation::Handshake => "handshake",
            Operation::Property => "property",
            Operation::SetSecurity => "set security",
            Operation::Key => "key",
            Operation::Z85 => "z85",
            Operation::ReadCertificate => "read certificate",
            Operation::SaveCertificate => "save certificate",
            Operation::Authenticator => "authenticator",
            Operation::Network => "network",
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind.to_io(), error)
    }
}

const _: () = {
    assert!(size_of::<Error>() <= 16);
    const fn boxable<T: std::error::Error + Send + Sync + 'static>() {}
    boxable::<Error>();
    boxable::<SendError>();
    boxable::<SendError<crate::message::Multipart>>();
    boxable::<StringError>();
    boxable::<FrameCountError>();
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

    #[test]
    fn common_errors_have_a_hint() {
        let text = |operation, errno| Error::new(operation, Errno(errno)).to_string();
        assert!(text(Operation::Receive, libc::EAGAIN).ends_with(" (no message arrived in time)"));
        assert!(text(Operation::Request, libc::EAGAIN).ends_with(" (no reply arrived in time)"));
        assert!(text(Operation::RequestUnsent, libc::EAGAIN).ends_with("no server could take it in time)"));
        assert!(text(Operation::Send, libc::EAGAIN).ends_with(" (no peer could take the message in time)"));
        assert!(
            text(Operation::Receive, zmq_sys::EFSM)
                .ends_with(" (a REQ or REP socket must send a message first)")
        );
        assert!(
            text(Operation::Send, zmq_sys::EFSM)
                .ends_with(" (a REQ or REP socket must receive a message first)")
        );
        assert!(text(Operation::Send, libc::EHOSTUNREACH).ends_with(" (no peer has that routing id)"));
        assert!(text(Operation::Send, libc::ENOTSUP).ends_with(" (sockets of this type cannot send)"));
        assert!(text(Operation::Receive, libc::ENOTSUP).ends_with(" (sockets of this type cannot receive)"));

        // A more specific text stands alone.
        let refused = Error::refused(Operation::Send, ErrorKind::WrongState, zmq_sys::EFSM, "", "not bound");
        assert_eq!(refused.to_string(), "send: not bound");
        let hinted = Error::new(Operation::Send, Errno(libc::EAGAIN)).hint("wait").to_string();
        assert!(hinted.ends_with(" (wait)"), "{hinted}");
    }
}
