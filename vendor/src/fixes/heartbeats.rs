//! Heartbeats, and subscriptions beyond the high-water mark.

use super::Fix;

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[];
