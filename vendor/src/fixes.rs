//! Our edits to libzmq 4.3.5.

/// One place in the source, and what stands there instead.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Fix {
    /// Its name in the table of the README.
    pub name: &'static str,
    /// The file, from the root of the tree.
    pub file: &'static str,
    /// A text that occurs exactly once in it.
    pub anchor: &'static str,
    /// What takes its place.
    pub instead: &'static str,
}

/// All of them, in the order of application.
pub const ALL: &[Fix] = &[];
