//! Options that only the bundled libzmq has. `zmq.h` does not declare them.

use core::ffi::c_int;

/// How long a thread that waits looks for news before it sleeps, in microseconds. 0, the default, means not at all.
///
/// An `int` for `zmq_ctx_set` and `zmq_setsockopt`. For a context, it applies to the I/O threads and to new sockets, so set it before
/// the first socket is created.
pub const ZMQ_SPIN_TIME: c_int = 0x7a6d_7103;
