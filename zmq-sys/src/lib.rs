//! Raw bindings to [libzmq](https://zeromq.org), version 4.3.
//!
//! The functions, types and constants are those of `zmq.h` 4.3.5 under the same names, described by libzmq's
//! [manual pages](https://libzmq.readthedocs.io). Programs want the crate `zmq` instead, which makes them safe.
//!
//! ```
//! let (mut major, mut minor, mut patch) = (0, 0, 0);
//! // SAFETY: three pointers to integers that outlive the call.
//! unsafe { zmq_sys::zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
//! assert!((major, minor) >= (4, 3), "{major}.{minor}.{patch}");
//! ```
//!
//! # Which libzmq is linked
//!
//! The bundled 4.3.5, compiled and linked statically, unless another is asked for. The first of these that applies:
//!
//! 1. the one in the directories that `LIBZMQ_PREFIX`, `LIBZMQ_LIB_DIR` and `LIBZMQ_INCLUDE_DIR` name;
//! 2. with the feature `system`, or with `LIBZMQ_NO_VENDOR=1`, the one that pkg-config finds, 4.3 or newer; if there is none,
//!    the build fails, and says what to do;
//! 3. the bundled one, also where the system has another.
//!
//! | variable | meaning |
//! |---|---|
//! | `LIBZMQ_PREFIX` | the library is in `lib` or `lib64` below it, the header in `include` |
//! | `LIBZMQ_LIB_DIR`, `LIBZMQ_INCLUDE_DIR` | the same, each by itself; either goes before `LIBZMQ_PREFIX` |
//! | `LIBZMQ_NO_VENDOR` | `1` asks for the one that pkg-config finds; `0` for the bundled one, even with the feature `system` |
//! | `LIBZMQ_STATIC` | how another than the bundled one is linked: `1` statically, `0` dynamically; unset takes what there is, dynamic first |
//! | `LIBZMQ_SOURCE_DIR` | what the bundled libzmq is compiled from: an unpacked release of 4.3.5 |
//!
//! Each but the last is first looked up for the target alone, as `x86_64-unknown-linux-gnu_LIBZMQ_PREFIX` or
//! `X86_64_UNKNOWN_LINUX_GNU_LIBZMQ_PREFIX`.
//!
//! A static library found through directories gets the C++ runtime and nothing more; what else it needs (libsodium, say)
//! has to be named in `RUSTFLAGS`. pkg-config knows by itself.
//!
//! # Features
//!
//! - `curve`: encryption in the bundled libzmq, through libsodium. A libzmq of the system has it or has not.
//! - `pgm`, `norm`, `wss`, `gssapi`: those transports, and that authentication, in the bundled libzmq. Each needs a library
//!   that pkg-config finds: OpenPGM, NORM, GnuTLS, MIT Kerberos.
//! - `draft`: the draft API; needs the bundled libzmq or one that was built with it.
//! - `system`: see above.
//! - `bindgen`: makes the declarations from the header in use instead of taking those of 4.3.5; needs libclang.
//!
//! # For build scripts of dependents
//!
//! `DEP_ZMQ_INCLUDE` (a directory), `DEP_ZMQ_VERSION` (`4.3.5`), `DEP_ZMQ_VERSION_NUMBER` (`40305`), and `0` or `1` in
//! `DEP_ZMQ_DRAFT`, `DEP_ZMQ_VENDORED` and `DEP_ZMQ_CURVE`; the last is empty for a libzmq of the system, which can only
//! be asked when it runs, with `zmq_has`.

#![no_std]

// Keeps rustc from dropping the archive that libzmq's encryption needs.
#[cfg(feature = "curve")]
extern crate zmq_sodium_sys as _;

mod errno;
#[expect(non_camel_case_types, reason = "the names of zmq.h")]
mod types;

#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod bindings {
    #[cfg(not(feature = "bindgen"))]
    include!("bindings.rs");
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

#[cfg(feature = "draft")]
#[allow(
    missing_docs,
    non_camel_case_types,
    reason = "generated from zmq.h; libzmq's manual pages are the documentation"
)]
mod draft {
    #[cfg(not(feature = "bindgen"))]
    include!("draft.rs");
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/draft.rs"));
}

pub use bindings::*;
#[cfg(feature = "draft")]
pub use draft::*;
pub use errno::*;
pub use types::*;
