//! Finds the source, and makes a tree of it.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::{Error, archive};

/// The package that carries the source, its version (which is not libsodium's), and the archive in it.
const PACKAGE: &str = "libsodium-sys-stable";
const PACKAGE_VERSION: &str = "1.24.3";
const ARCHIVE: &str = "LATEST.tar.gz";

/// How long the archive is when unpacked, and its CRC-32: the package's own build can be told to put a newer archive in
/// the place of this one.
const UNPACKED: (usize, u32) = (10_992_640, 0xa3a1_7776);

/// Names a directory to take the source from instead: an unpacked release.
const OVERRIDE: &str = "LIBSODIUM_SOURCE_DIR";

/// What the library is made of.
const SOURCES: &str = "src/libsodium";

/// The header that libsodium's `configure` would make, as it is made for Visual C++; and where it belongs.
const VERSION: &str = "builds/msvc/version.h";
const VERSION_PLACE: &str = "src/libsodium/include/sodium/version.h";

pub(crate) fn unpack(tree: &Path) -> Result<(), Error> {
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    let Some(dir) = env::var_os(OVERRIDE).filter(|dir| !dir.is_empty()).map(PathBuf::from) else {
        return unpack_archive(&find()?, tree);
    };
    println!("cargo::rerun-if-changed={}", dir.join(SOURCES).display());
    let version = dir.join(VERSION);
    let text = fs::read(&version).map_err(|error| {
        Error(format!(
            "{OVERRIDE} has to name an unpacked release of libsodium, but {} cannot be read: {error}",
            version.display()
        ))
    })?;
    copy(&dir.join(SOURCES), &tree.join(SOURCES))?;
    write(&tree.join(VERSION_PLACE), &text)
}

fn unpack_archive(path: &Path, tree: &Path) -> Result<(), Error> {
    let failed = |what: String| Error(format!("libsodium's source is in {}, but {what}", path.display()));
    let file = fs::read(path).map_err(|error| failed(format!("it cannot be read: {error}")))?;
    let unpacked = archive::gunzip(&file).map_err(failed)?;
    if (unpacked.len(), archive::crc32(&unpacked)) != UNPACKED {
        return Err(failed(format!(
            "it is not the archive that {PACKAGE} {PACKAGE_VERSION} was published with: something has replaced it.\n\
             Remove the folder that it is in, which cargo will then unpack again; or name another source with {OVERRIDE}."
        )));
    }
    let files = archive::files(&unpacked).map_err(failed)?;
    for entry in files {
        // All is in one folder, which is named after the version.
        let Some((_, name)) = entry.name.split_once('/') else { continue };
        let place = if name == VERSION { VERSION_PLACE } else { name };
        if place.starts_with(SOURCES) && is_below(Path::new(place)) {
            write(&tree.join(place), entry.bytes)?;
        }
    }
    Ok(())
}

/// Whether a path leads nowhere else.
fn is_below(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_)))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error| Error(format!("cannot write {}: {error}", path.display()));
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |error| Error(format!("cannot copy {}: {error}", from.display()));
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            // Read and written rather than copied: the copy must not inherit a read-only mode.
            write(&to, &fs::read(&from).map_err(failed)?)?;
        }
    }
    Ok(())
}

/// The archive in the package that cargo has fetched.
fn find() -> Result<PathBuf, Error> {
    let mut folders = Vec::new();
    // Next to this package, when it comes from a registry or a folder of vendored packages itself.
    folders.extend(Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf));
    // Next to the packages that this very program was compiled from.
    folders.extend(compiled_from());
    // Among the packages that cargo has unpacked.
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let user = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"));
    for home in [home, user.map(|user| Path::new(&user).join(".cargo"))].into_iter().flatten() {
        folders.extend(entries(&home.join("registry/src")));
    }
    let names = [format!("{PACKAGE}-{PACKAGE_VERSION}"), PACKAGE.to_owned()];
    folders
        .iter()
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|package| is_wanted(package))
        .map(|package| package.join(ARCHIVE))
        .ok_or_else(|| {
            Error(format!(
                "the source of libsodium was not found: cargo should have unpacked the package {PACKAGE} {PACKAGE_VERSION}.\n\
                 Set {OVERRIDE} to an unpacked release of libsodium, or SODIUM_USE_PKG_CONFIG=1 to link that of the system."
            ))
        })
}

/// The folders of the packages that this program was compiled from, by the notes that rustc leaves beside it.
fn compiled_from() -> Vec<PathBuf> {
    let Ok(program) = env::current_exe() else { return Vec::new() };
    let mut found = Vec::new();
    for dir in program.ancestors().skip(1).take(4) {
        // Cargo keeps all libraries in one folder, or each in its own.
        let mut folders = vec![dir.join("deps")];
        folders.extend(entries(&dir.join("miniz_oxide")).into_iter().map(|unit| unit.join("out")));
        for note in folders.iter().flat_map(|folder| entries(folder)) {
            let name = note.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("miniz_oxide-") && name.ends_with(".d") {
                let text = fs::read_to_string(&note).unwrap_or_default();
                // One of the lines is `/path/to/miniz_oxide/src/lib.rs:`, with blanks escaped.
                found.extend(text.lines().filter_map(|line| {
                    let package = line.strip_suffix(":")?.strip_suffix("lib.rs")?.replace("\\ ", " ");
                    Path::new(&package).parent()?.parent().map(Path::to_path_buf)
                }));
            }
        }
    }
    found
}

/// What is in a folder, sorted; nothing if there is no such folder.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Whether a folder is the package in that version, and has the archive.
fn is_wanted(package: &Path) -> bool {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line == format!("version = \"{PACKAGE_VERSION}\""))
        && package.join(ARCHIVE).is_file()
}
