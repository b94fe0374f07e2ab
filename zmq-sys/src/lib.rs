//! Raw bindings to [libzmq](https://zeromq.org), version 4.3.
//!
//! The functions, types and constants have the names that they have in `zmq.h` 4.3.5. libzmq's
//! [manual pages](https://libzmq.readthedocs.io) describe them. Programs should use the crate `zmq`, which has a safe API.
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
//! By default, the build compiles the bundled libzmq 4.3.5 and links it statically. The first rule that applies decides:
//!
//! 1. If `LIBZMQ_PREFIX`, `LIBZMQ_LIB_DIR` or `LIBZMQ_INCLUDE_DIR` is set, the libzmq in these directories is linked.
//! 2. With `LIBZMQ_NO_VENDOR=1` or the feature `system`, the libzmq that pkg-config finds is linked. It must be 4.3 or newer. If
//!    there is none, the build fails with an error that describes what to do.
//! 3. Otherwise, the bundled libzmq is linked, even if the system has a libzmq.
//!
//! | variable | meaning |
//! |---|---|
//! | `LIBZMQ_PREFIX` | a directory that contains the library in `lib` or `lib64`, and the header in `include` |
//! | `LIBZMQ_LIB_DIR`, `LIBZMQ_INCLUDE_DIR` | the directory of the library, and the directory of the header. Either takes precedence over `LIBZMQ_PREFIX` |
//! | `LIBZMQ_NO_VENDOR` | `1` links the libzmq that pkg-config finds. `0` links the bundled libzmq, even with the feature `system` |
//! | `LIBZMQ_STATIC` | links a libzmq other than the bundled one statically (`1`) or dynamically (`0`). Default: dynamically if there is a shared library, else statically |
//! | `LIBZMQ_SOURCE_DIR` | an unpacked release of libzmq 4.3.5. The bundled libzmq is compiled from this source |
//!
//! A variable can be set for one target only: `x86_64-unknown-linux-gnu_LIBZMQ_PREFIX` or `X86_64_UNKNOWN_LINUX_GNU_LIBZMQ_PREFIX`
//! takes precedence over `LIBZMQ_PREFIX`. `LIBZMQ_SOURCE_DIR` always applies to all targets.
//!
//! With a static library in the directories that the variables name, the build links the C++ runtime. Pass other libraries that
//! libzmq needs, for example libsodium, in `RUSTFLAGS`. pkg-config knows the libraries that libzmq needs.
//!
//! # Features
//!
//! - `curve`: encryption in the bundled libzmq, with libsodium. A system libzmq may or may not support encryption.
//! - `pgm`, `norm`, `wss`, `gssapi`: optional transports, and GSSAPI authentication, in the bundled libzmq. Each needs a system
//!   library that pkg-config finds: OpenPGM, NORM, GnuTLS, MIT Kerberos.
//! - `draft`: the draft API. It needs the bundled libzmq or another libzmq that was built with the draft API.
//! - `system`: links the libzmq that pkg-config finds.
//! - `bindgen`: generates the declarations from the header in use, instead of using the declarations of 4.3.5. It needs
//!   libclang.
//!
//! # For build scripts of dependents
//!
//! - `DEP_ZMQ_INCLUDE`: the directory of the header.
//! - `DEP_ZMQ_VERSION`, `DEP_ZMQ_VERSION_NUMBER`: the version, for example `4.3.5` and `40305`.
//! - `DEP_ZMQ_DRAFT`: `1` if libzmq has the draft API, otherwise `0`.
//! - `DEP_ZMQ_VENDORED`: `1` for the bundled libzmq, otherwise `0`.
//! - `DEP_ZMQ_CURVE`: `1` if libzmq supports CURVE, otherwise `0`. Empty for a libzmq other than the bundled one, for which only
//!   `zmq_has` answers this, when the program runs.

#![no_std]

// Without this line, rustc does not link the static library that libzmq's encryption needs.
#[cfg(feature = "curve")]
extern crate zmq_sodium_sys as _;

mod bundled;
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
pub use bundled::*;
#[cfg(feature = "draft")]
pub use draft::*;
pub use errno::*;
pub use types::*;
