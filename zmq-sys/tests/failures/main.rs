//! Tests the bundled library with system calls that fail. This program replaces the calls.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests of raw calls"
)]

#[path = "../raw/mod.rs"]
mod raw;
mod system_errors;
mod system_refusals;
mod system_waiting;
