//! The crate as a whole: its options, its errors, and its interface to C.

mod bad_input;
mod completeness;
mod options;
mod raw_interop;
