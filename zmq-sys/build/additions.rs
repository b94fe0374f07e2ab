//! The libraries of the system that features of the bundled libzmq need.

use std::path::PathBuf;

use zmq_src::Addition;

use crate::help;

/// One such library.
pub(crate) struct Needed {
    addition: Addition,
    /// The feature of this package.
    pub(crate) feature: &'static str,
    /// What pkg-config may call it, the newest first.
    pub(crate) names: &'static [&'static str],
    /// The package that has it on Debian.
    pub(crate) package: &'static str,
}

const ALL: [(bool, Needed); 4] = [
    (
        cfg!(feature = "pgm"),
        Needed {
            addition: Addition::Pgm,
            feature: "pgm",
            names: &["openpgm-5.3", "openpgm-5.2"],
            package: "libpgm-dev",
        },
    ),
    (
        cfg!(feature = "norm"),
        Needed { addition: Addition::Norm, feature: "norm", names: &["norm"], package: "libnorm-dev" },
    ),
    (
        cfg!(feature = "gssapi"),
        Needed {
            addition: Addition::Gssapi,
            feature: "gssapi",
            names: &["krb5-gssapi", "mit-krb5-gssapi"],
            package: "libkrb5-dev",
        },
    ),
    (
        cfg!(feature = "wss"),
        Needed { addition: Addition::Wss, feature: "wss", names: &["gnutls"], package: "libgnutls28-dev" },
    ),
];

/// A library that is there.
pub(crate) struct Found {
    pub(crate) addition: Addition,
    pub(crate) include_dirs: Vec<PathBuf>,
    name: &'static str,
}

impl Found {
    /// Tells cargo to link it; libzmq has to stand before it.
    ///
    /// # Errors
    ///
    /// pkg-config's, although it found the library before.
    pub(crate) fn link(&self) -> Result<(), String> {
        let linked = pkg_config::Config::new().probe(self.name);
        linked.map(drop).map_err(|error| format!("{}: {error}", self.name))
    }
}

/// What the features chosen need.
///
/// # Errors
///
/// Names all that are missing, and the packages that have them.
pub(crate) fn find() -> Result<Vec<Found>, String> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    let mut said = None;
    for (_, needed) in ALL.into_iter().filter(|&(chosen, _)| chosen) {
        let mut known = None;
        for &name in needed.names {
            // Only asked: what is linked has to come after libzmq.
            match pkg_config::Config::new().cargo_metadata(false).probe(name) {
                Ok(library) => {
                    let include_dirs = library.include_paths;
                    known = Some(Found { addition: needed.addition, include_dirs, name });
                    break;
                }
                Err(error) => said = Some(error),
            }
        }
        match known {
            Some(library) => found.push(library),
            None => missing.push(needed),
        }
    }
    match said {
        Some(error) if !missing.is_empty() => Err(help::no_addition(&missing, &error)),
        _ => Ok(found),
    }
}
