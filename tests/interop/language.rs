//! The other languages. For each language, a fixed version of the binding is installed, or the peer is compiled, below
//! the target directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;

const PYZMQ: &str = "27.3.0";
const ZEROMQ_JS: &str = "6.8.0";

pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// Returns the command that runs a peer, or says what is missing.
    install: fn() -> Result<PeerCommand, String>,
    installed: OnceLock<Result<PeerCommand, String>>,
}

/// The command that runs a peer. Its role and endpoint follow as arguments.
pub(crate) struct PeerCommand {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<PathBuf>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
}

pub(crate) static LANGUAGES: [Language; if cfg!(target_os = "linux") { 3 } else { 2 }] = [
    Language { name: "python", install: python, installed: OnceLock::new() },
    Language { name: "javascript", install: javascript, installed: OnceLock::new() },
    // On other systems, the library that comes with pyzmq cannot be linked.
    #[cfg(target_os = "linux")]
    Language { name: "c++", install: cpp, installed: OnceLock::new() },
];

/// The async sockets of pyzmq, which talk to async sockets only.
#[cfg(all(any(feature = "smol", feature = "tokio"), unix))]
pub(crate) static PYTHON_ASYNCIO: Language =
    Language { name: "asyncio", install: python_asyncio, installed: OnceLock::new() };

/// CZMQ, which talks to requesters, and encodes messages.
#[cfg(target_os = "linux")]
pub(crate) static CZMQ: Language = Language { name: "czmq", install: czmq, installed: OnceLock::new() };

impl Language {
    /// Returns the command, which the first call installs.
    pub(crate) fn command(&self) -> Result<&PeerCommand, String> {
        self.installed
            .get_or_init(self.install)
            .as_ref()
            .map_err(|missing| format!("{}: {missing}", self.name))
    }
}

fn python() -> Result<PeerCommand, String> {
    let bin = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = if cfg!(windows) { "python" } else { "python3" };
    let directory = install_once(&format!("pyzmq-{PYZMQ}"), |directory| {
        run(Command::new(python).args(["-m", "venv"]).arg(directory))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
        run(Command::new(directory.join(bin)).args(pip).arg(format!("pyzmq=={PYZMQ}")))
    })?;
    Ok(PeerCommand {
        program: directory.join(bin),
        arguments: vec![script("peer.py")],
        environment: Vec::new(),
    })
}

#[cfg(all(any(feature = "smol", feature = "tokio"), unix))]
fn python_asyncio() -> Result<PeerCommand, String> {
    Ok(PeerCommand { arguments: vec![script("peer_asyncio.py")], ..python()? })
}

fn javascript() -> Result<PeerCommand, String> {
    let directory = install_once(&format!("zeromq.js-{ZEROMQ_JS}"), |directory| {
        fs::create_dir(directory).map_err(|error| error.to_string())?;
        // On Windows it is a script, whose name must be given in full.
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        // The package contains a compiled binding. Its scripts would compile another one.
        let options =
            ["install", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        run(Command::new(npm).args(options).arg(directory).arg(format!("zeromq@{ZEROMQ_JS}")))?;
        run(Command::new("node").args(["-e", "require('zeromq')"]).current_dir(directory))
    })?;
    let modules = directory.join("node_modules").into_os_string();
    Ok(PeerCommand {
        program: "node".into(),
        arguments: vec![script("peer.js")],
        environment: vec![("NODE_PATH", modules)],
    })
}

/// With the header of the tested libzmq, and another build of the library: the one that comes with pyzmq.
#[cfg(target_os = "linux")]
fn cpp() -> Result<PeerCommand, String> {
    use std::hash::{DefaultHasher, Hasher};

    let find = "import glob, zmq; print(*glob.glob(zmq.__path__[0] + '/../pyzmq.libs/libzmq-*'), end='')";
    let output = Command::new(python()?.program).args(["-c", find]).output();
    let output = output.map_err(|error| error.to_string())?;
    let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).into_owned());
    let Some(folder) = library.parent().filter(|_| library.is_file()) else {
        return Err("pyzmq has no libzmq of its own".to_owned());
    };

    let source = script("peer.cpp");
    let mut inputs = DefaultHasher::new();
    inputs.write(&fs::read(&source).map_err(|error| error.to_string())?);
    inputs.write(library.as_os_str().as_encoded_bytes());
    inputs.write(env!("ZMQ_INCLUDE").as_bytes());
    let directory = install_once(&format!("peer-cpp-{:016x}", inputs.finish()), |directory| {
        fs::create_dir(directory).map_err(|error| error.to_string())?;
        let mut compile = compiler("CXX", "c++");
        compile.args(["-std=c++17", "-O1", "-Wall", "-Wextra", "-I", env!("ZMQ_INCLUDE"), "-o"]);
        compile.arg(directory.join("peer")).arg(&source).arg(&library);
        run(compile.arg(format!("-Wl,-rpath,{}", folder.display())))
    })?;
    Ok(PeerCommand { program: directory.join("peer"), arguments: Vec::new(), environment: Vec::new() })
}

/// With the CZMQ of the system, or the one whose headers are in the folder that `ZMQ_TEST_CZMQ` names.
#[cfg(target_os = "linux")]
fn czmq() -> Result<PeerCommand, String> {
    use std::hash::{DefaultHasher, Hasher};

    let source = script("peer_czmq.c");
    let headers = std::env::var_os("ZMQ_TEST_CZMQ").unwrap_or_else(|| "/usr/include".into());
    let mut inputs = DefaultHasher::new();
    inputs.write(&fs::read(&source).map_err(|error| error.to_string())?);
    inputs.write(headers.as_encoded_bytes());
    let directory = install_once(&format!("peer-czmq-{:016x}", inputs.finish()), |directory| {
        fs::create_dir(directory).map_err(|error| error.to_string())?;
        let mut compile = compiler("CC", "cc");
        compile.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-I", env!("ZMQ_INCLUDE"), "-I"]).arg(headers);
        compile.arg("-o").arg(directory.join("peer")).arg(&source);
        // The library by its version, which needs no development package. It uses the libzmq of the system.
        run(compile.args(["-l:libczmq.so.4", "-l:libzmq.so.5"]))
    })?;
    Ok(PeerCommand { program: directory.join("peer"), arguments: Vec::new(), environment: Vec::new() })
}

/// The compiler that a variable names, with a prefix such as `ccache` and with arguments.
#[cfg(target_os = "linux")]
fn compiler(variable: &str, usual: &str) -> Command {
    let command = std::env::var(variable).unwrap_or_default();
    let mut words = command.split_whitespace();
    let mut compiler = Command::new(words.next().unwrap_or(usual));
    compiler.args(words);
    compiler
}

pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name)
}

/// Creates a directory of this name, unless an earlier run did.
fn install_once(name: &str, install: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let directory = target.join(name);
    if directory.exists() {
        return Ok(directory);
    }
    // It gets its final name when it is complete. The first process to finish wins.
    let unfinished = target.join(format!("{name}.{}", process::id()));
    fs::create_dir_all(target).map_err(|error| error.to_string())?;
    let installed = install(&unfinished);
    if installed.is_ok() && fs::rename(&unfinished, &directory).is_ok() {
        return Ok(directory);
    }
    // The remains of a failed installation are useless and harmless.
    let _ = fs::remove_dir_all(&unfinished);
    installed.map(|()| directory)
}

/// Runs a command without output. An error names the command and its first complaint.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    Err(format!("`{program} {}` failed: {}", arguments.join(" "), complaint.trim()))
}
