//! Errors of async sockets.

use core::fmt;
use std::io;

use super::Runtime;
use crate::error::exclusive::Exclusive;
use crate::error::{Error, ErrorKind, Operation};

/// The error of a failed registration with a reactor. [`into_inner`](Self::into_inner) returns the socket or the monitor.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct RegisterError<T> {
    error: Error,
    owner: Exclusive<T>,
}

impl<T> RegisterError<T> {
    pub(super) fn new(error: Error, owner: T) -> RegisterError<T> {
        RegisterError { error, owner: Exclusive::new(owner) }
    }

    /// Returns the reason, without the socket or the monitor.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.error.kind()
    }

    /// Returns the socket or the monitor that was not registered.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.owner.into_inner()
    }
}

impl<T> fmt::Debug for RegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> From<RegisterError<T>> for Error {
    fn from(failure: RegisterError<T>) -> Error {
        failure.error
    }
}

impl<T> From<RegisterError<T>> for io::Error {
    fn from(failure: RegisterError<T>) -> io::Error {
        failure.error.into()
    }
}

/// Creates the error for a socket that was not registered. Without an `error`, the socket has no descriptor that can be used.
pub(super) fn refused<R: Runtime>(error: Option<&io::Error>, name: &'static str) -> Error {
    let Some(error) = error else {
        if cfg!(windows) {
            let reason = "on Windows, sockets of this type have no descriptor to wait for";
            return Error::refused(R::INTO, ErrorKind::Unsupported, libc::ENOTSUP, name, reason);
        }
        let reason = "the linked libzmq would abort the process if the task is busy for too long";
        return Error::refused(R::INTO, ErrorKind::Unsupported, libc::ENOTSUP, name, reason)
            .hint("use the bundled libzmq, or one that uses eventfd");
    };
    if error.raw_os_error().is_some() {
        return Error::system(R::INTO, error).on(name);
    }
    let (reason, hint) = R::refusal(error);
    let refused = Error::refused(R::INTO, ErrorKind::NoRuntime, libc::EINVAL, name, reason);
    match hint {
        Some(hint) => refused.hint(hint),
        None => refused,
    }
}

/// Creates the error of a call that has to wait for a reactor that has failed.
#[cold]
pub(super) fn failed<R: Runtime>(operation: Operation, error: &io::Error) -> Error {
    if error.raw_os_error().is_some() {
        return Error::system(operation, error);
    }
    let (reason, hint) = R::GONE;
    Error::refused(operation, ErrorKind::NoRuntime, libc::ECANCELED, "", reason).hint(hint)
}
