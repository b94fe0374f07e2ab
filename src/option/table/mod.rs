//! The table of socket options: one row an option, one file a topic.
//!
//! A row has the constant; the kinds that have the option (a capability trait; `Kind` is all of them), when it may be set,
//! and what it needs; the getter and the setter with their docs and their type in C; and values for the test. From it come
//! the methods, their `doc(alias)`, the run-time checks for `Socket<Any>`, and a test. A row with `#[cfg(zmq_draft)]`
//! is there if the linked libzmq has the draft API.

mod connection;
mod heartbeat;
mod multicast;
mod network;
mod publish_subscribe;
mod queue;
mod reconnect;
mod request;
mod router;
mod socks;
mod state;
mod tcp;
mod vmci;

/// What the tests of all rows share.
#[cfg(test)]
mod harness;
