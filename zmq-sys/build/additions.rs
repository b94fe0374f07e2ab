//! Finds the system libraries that features of the bundled libzmq need. The table of libraries is in `zmq-src`.

use std::env;
use std::path::PathBuf;

use zmq_src::Addition;

use crate::help;
use crate::machine;

/// A library that was found.
pub(crate) struct Found {
    pub(crate) addition: Addition,
    pub(crate) include_dirs: Vec<PathBuf>,
    name: &'static str,
}

impl Found {
    /// Makes cargo link the library. Must be called after libzmq is linked.
    ///
    /// # Errors
    ///
    /// Fails if pkg-config does not find the library any more.
    pub(crate) fn link(&self) -> Result<(), String> {
        let linked = pkg_config::Config::new().probe(self.name);
        linked.map(drop).map_err(|error| format!("{}: {error}", self.name))
    }
}

/// Returns whether a feature of this package is enabled.
fn is_chosen(feature: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_some()
}

/// Finds the libraries that the enabled features need.
///
/// # Errors
///
/// Fails if a library is missing, or is not for the target. If libraries are missing, the error names all of them, and the
/// packages that contain them.
pub(crate) fn find() -> Result<Vec<Found>, String> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    let mut said = None;
    for &addition in Addition::ALL.iter().filter(|addition| is_chosen(addition.feature())) {
        let mut known = None;
        for &name in addition.pkg_config_names() {
            // Nothing is linked yet, because the linker needs these libraries after libzmq.
            match pkg_config::Config::new().cargo_metadata(false).probe(name) {
                Ok(library) => {
                    if let Some((file, platform)) = machine::foreign(&library) {
                        let remedy = help::pkg_config_variables();
                        return Err(help::for_another_platform(&file, &platform, &remedy));
                    }
                    let include_dirs = library.include_paths;
                    known = Some(Found { addition, include_dirs, name });
                    break;
                }
                Err(error) => said = Some(error),
            }
        }
        match known {
            Some(library) => found.push(library),
            None => missing.push(addition),
        }
    }
    match said {
        Some(error) if !missing.is_empty() => Err(help::no_addition(&missing, &error)),
        _ => Ok(found),
    }
}
