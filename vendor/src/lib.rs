//! Compiles the bundled libzmq 4.3.5 for `zmq-sys`, inside a build script.
//!
//! The source comes from the crates.io package `zeromq-src`, which carries the released tree. This crate copies it to
//! `OUT_DIR`, applies the patches in its folder `patches`, asks the *target* compiler which features the platform has, and
//! compiles it optimised into a static library with the `cc` crate. Nothing but a C++ compiler is needed.
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

/// The version of libzmq that this crate compiles.
#[must_use]
pub fn version() -> (u32, u32, u32) {
    (4, 3, 5)
}

/// What to compile; [`try_build`](Self::try_build) does it.
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

    /// A build of the stable API without CURVE.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the library gets its draft API.
    pub fn draft(&mut self, yes: bool) -> &mut Self {
        self.draft = yes;
        self
    }

    /// Encryption through libsodium, whose headers are in the directory given; none without it.
    ///
    /// Linking libsodium itself is the caller's part.
    pub fn curve(&mut self, sodium_include_dir: Option<PathBuf>) -> &mut Self {
        self.curve = sodium_include_dir;
        self
    }

    /// Adds what needs a library of the system, whose headers are in these directories or where the compiler looks anyway.
    ///
    /// Linking that library is the caller's part, after libzmq.
    pub fn with(&mut self, addition: Addition, include_dirs: Vec<PathBuf>) -> &mut Self {
        self.additions.push((addition, include_dirs));
        self
    }

    /// Compiles the library into `OUT_DIR`.
    ///
    /// Prints what cargo has to know about the compilers and their environment variables, but not how to link:
    /// [`Artifacts::print_cargo_metadata`] does that.
    ///
    /// # Errors
    ///
    /// When it does not run in a build script, when libzmq's source cannot be found or is not the version expected,
    /// when the target is one libzmq has no poller for, and when the compiler is missing or fails. The error's text
    /// says what to do.
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
    /// Where `zmq.h` is.
    #[must_use]
    pub fn include_dir(&self) -> &Path {
        &self.include_dir
    }

    /// Where the static library is; its name is `zmq`.
    #[must_use]
    pub fn lib_dir(&self) -> &Path {
        &self.lib_dir
    }

    /// Tells cargo to link the library, and after it the system libraries it needs.
    ///
    /// The C++ runtime is not among them: `cc` has already named it.
    pub fn print_cargo_metadata(&self) {
        println!("cargo::rustc-link-search=native={}", self.lib_dir.display());
        println!("cargo::rustc-link-lib=static=zmq");
        for lib in &self.system_libs {
            println!("cargo::rustc-link-lib={lib}");
        }
    }
}

/// Why there is no library: a text for the person at the terminal.
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

/// A variable that cargo sets for every build script.
fn env(name: &str) -> Result<String, Error> {
    std::env::var(name)
        .map_err(|_| Error::new(format!("{name} is not set: zmq-src only works inside a build script")))
}
