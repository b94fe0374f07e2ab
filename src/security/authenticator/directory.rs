//! A directory of certificates, which is read again for each client.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::super::{Certificate, PublicKey, file};
use crate::error::{Error, Operation, Result};

/// The maximum depth of subdirectories that are searched.
const DEPTH: usize = 16;

/// The resolution of modification times. A file that was modified less than this time before it was read may change again
/// without a new stamp.
const GRAIN: Duration = Duration::from_secs(2);

/// The certificates below a directory, and the state of their files when they were read.
pub(super) struct Directory {
    root: PathBuf,
    files: HashMap<PathBuf, Known>,
    by_key: HashMap<PublicKey, PathBuf>,
}

/// The state and contents of a file when it was read.
struct Known {
    stamp: Stamp,
    key: Option<PublicKey>,
}

/// Differs if a file has changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    /// The inode number, which differs if another file replaces this one.
    number: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Stamp { modified: metadata.modified().ok(), len: metadata.len(), number }
    }

    /// Whether a later change would alter the stamp.
    fn is_settled(self) -> bool {
        let age = self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age > GRAIN)
    }
}

impl Directory {
    pub(super) fn open(root: &Path) -> Result<Directory> {
        let on_root = |error| Error::system(Operation::Authenticator, &error).on(root.display().to_string());
        // A later change of the working directory must not change the meaning of the path.
        let root = fs::canonicalize(root).map_err(on_root)?;
        fs::read_dir(&root).map_err(on_root)?;
        Ok(Directory { root, files: HashMap::new(), by_key: HashMap::new() })
    }

    /// The certificate for this key, if the directory contains one now.
    pub(super) fn find(&mut self, key: PublicKey) -> Option<Certificate> {
        if let Some(certificate) = self.look_up(key) {
            return Some(certificate);
        }
        self.scan();
        self.look_up(key)
    }

    /// Reads again the file that contained the key at the last scan.
    fn look_up(&self, key: PublicKey) -> Option<Certificate> {
        let path = self.by_key.get(&key)?;
        let certificate = Certificate::read_file(file::open_at_once(path).ok()??).ok()?;
        (certificate.public_key() == key).then_some(certificate)
    }

    fn scan(&mut self) {
        let mut before = core::mem::take(&mut self.files);
        self.by_key.clear();
        let mut folders = vec![(self.root.clone(), DEPTH)];
        while let Some((folder, depth)) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                // Links to directories are not followed; links to files are.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.extend(depth.checked_sub(1).map(|depth| (path, depth)));
                } else if let Some(known) = read(&path, before.remove(&path)) {
                    if let Some(key) = known.key {
                        self.by_key.insert(key, path.clone());
                    }
                    self.files.insert(path, known);
                }
            }
        }
    }
}

/// Reads a file, unless it has not changed since the last scan.
fn read(path: &Path, before: Option<Known>) -> Option<Known> {
    // Secret certificates are not needed here, and may be unreadable.
    if path.as_os_str().as_encoded_bytes().ends_with(b"_secret") {
        return None;
    }
    let stamp = Stamp::of(&fs::metadata(path).ok().filter(Metadata::is_file)?);
    if let Some(known) = before.filter(|known| known.stamp == stamp && stamp.is_settled()) {
        return Some(known);
    }
    // Opens without blocking, in case the file was replaced by a pipe meanwhile.
    let file = file::open_at_once(path).ok()??;
    let stamp = Stamp::of(&file.metadata().ok()?);
    let key = Certificate::read_file(file).ok().map(|certificate| certificate.public_key());
    Some(Known { stamp, key })
}
