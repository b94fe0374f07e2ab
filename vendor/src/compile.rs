//! Calls the compiler for libzmq, and gives the probes the same settings.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::compiler::{self, Language};
use crate::platform::Target;
use crate::{Addition, Build, Error, source};

/// The settings with which every file of libzmq and every probe is compiled.
pub(crate) fn base(target: &Target, language: Language) -> cc::Build {
    let cpp = language == Language::Cpp;
    let mut build = cc::Build::new();
    build.cpp(cpp).warnings(false).extra_warnings(false);
    // Always optimize, whatever the profile: with -O0, the throughput is a third. `assert` stays on, as in the packages
    // of the distributions. If one fails, a clean stop is better than to continue, and none is on a hot path.
    build.opt_level(2).debug(false).force_frame_pointer(false);
    for (name, value) in target.defines() {
        build.define(name, value);
    }
    if target.is_msvc() {
        build.flag("/EHsc");
    } else if cpp {
        build.std("c++11");
    }
    build
}

/// Compiles the tree into `OUT_DIR/lib`, and returns this directory.
pub(crate) fn library(
    tree: &Path,
    out_dir: &Path,
    target: &Target,
    options: &Build,
) -> Result<PathBuf, Error> {
    let lib_dir = out_dir.join("lib");

    compiler::check(target, Language::C)?;
    let mut c = base(target, Language::C);
    c.out_dir(&lib_dir).cargo_metadata(false);
    c.file(tree.join("external/sha1/sha1.c"));
    if target.uses_wepoll() {
        c.file(tree.join("external/wepoll/wepoll.c"));
    }
    let c_objects = c.try_compile_intermediates().map_err(failure)?;

    let mut cpp = base(target, Language::Cpp);
    cpp.out_dir(&lib_dir).define("ZMQ_STATIC", None).define("ZMQ_CUSTOM_PLATFORM_HPP", None);
    cpp.include(tree.join("src")).include(tree.join("include"));
    if !target.is_windows() {
        // Another library can replace a function that is visible to it. The compiler does not inline such a function, and
        // calls it through a table.
        cpp.flag_if_supported("-fvisibility=hidden").flag_if_supported("-fno-semantic-interposition");
    }
    if let Some(sodium) = &options.curve {
        cpp.include(sodium);
    }
    for (_, dirs) in &options.additions {
        cpp.includes(dirs);
    }
    if options.draft {
        cpp.define("ZMQ_BUILD_DRAFT_API", None);
    }
    let (others, alone) = other_files(&tree.join("src"), target, options)?;
    cpp.file(joined(out_dir, "message_path", &ON_THE_WAY_OF_A_MESSAGE)?);
    cpp.file(joined(out_dir, "others", &others)?).files(alone).objects(c_objects);
    cpp.try_compile("zmq").map_err(failure)?;
    Ok(lib_dir)
}

/// The C++ files whose functions run for every message. The first needs its headers before others include them.
const ON_THE_WAY_OF_A_MESSAGE: [&str; 48] = [
    "zmq",
    // Sockets.
    "socket_base",
    "channel",
    "client",
    "dealer",
    "dgram",
    "dish",
    "gather",
    "pair",
    "peer",
    "pub",
    "pull",
    "push",
    "radio",
    "rep",
    "req",
    "router",
    "scatter",
    "server",
    "stream",
    "sub",
    "xpub",
    "xsub",
    // Pipes between sockets, and wake-ups.
    "dist",
    "fq",
    "lb",
    "msg",
    "pipe",
    "clock",
    "ctx",
    "mailbox",
    "mailbox_safe",
    "object",
    "own",
    "signaler",
    // Connections.
    "decoder_allocators",
    "raw_decoder",
    "raw_encoder",
    "raw_engine",
    "session_base",
    "stream_engine_base",
    "tcp",
    "v1_decoder",
    "v1_encoder",
    "v2_decoder",
    "v2_encoder",
    "v3_1_encoder",
    "zmtp_engine",
];

/// Writes a C++ file that includes these files, and returns its path.
///
/// A compiler inlines only functions of the file that it compiles, and most functions on the way of a message have one line. It
/// also reads the headers only once: one by one, the other files take four times as long.
fn joined(out_dir: &Path, name: &str, stems: &[impl AsRef<str>]) -> Result<PathBuf, Error> {
    let path = out_dir.join(name).with_extension("cpp");
    let includes: String = stems.iter().map(|stem| format!("#include \"{}.cpp\"\n", stem.as_ref())).collect();
    source::write(&path, &includes)?;
    Ok(path)
}

/// Returns the other C++ files: the names of those to compile together, and the paths of those to compile alone.
fn other_files(dir: &Path, target: &Target, options: &Build) -> Result<(Vec<String>, Vec<PathBuf>), Error> {
    let unreadable = |error| Error::new(format!("cannot list {}: {error}", dir.display()));
    let belongs_to = |stem: &str, addition: Addition| stem.starts_with(&format!("{}_", addition.feature()));
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension() != Some(OsStr::new("cpp")) || ON_THE_WAY_OF_A_MESSAGE.contains(&stem.as_str()) {
            continue;
        }
        // Without GnuTLS, the files of the `wss` transport cannot be compiled. Those of other additions are then empty.
        if belongs_to(&stem, Addition::Wss) && !options.has(Addition::Wss) {
            continue;
        }
        // The headers of such a library may define any macro. Nobody has tried to join files with the compiler MSVC.
        let by_itself = |&(addition, _): &(Addition, _)| belongs_to(&stem, addition);
        if target.is_msvc() || options.additions.iter().any(by_itself) {
            alone.push(path);
        } else {
            together.push(stem);
        }
    }
    together.sort();
    alone.sort();
    Ok((together, alone))
}

/// The error that the user sees if a compiler that works cannot compile libzmq.
fn failure(error: cc::Error) -> Error {
    Error::new(format!(
        "compiling the bundled libzmq failed: {error}\n\
         It needs a C++11 compiler. The variable CXX (or CXX_<target>) selects another compiler."
    ))
}
