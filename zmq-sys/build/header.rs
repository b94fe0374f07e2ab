//! What `zmq.h` says about the library it belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::help;

/// The oldest libzmq whose functions and constants are all declared and used here.
pub(crate) const OLDEST: (u32, u32) = (4, 3);

/// Version and kind of a libzmq.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
    pub(crate) draft: bool,
}

impl Header {
    /// Reads the first `zmq.h` in these directories.
    ///
    /// # Errors
    ///
    /// There is none, it is older than [`OLDEST`], or it says no version.
    pub(crate) fn read(dirs: &[PathBuf]) -> Result<Self, String> {
        let file = dirs.iter().map(|dir| dir.join("zmq.h")).find(|file| file.is_file());
        let Some(file) = file else { return Err(help::no_header(dirs)) };
        let text =
            fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        println!("cargo::rerun-if-changed={}", file.display());
        Self::parse(&text)
            .ok_or_else(|| format!("{} does not say which version it is", file.display()))?
            .checked(&file)
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |name: &str| -> Option<u32> {
            text.lines().find_map(|line| {
                let mut words = line.split_whitespace();
                let found = words.next() == Some("#define") && words.next() == Some(name);
                if found { words.next()?.parse().ok() } else { None }
            })
        };
        Some(Self {
            major: number("ZMQ_VERSION_MAJOR")?,
            minor: number("ZMQ_VERSION_MINOR")?,
            patch: number("ZMQ_VERSION_PATCH")?,
            draft: false,
        })
    }

    fn checked(self, file: &Path) -> Result<Self, String> {
        if (self.major, self.minor) < OLDEST {
            return Err(help::too_old(
                &format!("{}.{}.{}", self.major, self.minor, self.patch),
                &file.display().to_string(),
            ));
        }
        Ok(self)
    }

    /// 40305 for 4.3.5, as `ZMQ_MAKE_VERSION` counts.
    pub(crate) fn number(self) -> u32 {
        self.major * 10000 + self.minor * 100 + self.patch
    }
}
