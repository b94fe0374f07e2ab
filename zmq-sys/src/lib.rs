//! Raw bindings to [libzmq](https://zeromq.org), version 4.3.
//!
//! The functions and constants are those of `zmq.h`, under the same names; libzmq's manual pages describe them. Programs
//! want the crate `zmq` instead, which makes them safe.

#![no_std]

// Keeps rustc from dropping the archive that libzmq's encryption needs.
#[cfg(feature = "curve")]
extern crate libsodium_sys as _;

mod errno;
#[expect(non_camel_case_types, reason = "the names of zmq.h")]
mod types;

#[cfg(not(feature = "bindgen"))]
#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod bindings;

#[cfg(feature = "bindgen")]
#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

#[cfg(all(feature = "draft", not(feature = "bindgen")))]
#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod draft;

#[cfg(all(feature = "draft", feature = "bindgen"))]
#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod draft {
    include!(concat!(env!("OUT_DIR"), "/draft.rs"));
}

pub use bindings::*;
#[cfg(feature = "draft")]
pub use draft::*;
pub use errno::*;
pub use types::*;
