//! Finds and unpacks the source of libsodium, which `zmq-sodium-sys` compiles.
//!
//! The source is an archive in the package `libsodium-sys-stable`, which is a build dependency of this package. Because this package
//! has no build script, cargo fetches, checks and unpacks the build dependency, but compiles neither its build script nor the
//! packages that the build script needs.

mod archive;
mod find;

use std::error;
use std::fmt;
use std::path::Path;

/// Writes the files that have to be compiled into the folder `tree`, in `src/libsodium` as in a release.
///
/// The variable `LIBSODIUM_SOURCE_DIR` selects another source: an unpacked release. Must be called in a build script, because it
/// prints instructions for cargo.
///
/// # Errors
///
/// Fails if there is no source, if the source is not the expected one, or if the folder cannot be written. The text of the error
/// describes what to do.
pub fn unpack(tree: &Path) -> Result<(), Error> {
    find::unpack(tree)
}

/// The reason why there is no source: a text for the user.
#[derive(Debug, Clone)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Error {}
