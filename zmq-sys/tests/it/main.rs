//! Tests the features of the bundled library, and the defects that it fixes, with raw calls.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests of raw calls"
)]

mod additions;
mod bundled;
mod fixes;
mod inproc;
mod listeners;
mod messages;
mod misuse;
mod monitors;
mod peers;
mod pipes;
mod progress;
#[path = "../raw/mod.rs"]
mod raw;
mod rest;
mod steering;
mod subscriptions;
