//! Connections that end by themselves, and what a socket remembers of them.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
