//! Finds libzmq's source, which cargo has fetched as the package `zeromq-src`, and makes a patched copy of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, env, patches};

/// The package whose folder `vendor/` contains the source.
const PACKAGE: &str = "zeromq-src";
const PACKAGE_VERSION: &str = "0.3.6+4.3.5";

/// The variable that names another directory of the source: an unpacked release of libzmq 4.3.5.
const OVERRIDE: &str = "LIBZMQ_SOURCE_DIR";

/// The folders of the source from which the library is compiled.
const FOLDERS: [&str; 4] = ["include", "src", "external/sha1", "external/wepoll"];

/// Makes a fresh copy in `OUT_DIR`, and applies the patches.
pub(crate) fn unpack(out_dir: &Path) -> Result<PathBuf, Error> {
    let original = find(out_dir)?;
    let tree = out_dir.join("libzmq");
    // The tree of an earlier run is already patched.
    let _ = fs::remove_dir_all(&tree);
    for folder in FOLDERS {
        copy(&original.join(folder), &tree.join(folder))?;
    }
    patches::apply(&tree)?;
    Ok(tree)
}

/// Writes a file, and creates its directory.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error| Error::new(format!("cannot write {}: {error}", path.display()));
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |error| Error::new(format!("cannot copy {} to {}: {error}", from.display(), to.display()));
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            // Not `fs::copy`, because the copy must not inherit the read-only mode of a package.
            let text = fs::read(entry.path()).map_err(failed)?;
            fs::write(to.join(entry.file_name()), text).map_err(failed)?;
        }
    }
    Ok(())
}

/// Finds the pristine source.
fn find(out_dir: &Path) -> Result<PathBuf, Error> {
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    if let Ok(dir) = env(OVERRIDE) {
        let dir = PathBuf::from(dir);
        for folder in FOLDERS {
            println!("cargo::rerun-if-changed={}", dir.join(folder).display());
        }
        return if is_source(&dir) {
            Ok(dir)
        } else {
            Err(Error::new(format!(
                "{OVERRIDE}={} does not contain the source of libzmq 4.3.5",
                dir.display()
            )))
        };
    }
    candidates().into_iter().find(|dir| is_source(dir)).map_or_else(|| unpacked_by_the_package(out_dir), Ok)
}

/// The places where the source may be. The most reliable place comes first.
fn candidates() -> Vec<PathBuf> {
    let mut candidates = compiled_from();
    let mut parents = Vec::new();
    // Next to this crate, if this crate comes from a registry or a folder of vendored packages.
    parents.extend(Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf));
    // Among the packages that cargo has unpacked.
    let home = env("CARGO_HOME").map(PathBuf::from).ok();
    let user = env("HOME").or_else(|_| env("USERPROFILE")).map(|user| Path::new(&user).join(".cargo")).ok();
    for home in [home, user].into_iter().flatten() {
        parents.extend(entries(&home.join("registry/src")));
    }
    for parent in parents {
        candidates.push(parent.join(format!("{PACKAGE}-{PACKAGE_VERSION}")).join("vendor"));
        candidates.push(parent.join(PACKAGE).join("vendor"));
    }
    candidates
}

/// The source of the library `zeromq_src` in this program. rustc has written its path to a file beside the library.
fn compiled_from() -> Vec<PathBuf> {
    let Ok(program) = std::env::current_exe() else { return Vec::new() };
    let mut found = Vec::new();
    for dir in program.ancestors().skip(1).take(4) {
        // Cargo keeps all libraries in one folder, or each library in its own folder.
        let mut folders = vec![dir.join("deps")];
        folders.extend(entries(&dir.join(PACKAGE)).into_iter().map(|unit| unit.join("out")));
        for note in folders.iter().flat_map(|folder| entries(folder)) {
            let name = note.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("zeromq_src-") && name.ends_with(".d") {
                let text = fs::read_to_string(&note).unwrap_or_default();
                // One of the lines is `/path/to/zeromq-src/src/lib.rs:`, with blanks escaped.
                found.extend(text.lines().filter_map(|line| {
                    let package = line.strip_suffix("src/lib.rs:")?.replace("\\ ", " ");
                    Some(PathBuf::from(package).join("vendor"))
                }));
            }
        }
    }
    found
}

/// The sorted entries of a folder. The list is empty if there is no such folder.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Whether this directory contains libzmq 4.3.5, according to `zmq.h`.
fn is_source(dir: &Path) -> bool {
    let header = fs::read_to_string(dir.join("include/zmq.h")).unwrap_or_default();
    ["#define ZMQ_VERSION_MAJOR 4", "#define ZMQ_VERSION_MINOR 3", "#define ZMQ_VERSION_PATCH 5"]
        .iter()
        .all(|line| header.contains(line))
        && FOLDERS.iter().all(|folder| dir.join(folder).is_dir())
}

/// Runs the package's own build, which leaves a copy of the source. Our library then overwrites the library that it
/// makes.
fn unpacked_by_the_package(out_dir: &Path) -> Result<PathBuf, Error> {
    println!(
        "cargo::warning=the source of {PACKAGE} is not where cargo usually puts it: compiling it twice; set {OVERRIDE} to avoid this"
    );
    zeromq_src::Build::new().build();
    let dir = out_dir.join("source");
    if is_source(&dir) {
        Ok(dir)
    } else {
        Err(Error::new(format!(
            "the source of libzmq was not found: the package {PACKAGE} {PACKAGE_VERSION} should contain it.\n\
             Set {OVERRIDE} to an unpacked release of libzmq 4.3.5."
        )))
    }
}
