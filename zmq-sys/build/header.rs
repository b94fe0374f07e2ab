//! Reads the version of a libzmq from its `zmq.h`.

use std::fs;
use std::path::Path;

use crate::help;

/// The oldest libzmq that has every function declared here.
pub(crate) const OLDEST: (u32, u32) = (4, 3);

/// The version of a libzmq, and whether it has the draft API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
    /// Whether the header enables the draft API. Most headers leave this to a compiler option.
    pub(crate) draft: bool,
}

impl Header {
    /// Reads the `zmq.h` in `dir`.
    ///
    /// # Errors
    ///
    /// Fails if the directory has no `zmq.h`, or if the header has no version or a version older than [`OLDEST`].
    pub(crate) fn read(dir: &Path) -> Result<Self, String> {
        let file = dir.join("zmq.h");
        let text = fs::read_to_string(&file).map_err(|_| help::no_header(dir))?;
        let header =
            Self::parse(&text).ok_or_else(|| format!("{} does not define its version", file.display()))?;
        if (header.major, header.minor) < OLDEST {
            let version = format!("{}.{}.{}", header.major, header.minor, header.patch);
            return Err(help::too_old(&version, &file));
        }
        Ok(header)
    }

    fn parse(text: &str) -> Option<Self> {
        // The text after `#define NAME`.
        let define = |name: &str| {
            text.lines().find_map(|line| {
                let rest = line.trim_start().strip_prefix("#define")?.trim_start().strip_prefix(name)?;
                (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
            })
        };
        Some(Self {
            major: define("ZMQ_VERSION_MAJOR")?.parse().ok()?,
            minor: define("ZMQ_VERSION_MINOR")?.parse().ok()?,
            patch: define("ZMQ_VERSION_PATCH")?.parse().ok()?,
            draft: define("ZMQ_BUILD_DRAFT_API").is_some(),
        })
    }

    /// Returns the number that `ZMQ_MAKE_VERSION` would return: 40305 for 4.3.5.
    pub(crate) fn number(self) -> u32 {
        self.major * 10000 + self.minor * 100 + self.patch
    }
}
