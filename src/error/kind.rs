//! The kinds of errors: one table.

use core::ffi::c_int;
use core::fmt;
use std::io;

macro_rules! io_kind {
    (InvalidFilename) => {
        invalid_filename()
    };
    ($io:ident) => {
        io::ErrorKind::$io
    };
}

macro_rules! error_kinds {
    ($($(#[$docs:meta])* $kind:ident, $text:literal, $io:ident, [$($errno:ident),*];)+) => {
        /// The kind of an [`Error`](super::Error).
        ///
        /// Kinds that also exist in [`std::io::ErrorKind`] have the same names.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$docs])* $kind,)+
        }

        impl ErrorKind {
            /// Returns the kind for an error number.
            #[inline]
            pub(crate) fn from_errno(errno: c_int) -> ErrorKind {
                match errno {
                    // On some systems, two names have the same number.
                    $($(#[allow(unreachable_patterns, reason = "EAGAIN and EWOULDBLOCK, ENOTSUP and EOPNOTSUPP")]
                        errno::$errno => ErrorKind::$kind,)*)+
                    _ => ErrorKind::Other,
                }
            }

            fn description(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $text,)+
                }
            }

            #[cfg(test)]
            pub(super) const ALL: &[ErrorKind] = &[$(ErrorKind::$kind),+];

            pub(super) fn to_io(self) -> io::ErrorKind {
                match self {
                    $(ErrorKind::$kind => io_kind!($io),)+
                }
            }
        }
    };
}

/// Rust 1.85 returns this kind, but does not let programs name it.
fn invalid_filename() -> io::ErrorKind {
    // ERROR_FILENAME_EXCED_RANGE on Windows.
    let number = if cfg!(windows) { 206 } else { libc::ENAMETOOLONG };
    io::Error::from_raw_os_error(number).kind()
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
    /// The endpoint is already in use (EADDRINUSE).
    AddrInUse, "address in use", AddrInUse, [EADDRINUSE];
    /// The address does not belong to this machine, or its address family is not available (EADDRNOTAVAIL, EAFNOSUPPORT).
    AddrNotAvailable, "address not available", AddrNotAvailable, [EADDRNOTAVAIL, EAFNOSUPPORT];
    /// The file already exists, and is not replaced (EEXIST).
    AlreadyExists, "already exists", AlreadyExists, [EEXIST];
    /// The connection was closed (EPIPE).
    BrokenPipe, "broken pipe", BrokenPipe, [EPIPE];
    /// The connection was aborted (ECONNABORTED).
    ConnectionAborted, "connection aborted", ConnectionAborted, [ECONNABORTED];
    /// The peer refused the connection (ECONNREFUSED).
    ConnectionRefused, "connection refused", ConnectionRefused, [ECONNREFUSED];
    /// The peer reset the connection (ECONNRESET).
    ConnectionReset, "connection reset", ConnectionReset, [ECONNRESET];
    /// The context or socket was created before a `fork`, and this is the child process.
    Forked, "created before a fork", PermissionDenied, [];
    /// The message cannot be routed to the peer it names (EHOSTUNREACH).
    HostUnreachable, "host unreachable", HostUnreachable, [EHOSTUNREACH];
    /// The linked libzmq does not match the header that this crate was compiled with.
    IncompatibleLibrary, "incompatible library", Unsupported, [];
    /// Sockets of this type cannot use the endpoint's transport (ENOCOMPATPROTO).
    IncompatibleProtocol, "incompatible protocol", Unsupported, [ENOCOMPATPROTO];
    /// A signal interrupted the call, and the context is [interruptible](crate::Context::set_interruptible) (EINTR).
    Interrupted, "interrupted by a signal", Interrupted, [EINTR];
    /// The data does not have the expected form: it is not UTF-8, or has the wrong number of frames.
    InvalidData, "invalid data", InvalidData, [];
    /// The path of the endpoint is too long for the system (ENAMETOOLONG).
    InvalidFilename, "invalid filename", InvalidFilename, [ENAMETOOLONG];
    /// The value is not allowed (EINVAL).
    InvalidInput, "invalid input", InvalidInput, [EINVAL];
    /// The path is a directory (EISDIR).
    IsADirectory, "is a directory", IsADirectory, [EISDIR];
    /// The message is too large for the transport (EMSGSIZE).
    MessageTooLarge, "message too large", InvalidInput, [EMSGSIZE];
    /// The peer was lost between two parts of a multipart message. The parts sent so far are discarded. Send the message again
    /// from its first part.
    MultipartAborted, "multipart message aborted", ConnectionAborted, [];
    /// The network is down (ENETDOWN).
    NetworkDown, "network down", NetworkDown, [ENETDOWN];
    /// The network cannot be reached (ENETUNREACH).
    NetworkUnreachable, "network unreachable", NetworkUnreachable, [ENETUNREACH];
    /// The context has no I/O thread for the transport (EMTHREAD).
    NoIoThread, "no I/O thread", Other, [EMTHREAD];
    /// The async runtime of the socket is missing or has ended.
    NoRuntime, "no async runtime", Other, [];
    /// There is no such network interface or host (ENODEV).
    NoSuchDevice, "no such device", NotFound, [ENODEV];
    /// A component of the path is not a directory (ENOTDIR).
    NotADirectory, "not a directory", NotADirectory, [ENOTDIR];
    /// The handle is not a socket (ENOTSOCK).
    NotASocket, "not a socket", InvalidInput, [ENOTSOCK];
    /// The socket is not connected (ENOTCONN).
    NotConnected, "not connected", NotConnected, [ENOTCONN];
    /// The endpoint or the file does not exist (ENOENT).
    NotFound, "not found", NotFound, [ENOENT];
    /// There is not enough memory (ENOMEM, ENOBUFS).
    OutOfMemory, "out of memory", OutOfMemory, [ENOMEM, ENOBUFS];
    /// The system does not permit the operation (EACCES, EPERM).
    PermissionDenied, "permission denied", PermissionDenied, [EACCES, EPERM];
    /// The linked libzmq does not support the transport (EPROTONOSUPPORT).
    ProtocolNotSupported, "protocol not supported", Unsupported, [EPROTONOSUPPORT];
    /// The file system is read-only (EROFS).
    ReadOnlyFilesystem, "read-only file system", ReadOnlyFilesystem, [EROFS];
    /// The context was [shut down](crate::Context::shutdown) (ETERM).
    Terminated, "context terminated", Other, [ETERM];
    /// The system gave up on a connection (ETIMEDOUT). If the timeout of a send or receive passes, the kind is
    /// [`WouldBlock`](Self::WouldBlock), as in C.
    TimedOut, "timed out", TimedOut, [ETIMEDOUT];
    /// The process or the system has no file descriptor left (EMFILE, ENFILE).
    TooManyOpenFiles, "too many open files", Other, [EMFILE, ENFILE];
    /// The context's [limit of sockets](crate::option::ContextBuilder::max_sockets) is reached (EMFILE in C).
    TooManySockets, "too many sockets", Other, [];
    /// The socket type or the linked libzmq does not support the operation (ENOTSUP).
    Unsupported, "unsupported", Unsupported, [ENOTSUP, EOPNOTSUPP];
    /// The call would have to wait, or its timeout has passed (EAGAIN).
    WouldBlock, "operation would block", WouldBlock, [EAGAIN, EWOULDBLOCK];
    /// The call is not allowed in this state (EFSM). For example, a REQ socket must receive a reply before it sends another
    /// request, and some options must be set before the first bind or connect.
    WrongState, "wrong state", Other, [EFSM];
    /// Any other error. [`Error::errno`](crate::Error::errno) returns its number.
    Other, "other error", Other, [];
}

impl fmt::Display for ErrorKind {
    /// Writes a short description in lower case, such as `operation would block`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.description())
    }
}

/// The methods of errors that test for a kind. The example becomes a part of the documentation.
macro_rules! kind_methods {
    ($(#[$example:meta])*) => {
        /// Returns whether the kind is [`WouldBlock`](ErrorKind::WouldBlock): the call would have to wait, or its timeout has
        /// passed.
        $(#[$example])*
        #[must_use]
        #[inline]
        #[doc(alias = "EAGAIN")]
        pub fn is_would_block(&self) -> bool {
            self.kind() == ErrorKind::WouldBlock
        }

        /// Returns whether the kind is [`Terminated`](ErrorKind::Terminated): the context was shut down.
        #[must_use]
        #[inline]
        #[doc(alias = "ETERM")]
        pub fn is_terminated(&self) -> bool {
            self.kind() == ErrorKind::Terminated
        }
    };
}
pub(super) use kind_methods;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ErrorKind;

    #[test]
    fn each_kind_has_its_own_text() {
        let texts: HashSet<String> = ErrorKind::ALL.iter().map(ErrorKind::to_string).collect();
        assert_eq!(texts.len(), ErrorKind::ALL.len());
        assert_eq!(format!("{:>22}", ErrorKind::WouldBlock), " operation would block");
    }
}
