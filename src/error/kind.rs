//! The kinds of errors: one table.

use core::ffi::c_int;
use core::fmt;
use std::io;

macro_rules! error_kinds {
    ($($(#[$docs:meta])* $kind:ident, $text:literal, $io:ident, [$($errno:ident),*];)+) => {
        /// What sort of failure an [`Error`](super::Error) is.
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

            fn description(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $text,)+
                }
            }

            #[cfg(test)]
            pub(super) const ALL: &[ErrorKind] = &[$(ErrorKind::$kind),+];

            pub(super) fn to_io(self) -> io::ErrorKind {
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
    AddrInUse, "address in use", AddrInUse, [EADDRINUSE];
    /// The address is not this machine's, or its family is not available (EADDRNOTAVAIL, EAFNOSUPPORT).
    AddrNotAvailable, "address not available", AddrNotAvailable, [EADDRNOTAVAIL, EAFNOSUPPORT];
    /// Something else is there already, and is not replaced (EEXIST).
    AlreadyExists, "already exists", AlreadyExists, [EEXIST];
    /// The connection is gone (EPIPE).
    BrokenPipe, "broken pipe", BrokenPipe, [EPIPE];
    /// The connection was aborted (ECONNABORTED).
    ConnectionAborted, "connection aborted", ConnectionAborted, [ECONNABORTED];
    /// The peer refused the connection (ECONNREFUSED).
    ConnectionRefused, "connection refused", ConnectionRefused, [ECONNREFUSED];
    /// The peer reset the connection (ECONNRESET).
    ConnectionReset, "connection reset", ConnectionReset, [ECONNRESET];
    /// The context or socket was made before a `fork`, and this is the child.
    Forked, "created before a fork", PermissionDenied, [];
    /// The message cannot be routed to the peer it names (EHOSTUNREACH).
    HostUnreachable, "host unreachable", HostUnreachable, [EHOSTUNREACH];
    /// The linked libzmq does not fit the bindings this crate was compiled with.
    IncompatibleLibrary, "incompatible library", Unsupported, [];
    /// The socket's kind cannot use the endpoint's transport (ENOCOMPATPROTO).
    IncompatibleProtocol, "incompatible protocol", Unsupported, [ENOCOMPATPROTO];
    /// A signal interrupted the call, and [`Context::set_interruptible`](crate::Context::set_interruptible) asked to
    /// be told (EINTR).
    Interrupted, "interrupted by a signal", Interrupted, [EINTR];
    /// The bytes are not what was asked for: not UTF-8, or another number of frames.
    InvalidData, "invalid data", InvalidData, [];
    /// The path of the endpoint is too long for the system (ENAMETOOLONG).
    InvalidFilename, "invalid filename", InvalidFilename, [ENAMETOOLONG];
    /// The value is not allowed (EINVAL).
    InvalidInput, "invalid input", InvalidInput, [EINVAL];
    /// The path is a directory (EISDIR).
    IsADirectory, "is a directory", IsADirectory, [EISDIR];
    /// The message is too large for the transport (EMSGSIZE).
    MessageTooLarge, "message too large", InvalidInput, [EMSGSIZE];
    /// The peer was lost between two parts of a multipart message: the parts sent so far are discarded, and the
    /// message can be sent anew from its first part.
    MultipartAborted, "multipart message aborted", ConnectionAborted, [];
    /// The network is down (ENETDOWN).
    NetworkDown, "network down", NetworkDown, [ENETDOWN];
    /// The network is not reachable (ENETUNREACH).
    NetworkUnreachable, "network unreachable", NetworkUnreachable, [ENETUNREACH];
    /// The context has no I/O thread for the transport (EMTHREAD).
    NoIoThread, "no I/O thread", Other, [EMTHREAD];
    /// There is no such network interface or host (ENODEV).
    NoSuchDevice, "no such device", NotFound, [ENODEV];
    /// A directory of the path is none (ENOTDIR).
    NotADirectory, "not a directory", NotADirectory, [ENOTDIR];
    /// The handle is no socket (ENOTSOCK).
    NotASocket, "not a socket", InvalidInput, [ENOTSOCK];
    /// The socket is not connected (ENOTCONN).
    NotConnected, "not connected", NotConnected, [ENOTCONN];
    /// The endpoint or the file does not exist (ENOENT).
    NotFound, "not found", NotFound, [ENOENT];
    /// There is no memory for it (ENOMEM, ENOBUFS).
    OutOfMemory, "out of memory", OutOfMemory, [ENOMEM, ENOBUFS];
    /// The system does not allow it (EACCES, EPERM).
    PermissionDenied, "permission denied", PermissionDenied, [EACCES, EPERM];
    /// The linked libzmq does not know the transport (EPROTONOSUPPORT).
    ProtocolNotSupported, "protocol not supported", Unsupported, [EPROTONOSUPPORT];
    /// The file system is read-only (EROFS).
    ReadOnlyFilesystem, "read-only file system", ReadOnlyFilesystem, [EROFS];
    /// The context was [shut down](crate::Context::shutdown) (ETERM).
    Terminated, "context terminated", Other, [ETERM];
    /// The connection timed out in the system (ETIMEDOUT). A send or receive timeout that runs out is
    /// [`WouldBlock`](Self::WouldBlock), as in C.
    TimedOut, "timed out", TimedOut, [ETIMEDOUT];
    /// The process or the system has no descriptor left (EMFILE, ENFILE).
    TooManyOpenFiles, "too many open files", Other, [EMFILE, ENFILE];
    /// The context's [limit of sockets](crate::option::ContextBuilder::max_sockets) is reached (EMFILE in C).
    TooManySockets, "too many sockets", Other, [];
    /// The socket's kind, or the linked libzmq, cannot do it (ENOTSUP).
    Unsupported, "unsupported", Unsupported, [ENOTSUP, EOPNOTSUPP];
    /// It cannot be done without waiting, or within the timeout (EAGAIN).
    WouldBlock, "operation would block", WouldBlock, [EAGAIN, EWOULDBLOCK];
    /// It is not this call's turn: a REQ or REP socket out of step, or an option set too late (EFSM).
    WrongState, "wrong state", Other, [EFSM];
    /// Any other failure; [`Error::errno`](crate::Error::errno) tells.
    Other, "other error", Other, [];
}

impl fmt::Display for ErrorKind {
    /// Writes a short description in lower case, such as `operation would block`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.description())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ErrorKind;

    #[test]
    fn each_kind_has_a_text_of_its_own() {
        let texts: HashSet<String> = ErrorKind::ALL.iter().map(ErrorKind::to_string).collect();
        assert_eq!(texts.len(), ErrorKind::ALL.len());
        assert_eq!(format!("{:>22}", ErrorKind::WouldBlock), " operation would block");
    }
}
