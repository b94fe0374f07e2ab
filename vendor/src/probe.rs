//! Questions to the target's compiler: does this snippet compile?
//!
//! Nothing is linked or run, so the answers hold when cross-compiling too.

use std::path::PathBuf;

use crate::platform::Target;
use crate::{Error, compile, env, source};

/// One question.
pub(crate) struct Probe {
    /// The macro that a yes defines.
    pub(crate) define: &'static str,
    /// The headers to include, separated by blanks.
    pub(crate) headers: &'static str,
    /// Statements of a function's body.
    pub(crate) body: &'static str,
}

/// A compiler that is known to work, and a directory to keep the snippets in.
pub(crate) struct Prober<'a> {
    target: &'a Target,
    dir: PathBuf,
}

impl<'a> Prober<'a> {
    /// Checks first that the compiler can compile at all: if it cannot, every later no would be a lie.
    pub(crate) fn new(target: &'a Target) -> Result<Self, Error> {
        let dir = PathBuf::from(env("OUT_DIR")?).join("probes");
        let prober = Self { target, dir };
        prober
            .compile(&Probe { define: "compiler", headers: "stddef.h string", body: "std::string text;" })
            .map_err(compile::failure)?;
        Ok(prober)
    }

    /// The answer.
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
        // A snippet that cannot be written is one that does not compile: the first probe reports it.
        let _ = source::write(&file, &text);

        let mut build = compile::base(self.target, true);
        build.out_dir(&self.dir).file(&file).cargo_metadata(false).cargo_warnings(false).cargo_output(false);
        build.try_compile_intermediates().map(drop)
    }
}
