//! Tests moments and results that only a replaced system call can produce.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests of raw calls"
)]

mod idle;
mod names;
#[path = "../raw/mod.rs"]
mod raw;
mod self_connection;
mod sessions;
