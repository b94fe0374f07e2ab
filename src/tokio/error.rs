//! Errors of async sockets.

use core::fmt;
use std::io;

use crate::error::exclusive::Exclusive;
use crate::error::{Error, ErrorKind, Operation};
use crate::kind::{Kind, SocketKind};
use crate::raw::Errno;
use crate::socket::Socket;

/// A failed [`into_tokio`](crate::Socket::into_tokio), with the socket.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct RegisterError<K: Kind> {
    error: Error,
    socket: Exclusive<Socket<K>>,
}

impl<K: Kind> RegisterError<K> {
    pub(super) fn new(error: Error, socket: Socket<K>) -> RegisterError<K> {
        RegisterError { error, socket: Exclusive::new(socket) }
    }

    /// Returns why the socket was not registered.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns what sort of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind()
    }

    /// Returns the socket.
    #[must_use]
    pub fn into_socket(self) -> Socket<K> {
        self.socket.into_inner()
    }
}

impl<K: Kind> fmt::Debug for RegisterError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<K: Kind> From<RegisterError<K>> for Error {
    fn from(failure: RegisterError<K>) -> Error {
        failure.error
    }
}

impl<K: Kind> From<RegisterError<K>> for io::Error {
    fn from(failure: RegisterError<K>) -> io::Error {
        failure.error.into()
    }
}

/// Why a socket is not registered: it has no descriptor, or what the system or tokio reports.
pub(super) fn refused(error: Option<&io::Error>, kind: SocketKind) -> Error {
    let Some(error) = error else {
        let reason = "sockets of this type have no descriptor to wait for";
        return Error::refused(
            Operation::IntoTokio,
            ErrorKind::Unsupported,
            libc::ENOTSUP,
            kind.name(),
            reason,
        );
    };
    if let Some(errno) = error.raw_os_error() {
        return Error::new(Operation::IntoTokio, Errno(errno)).on(kind.name());
    }
    let no_runtime = |reason: String| {
        Error::refused(Operation::IntoTokio, ErrorKind::NoRuntime, libc::EINVAL, kind.name(), reason)
    };
    match error.kind() {
        io::ErrorKind::NotFound => no_runtime("there is no tokio runtime here".to_owned())
            .hint("call it in a task of a tokio runtime that was built with `enable_io` or `enable_all`"),
        io::ErrorKind::Unsupported => no_runtime("the tokio runtime has no I/O driver".to_owned())
            .hint("build the runtime with `enable_io` or `enable_all`"),
        _ => no_runtime(error.to_string()),
    }
}

/// The error of a call that would have to wait for a runtime that is gone.
#[cold]
pub(super) fn gone(operation: Operation) -> Error {
    let reason = "the tokio runtime that the socket is registered with has ended";
    Error::refused(operation, ErrorKind::NoRuntime, libc::ECANCELED, "", reason)
        .hint("call `into_inner`, and then `into_tokio` in another runtime")
}
