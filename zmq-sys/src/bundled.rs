//! Options that only the bundled libzmq has. `zmq.h` does not declare them.

use core::ffi::c_int;

/// The spin time: how long a thread that waits looks for messages before it sleeps, in microseconds from 0 to 2,147,483,647.
/// Default: 0, which means that the thread sleeps at once.
///
/// The value is an `int`. `zmq_ctx_set` sets it for the I/O threads of a context and for new sockets, so call it before the first
/// socket is created. `zmq_setsockopt` sets it for the calls on one socket. `zmq_ctx_get` and `zmq_getsockopt` return it.
pub const ZMQ_SPIN_TIME: c_int = 0x7a6d_7103;
