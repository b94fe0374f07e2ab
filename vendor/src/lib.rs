//! Compiles the bundled libzmq 4.3.5 for `zmq-sys`, inside a build script.
//!
//! The source comes from the crates.io package `zeromq-src`, which contains the released tree. This crate copies the
//! source to `OUT_DIR`, applies the patches in its folder `patches`, and asks the *target's* compiler which features
//! the platform has. It compiles the source with optimization into a static library, with the `cc` crate. Only a C++
//! compiler is needed.
//!
//! ```no_run
//! // In a build script:
//! match zmq_src::Build::new().draft(false).try_build() {
//!     Ok(artifacts) => artifacts.print_cargo_metadata(),
//!     Err(error) => {
//!         println!("cargo::error={}", error.to_string().replace('\n', "\\n"));
//!         std::process::exit(1);
//!     }
//! }
//! ```
//!
//! The crate's README lists the patches. It also says which platforms were tested, and how to move to another libzmq.

mod addition;
mod compile;
mod compiler;
mod patch;
mod patches;
mod platform;
mod probe;
mod source;

use std::error;
use std::fmt;
use std::path::{Path, PathBuf};

pub use addition::Addition;
use platform::Target;

/// Returns the version of libzmq that this crate compiles.
#[must_use]
pub fn version() -> (u32, u32, u32) {
    (4, 3, 5)
}

/// The settings for a build. [`try_build`](Self::try_build) runs it.
#[derive(Debug, Clone, Default)]
pub struct Build {
    draft: bool,
    curve: Option<PathBuf>,
    additions: Vec<(Addition, Vec<PathBuf>)>,
}

impl Build {
    fn has(&self, addition: Addition) -> bool {
        self.additions.iter().any(|&(added, _)| added == addition)
    }

    /// Creates a build of the stable API without CURVE.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the library has the draft API. Default: `false`.
    pub fn draft(&mut self, yes: bool) -> &mut Self {
        self.draft = yes;
        self
    }

    /// Sets the directory of libsodium's headers, which adds CURVE encryption. Default: `None`, no CURVE.
    ///
    /// The caller must link libsodium.
    pub fn curve(&mut self, sodium_include_dir: Option<PathBuf>) -> &mut Self {
        self.curve = sodium_include_dir;
        self
    }

    /// Adds a feature that needs a library of the system. The headers of the library are in `include_dirs`, or where
    /// the compiler looks by default.
    ///
    /// The caller must link the library, after libzmq.
    pub fn with(&mut self, addition: Addition, include_dirs: Vec<PathBuf>) -> &mut Self {
        self.additions.push((addition, include_dirs));
        self
    }

    /// Compiles the library into `OUT_DIR`.
    ///
    /// Prints the instructions for cargo about the compilers and their environment variables.
    /// [`Artifacts::print_cargo_metadata`] prints the instructions for linking.
    ///
    /// # Errors
    ///
    /// Fails outside a build script, if the source of libzmq is not found or has another version, if libzmq has no
    /// poller for the target, and if the compiler is missing or fails. The text of the error names the remedy.
    pub fn try_build(&self) -> Result<Artifacts, Error> {
        let out_dir = PathBuf::from(env("OUT_DIR")?);
        let target = Target::from_env()?;
        let tree = source::unpack(&out_dir)?;
        let platform = platform::header(&target, self)?;
        source::write(&tree.join("src/platform.hpp"), &platform)?;
        let lib_dir = compile::library(&tree, &out_dir, &target, self)?;
        Ok(Artifacts { include_dir: tree.join("include"), lib_dir, system_libs: target.system_libs() })
    }
}

/// A compiled library.
#[derive(Debug, Clone)]
pub struct Artifacts {
    include_dir: PathBuf,
    lib_dir: PathBuf,
    system_libs: Vec<&'static str>,
}

impl Artifacts {
    /// Returns the directory of `zmq.h`.
    #[must_use]
    pub fn include_dir(&self) -> &Path {
        &self.include_dir
    }

    /// Returns the directory of the static library, whose name is `zmq`.
    #[must_use]
    pub fn lib_dir(&self) -> &Path {
        &self.lib_dir
    }

    /// Prints the instructions for cargo to link the library, and after it the system libraries that it needs.
    ///
    /// The C++ runtime is not among these libraries, because `cc` links it.
    pub fn print_cargo_metadata(&self) {
        println!("cargo::rustc-link-search=native={}", self.lib_dir.display());
        println!("cargo::rustc-link-lib=static=zmq");
        for lib in &self.system_libs {
            println!("cargo::rustc-link-lib={lib}");
        }
    }
}

/// The reason why there is no library, as a text for the user.
#[derive(Debug, Clone)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Error {}

/// Reads a variable that cargo sets for every build script.
fn env(name: &str) -> Result<String, Error> {
    std::env::var(name)
        .map_err(|_| Error::new(format!("{name} is not set: zmq-src only works inside a build script")))
}
