//! What lies at the path of an ipc endpoint.

use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::sys::descriptors;

/// Refuses a path at which there is something that libzmq's bind would delete: all but a socket that nobody listens on.
pub(crate) fn check_path(operation: Operation, endpoint: &str) -> Result<()> {
    let Some(path) = endpoint.strip_prefix("ipc://") else { return Ok(()) };
    // A name that begins with @ is not in the file system.
    if path.starts_with('@') {
        return foreign::check_abstract_name(operation, endpoint, path);
    }
    // A wildcard makes a new path.
    if path == "*" {
        return Ok(());
    }
    let Ok(there) = Path::new(path).symlink_metadata() else { return Ok(()) };
    if !there.file_type().is_socket() {
        let reason = "something that is no socket lies at the path, and is not replaced";
        return Err(Error::refused(operation, ErrorKind::AlreadyExists, libc::EEXIST, endpoint, reason));
    }
    let is_refused = descriptors::is_refused(path.as_bytes())
        .map_err(|errno| Error::new(operation, errno).on(endpoint))?;
    if !is_refused {
        let reason = "somebody listens at the path already";
        return Err(Error::refused(operation, ErrorKind::AddrInUse, libc::EADDRINUSE, endpoint, reason));
    }
    Ok(())
}
