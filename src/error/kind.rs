//! The kinds of errors: one table.

use core::ffi::c_int;
use std::io;

macro_rules! error_kinds {
    ($($(#[$docs:meta])* $kind:ident, $io:ident, [$($errno:ident),*];)+) => {
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
    /// The context's [limit of sockets](crate::ContextBuilder::max_sockets) is reached (EMFILE in C).
    TooManySockets, Other, [];
    /// The socket's kind, or the linked libzmq, cannot do it (ENOTSUP).
    Unsupported, Unsupported, [ENOTSUP, EOPNOTSUPP];
    /// It cannot be done without waiting, or within the timeout (EAGAIN).
    WouldBlock, WouldBlock, [EAGAIN, EWOULDBLOCK];
    /// It is not this call's turn: a REQ or REP socket out of step, or an option set too late (EFSM).
    WrongState, Other, [EFSM];
    /// Any other failure; [`Error::errno`](crate::Error::errno) tells.
    Other, Other, [];
}
