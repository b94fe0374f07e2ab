//! Certificate files.

use core::fmt;
use core::str::FromStr;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeyPair, PublicKey, SecretKey};
use super::{file, zpl};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::sys::private;

/// The largest file that is read as a certificate, in bytes. No certificate is as large.
const MAX_LEN: usize = 64 << 10;

/// CURVE keys and metadata about their owner, stored in files.
///
/// [`save`](Self::save) creates two files: a public certificate, which the owner gives to peers, and a secret certificate,
/// whose name ends in `_secret`. CZMQ and pyzmq use the same file format.
///
/// ```
/// use zmq::security::{Certificate, KeyPair};
///
/// # if !zmq::has(zmq::Feature::Curve) { return Ok(()) }
/// # let directory = std::env::temp_dir().join(format!("zmq-certificate-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// let mut certificate = Certificate::new(KeyPair::generate()?);
/// certificate.set_metadata("email", "admin@example.com")?;
/// certificate.save(directory.join("server.key"))?;
///
/// let theirs = Certificate::read(directory.join("server.key"))?; // at a client
/// assert_eq!(theirs.public_key(), certificate.public_key());
/// assert_eq!(theirs.metadata("email"), Some("admin@example.com"));
/// assert!(theirs.key_pair().is_none());
///
/// let ours = Certificate::read(directory.join("server.key_secret"))?; // at the server
/// assert_eq!(ours.key_pair(), certificate.key_pair());
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Display` writes the text of the public certificate. `parse` reads the text of a public or a secret certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
#[doc(alias = "zcert_t")]
pub struct Certificate {
    public: PublicKey,
    keys: Option<KeyPair>,
    metadata: Vec<(String, String)>,
}

impl Certificate {
    /// Creates a certificate for the owner of a key pair.
    #[must_use]
    #[doc(alias = "zcert_new")]
    pub fn new(keys: KeyPair) -> Certificate {
        Certificate { public: keys.public_key(), keys: Some(keys), metadata: Vec::new() }
    }

    /// Creates a public certificate for a peer of whom only the public key is known.
    #[must_use]
    pub fn of(public: PublicKey) -> Certificate {
        Certificate { public, keys: None, metadata: Vec::new() }
    }

    /// Returns the public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Returns the key pair, or `None` for a public certificate.
    #[must_use]
    pub fn key_pair(&self) -> Option<&KeyPair> {
        self.keys.as_ref()
    }

    /// Returns the metadata value with this name.
    #[must_use]
    #[doc(alias = "zcert_meta")]
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.metadata_iter().find(|&(other, _)| other == name).map(|(_, value)| value)
    }

    /// Returns all metadata as names and values, in the order of the file.
    pub fn metadata_iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets the metadata value with this name, and replaces a previous value.
    ///
    /// A name consists of ASCII letters, digits and the characters `$-_@.&+/`. A value must not contain control characters,
    /// such as line breaks. It may contain double quotes (`"`) or single quotes (`'`), but not both.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the name or the value has another form.
    #[doc(alias = "zcert_set_meta")]
    pub fn set_metadata(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<()> {
        let (name, value) = (name.into(), value.into());
        let refuse =
            |reason| Err(Error::invalid(Operation::SaveCertificate, format!("metadata {name:?}"), reason));
        if !zpl::is_name(&name) {
            return refuse("a name consists of ASCII letters, digits and the characters $-_@.&+/");
        }
        if zpl::quote_for(&value).is_none() {
            return refuse("a value must not contain control characters, or both single and double quotes");
        }
        match self.metadata.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.metadata.push((name, value)),
        }
        Ok(())
    }

    /// Reads a certificate, public or secret, from the file with this path.
    ///
    /// # Errors
    ///
    /// * [`InvalidData`](ErrorKind::InvalidData) if the file is not a certificate; the error names the line
    /// * [`Unsupported`](ErrorKind::Unsupported) for a secret certificate if the linked libzmq does not support CURVE
    /// * [`NotFound`](ErrorKind::NotFound), or another error of the system, if the file cannot be read
    #[doc(alias = "zcert_load")]
    pub fn read(path: impl AsRef<Path>) -> Result<Certificate> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| Error::system(Operation::ReadCertificate, &error));
        file.and_then(Certificate::read_file).map_err(|error| error.on(path.display().to_string()))
    }

    /// Reads an open file.
    pub(super) fn read_file(file: File) -> Result<Certificate> {
        let contents =
            file::read(file, MAX_LEN).map_err(|error| Error::system(Operation::ReadCertificate, &error))?;
        let contents = contents.ok_or_else(|| malformed("the file is too long for a certificate"))?;
        core::str::from_utf8(&contents).map_err(|_| malformed("the file is not UTF-8"))?.parse()
    }

    /// Writes the public certificate to `path`. If the certificate has a secret key, `save` also writes the secret certificate,
    /// to the same path followed by `_secret`.
    ///
    /// Only the owner can read the secret file, from the moment it exists, unless the file system has no permissions. On Windows, the
    /// file does not inherit the permissions of its directory.
    ///
    /// `save` never overwrites a file or the target of a link. If it fails, it leaves no file behind.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) if one of the two paths exists; otherwise the system's error.
    #[doc(alias = "zcert_save")]
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let secret_path = secret_path(path);
        let secret_file = match &self.keys {
            Some(_) => Some(NewFile::create(secret_path, true)?),
            None => None,
        };
        let public_file = NewFile::create(path.to_owned(), false)?;
        if let (Some(file), Some(keys)) = (secret_file, &self.keys) {
            let file = file.write(&self.secret_text(keys))?;
            public_file.write(self.to_string().as_bytes())?.keep();
            file.keep();
        } else {
            public_file.write(self.to_string().as_bytes())?.keep();
        }
        Ok(())
    }

    /// The contents of the secret file.
    fn secret_text(&self, keys: &KeyPair) -> Zeroizing<Vec<u8>> {
        let mut head = String::from(SECRET_HEAD);
        // Writing to a `String` does not fail.
        let _ = self.write_body(&mut head);
        let key = Zeroizing::new(keys.secret_key().expose_z85().into_bytes());
        // Allocated at its final size, so that growing does not leave a copy behind.
        let mut text = Zeroizing::new(Vec::with_capacity(head.len() + key.len() + 32));
        for part in [head.as_bytes(), b"    secret-key = \"", key.as_slice(), b"\"\n"] {
            text.extend_from_slice(part);
        }
        text
    }

    fn write_body(&self, to: &mut impl fmt::Write) -> fmt::Result {
        to.write_str("metadata\n")?;
        for (name, value) in self.metadata_iter() {
            match zpl::quote_not_in(value) {
                Some(quote) => writeln!(to, "    {name} = {quote}{value}{quote}")?,
                // The value was read from a line without quotes, and can be written without them.
                None => writeln!(to, "    {name} = {value}")?,
            }
        }
        writeln!(to, "curve\n    public-key = \"{}\"", self.public)
    }
}

const PUBLIC_HEAD: &str = "\
#   ZeroMQ CURVE public certificate
#   Give it to your peers over a channel that they trust.

";

const SECRET_HEAD: &str = "\
#   ZeroMQ CURVE SECRET certificate
#   Keep it secret. Only its owner should be able to read it.

";

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PUBLIC_HEAD)?;
        self.write_body(f)
    }
}

impl FromStr for Certificate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Certificate> {
        let in_line = |line: usize, what: &dyn fmt::Display| malformed(format!("line {line}: {what}"));
        let mut section = "";
        let (mut public, mut secret) = (None, None);
        let mut metadata: Vec<(String, String)> = Vec::new();
        for line in zpl::lines(text) {
            let line = line.map_err(|problem| in_line(problem.line, &problem.what))?;
            let value = line.value.unwrap_or_default();
            match (section, line.level, line.name) {
                (_, 0, name) => section = name,
                ("curve", 1, "public-key") => {
                    public = Some(value.parse::<PublicKey>().map_err(|error| in_line(line.number, &error))?);
                }
                ("curve", 1, "secret-key") => {
                    secret = Some(value.parse::<SecretKey>().map_err(|error| in_line(line.number, &error))?);
                }
                ("metadata", 1, name) => {
                    metadata.retain(|(other, _)| other != name);
                    metadata.push((name.to_owned(), value.to_owned()));
                }
                _ => {}
            }
        }
        let public = public.ok_or_else(|| malformed("the section `curve` has no `public-key`"))?;
        let keys = secret.map(KeyPair::from_secret_key).transpose()?;
        if keys.as_ref().is_some_and(|keys| keys.public_key() != public) {
            return Err(malformed("the secret key and the public key do not belong together"));
        }
        Ok(Certificate { public, keys, metadata })
    }
}

/// The path of the secret certificate.
fn secret_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("_secret");
    name.into()
}

fn malformed(reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::refused(Operation::ReadCertificate, ErrorKind::InvalidData, libc::EINVAL, "", reason)
}

/// A new file, which is deleted on drop unless `keep` was called.
struct NewFile {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl NewFile {
    fn create(path: PathBuf, secret: bool) -> Result<NewFile> {
        // Both fail if the path exists, even as a link.
        let created = if secret { private::create_new(&path) } else { File::create_new(&path) };
        match created {
            Ok(file) => Ok(NewFile { path, file, kept: false }),
            Err(error) => {
                Err(Error::system(Operation::SaveCertificate, &error).on(path.display().to_string()))
            }
        }
    }

    fn write(mut self, text: &[u8]) -> Result<NewFile> {
        let written = self.file.write_all(text).and_then(|()| self.file.sync_all());
        match written {
            Ok(()) => Ok(self),
            Err(error) => {
                Err(Error::system(Operation::SaveCertificate, &error).on(self.path.display().to_string()))
            }
        }
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            // The caller already has the error that matters.
            let _ = fs::remove_file(&self.path);
        }
    }
}
