//! Errors of async sockets.

use core::fmt;
use std::io;

use super::Runtime;
use crate::error::exclusive::Exclusive;
use crate::error::{Error, ErrorKind, Operation};
use crate::kind::{Kind, SocketKind};
use crate::raw::Errno;
use crate::socket::Socket;

/// The error of a failed registration with a reactor. [`into_socket`](Self::into_socket) returns the socket.
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

    /// Returns the reason, without the socket.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error.
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

/// Creates the error for a socket that was not registered. Without an `error`, the socket has no descriptor.
pub(super) fn refused<R: Runtime>(error: Option<&io::Error>, kind: SocketKind) -> Error {
    let Some(error) = error else {
        let reason = "sockets of this type have no descriptor to wait for";
        return Error::refused(R::INTO, ErrorKind::Unsupported, libc::ENOTSUP, kind.name(), reason);
    };
    if let Some(errno) = error.raw_os_error() {
        return Error::new(R::INTO, Errno(errno)).on(kind.name());
    }
    let (reason, hint) = R::refusal(error);
    let refused = Error::refused(R::INTO, ErrorKind::NoRuntime, libc::EINVAL, kind.name(), reason);
    match hint {
        Some(hint) => refused.hint(hint),
        None => refused,
    }
}

/// Creates the error of a call that has to wait for a reactor that has failed.
#[cold]
pub(super) fn failed<R: Runtime>(operation: Operation, error: &io::Error) -> Error {
    if let Some(errno) = error.raw_os_error() {
        return Error::new(operation, Errno(errno));
    }
    let (reason, hint) = R::GONE;
    Error::refused(operation, ErrorKind::NoRuntime, libc::ECANCELED, "", reason).hint(hint)
}
