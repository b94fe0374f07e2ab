//! The types whose layout depends on the system, written by hand and checked against the header by a test.

use core::mem;

/// A message: 64 bytes that belong to libzmq, to be used through the `zmq_msg_*` functions alone.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zmq_msg_t {
    // Aligned like a pointer, on every system, and of no length: an `align` attribute cannot say "like a pointer".
    _align: [*mut core::ffi::c_void; 0],
    _bytes: [u8; 64],
}

/// What the operating system calls a socket: a descriptor, or on Windows a `SOCKET`.
#[cfg(not(windows))]
pub type zmq_fd_t = core::ffi::c_int;

/// What the operating system calls a socket: a descriptor, or on Windows a `SOCKET`.
#[cfg(windows)]
pub type zmq_fd_t = usize;

const _: () = assert!(mem::size_of::<zmq_msg_t>() == 64);
const _: () = assert!(mem::align_of::<zmq_msg_t>() == mem::align_of::<*const u8>());
