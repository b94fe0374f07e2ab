//! Tests that do not need their own process, in a folder for each topic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod api;
#[path = "../common/mod.rs"]
mod common;
mod contexts;
#[cfg(zmq_draft)]
mod draft;
mod endpoints;
mod hostile_peers;
mod messages;
mod monitors;
mod patterns;
mod protocol;
mod security;
mod waiting;
