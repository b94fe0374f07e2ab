//! What sockets and their peers send on the wire.

mod heartbeat;
mod heartbeat_backpressure;
mod other_protocols;
mod wire;
