//! Errors of async sockets.

use std::io;

use super::Runtime;
use crate::error::{Error, ErrorKind, Operation};

/// Creates the error for a socket that was not registered. Without an `error`, the socket has no descriptor that can be used.
pub(super) fn refused<R: Runtime>(error: Option<&io::Error>, name: &'static str) -> Error {
    let Some(error) = error else {
        let reason =
            "the linked libzmq would abort the process, or block it, if the task were busy for too long";
        return Error::refused(R::INTO, ErrorKind::Unsupported, libc::ENOTSUP, name, reason)
            .hint("use the bundled libzmq, or a libzmq that uses eventfd");
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
