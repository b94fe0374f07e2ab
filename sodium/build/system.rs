//! Finds an installed libsodium, if the variables request one.

use std::env;
use std::path::PathBuf;

/// A libsodium that cargo links.
pub(crate) struct Found {
    /// The directory of the headers. `None` if the compiler finds the headers without it.
    pub(crate) include_dir: Option<PathBuf>,
}

/// Returns the libsodium that the variables request, or `None` if no variable is set.
///
/// # Errors
///
/// Fails if this libsodium does not exist, or if the variables request two libraries.
pub(crate) fn library() -> Result<Option<Found>, String> {
    let lib_dir = path("SODIUM_LIB_DIR");
    let include_dir = path("SODIUM_INCLUDE_DIR");
    let shared = flag("SODIUM_SHARED");
    let use_pkg_config = flag("SODIUM_USE_PKG_CONFIG");
    match (lib_dir, use_pkg_config) {
        (None, false) => Ok(None),
        (Some(_), true) => {
            Err("SODIUM_LIB_DIR and SODIUM_USE_PKG_CONFIG request two libraries: set only one of them"
                .to_owned())
        }
        (Some(dir), false) => {
            if !dir.is_dir() {
                return Err(format!("SODIUM_LIB_DIR={} is not a directory", dir.display()));
            }
            println!("cargo::rustc-link-search=native={}", dir.display());
            let kind = if shared { "dylib" } else { "static" };
            // With Visual C++, libsodium's own build names the library `libsodium`.
            let msvc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc");
            println!("cargo::rustc-link-lib={kind}={}", if msvc { "libsodium" } else { "sodium" });
            Ok(Some(Found { include_dir }))
        }
        (None, true) => match pkg_config::Config::new().atleast_version("1.0.18").probe("libsodium") {
            Ok(library) => {
                Ok(Some(Found { include_dir: include_dir.or(library.include_paths.into_iter().next()) }))
            }
            Err(error) => Err(format!(
                "SODIUM_USE_PKG_CONFIG is set, but pkg-config finds no libsodium 1.0.18 or newer: {error}\n\
                 Install it (Debian, Ubuntu: apt install libsodium-dev pkg-config), or unset the variable."
            )),
        },
    }
}

fn path(name: &str) -> Option<PathBuf> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Returns whether a variable is set to a value other than `0`.
fn flag(name: &str) -> bool {
    path(name).is_some_and(|value| value.as_os_str() != "0")
}
