//! Messages and pipes that were left half-way.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
