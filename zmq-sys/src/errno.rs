//! libzmq's own error numbers.
//!
//! Every other number that a call leaves in `zmq_errno` is the system's `errno`. (`zmq.h` defines a stand-in for those
//! that a system lacks; the C runtimes of all systems that Rust supports have them all, Windows' too.)

use core::ffi::c_int;

/// Where libzmq's own numbers start.
pub const ZMQ_HAUSNUMERO: c_int = 156_384_712;
/// The call is not allowed in the present state of the socket.
pub const EFSM: c_int = ZMQ_HAUSNUMERO + 51;
/// The kind of socket does not work over the transport.
pub const ENOCOMPATPROTO: c_int = ZMQ_HAUSNUMERO + 52;
/// The context was terminated.
pub const ETERM: c_int = ZMQ_HAUSNUMERO + 53;
/// No I/O thread is available.
pub const EMTHREAD: c_int = ZMQ_HAUSNUMERO + 54;
