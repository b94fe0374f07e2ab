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
    let mut files = sources(&tree.join("src"), options.has(Addition::Wss))?;
    files.retain(|file| {
        !ON_THE_WAY_OF_A_MESSAGE.iter().any(|name| file.file_stem() == Some(OsStr::new(name)))
    });
    cpp.file(message_path(out_dir)?).files(files).objects(c_objects);
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

/// Writes one file that includes the files that handle every message, and returns its path.
///
/// A compiler inlines only functions of the file that it compiles, and most of these have one line.
fn message_path(out_dir: &Path) -> Result<PathBuf, Error> {
    let path = out_dir.join("message_path.cpp");
    let includes: String =
        ON_THE_WAY_OF_A_MESSAGE.iter().map(|name| format!("#include \"{name}.cpp\"\n")).collect();
    source::write(&path, &includes)?;
    Ok(path)
}

/// All C++ files. The files of the `wss` transport are included only with GnuTLS.
fn sources(dir: &Path, wss: bool) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error| Error::new(format!("cannot list {}: {error}", dir.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".cpp") && (wss || !name.starts_with("wss_")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The error that the user sees if a compiler that works cannot compile libzmq.
fn failure(error: cc::Error) -> Error {
    Error::new(format!(
        "compiling the bundled libzmq failed: {error}\n\
         It needs a C++11 compiler. The variable CXX (or CXX_<target>) selects another compiler."
    ))
}
