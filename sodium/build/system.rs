//! A libsodium that is already there, if one is asked for.

use std::env;
use std::path::PathBuf;

/// One that cargo has been told to link.
pub(crate) struct Found {
    /// None if the compiler finds the headers anyway.
    pub(crate) include_dir: Option<PathBuf>,
}

/// The one that a variable asks for; none if there is no such variable.
///
/// # Errors
///
/// It is not there, or two are asked for.
pub(crate) fn library() -> Result<Option<Found>, String> {
    let lib_dir = path("SODIUM_LIB_DIR");
    let include_dir = path("SODIUM_INCLUDE_DIR");
    let shared = flag("SODIUM_SHARED");
    let use_pkg_config = flag("SODIUM_USE_PKG_CONFIG");
    match (lib_dir, use_pkg_config) {
        (None, false) => Ok(None),
        (Some(_), true) => {
            Err("SODIUM_LIB_DIR and SODIUM_USE_PKG_CONFIG ask for two libraries: set one of them".to_owned())
        }
        (Some(dir), false) => {
            if !dir.is_dir() {
                return Err(format!("SODIUM_LIB_DIR={} is not a directory", dir.display()));
            }
            println!("cargo::rustc-link-search=native={}", dir.display());
            let kind = if shared { "dylib" } else { "static" };
            // Visual C++ calls it as libsodium's own build there does.
            let msvc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc");
            println!("cargo::rustc-link-lib={kind}={}", if msvc { "libsodium" } else { "sodium" });
            Ok(Some(Found { include_dir }))
        }
        (None, true) => match pkg_config::Config::new().atleast_version("1.0.18").probe("libsodium") {
            Ok(library) => {
                Ok(Some(Found { include_dir: include_dir.or(library.include_paths.into_iter().next()) }))
            }
            Err(error) => Err(format!(
                "SODIUM_USE_PKG_CONFIG is set, but pkg-config has no libsodium of version 1.0.18 or newer: {error}\n\
                 Install it (Debian, Ubuntu: apt install libsodium-dev pkg-config), or unset the variable."
            )),
        },
    }
}

fn path(name: &str) -> Option<PathBuf> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Whether a switch is on: it is set, and to something other than `0`.
fn flag(name: &str) -> bool {
    path(name).is_some_and(|value| value.as_os_str() != "0")
}
