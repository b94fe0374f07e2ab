//! Generates the declarations from the header in use, for the feature `bindgen`.
//!
//! `regenerate.sh` also generates the committed declarations with this code.

use std::env;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use bindgen::callbacks::{DeriveTrait, ImplementsTrait, IntKind, ParseCallbacks};

use crate::help;

/// Names that are not part of the interface, and names that differ between systems. The latter are written by hand in
/// `src/types.rs` and `src/errno.rs`.
const NOT_GENERATED: [&str; 7] = [
    "zmq_msg_t",
    "zmq_fd_t",
    "ZMQ_HAUSNUMERO",
    "ZMQ_DEFINED_STDINT",
    // Has a parameter whose type is in the headers of the system. On some systems, the function always fails.
    "zmq_ppoll",
    "__sigset_t",
    "sigset_t",
];

/// Gives bindgen the types and traits that it cannot derive from the header.
#[derive(Debug)]
struct Hints;

impl ParseCallbacks for Hints {
    /// Makes structs with a `zmq_fd_t` field `Copy`.
    fn blocklisted_type_implements_trait(&self, _name: &str, _trait: DeriveTrait) -> Option<ImplementsTrait> {
        Some(ImplementsTrait::Yes)
    }

    /// Gives constants the type of the function parameters that they are passed to.
    fn int_macro(&self, _name: &str, _value: i64) -> Option<IntKind> {
        Some(IntKind::Custom { name: "c_int", is_signed: true })
    }
}

/// Writes `bindings.rs`, and `draft.rs` with the additions of the draft API, into `OUT_DIR`.
///
/// # Errors
///
/// Fails without libclang, without the header, or if a file cannot be written.
pub(crate) fn generate(include_dir: &Path) -> Result<(), String> {
    let out =
        PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: this only works as a build script")?);
    let header = include_dir.join("zmq.h");
    let stable = run(&header, false, &[])?;
    let draft = run(&header, true, &names(&stable))?;
    for (name, text) in [("bindings.rs", stable), ("draft.rs", draft)] {
        fs::write(out.join(name), text)
            .map_err(|error| format!("cannot write {name} in OUT_DIR: {error}"))?;
    }
    Ok(())
}

fn run(header: &Path, draft: bool, known: &[String]) -> Result<String, String> {
    let mut builder = bindgen::Builder::default()
        .header(header.display().to_string())
        .allowlist_item("(zmq|ZMQ)_.*")
        .use_core()
        .generate_cstr(true)
        .generate_comments(false)
        .layout_tests(false)
        .merge_extern_blocks(true)
        .disable_header_comment()
        .formatter(bindgen::Formatter::Rustfmt)
        .raw_line("// Generated from zmq.h by build/bindings.rs: see regenerate.sh.")
        .raw_line(if draft { "use super::*;" } else { "use super::types::*;" })
        .raw_line("use core::ffi::c_int;")
        .rust_edition(bindgen::RustEdition::Edition2024)
        .parse_callbacks(Box::new(Hints));
    if draft {
        builder = builder.clang_arg("-DZMQ_BUILD_DRAFT_API");
    }
    for name in NOT_GENERATED.iter().copied().chain(known.iter().map(String::as_str)) {
        builder = builder.blocklist_item(name);
    }
    // Without libclang, bindgen panics. The text of the panic becomes part of the error.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let generated = panic::catch_unwind(AssertUnwindSafe(|| builder.generate()));
    panic::set_hook(hook);
    match generated {
        Ok(Ok(bindings)) => Ok(bindings.to_string()),
        Ok(Err(error)) => Err(format!("bindgen cannot read {}: {error}", header.display())),
        Err(said) => Err(help::no_libclang(said.downcast_ref::<String>().map_or("", String::as_str))),
    }
}

/// Returns the names that a generated file declares.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in text.lines() {
        let mut words = line
            .trim_start()
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty());
        if words.next() == Some("pub") && matches!(words.next(), Some("fn" | "const" | "type" | "struct")) {
            names.extend(words.next().map(str::to_owned));
        }
    }
    names
}
