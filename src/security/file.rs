//! Files that may contain secrets.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// The initial size of the buffer, in bytes.
const FIRST: usize = 4 << 10;

/// Reads to the end. Returns `None` for more than `max` bytes. The bytes are erased on drop, and reading leaves no other copy
/// of them in memory.
pub(super) fn read(mut file: impl Read, max: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut contents = Zeroizing::new(vec![0; FIRST]);
    let mut len = 0_usize;
    while len <= max {
        let room = contents.get_mut(len..).unwrap_or_default();
        if room.is_empty() {
            // A vector that grows by itself leaves the old bytes in memory.
            let mut larger = Zeroizing::new(vec![0; len.saturating_mul(2)]);
            for (to, from) in larger.iter_mut().zip(contents.iter()) {
                *to = *from;
            }
            contents = larger;
            continue;
        }
        match file.read(room) {
            Ok(0) => {
                contents.truncate(len);
                return Ok(Some(contents));
            }
            Ok(count) => len = len.saturating_add(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Opens a file without blocking, even if it is a pipe. Returns `None` if it is not a regular file.
pub(super) fn open_at_once(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    // Checks the open file, because the path may lead to another file by now.
    Ok(file.metadata()?.is_file().then_some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_file_is_read_or_nothing() {
        for len in [0, 1, FIRST - 1, FIRST, FIRST + 1, 5 * FIRST] {
            let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
            assert_eq!(*read(&bytes[..], len).unwrap().unwrap(), bytes);
            assert_eq!(*read(&bytes[..], len + 1).unwrap().unwrap(), bytes);
            if let Some(less) = len.checked_sub(1) {
                assert!(read(&bytes[..], less).unwrap().is_none());
            }
        }
    }

    #[test]
    fn failures_are_reported_and_signals_have_no_effect() {
        struct Failing(Vec<ErrorKind>);
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                self.0.pop().map_or(Ok(0), |kind| Err(kind.into()))
            }
        }
        let interrupted = Failing(vec![ErrorKind::Interrupted; 3]);
        assert!(read(interrupted, 10).unwrap().unwrap().is_empty());
        let denied = Failing(vec![ErrorKind::PermissionDenied]);
        assert!(read(denied, 10).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied));
    }
}
