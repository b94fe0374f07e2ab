//! Facts about descriptors that the operating system reports.

#[cfg(all(any(feature = "smol", feature = "tokio"), zmq_draft))]
use core::mem::ManuallyDrop;

#[cfg(unix)]
use super::Errno;

/// A descriptor, or a socket on Windows, as a number.
#[cfg(unix)]
pub(crate) type RawDescriptor = core::ffi::c_int;
#[cfg(windows)]
pub(crate) type RawDescriptor = usize;

/// A descriptor, or a socket on Windows, that stays open while it is borrowed.
#[cfg(unix)]
pub(crate) type BorrowedDescriptor<'a> = std::os::fd::BorrowedFd<'a>;
#[cfg(windows)]
pub(crate) type BorrowedDescriptor<'a> = std::os::windows::io::BorrowedSocket<'a>;

/// Borrows a descriptor.
///
/// # Safety
///
/// The descriptor must be open, and must stay open for the lifetime `'a`.
pub(crate) unsafe fn borrow<'a>(descriptor: RawDescriptor) -> BorrowedDescriptor<'a> {
    #[cfg(windows)]
    let descriptor = std::os::windows::io::RawSocket::try_from(descriptor).unwrap_or_default();
    // SAFETY: the caller guarantees that the descriptor stays open.
    unsafe { BorrowedDescriptor::borrow_raw(descriptor) }
}

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
pub(crate) fn is_socket(fd: BorrowedDescriptor<'_>) -> bool {
    socket_option(fd, libc::SO_TYPE).is_some()
}

/// Whether the descriptor is a socket. On Windows, every descriptor is one.
#[cfg(all(any(feature = "smol", feature = "tokio"), windows, zmq_draft))]
pub(crate) fn is_socket(_: BorrowedDescriptor<'_>) -> bool {
    true
}

/// Reads from a descriptor that does not block until nothing is left. Returns whether there was something.
#[cfg(all(any(feature = "smol", feature = "tokio"), zmq_draft))]
pub(crate) fn drain(descriptor: BorrowedDescriptor<'_>) -> bool {
    use std::io::{ErrorKind, Read};

    let mut reader = reader(descriptor);
    let mut bytes = [0_u8; 256];
    let mut found = false;
    loop {
        let read = match reader.read(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read.unwrap_or_default(),
        };
        found |= read > 0;
        // An eventfd returns all its signals as one number.
        if read != bytes.len() {
            return found;
        }
    }
}

/// Returns a reader that does not close the descriptor.
#[cfg(all(any(feature = "smol", feature = "tokio"), unix, zmq_draft))]
fn reader(descriptor: BorrowedDescriptor<'_>) -> ManuallyDrop<std::fs::File> {
    use std::os::fd::{AsRawFd, FromRawFd};

    // SAFETY: the descriptor stays open while it is borrowed, and the reader, which is never dropped, does not close it.
    ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(descriptor.as_raw_fd()) })
}

/// Returns a reader that does not close the socket.
#[cfg(all(any(feature = "smol", feature = "tokio"), windows, zmq_draft))]
fn reader(socket: BorrowedDescriptor<'_>) -> ManuallyDrop<std::net::TcpStream> {
    use std::os::windows::io::{AsRawSocket, FromRawSocket};

    // SAFETY: the socket stays open while it is borrowed, and the reader, which is never dropped, does not close it.
    ManuallyDrop::new(unsafe { std::net::TcpStream::from_raw_socket(socket.as_raw_socket()) })
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
