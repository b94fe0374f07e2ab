//! Names of hosts: where they are looked up, and which of their addresses are tried.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
