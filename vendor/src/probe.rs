//! Asks the target's compiler whether a snippet compiles.
//!
//! No snippet is linked or run, so the answers are also right when cross-compiling.

use std::path::PathBuf;

use crate::compiler::{self, Language};
use crate::platform::Target;
use crate::{Error, compile, env, source};

/// A snippet for one feature.
pub(crate) struct Probe {
    /// The macro to define if the snippet compiles.
    pub(crate) define: &'static str,
    /// The headers to include, separated by spaces.
    pub(crate) headers: &'static str,
    /// The statements in the body of a function.
    pub(crate) body: &'static str,
}

/// A compiler that is known to work, and a directory for the snippets.
pub(crate) struct Prober<'a> {
    target: &'a Target,
    dir: PathBuf,
}

impl<'a> Prober<'a> {
    /// Checks that the compiler works. Otherwise, every later answer would wrongly be no.
    pub(crate) fn new(target: &'a Target) -> Result<Self, Error> {
        compiler::check(target, Language::Cpp)?;
        Ok(Self { target, dir: PathBuf::from(env("OUT_DIR")?).join("probes") })
    }

    /// Whether the snippet compiles.
    pub(crate) fn has(&self, probe: &Probe) -> bool {
        self.compile(probe).is_ok()
    }

    fn compile(&self, probe: &Probe) -> Result<(), cc::Error> {
        let mut text = String::new();
        for header in probe.headers.split_whitespace() {
            text.push_str(&format!("#include <{header}>\n"));
        }
        text.push_str(&format!("void probe () {{\n{}\n}}\n", probe.body));
        let file = self.dir.join(format!("{}.cpp", probe.define.to_lowercase()));
        // If the snippet cannot be written, it does not compile. The check of the compiler reports this.
        let _ = source::write(&file, &text);

        let mut build = compile::base(self.target, Language::Cpp);
        build.out_dir(&self.dir).file(&file).cargo_metadata(false).cargo_warnings(false).cargo_output(false);
        build.try_compile_intermediates().map(drop)
    }
}
