//! The sockets that several threads may use at once.

use crate::socket::{Socket, ThreadSafe};

// SAFETY: libzmq takes the socket's own lock in every call on a socket of these kinds (T2), but for closing, for which
// `drop` has the socket to itself, and for `zmq_socket_get_peer_state` and `zmq_socket_monitor_pipes_stats`, which these kinds are not asked. Only this crate says
// which kinds are `ThreadSafe`. What a socket remembers besides is in atomics and locks,
// which `socket/untyped.rs` has the compiler check.
unsafe impl<K: ThreadSafe> Sync for Socket<K> {}
