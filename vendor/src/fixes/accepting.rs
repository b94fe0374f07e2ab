//! What accepting, connecting, sending and receiving may fail with, and threads that cannot be had.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
