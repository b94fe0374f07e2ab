//! Sockets that keep the last message only.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
