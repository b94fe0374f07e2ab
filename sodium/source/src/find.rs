//! Finds the source and unpacks it into a directory.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::{Error, archive};

/// The package that contains the source, the version of the package (not of libsodium), and the archive in the package.
const PACKAGE: &str = "libsodium-sys-stable";
const PACKAGE_VERSION: &str = "1.24.3";
const ARCHIVE: &str = "LATEST.tar.gz";

/// The length of the unpacked archive, and its CRC-32. They are checked because the build of that package can replace the archive
/// with a newer one.
const UNPACKED: (usize, u32) = (10_992_640, 0xa3a1_7776);

/// The variable that selects another source: a directory that contains an unpacked release.
const OVERRIDE: &str = "LIBSODIUM_SOURCE_DIR";

/// The directory of the files that are compiled.
const SOURCES: &str = "src/libsodium";

/// The header that `configure` would generate: its path in a release, for Visual C++, and the path where it is needed.
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
            "{OVERRIDE} must name an unpacked release of libsodium, but {} cannot be read: {error}",
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
            "it is not the archive that {PACKAGE} {PACKAGE_VERSION} was published with: another program has replaced it.\n\
             Delete the folder of the archive, so that cargo unpacks it again. Or set {OVERRIDE} to an unpacked release."
        )));
    }
    let files = archive::files(&unpacked).map_err(failed)?;
    for entry in files {
        // All files are in one folder, whose name contains the version.
        let Some((_, name)) = entry.name.split_once('/') else { continue };
        let place = if name == VERSION { VERSION_PLACE } else { name };
        if place.starts_with(SOURCES) && is_below(Path::new(place)) {
            write(&tree.join(place), entry.bytes)?;
        }
    }
    Ok(())
}

/// Returns whether a path stays below the directory that it is relative to.
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
            // Not `fs::copy`, because the new file must not inherit read-only permissions.
            write(&to, &fs::read(&from).map_err(failed)?)?;
        }
    }
    Ok(())
}

/// Returns the path of the archive in the package that cargo has fetched.
fn find() -> Result<PathBuf, Error> {
    let mut folders = Vec::new();
    // The folder of this package, if this package is in a registry or in a folder of vendored packages.
    folders.extend(Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf));
    // The folders of the packages that this program was compiled from.
    folders.extend(compiled_from());
    // The folders of the packages that cargo has unpacked.
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
                 Set {OVERRIDE} to an unpacked release of libsodium, or set SODIUM_USE_PKG_CONFIG=1 to link the system's libsodium."
            ))
        })
}

/// Returns the folders of the packages that this program was compiled from, from the `.d` files of rustc beside the program.
fn compiled_from() -> Vec<PathBuf> {
    let Ok(program) = env::current_exe() else { return Vec::new() };
    let mut found = Vec::new();
    for dir in program.ancestors().skip(1).take(4) {
        // Cargo stores all libraries in one folder, or each in a folder of its own.
        let mut folders = vec![dir.join("deps")];
        folders.extend(entries(&dir.join("miniz_oxide")).into_iter().map(|unit| unit.join("out")));
        for note in folders.iter().flat_map(|folder| entries(folder)) {
            let name = note.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("miniz_oxide-") && name.ends_with(".d") {
                let text = fs::read_to_string(&note).unwrap_or_default();
                // One of the lines is `/path/to/miniz_oxide/src/lib.rs:`, with escaped spaces.
                found.extend(text.lines().filter_map(|line| {
                    let package = line.strip_suffix(":")?.strip_suffix("lib.rs")?.replace("\\ ", " ");
                    Path::new(&package).parent()?.parent().map(Path::to_path_buf)
                }));
            }
        }
    }
    found
}

/// Returns the sorted paths in a folder. Returns no paths if the folder does not exist.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Returns whether a folder contains the package in the right version, and the archive.
fn is_wanted(package: &Path) -> bool {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line == format!("version = \"{PACKAGE_VERSION}\""))
        && package.join(ARCHIVE).is_file()
}
