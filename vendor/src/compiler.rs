//! Checks that the compiler works, and explains why it does not.
//!
//! Most failures happen when the target is not the system that compiles. Each error names the variable with which the user can
//! correct the failure. The compiled snippets are never linked or run.

use std::env::var;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::platform::Target;
use crate::{Error, compile, env, source};

/// A language in which libzmq is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    Cpp,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::Cpp => "C++",
        }
    }

    /// The variable that names the compiler.
    fn compiler(self) -> &'static str {
        match self {
            Self::C => "CC",
            Self::Cpp => "CXX",
        }
    }

    /// The variable that contains flags for the compiler.
    fn flags(self) -> &'static str {
        match self {
            Self::C => "CFLAGS",
            Self::Cpp => "CXXFLAGS",
        }
    }

    fn snippet(self) -> &'static str {
        match self {
            Self::C => "compiler.c",
            Self::Cpp => "compiler.cpp",
        }
    }

    /// Includes headers that every library of this language has.
    fn headers(self) -> &'static str {
        match self {
            Self::C => "#include <stddef.h>\n#include <string.h>\n",
            Self::Cpp => "#include <stddef.h>\n#include <string>\nstd::string zmq_text;\n",
        }
    }
}

const EMPTY: &str = "int zmq_nothing;\n";

/// Does not compile with a standard before C++11. Not for Visual C++, where the macro has an old value by default.
const STANDARD: &str = "#if __cplusplus < 201103L\n#error an old standard\n#endif\n";

/// Checks that the compiler works and compiles for the target. With a compiler that does not work, every later probe would wrongly
/// find that the target lacks something.
///
/// # Errors
///
/// The error names the reason why the compiler cannot be used, and what the user can do.
pub(crate) fn check(target: &Target, language: Language) -> Result<(), Error> {
    let dir = PathBuf::from(env("OUT_DIR")?).join("probes");
    let mut build = compile::base(target, language);
    build.out_dir(&dir).cargo_metadata(false).cargo_warnings(false).cargo_output(false);
    let tool = build.try_get_compiler().map_err(|error| {
        Error::new(format!("the bundled libzmq needs a {} compiler, but {error}", language.name()))
    })?;
    let compiler = Compiler { target, language, dir, tool };
    let standard = if language == Language::Cpp && !target.is_msvc() { STANDARD } else { "" };
    let platform = target.test_of_compiler();
    let all = format!("{platform}{standard}{}{EMPTY}", language.headers());
    match compiler.compile(&all, true)? {
        None => compiler.find_library(),
        Some(said) => Err(compiler.explain(&platform, standard, &said)?),
    }
}

/// The compiler of one language.
struct Compiler<'a> {
    target: &'a Target,
    language: Language,
    dir: PathBuf,
    tool: cc::Tool,
}

impl Compiler<'_> {
    /// Compiles the text. Returns `None` if this succeeds, and otherwise what the compiler prints.
    ///
    /// # Errors
    ///
    /// Fails if the compiler cannot be started.
    fn compile(&self, text: &str, with_flags: bool) -> Result<Option<String>, Error> {
        let file = self.dir.join(self.language.snippet());
        source::write(&file, text)?;
        let mut command = if with_flags { self.tool.to_command() } else { self.without_flags() };
        let object = file.with_extension("o");
        if self.tool.is_like_msvc() {
            command.arg("-c").arg(format!("-Fo{}", object.display()));
        } else {
            command.arg("-c").arg("-o").arg(&object);
        }
        let output = self.output(command.arg(&file))?;
        Ok((!output.status.success()).then(|| said(&output)))
    }

    fn without_flags(&self) -> Command {
        let mut command = Command::new(self.tool.path());
        for (name, value) in self.tool.to_command().get_envs() {
            value.map(|value| command.env(name, value));
        }
        command
    }

    fn output(&self, command: &mut Command) -> Result<Output, Error> {
        // The errors below contain what the compiler prints.
        command.env("LC_ALL", "C").output().map_err(|error| self.cannot_start(&error))
    }

    /// Finds the reason by compiling less.
    fn explain(&self, platform: &str, standard: &str, said: &str) -> Result<Error, Error> {
        let flags = self.set(self.language.flags());
        if let Some(said) = self.compile(EMPTY, true)? {
            // `cc` adds flags that every compiler for the target knows.
            return Ok(if self.compile(EMPTY, false)?.is_some() {
                self.does_not_work(&said)
            } else if !flags.is_empty() {
                self.refuses(&flags, &said)
            } else {
                self.is_for_another_platform(&flags)
            });
        }
        if self.compile(&format!("{platform}{EMPTY}"), true)?.is_some() {
            return Ok(self.is_for_another_platform(&flags));
        }
        if self.compile(&format!("{standard}{EMPTY}"), true)?.is_some() {
            return Ok(Error::new(format!(
                "the bundled libzmq needs C++11, but {} selects an older C++ for `{}`.\n\
                 Correct this variable.",
                list(&flags),
                self.program()
            )));
        }
        Ok(self.has_no_headers(&flags, said))
    }

    fn cannot_start(&self, error: &std::io::Error) -> Error {
        let program = self.program();
        let mut reason = if error.kind() == ErrorKind::NotFound {
            format!("there is no program `{program}`")
        } else {
            format!("`{program}` cannot be started: {error}")
        };
        if let Some(name) = self.set(self.language.compiler()).first() {
            let _ = write!(reason, ". The variable {name} names it");
        }
        Error::new(format!("{}, but {reason}.\n{}", self.needs(), self.install()))
    }

    fn does_not_work(&self, said: &str) -> Error {
        let program = self.program();
        Error::new(format!("{}, but `{program}` does not work: {said}.\n{}", self.needs(), self.install()))
    }

    fn refuses(&self, flags: &[String], said: &str) -> Error {
        let variable = self.language.flags();
        let own = self.own(variable);
        let mut text = format!("`{}` refuses the flags in {}: {said}.\n", self.program(), list(flags));
        if self.target.is_foreign && flags.iter().any(|name| name == variable) {
            let _ = write!(
                text,
                "{variable} applies to every target. Unset it. Set HOST_{variable} to the flags for this machine, and {own} to\n\
                 the flags for {}.",
                self.target.name
            );
        } else {
            text.push_str("Correct the variable.");
        }
        Error::new(text)
    }

    fn is_for_another_platform(&self, flags: &[String]) -> Error {
        let mut text = format!("{}, but `{}`", self.needs(), self.program());
        if let Some(name) = self.set(self.language.compiler()).first() {
            let _ = write!(text, ", which the variable {name} names,");
        }
        text.push_str(" compiles for another platform");
        if !flags.is_empty() {
            let _ = write!(text, " with the flags in {}", list(flags));
        }
        Error::new(format!("{text}.\n{}", self.install()))
    }

    fn has_no_headers(&self, flags: &[String], said: &str) -> Error {
        let language = self.language.name();
        let program = self.program();
        let name = &self.target.name;
        let mut text =
            format!("`{program}` cannot compile with the {language} library for {name}: {said}.\n");
        match self.sysroot() {
            Some(dir) => {
                let _ = write!(text, "It looks for the library in the sysroot {dir}");
                if flags.is_empty() {
                    text.push_str(". Install the library there.");
                } else {
                    let _ = write!(
                        text,
                        ", which {} names. Install the library there, or correct the variable.",
                        list(flags)
                    );
                }
            }
            None => {
                text.push_str(&self.install());
                let _ = write!(
                    text,
                    "\nIf a sysroot contains the library, set {} to --sysroot=DIRECTORY.",
                    self.own(self.language.flags())
                );
            }
        }
        Error::new(text)
    }

    /// Checks that the linker will find the C++ library. The headers can be installed without it.
    ///
    /// Only GCC for another platform is asked, because its answer is reliable, and its library is often in a package of its own.
    fn find_library(&self) -> Result<(), Error> {
        let chosen = self.set("CXXSTDLIB");
        if self.language == Language::C
            || !self.target.is_foreign
            || !self.tool.is_like_gnu()
            || !chosen.is_empty()
        {
            return Ok(());
        }
        for file in ["libstdc++.so", "libstdc++.a", "libstdc++.dll.a"] {
            let output = self.output(self.tool.to_command().arg(format!("-print-file-name={file}")))?;
            // GCC prints the name without a directory if it does not find the file.
            if !output.status.success() || String::from_utf8_lossy(&output.stdout).trim() != file {
                return Ok(());
            }
        }
        let variable = self.own("CXXSTDLIB");
        Err(Error::new(format!(
            "`{}` has the headers of the C++ library for {}, but finds no libstdc++ to link.\n{}\n\
             If the linker finds it elsewhere, set {variable}=stdc++. To link another C++ library, set {variable} to its name.",
            self.program(),
            self.target.name,
            self.install()
        )))
    }

    /// The sysroot that the flags or the compiler's variable name.
    fn sysroot(&self) -> Option<String> {
        let mut arguments = self.tool.args().iter().map(|argument| argument.to_string_lossy());
        while let Some(argument) = arguments.next() {
            if let Some(dir) = argument.strip_prefix("--sysroot=") {
                return Some(dir.to_owned());
            }
            if argument == "--sysroot" || argument == "-isysroot" {
                return arguments.next().map(|dir| dir.into_owned());
            }
        }
        None
    }

    fn program(&self) -> String {
        self.tool.path().display().to_string()
    }

    fn needs(&self) -> String {
        format!("the bundled libzmq needs a {} compiler for {}", self.language.name(), self.target.name)
    }

    /// Describes how to get a compiler.
    fn install(&self) -> String {
        let variable = self.own(self.language.compiler());
        let language = self.language.name();
        if !self.target.is_foreign {
            return format!(
                "Install a compiler:\n\
                 \x20 Debian, Ubuntu  apt install g++\n\
                 \x20 Fedora          dnf install gcc-c++\n\
                 \x20 Alpine          apk add g++\n\
                 \x20 Arch            pacman -S gcc\n\
                 \x20 macOS           xcode-select --install\n\
                 \x20 Windows         the C++ workload of the Visual Studio Build Tools\n\
                 Or set {variable} to another {language} compiler."
            );
        }
        let package = self.debian_package();
        let package =
            package.map(|name| format!(" (Debian, Ubuntu: apt install {name})")).unwrap_or_default();
        format!("Set {variable} to a {language} compiler for {}{package}.", self.target.name)
    }

    /// The Debian package with the compilers for the target, which Debian names after the processor.
    fn debian_package(&self) -> Option<String> {
        let name = &self.target.name;
        if self.target.is_windows() && !self.target.is_msvc() {
            return Some("g++-mingw-w64".to_owned());
        }
        if !self.target.is_gnu_linux() {
            return None;
        }
        let (processor, environment) = (name.split('-').next()?, name.rsplit('-').next()?);
        let processor = match processor {
            "i586" => "i686",
            "armv7" | "thumbv7neon" => "arm",
            "riscv64gc" | "riscv64a23" => "riscv64",
            other => other,
        };
        Some(format!("g++-{}-linux-{environment}", processor.replace('_', "-")))
    }

    /// The variable for this target, or the general variable if the target is this system.
    fn own(&self, variable: &str) -> String {
        if self.target.is_foreign {
            format!("{variable}_{}", self.target.name.replace(['-', '.'], "_"))
        } else {
            variable.to_owned()
        }
    }

    /// The variables that the crate `cc` reads and that are set, in the order in which it reads them.
    fn set(&self, variable: &str) -> Vec<String> {
        let kind = if self.target.is_foreign { "TARGET" } else { "HOST" };
        let name = &self.target.name;
        [
            format!("{variable}_{name}"),
            format!("{variable}_{}", name.replace(['-', '.'], "_")),
            format!("{kind}_{variable}"),
            variable.to_owned(),
        ]
        .into_iter()
        .inspect(|name| println!("cargo::rerun-if-env-changed={name}"))
        .filter(|name| var(name).is_ok_and(|value| !value.trim().is_empty()))
        .collect()
    }
}

/// Returns the first error that the compiler prints, without the name of the file.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    // Visual C++ prints its errors to the other stream.
    let more = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines().chain(more.lines()).map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next();
    let line = lines.find(|line| line.contains("error")).or(first);
    match line {
        Some(line) => {
            line.rsplit_once("error: ").map_or(line, |(_, said)| said).trim_end_matches('.').to_owned()
        }
        None => output.status.to_string(),
    }
}

fn list(names: &[String]) -> String {
    names.join(" and ")
}
