//! Finds a libsodium to link, or compiles one. The documentation of the crate describes the order.

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

/// Compiles the bundled libsodium, makes cargo link it, and returns the directory of its headers.
fn bundled() -> Result<PathBuf, String> {
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let tree = out_dir.join("libsodium");
    // An earlier run can have left files that the source does not contain any more.
    let _ = std::fs::remove_dir_all(&tree);
    zmq_sodium_source::unpack(&tree).map_err(|error| error.to_string())?;
    compile::library(&tree, &out_dir)
}

/// Returns a variable that cargo sets for every build script.
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: this program runs only as a build script"))
}
