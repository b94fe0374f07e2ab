//! libzmq's own error numbers.
//!
//! Every other number that `zmq_errno` returns is an `errno` of the system. `zmq.h` defines replacements for numbers that a system
//! lacks, but all systems that Rust supports, including Windows, define all of these numbers.

use core::ffi::c_int;

/// The base of libzmq's own error numbers.
pub const ZMQ_HAUSNUMERO: c_int = 156_384_712;
/// The call is not allowed in the present state of the socket.
pub const EFSM: c_int = ZMQ_HAUSNUMERO + 51;
/// The socket type does not support the transport.
pub const ENOCOMPATPROTO: c_int = ZMQ_HAUSNUMERO + 52;
/// The context was terminated.
pub const ETERM: c_int = ZMQ_HAUSNUMERO + 53;
/// No I/O thread is available.
pub const EMTHREAD: c_int = ZMQ_HAUSNUMERO + 54;
