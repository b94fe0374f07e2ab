//! The operating system, for tasks that libzmq does not do for the crate, and facts that it does not report.
//!
//! This module does not depend on libzmq or on the rest of the crate.

pub(crate) mod descriptors;
pub(crate) mod edges;
pub(crate) mod fork;
pub(crate) mod lender;
pub(crate) mod private;
pub(crate) mod scheduling;
pub(crate) mod secret;
pub(crate) mod signals;
pub(crate) mod threads;
#[cfg(zmq_draft)]
pub(crate) mod udp;

use core::ffi::c_int;

/// The error number of a call that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Errno(pub(crate) c_int);

impl Errno {
    /// The error number of the last call to the system that failed in this thread. Read it before any other call.
    #[cfg(unix)]
    pub(crate) fn last() -> Errno {
        Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or_default())
    }

    /// Returns the error number of a failed operation of the standard library, if one fits.
    pub(crate) fn of(error: &std::io::Error) -> Option<Errno> {
        let number = error.raw_os_error();
        if cfg!(unix) {
            return number.map(Errno);
        }
        Errno::of_kind(error.kind()).or_else(|| number.and_then(Errno::of_windows))
    }

    /// Returns the error number of C for an error number of Windows, for errors that have no kind in the standard library.
    fn of_windows(number: c_int) -> Option<Errno> {
        match number {
            // ERROR_TOO_MANY_OPEN_FILES and WSAEMFILE.
            4 | 10_024 => Some(Errno(libc::EMFILE)),
            // WSAENOBUFS.
            10_055 => Some(Errno(libc::ENOBUFS)),
            _ => None,
        }
    }

    /// Returns the error as one of the standard library, which expects other numbers on Windows.
    #[cfg(all(any(feature = "smol", feature = "tokio"), zmq_draft))]
    pub(crate) fn into_io(self) -> std::io::Error {
        let number = match self.0 {
            number if cfg!(unix) => number,
            // WSAEMFILE, WSAENOBUFS, ERROR_NOT_ENOUGH_MEMORY, ERROR_GEN_FAILURE.
            libc::EMFILE => 10_024,
            libc::ENOBUFS => 10_055,
            libc::ENOMEM => 8,
            _ => 31,
        };
        std::io::Error::from_raw_os_error(number)
    }

    /// Returns the error number for a kind of error. On Windows, the standard library reports other numbers, such as 183 for a
    /// file that already exists.
    fn of_kind(kind: std::io::ErrorKind) -> Option<Errno> {
        use std::io::ErrorKind;
        Some(Errno(match kind {
            ErrorKind::NotFound => libc::ENOENT,
            ErrorKind::AlreadyExists => libc::EEXIST,
            ErrorKind::PermissionDenied => libc::EACCES,
            ErrorKind::NotADirectory => libc::ENOTDIR,
            ErrorKind::IsADirectory => libc::EISDIR,
            ErrorKind::StorageFull => libc::ENOSPC,
            ErrorKind::ReadOnlyFilesystem => libc::EROFS,
            ErrorKind::OutOfMemory => libc::ENOMEM,
            ErrorKind::WouldBlock => libc::EAGAIN,
            _ => return None,
        }))
    }
}

/// Turns the system's "-1 and errno" into a `Result`.
#[cfg(unix)]
pub(crate) fn cvt(rc: c_int) -> Result<c_int, Errno> {
    if rc == -1 { Err(Errno::last()) } else { Ok(rc) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds are the ones that the standard library makes from the same numbers on Unix.
    #[cfg(unix)]
    #[test]
    fn kinds_of_errors_have_the_numbers_of_c() {
        use libc::{EACCES, EAGAIN, EEXIST, EISDIR, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EROFS};
        for errno in [EACCES, EAGAIN, EEXIST, EISDIR, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EROFS] {
            let kind = std::io::Error::from_raw_os_error(errno).kind();
            assert_eq!(Errno::of_kind(kind), Some(Errno(errno)), "{kind}");
        }
    }

    #[test]
    fn numbers_of_windows_for_exhausted_resources_have_the_numbers_of_c() {
        assert_eq!(Errno::of_windows(10_024), Some(Errno(libc::EMFILE)));
        assert_eq!(Errno::of_windows(10_055), Some(Errno(libc::ENOBUFS)));
        assert_eq!(Errno::of_windows(10_054), None);
    }

    #[cfg(all(any(feature = "smol", feature = "tokio"), zmq_draft))]
    #[test]
    fn errors_of_the_standard_library_have_the_numbers_of_c() {
        for errno in [libc::EMFILE, libc::ENOBUFS, libc::ENOMEM] {
            assert_eq!(Errno::of(&Errno(errno).into_io()), Some(Errno(errno)));
        }
    }

    #[test]
    fn a_file_that_exists_is_eexist_on_every_platform() {
        let path = std::env::temp_dir().join(format!("zmq-errno-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        let error = std::fs::create_dir(&path).unwrap_err();
        std::fs::remove_dir(&path).unwrap();
        assert_eq!(Errno::of(&error), Some(Errno(libc::EEXIST)));
    }
}
