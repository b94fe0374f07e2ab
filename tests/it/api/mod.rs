//! What the crate offers as a whole: its options, its errors, and its ways to C.

mod bad_input;
mod completeness;
mod options;
mod raw_interop;
