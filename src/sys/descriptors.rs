//! Facts about descriptors that the operating system reports.

#[cfg(unix)]
use super::Errno;

/// A descriptor, or a socket on Windows, as a number.
#[cfg(unix)]
pub(crate) type RawDescriptor = core::ffi::c_int;
#[cfg(windows)]
pub(crate) type RawDescriptor = usize;

/// The maximum number of descriptors that the process may have open.
#[cfg(unix)]
pub(crate) fn limit() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a valid place to write to; the resource exists on every Unix.
    let rc = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    if rc == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { usize::MAX }
}

/// The maximum number of descriptors that the process may have open. On Windows `poll` does not check a limit.
#[cfg(not(unix))]
pub(crate) fn limit() -> usize {
    usize::MAX
}

/// Returns whether a connection to the Unix-domain socket at `path` is refused. If so, no process listens there. Fails
/// if the socket for the attempt cannot be created, or if the system does not permit the connection.
///
/// Never blocks, not even on a listener with a full queue.
#[cfg(unix)]
pub(crate) fn is_refused(path: &[u8]) -> Result<bool, Errno> {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    let mut address = libc::sockaddr_un {
        sun_family: libc::sa_family_t::try_from(libc::AF_UNIX).unwrap_or_default(),
        // SAFETY: an all-zero address is a valid one.
        ..unsafe { core::mem::zeroed() }
    };
    if path.len() >= address.sun_path.len() {
        return Ok(false);
    }
    for (to, from) in address.sun_path.iter_mut().zip(path) {
        *to = core::ffi::c_char::from_ne_bytes([*from]);
    }
    // SAFETY: no pointers.
    let fd = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) };
    if fd == -1 {
        return Err(Errno::last());
    }
    // SAFETY: a descriptor that was just opened and that nobody else owns.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: a live descriptor; flags without pointers.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    // SAFETY: as above.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
    let len = libc::socklen_t::try_from(size_of::<libc::sockaddr_un>()).unwrap_or_default();
    // SAFETY: a live descriptor and an address of the given length.
    let rc = unsafe { libc::connect(fd.as_raw_fd(), (&raw const address).cast::<libc::sockaddr>(), len) };
    match Errno::last() {
        Errno(libc::ECONNREFUSED) if rc == -1 => Ok(true),
        errno @ Errno(libc::EACCES | libc::EPERM) if rc == -1 => Err(errno),
        _ => Ok(false),
    }
}

/// Whether the descriptor is a stream socket that listens.
#[cfg(unix)]
pub(crate) fn is_listening(fd: std::os::fd::BorrowedFd<'_>) -> bool {
    socket_option(fd, libc::SO_TYPE) == Some(libc::SOCK_STREAM)
        && socket_option(fd, libc::SO_ACCEPTCONN).is_some_and(|listens| listens != 0)
}

/// Whether the descriptor is a socket.
#[cfg(all(any(feature = "smol", feature = "tokio"), unix, zmq_draft))]
pub(crate) fn is_socket(fd: std::os::fd::BorrowedFd<'_>) -> bool {
    socket_option(fd, libc::SO_TYPE).is_some()
}

/// Reads from a descriptor that does not block until nothing is left. Returns whether there was something.
#[cfg(all(any(feature = "smol", feature = "tokio"), unix, zmq_draft))]
pub(crate) fn drain(fd: std::os::fd::BorrowedFd<'_>) -> bool {
    use std::os::fd::AsRawFd;

    let mut bytes = [0_u8; 256];
    let mut found = false;
    loop {
        // SAFETY: a live descriptor, and room for that many bytes.
        let read = unsafe { libc::read(fd.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len()) };
        let is_interrupted = read == -1 && Errno::last() == Errno(libc::EINTR);
        found |= read > 0;
        // An eventfd returns all its signals as one number.
        if !is_interrupted && usize::try_from(read) != Ok(bytes.len()) {
            return found;
        }
    }
}

/// Returns an option of a socket, or `None` if the descriptor is not a socket.
#[cfg(unix)]
fn socket_option(fd: std::os::fd::BorrowedFd<'_>, option: core::ffi::c_int) -> Option<core::ffi::c_int> {
    use std::os::fd::AsRawFd;

    let mut value: core::ffi::c_int = 0;
    let mut len = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or_default();
    let place = (&raw mut value).cast::<core::ffi::c_void>();
    // SAFETY: a live descriptor, and room for `len` bytes; any bytes are a valid value.
    let rc = unsafe { libc::getsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, option, place, &raw mut len) };
    (rc == 0).then_some(value)
}
