//! Finds a libzmq or compiles the bundled libzmq, and makes cargo link it.
//!
//! [`find`] defines the order of the steps. Each step has a file of its own.

mod additions;
#[cfg(feature = "bindgen")]
mod bindings;
mod bundled;
mod env;
mod header;
mod help;
mod machine;
mod system;

use std::path::PathBuf;
use std::process::ExitCode;

use env::Env;
use header::Header;

/// A libzmq that cargo links.
struct Library {
    include_dir: PathBuf,
    header: Header,
    vendored: bool,
    /// Whether the library supports CURVE. `None` if only the running library can answer this.
    curve: Option<bool>,
}

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rustc-check-cfg=cfg(zmq_vendored)");
    let env = Env::new();
    // docs.rs links nothing, and has no network.
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

/// Returns the bundled libzmq, or the libzmq that the variables or the feature `system` request.
fn find(env: &Env) -> Result<Library, String> {
    if let Some(library) = system::explicit(env)? {
        return Ok(library);
    }
    match Asked::read(env) {
        Some(asked) => system::pkg_config(env, asked),
        None => bundled::library(),
    }
}

/// The setting that requests the system's libzmq.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Variable,
    Feature,
}

impl Asked {
    /// Reads the variable first: it overrides the feature, which any package of a build can enable.
    fn read(env: &Env) -> Option<Self> {
        match env.get("LIBZMQ_NO_VENDOR") {
            Some(_) => env.flag("LIBZMQ_NO_VENDOR").then_some(Self::Variable),
            None => cfg!(feature = "system").then_some(Self::Feature),
        }
    }
}

/// Sets the variables `DEP_ZMQ_*` for dependents, and the cfg and variables for the tests of this package.
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
    // For the test that compiles C code with the header.
    println!("cargo::rustc-env=ZMQ_SYS_INCLUDE={}", library.include_dir.display());
    println!("cargo::rustc-env=ZMQ_SYS_TARGET={}", std::env::var("TARGET").unwrap_or_default());
    #[cfg(feature = "bindgen")]
    bindings::generate(&library.include_dir)?;
    Ok(())
}
