//! The source of libsodium, for `zmq-sodium-sys` to compile.
//!
//! It is an archive in the package `libsodium-sys-stable`. To depend on that package in the usual way would compile its build
//! script, and with it the thirty-odd packages by which that downloads and unpacks an archive. But this package has no build
//! script, and so cargo does nothing with a build dependency of it but fetch it, check its sum and unpack it.

mod archive;
mod find;

use std::error;
use std::fmt;
use std::path::Path;

/// Puts all that has to be compiled into a folder, the sources under `src/libsodium` as in a release.
///
/// `LIBSODIUM_SOURCE_DIR` names another source, an unpacked release. What cargo has to know of it is printed.
///
/// # Errors
///
/// There is no source, it is not the one that was expected, or the folder cannot be written. The error's text says what
/// to do.
pub fn unpack(tree: &Path) -> Result<(), Error> {
    find::unpack(tree)
}

/// Why there is no source: a text for the person at the terminal.
#[derive(Debug, Clone)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Error {}
