//! Calls the compiler: with the settings that the probes share, and to compile the library.

use std::fs;
use std::path::{Path, PathBuf};

use crate::platform::{self, Target};
use crate::variable;

/// Returns the settings that all files and all probes are compiled with.
pub(crate) fn base(target: &Target) -> cc::Build {
    let mut build = cc::Build::new();
    build.warnings(false).extra_warnings(false);
    // Independent of the profile, as in libsodium's own build: with -O0, encryption takes ten times as long.
    build.opt_level(3).debug(false).force_frame_pointer(false);
    if !target.is_msvc() {
        for flag in ["-fvisibility=hidden", "-fno-strict-aliasing", "-fno-strict-overflow"] {
            build.flag(flag);
        }
    }
    build
}

/// Compiles the source in `tree`, makes cargo link the library, and returns the directory of `sodium.h`.
///
/// # Errors
///
/// Fails if the compiler is missing or fails.
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
    // The library has a name of its own, so that the linker does not find another libsodium first.
    build.files(files).try_compile("zmq_sodium").map_err(|error| failure(&error))?;
    if target.is_windows() {
        // libsodium's random numbers need this library. The linker needs it after libsodium.
        println!("cargo::rustc-link-lib=advapi32");
    }
    Ok(include_dir)
}

/// The folders and files of algorithms that neither libzmq's encryption nor `sodium_init` uses. Compiling them would take a quarter of
/// the time.
const UNUSED: [&str; 23] = [
    "crypto_aead/aes256gcm",
    "crypto_aead/chacha20poly1305",
    "crypto_aead/xchacha20poly1305",
    "crypto_auth",
    "crypto_box/curve25519xchacha20poly1305",
    "crypto_core/keccak1600",
    "crypto_hash/sha256",
    "crypto_hash/sha3",
    "crypto_ipcrypt",
    "crypto_kdf",
    "crypto_kem",
    "crypto_kx",
    "crypto_pwhash/scryptsalsa208sha256",
    "crypto_scalarmult/ed25519",
    "crypto_scalarmult/ristretto255",
    "crypto_secretbox/xchacha20poly1305",
    "crypto_secretstream",
    "crypto_shorthash",
    "crypto_sign",
    "crypto_stream/salsa2012",
    "crypto_stream/salsa208",
    "crypto_xof",
    "sodium/codecs.c",
];

/// Collects the C files that are needed, and the assembly files if `assembly` is set. Depending on the macros, a file can be empty.
fn sources(dir: &Path, assembly: bool, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |error| format!("cannot list {}: {error}", dir.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        if UNUSED.iter().any(|unused| path.ends_with(unused)) {
            continue;
        }
        if path.is_dir() {
            sources(&path, assembly, files)?;
        } else if path.extension().is_some_and(|ending| ending == "c" || (assembly && ending == "S")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns the error text for a compiler that is missing or fails.
pub(crate) fn failure(error: &cc::Error) -> String {
    let target = variable("TARGET").unwrap_or_default();
    let mut text = format!("compiling libsodium failed: {error}\n");
    if variable("HOST").is_ok_and(|host| host == target) {
        text.push_str(
            "The build needs only a C compiler:\n\
             \x20 Debian, Ubuntu  apt install gcc\n\
             \x20 Fedora          dnf install gcc\n\
             \x20 Alpine          apk add gcc musl-dev\n\
             \x20 Arch            pacman -S gcc\n\
             \x20 macOS           xcode-select --install\n\
             \x20 Windows         the C++ workload of the Visual Studio Build Tools\n\
             The variable CC selects another compiler, and CFLAGS contains flags for it. ",
        );
    } else {
        let name = target.replace(['-', '.'], "_");
        text.push_str(&format!(
            "Set CC_{name} to a C compiler for {target}. The flags in CFLAGS apply to every target: set\n\
             CFLAGS_{name} for this target only, and HOST_CFLAGS for this machine.\n"
        ));
    }
    text.push_str(
        "To build without libsodium, disable the feature `curve`.\n\
         To link the system's libsodium, set SODIUM_USE_PKG_CONFIG=1.",
    );
    text
}
