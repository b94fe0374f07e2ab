//! What sockets and their peers say on the wire.

mod heartbeat;
mod heartbeat_backpressure;
mod other_protocols;
mod wire;
