//! Finds a libsodium to link, or compiles one. The crate's page has the order.

mod compile;
mod platform;
mod system;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    // docs.rs links nothing.
    if env::var_os("DOCS_RS").is_some() {
        return ExitCode::SUCCESS;
    }
    let include_dir = match system::library() {
        Ok(Some(found)) => Ok(found.include_dir),
        Ok(None) => bundled().map(Some),
        Err(text) => Err(text),
    };
    match include_dir {
        Ok(dir) => {
            println!("cargo::metadata=include={}", dir.unwrap_or_default().display());
            ExitCode::SUCCESS
        }
        Err(text) => {
            for line in text.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Compiles the bundled one, has it linked, and returns where its headers are.
fn bundled() -> Result<PathBuf, String> {
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let tree = out_dir.join("libsodium");
    // A leftover of an earlier run may hold files that no longer exist.
    let _ = std::fs::remove_dir_all(&tree);
    zmq_sodium_source::unpack(&tree).map_err(|error| error.to_string())?;
    compile::library(&tree, &out_dir)
}

/// A variable that cargo sets for every build script.
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: this is a build script"))
}
