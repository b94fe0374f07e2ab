//! Finds an installed libzmq: in the directories that the variables name, or with pkg-config.

use std::fs;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::header::{Header, OLDEST};
use crate::help;
use crate::machine;
use crate::{Asked, Library};

/// The way of linking that `LIBZMQ_STATIC` requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linkage {
    Static,
    Dynamic,
    /// Dynamically if there is a shared library, else statically.
    Any,
}

impl Linkage {
    fn wanted(env: &Env) -> Self {
        match env.get("LIBZMQ_STATIC") {
            None => Self::Any,
            Some(_) if env.flag("LIBZMQ_STATIC") => Self::Static,
            Some(_) => Self::Dynamic,
        }
    }
}

/// Returns the library in `LIBZMQ_LIB_DIR` and `LIBZMQ_INCLUDE_DIR`, or else below `LIBZMQ_PREFIX`. Returns `None` if none of
/// these variables is set.
///
/// # Errors
///
/// Fails if the directories contain no library for the target, or no header of a usable version.
pub(crate) fn explicit(env: &Env) -> Result<Option<Library>, String> {
    let prefix = env.path("LIBZMQ_PREFIX");
    let lib_dir = env.path("LIBZMQ_LIB_DIR");
    let include_dir = env.path("LIBZMQ_INCLUDE_DIR");
    if prefix.is_none() && lib_dir.is_none() && include_dir.is_none() {
        return Ok(None);
    }

    let lib_dirs: Vec<PathBuf> = match (lib_dir, &prefix, &include_dir) {
        (Some(dir), ..) => vec![dir],
        (None, Some(prefix), _) => ["lib", "lib64"].iter().map(|dir| prefix.join(dir)).collect(),
        (None, None, Some(include_dir)) => vec![include_dir.join("../lib")],
        (None, None, None) => Vec::new(),
    };
    let include_dir = match (include_dir, &prefix, lib_dirs.first()) {
        (Some(dir), ..) => dir,
        (None, Some(prefix), _) => prefix.join("include"),
        (None, None, Some(dir)) => dir.join("../include"),
        (None, None, None) => PathBuf::new(),
    };

    let linkage = Linkage::wanted(env);
    let found = lib_dirs.iter().find_map(|dir| File::find(dir, linkage));
    let file = found.ok_or_else(|| help::no_library(&lib_dirs, linkage == Linkage::Static))?;
    if let Some(platform) = machine::other(&file.path) {
        return Err(help::for_another_platform(&file.path, &platform, &help::directories()));
    }
    let header = read_header(&include_dir)?;
    file.link();
    let draft = header.draft || file.has_draft();
    Ok(Some(Library { include_dir, header: Header { draft, ..header }, vendored: false, curve: None }))
}

/// Returns the library that pkg-config finds.
///
/// # Errors
///
/// Fails if pkg-config finds no library for the target, if the library is too old, or if its header is missing.
pub(crate) fn pkg_config(env: &Env, asked: Asked) -> Result<Library, String> {
    let none = |tried: &str| help::none_found(asked, tried);
    let mut config = pkg_config::Config::new();
    // Set explicitly, because the crate `pkg-config` would link statically even with LIBZMQ_STATIC=0.
    match Linkage::wanted(env) {
        Linkage::Static => config.statik(true),
        Linkage::Dynamic => config.statik(false),
        Linkage::Any => &mut config,
    };
    // The first probe prints nothing for cargo, because a library that is too old must not be linked.
    let found =
        config.cargo_metadata(false).probe("libzmq").map_err(|error| none(&help::pkg_config_said(&error)))?;
    if !new_enough(&found.version) {
        let tried = format!(
            "pkg-config found libzmq {}, which is older than {}.{}",
            found.version, OLDEST.0, OLDEST.1
        );
        return Err(none(&tried));
    }
    if let Some((file, platform)) = machine::foreign(&found) {
        return Err(help::for_another_platform(&file, &platform, &help::pkg_config_variables()));
    }
    config.cargo_metadata(true).probe("libzmq").map_err(|error| none(&help::pkg_config_said(&error)))?;

    // `include_paths` does not contain directories that the compiler searches by default.
    let named = pkg_config::get_variable("libzmq", "includedir").ok().filter(|dir| !dir.is_empty());
    let mut include_dirs = found.include_paths.clone();
    include_dirs.extend(named.map(PathBuf::from));
    let with_header = include_dirs.iter().find(|dir| dir.join("zmq.h").is_file());
    let include_dir = with_header.or(include_dirs.first()).cloned();
    let include_dir = include_dir.unwrap_or_else(|| PathBuf::from("/usr/include"));
    let header = read_header(&include_dir)?;
    let draft = header.draft || found.defines.contains_key("ZMQ_BUILD_DRAFT_API");
    Ok(Library { include_dir, header: Header { draft, ..header }, vendored: false, curve: None })
}

/// Reads the header. Cargo runs the build script again when the header changes, as in an update of the system's libzmq.
fn read_header(dir: &Path) -> Result<Header, String> {
    println!("cargo::rerun-if-changed={}", dir.join("zmq.h").display());
    Header::read(dir)
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
}

/// A library file.
struct File {
    dir: PathBuf,
    path: PathBuf,
    /// The name without prefix and extension, as the linker needs it.
    name: String,
    is_static: bool,
}

impl File {
    fn find(dir: &Path, linkage: Linkage) -> Option<Self> {
        let mut files: Vec<PathBuf> = fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let candidates: Vec<Self> = files.iter().filter_map(|path| Self::recognise(dir, path)).collect();
        let wanted = |file: &Self| match linkage {
            Linkage::Static => file.is_static,
            Linkage::Dynamic => !file.is_static,
            Linkage::Any => true,
        };
        // `false` sorts before `true`, so a dynamic library comes first.
        candidates.into_iter().filter(wanted).min_by_key(|file| file.is_static)
    }

    fn recognise(dir: &Path, path: &Path) -> Option<Self> {
        let file_name = path.file_name()?.to_str()?;
        let (stem, ending) = file_name.split_once('.')?;
        let (name, is_static) = match (stem, ending) {
            ("libzmq", "so" | "dylib" | "dll.a" | "tbd") => ("zmq", false),
            ("libzmq", "a") => ("zmq", true),
            // Library names on Windows. A name with `-s-`, `-static` or `_static` means a static library.
            (stem, "lib") if stem.starts_with("zmq") || stem.starts_with("libzmq") => {
                (stem, stem.contains("-s-") || stem.ends_with("-static") || stem.ends_with("_static"))
            }
            _ => return None,
        };
        Some(Self { dir: dir.to_path_buf(), path: path.to_path_buf(), name: name.to_owned(), is_static })
    }

    fn link(&self) {
        println!("cargo::rustc-link-search=native={}", self.dir.display());
        println!("cargo::rerun-if-changed={}", self.path.display());
        let kind = if self.is_static { "static" } else { "dylib" };
        println!("cargo::rustc-link-lib={kind}={}", self.name);
        if self.is_static {
            for lib in runtime() {
                println!("cargo::rustc-link-lib={lib}");
            }
        }
    }

    /// Returns whether the library has the draft API: only such a library contains the C names of the draft functions.
    fn has_draft(&self) -> bool {
        let bytes = fs::read(&self.path).unwrap_or_default();
        let name = b"zmq_poller_new\0";
        bytes.windows(name.len() + 1).any(|window| {
            // The byte before the name is a NUL, or the underscore that some systems put before every name.
            window.get(1..) == Some(name) && matches!(window.first(), Some(0 | b'_'))
        })
    }
}

/// Returns the libraries that a static libzmq needs on this target: the C++ runtime that the target's compiler uses by
/// default, and system libraries.
fn runtime() -> Vec<String> {
    let cfg = |name: &str| std::env::var(name).unwrap_or_default();
    let os = cfg("CARGO_CFG_TARGET_OS");
    let cpp = match os.as_str() {
        "windows" if cfg("CARGO_CFG_TARGET_ENV") == "msvc" => None,
        "macos" | "ios" | "tvos" | "watchos" | "visionos" | "freebsd" | "openbsd" => Some("c++"),
        "android" => Some("c++_shared"),
        _ => Some("stdc++"),
    };
    let system: &[&str] = match os.as_str() {
        "windows" => &["ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
        _ => &[],
    };
    cpp.iter().chain(system).map(|&lib| lib.to_owned()).collect()
}
