//! Messages whose end is sent when their peer is about to go.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // A pipe that ends takes nothing any more, and a STREAM then forgot the bytes: they were never given back.
    once(
        "stream-unsent",
        "src/stream.cpp",
        "            _current_out->flush ();\n",
        "            _current_out->flush ();
        else {
            const int rc = msg_->close ();
            errno_assert (rc == 0);
        }
",
    ),
];
