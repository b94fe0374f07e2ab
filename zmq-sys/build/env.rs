//! Reads the environment variables with which users choose a libzmq.

use std::ffi::OsString;
use std::path::PathBuf;

/// The environment variables that apply to one target.
pub(crate) struct Env {
    /// For example, `x86_64-unknown-linux-gnu_` and `X86_64_UNKNOWN_LINUX_GNU_`.
    prefixes: Vec<String>,
}

impl Env {
    pub(crate) fn new() -> Self {
        let target = std::env::var("TARGET").unwrap_or_default();
        let shell_friendly = target.to_uppercase().replace(['-', '.'], "_");
        Self { prefixes: vec![format!("{target}_"), format!("{shell_friendly}_")] }
    }

    /// Returns the value of the variable for this target, or else of the general variable.
    ///
    /// Cargo runs the build script again when one of the variables changes. An empty variable counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        let mut value = None;
        for name in self.prefixes.iter().map(|prefix| format!("{prefix}{name}")).chain([name.to_owned()]) {
            println!("cargo::rerun-if-env-changed={name}");
            value = value.or_else(|| std::env::var_os(&name).filter(|value| !value.is_empty()));
        }
        value
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// Returns whether a variable is set to a value other than `0`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "0")
    }
}
