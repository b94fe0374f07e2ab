//! The compiler calls: one for the probes to imitate, and the real ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::platform::{self, Target};

/// The settings that every file is compiled with, and every probe too.
pub(crate) fn base(target: &Target) -> cc::Build {
    let mut build = cc::Build::new();
    build.warnings(false).extra_warnings(false);
    // As libsodium's own build, whatever the profile is: at -O0 encryption is ten times as slow.
    build.opt_level(3).debug(false).force_frame_pointer(false);
    if !target.is_msvc() {
        for flag in ["-fvisibility=hidden", "-fno-strict-aliasing", "-fno-strict-overflow"] {
            build.flag(flag);
        }
    }
    build
}

/// Compiles the tree, tells cargo to link what results, and returns the directory of `sodium.h`.
///
/// # Errors
///
/// The compiler is missing, or fails.
pub(crate) fn library(tree: &Path, out_dir: &Path) -> Result<PathBuf, String> {
    let target = Target::from_env()?;
    let include_dir = tree.join("src/libsodium/include");
    let lib_dir = out_dir.join("lib");
    let mut build = base(&target);
    build.out_dir(&lib_dir).include(&include_dir).include(include_dir.join("sodium"));
    for (name, value) in platform::macros(&target, out_dir)? {
        build.define(&name, value.as_deref());
    }
    let mut files = Vec::new();
    sources(&tree.join("src/libsodium"), target.has_assembly(), &mut files)?;
    // A name of its own, so that the linker does not find another one first.
    build.files(files).try_compile("zmq_sodium").map_err(|error| failure(&error))?;
    if target.is_windows() {
        // For its random numbers; after the library that needs it.
        println!("cargo::rustc-link-lib=advapi32");
    }
    Ok(include_dir)
}

/// Every C file, and the assembly where it suits. Each decides by the macros whether there is anything in it.
fn sources(dir: &Path, assembly: bool, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |error| format!("cannot list {}: {error}", dir.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, assembly, files)?;
        } else if path.extension().is_some_and(|ending| ending == "c" || (assembly && ending == "S")) {
            files.push(path);
        }
    }
    Ok(())
}

/// What the person at the terminal reads when a compiler is missing or fails.
pub(crate) fn failure(error: &cc::Error) -> String {
    format!(
        "compiling libsodium failed: {error}\n\
         It needs a C compiler for the target, and nothing else:\n\
         \x20 Debian, Ubuntu  apt install gcc\n\
         \x20 Fedora          dnf install gcc\n\
         \x20 Alpine          apk add gcc musl-dev\n\
         \x20 Arch            pacman -S gcc\n\
         \x20 macOS           xcode-select --install\n\
         \x20 Windows         the C++ workload of the Visual Studio Build Tools\n\
         The variable CC (or CC_<target>) names another one. To do without libsodium, leave out the feature `curve`;\n\
         to link one of the system, set SODIUM_USE_PKG_CONFIG=1."
    )
}
