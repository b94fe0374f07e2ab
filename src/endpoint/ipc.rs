//! Checks the path of an ipc endpoint.
//!
//! A file that is created between the check and the bind is not noticed, and libzmq deletes it (P11).

use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::target::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::foreign;
use crate::sys::descriptors;

/// Refuses a path if libzmq's bind would delete a file there. A socket on which no process listens may be deleted.
pub(crate) fn check_path(target: &Target<'_>) -> Result<()> {
    let path = target.address();
    // A name that begins with @ is not in the file system.
    if path.starts_with('@') {
        return foreign::check_abstract_name(target);
    }
    // A wildcard makes a new path.
    if path == "*" {
        return Ok(());
    }
    let Ok(there) = Path::new(path).symlink_metadata() else { return Ok(()) };
    if !there.file_type().is_socket() {
        let reason = "the file at the path is not a socket, so bind does not replace it";
        return Err(target.refused(ErrorKind::AlreadyExists, libc::EEXIST, reason));
    }
    let is_refused = descriptors::is_refused(path.as_bytes())
        .map_err(|errno| Error::new(target.operation(), errno).on(target.shown()))?;
    if !is_refused {
        let reason = "another socket already listens at the path";
        return Err(target.refused(ErrorKind::AddrInUse, libc::EADDRINUSE, reason));
    }
    Ok(())
}
