//! What the person at the terminal reads when there is no libzmq to link.

use std::path::PathBuf;

pub(crate) fn none_found(tried: &str) -> String {
    tried.to_owned()
}

pub(crate) fn no_draft(_dirs: &[PathBuf]) -> String {
    String::new()
}

pub(crate) fn no_header(_dirs: &[PathBuf]) -> String {
    String::new()
}

pub(crate) fn too_old(_version: &str, _file: &str) -> String {
    String::new()
}
