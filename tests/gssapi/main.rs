//! GSSAPI, and the Kerberos realm that its tests need.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
mod gssapi;
mod gssapi_peers;
mod peer;
mod realm;
mod ticket;
mod wrapping;
