//! Compiles libsodium for `zmq-sys`, in its build script. This crate has no items.
//!
//! The bundled libzmq uses this libsodium for encryption. The README describes why a program cannot use another libsodium as well.
//!
//! # Which libsodium is linked
//!
//! The first rule that applies decides:
//!
//! 1. If `SODIUM_LIB_DIR` is set, the libsodium in this directory is linked: dynamically with `SODIUM_SHARED=1`, otherwise
//!    statically. `SODIUM_INCLUDE_DIR` is the directory of its headers; without it, the compiler must find the headers.
//! 2. With `SODIUM_USE_PKG_CONFIG=1`, the libsodium that pkg-config finds is linked. It must be 1.0.18 or newer.
//! 3. If `LIBSODIUM_SOURCE_DIR` is set, libsodium is compiled from the unpacked release in this directory.
//! 4. Otherwise, libsodium is compiled from the source that cargo has fetched: 1.0.22 with the fixes of its stable branch.
//!
//! # For build scripts of dependents
//!
//! `DEP_ZMQ_SODIUM_INCLUDE` is the directory of `sodium.h`. It is empty if the compiler finds the header without it.

#![no_std]
