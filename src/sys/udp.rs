//! Checks whether a UDP socket can be created and bound.
//!
//! libzmq creates and binds the socket in the background. It aborts if it cannot create the socket (A62), and reports nothing if
//! it cannot bind it (P10). If another thread takes the last descriptor or the port after the check, only a monitor of the
//! bundled libzmq reports the failure.
//!
//! `UdpSocket::bind` of the standard library cannot be used, because it binds the socket before the socket can be set to share
//! its port. libzmq's socket shares its port.

use core::net::SocketAddr;

use super::Errno;

/// Creates a socket as libzmq would, binds it if `bind` is an address, and closes it.
#[cfg(unix)]
pub(crate) fn try_out(ipv6: bool, bind: Option<SocketAddr>) -> Result<(), Errno> {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    let family = if bind.map_or(ipv6, |address| address.is_ipv6()) { libc::AF_INET6 } else { libc::AF_INET };
    // SAFETY: no pointers.
    let fd = unsafe { libc::socket(family, libc::SOCK_DGRAM, 0) };
    if fd == -1 {
        return Err(Errno::last());
    }
    // SAFETY: a descriptor that was just opened and that nobody else owns.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: a live descriptor; a flag without pointers.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
    let Some(address) = bind else { return Ok(()) };
    // Other sockets that libzmq binds may share the address.
    share(&fd, libc::SO_REUSEADDR);
    share(&fd, libc::SO_REUSEPORT);
    let bound = match address {
        SocketAddr::V4(address) => {
            // SAFETY: an all-zero address is a valid one.
            let mut raw: libc::sockaddr_in = unsafe { core::mem::zeroed() };
            raw.sin_family = libc::sa_family_t::try_from(family).unwrap_or_default();
            raw.sin_port = address.port().to_be();
            raw.sin_addr.s_addr = u32::from_ne_bytes(address.ip().octets());
            let len = libc::socklen_t::try_from(size_of_val(&raw)).unwrap_or_default();
            // SAFETY: a live descriptor and an address of the given length.
            unsafe { libc::bind(fd.as_raw_fd(), (&raw const raw).cast::<libc::sockaddr>(), len) }
        }
        SocketAddr::V6(address) => {
            // SAFETY: an all-zero address is a valid one.
            let mut raw: libc::sockaddr_in6 = unsafe { core::mem::zeroed() };
            raw.sin6_family = libc::sa_family_t::try_from(family).unwrap_or_default();
            raw.sin6_port = address.port().to_be();
            raw.sin6_addr.s6_addr = address.ip().octets();
            let len = libc::socklen_t::try_from(size_of_val(&raw)).unwrap_or_default();
            // SAFETY: a live descriptor and an address of the given length.
            unsafe { libc::bind(fd.as_raw_fd(), (&raw const raw).cast::<libc::sockaddr>(), len) }
        }
    };
    super::cvt(bound)?;
    Ok(())
}

#[cfg(unix)]
fn share(fd: &std::os::fd::OwnedFd, option: core::ffi::c_int) {
    use std::os::fd::AsRawFd;

    let on: core::ffi::c_int = 1;
    let len = libc::socklen_t::try_from(size_of_val(&on)).unwrap_or_default();
    let value = (&raw const on).cast::<core::ffi::c_void>();
    // SAFETY: a live descriptor, and an int of the given length. If the call fails, the bind that follows fails too.
    unsafe { libc::setsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, option, value, len) };
}

/// On Windows there is no check: a socket can be created as long as there is memory.
#[cfg(not(unix))]
pub(crate) fn try_out(_ipv6: bool, _bind: Option<SocketAddr>) -> Result<(), Errno> {
    Ok(())
}
