//! Finds libzmq, or has the bundled one compiled, and tells cargo.
//!
//! The order is in [`find`]; each step has a file of its own.

mod additions;
#[cfg(feature = "bindgen")]
mod bindings;
mod bundled;
mod env;
mod header;
mod help;
mod system;

use std::path::PathBuf;
use std::process::ExitCode;

use env::Env;
use header::Header;

/// A libzmq that cargo has been told to link.
struct Library {
    include_dir: PathBuf,
    header: Header,
    vendored: bool,
    /// Whether it can encrypt, where that is known before it runs.
    curve: Option<bool>,
}

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rustc-check-cfg=cfg(zmq_vendored)");
    let env = Env::new();
    // docs.rs compiles nothing that is linked, and has no network.
    if env.flag("DOCS_RS") {
        return ExitCode::SUCCESS;
    }
    match find(&env).and_then(|library| publish(&library)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            for line in text.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The bundled one, unless somebody asks for another: then that one, or an error.
fn find(env: &Env) -> Result<Library, String> {
    if let Some(library) = system::explicit(env)? {
        return Ok(library);
    }
    match Asked::read(env) {
        Some(asked) => system::pkg_config(env, asked),
        None => bundled::library(),
    }
}

/// What asks for the system's libzmq.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Variable,
    Feature,
}

impl Asked {
    /// The variable decides; any package that is built along can enable the feature.
    fn read(env: &Env) -> Option<Self> {
        match env.get("LIBZMQ_NO_VENDOR") {
            Some(_) => env.flag("LIBZMQ_NO_VENDOR").then_some(Self::Variable),
            None => cfg!(feature = "system").then_some(Self::Feature),
        }
    }
}

/// What dependents learn from `DEP_ZMQ_*`, and this package's own tests from a cfg.
fn publish(library: &Library) -> Result<(), String> {
    let Header { major, minor, patch, draft } = library.header;
    if cfg!(feature = "draft") && !draft {
        return Err(help::no_draft(&library.include_dir));
    }
    println!("cargo::metadata=include={}", library.include_dir.display());
    println!("cargo::metadata=version={major}.{minor}.{patch}");
    println!("cargo::metadata=version_number={}", library.header.number());
    println!("cargo::metadata=draft={}", u8::from(draft));
    println!("cargo::metadata=vendored={}", u8::from(library.vendored));
    println!("cargo::metadata=curve={}", library.curve.map_or("", |yes| if yes { "1" } else { "0" }));
    if library.vendored {
        println!("cargo::rustc-cfg=zmq_vendored");
    }
    // For the test that compiles C against the header.
    println!("cargo::rustc-env=ZMQ_SYS_INCLUDE={}", library.include_dir.display());
    println!("cargo::rustc-env=ZMQ_SYS_TARGET={}", std::env::var("TARGET").unwrap_or_default());
    #[cfg(feature = "bindgen")]
    bindings::generate(&library.include_dir)?;
    Ok(())
}
