//! User names and passwords.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use super::super::{file, zpl};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::sys::secret::{Secret, equal};

/// The longest password that PLAIN can send, and one byte for its length.
const SIZE: usize = 256;

/// The largest password file that is read, in bytes.
const MAX_LEN: usize = 64 << 20;

/// Passwords by user name.
#[derive(Default)]
pub(super) struct Passwords(HashMap<String, Secret<SIZE>>);

impl Passwords {
    /// Adds a user, or returns the reason why the name or password is not allowed.
    pub(super) fn add(&mut self, username: &str, password: &str) -> Result<(), &'static str> {
        if username.len() > 255 || password.len() > 255 {
            return Err("a user name or password must not be longer than 255 bytes");
        }
        if username.contains('\0') {
            return Err("a user name must not contain a NUL byte");
        }
        let mut padded = Secret::zeroed();
        pad(password.as_bytes(), padded.expose_mut());
        self.0.insert(username.to_owned(), padded);
        Ok(())
    }

    /// Reads lines of the form `name = password`, as in CZMQ's password file.
    pub(super) fn read(path: &Path) -> Result<Passwords> {
        let on_path = |error: Error| error.on(path.display().to_string());
        let malformed = |reason: String| {
            on_path(Error::refused(
                Operation::Authenticator,
                ErrorKind::InvalidData,
                libc::EINVAL,
                "",
                reason,
            ))
        };
        let contents = File::open(path).and_then(|file| file::read(file, MAX_LEN));
        let contents = contents.map_err(|error| on_path(Error::system(Operation::Authenticator, &error)))?;
        let contents = contents.ok_or_else(|| malformed("the file is larger than 64 MiB".to_owned()))?;
        let text =
            core::str::from_utf8(&contents).map_err(|_| malformed("the file is not UTF-8".to_owned()))?;
        let mut passwords = Passwords::default();
        passwords.add_lines(text).map_err(malformed)?;
        Ok(passwords)
    }

    fn add_lines(&mut self, text: &str) -> Result<(), String> {
        for line in zpl::lines(text) {
            let line = line.map_err(|problem| format!("line {}: {}", problem.line, problem.what))?;
            let value = line.value.filter(|_| line.level == 0);
            let value = value.ok_or_else(|| format!("line {}: expected `name = password`", line.number))?;
            self.add(line.name, value).map_err(|what| format!("line {}: {what}", line.number))?;
        }
        Ok(())
    }

    /// Whether this is the user's password. The time does not depend on whether the user exists, nor on the position of the
    /// first difference.
    pub(super) fn matches(&self, username: &str, password: &str) -> bool {
        let mut given: Secret<SIZE> = Secret::zeroed();
        pad(password.as_bytes(), given.expose_mut());
        let nobody = Secret::zeroed();
        let known = self.0.get(username);
        let same = equal(known.unwrap_or(&nobody).expose(), given.expose());
        same & known.is_some() & (password.len() < SIZE)
    }
}

/// Writes the length, and the text padded with zeros.
fn pad(text: &[u8], to: &mut [u8; SIZE]) {
    let [length, bytes @ ..] = to;
    *length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    for (place, byte) in bytes.iter_mut().zip(text) {
        *place = *byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_matches() {
        let mut passwords = Passwords::default();
        passwords.add("admin", "secret").unwrap();
        passwords.add("empty", "").unwrap();
        passwords.add("long", &"x".repeat(255)).unwrap();
        assert!(passwords.matches("admin", "secret"));
        assert!(passwords.matches("empty", ""));
        assert!(passwords.matches("long", &"x".repeat(255)));
        for wrong in ["", "secre", "secrets", "secret\0", "Secret"] {
            assert!(!passwords.matches("admin", wrong), "{wrong:?}");
        }
        for wrong in ["\0", "x"] {
            assert!(!passwords.matches("empty", wrong), "{wrong:?}");
        }
        assert!(!passwords.matches("long", &"x".repeat(256)));
        assert!(!passwords.matches("long", &"x".repeat(254)));
        for nobody in ["", "secret", "root"] {
            assert!(!passwords.matches(nobody, ""), "{nobody:?}");
            assert!(!passwords.matches(nobody, "secret"), "{nobody:?}");
        }
        assert!(passwords.add("admin", &"x".repeat(256)).is_err());
        assert!(passwords.add("ad\0min", "secret").is_err());
    }

    #[test]
    fn password_files_have_one_line_per_user() {
        let mut passwords = Passwords::default();
        passwords.add_lines("# who may\nadmin = secret\nguest=\"with # sign\"\n").unwrap();
        assert!(passwords.matches("admin", "secret"));
        assert!(passwords.matches("guest", "with # sign"));
        assert_eq!(passwords.add_lines("a = b\nc\n").unwrap_err(), "line 2: expected `name = password`");
        assert!(passwords.add_lines("a = b\n    c = d\n").unwrap_err().starts_with("line 2: "));
    }
}
