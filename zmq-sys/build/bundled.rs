//! Compiles the bundled libzmq.

use std::path::PathBuf;

use crate::Library;
use crate::additions;
use crate::header::Header;

/// Compiles the bundled libzmq and makes cargo link it.
///
/// # Errors
///
/// Fails if libzmq's source is missing, if the compiler fails, or if a feature needs a library that is missing.
pub(crate) fn library() -> Result<Library, String> {
    let draft = cfg!(feature = "draft");
    let mut build = zmq_src::Build::new();
    build.draft(draft);
    if cfg!(feature = "curve") {
        // The directory is empty if the compiler finds the headers of libsodium without it.
        build.curve(Some(std::env::var_os("DEP_ZMQ_SODIUM_INCLUDE").map(PathBuf::from).unwrap_or_default()));
    }
    let additions = additions::find()?;
    for found in &additions {
        build.with(found.addition, found.include_dirs.clone());
    }
    let artifacts = build.try_build().map_err(|error| error.to_string())?;
    artifacts.print_cargo_metadata();
    for found in &additions {
        found.link()?;
    }
    let include_dir = artifacts.include_dir().to_path_buf();
    let header = Header { draft, ..Header::read(&include_dir)? };
    Ok(Library { include_dir, header, vendored: true, curve: Some(cfg!(feature = "curve")) })
}
