//! The types whose layout depends on the system, written by hand. A test compares them with the header.

use core::mem;

/// A message: 64 bytes that belong to libzmq. Use it only through the `zmq_msg_*` functions.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct zmq_msg_t {
    // Gives the struct the alignment of a pointer, which an `align` attribute cannot express. It occupies no bytes.
    _align: [*mut core::ffi::c_void; 0],
    _bytes: [u8; 64],
}

/// A socket of the operating system: a descriptor, or on Windows a `SOCKET`.
#[cfg(not(windows))]
pub type zmq_fd_t = core::ffi::c_int;

/// A socket of the operating system: a descriptor, or on Windows a `SOCKET`.
#[cfg(windows)]
pub type zmq_fd_t = usize;

const _: () = assert!(mem::size_of::<zmq_msg_t>() == 64);
const _: () = assert!(mem::align_of::<zmq_msg_t>() == mem::align_of::<*const u8>());
