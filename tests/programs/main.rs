//! Tests that run separate programs: the examples, including the performance tools, and the compiler.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod examples;
mod perf_tools;
mod ui;

/// Not in the module of the cases, which need a compiler.
#[test]
fn every_wrong_program_is_tested() {
    ui::assert_every_case_is_tested();
}
