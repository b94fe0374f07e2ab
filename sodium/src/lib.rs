//! A libsodium for `zmq-sys` to be linked with: its build script compiles one, and this crate has no items.
//!
//! It is for the encryption of the bundled libzmq, and declares nothing. The README says why a program cannot use another
//! libsodium as well.
//!
//! # Which libsodium is linked
//!
//! The first of these that applies:
//!
//! 1. the one in the directory that `SODIUM_LIB_DIR` names, with its headers in `SODIUM_INCLUDE_DIR` or where the
//!    compiler looks; statically, unless `SODIUM_SHARED` is `1`;
//! 2. with `SODIUM_USE_PKG_CONFIG=1`, the one that pkg-config finds;
//! 3. one compiled from the source in `LIBSODIUM_SOURCE_DIR`, an unpacked release;
//! 4. one compiled from the source that cargo has fetched: 1.0.22 with the fixes of its stable branch.
//!
//! # For build scripts of dependents
//!
//! `DEP_ZMQ_SODIUM_INCLUDE` is the directory of `sodium.h`, unless the compiler finds it anyway.

#![no_std]
