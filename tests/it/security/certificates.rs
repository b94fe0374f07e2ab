//! Certificate files: they are written, read, or refused with an error.

use crate::common;

use std::fs;

use common::{Directory, assert_error};
use zmq::ErrorKind;
use zmq::security::{Certificate, PublicKey};
#[cfg(zmq_curve)]
use zmq::security::{KeyPair, SecretKey};

#[cfg(zmq_curve)]
const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

fn public() -> PublicKey {
    PUBLIC.parse().unwrap()
}

#[cfg(zmq_curve)]
fn keys() -> KeyPair {
    KeyPair::from_secret_key(SECRET.parse::<SecretKey>().unwrap()).unwrap()
}

#[cfg(zmq_curve)]
#[test]
fn saved_certificates_can_be_read() {
    let directory = Directory::new();
    let mut certificate = Certificate::new(keys());
    for (name, value) in
        [("email", "me@example.com"), ("quote", "say \"hi\""), ("hash", "a # b"), ("empty", "")]
    {
        certificate.set_metadata(name, value).unwrap();
    }
    certificate.set_metadata("email", "you@example.com").unwrap();
    let path = directory.path("mine.key");
    certificate.save(&path).unwrap();

    let ours = Certificate::read(directory.path("mine.key_secret")).unwrap();
    assert_eq!(ours, certificate);
    assert_eq!(ours.key_pair(), Some(&keys()));
    let theirs = Certificate::read(&path).unwrap();
    assert_eq!(theirs.public_key(), public());
    assert_eq!(theirs.key_pair(), None);
    let metadata: Vec<_> = theirs.metadata_iter().collect();
    let expected = [("email", "you@example.com"), ("quote", "say \"hi\""), ("hash", "a # b"), ("empty", "")];
    assert_eq!(metadata, expected);
    assert_eq!(theirs.metadata("hash"), Some("a # b"));
    assert_eq!(theirs.metadata("none"), None);
    assert!(!fs::read_to_string(&path).unwrap().contains(SECRET));
    assert_eq!(theirs.to_string(), fs::read_to_string(&path).unwrap());
}

#[test]
fn a_public_certificate_is_saved_without_a_secret_file() {
    let directory = Directory::new();
    Certificate::of(public()).save(directory.path("theirs.key")).unwrap();
    assert_eq!(Certificate::read(directory.path("theirs.key")).unwrap().public_key(), public());
    assert!(!directory.path("theirs.key_secret").exists());
}

#[test]
fn paths_may_contain_characters_of_any_language() {
    let directory = Directory::new();
    for name in ["Schlüssel.key", "ключ.key", "鍵 🔑.key"] {
        let path = directory.path(name);
        Certificate::of(public()).save(&path).unwrap();
        assert_eq!(Certificate::read(&path).unwrap().public_key(), public(), "{name}");
        let error = Certificate::read(path.with_extension("missing")).unwrap_err();
        assert_error(error, ErrorKind::NotFound, libc::ENOENT, &[name.strip_suffix("key").unwrap()]);
    }
}

#[cfg(all(unix, zmq_curve))]
#[test]
fn only_the_owner_can_read_the_secret_file() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new();
    Certificate::new(keys()).save(directory.path("mine.key")).unwrap();
    let mode = fs::metadata(directory.path("mine.key_secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(zmq_curve)]
#[test]
fn nothing_is_overwritten_and_no_file_is_left_behind() {
    let directory = Directory::new();
    let certificate = Certificate::new(keys());
    for existing in ["mine.key", "mine.key_secret"] {
        fs::write(directory.path(existing), "precious").unwrap();
        let error = certificate.save(directory.path("mine.key")).unwrap_err();
        assert_error(error, ErrorKind::AlreadyExists, libc::EEXIST, &["save certificate", existing]);
        assert_eq!(fs::read_to_string(directory.path(existing)).unwrap(), "precious");
        fs::remove_file(directory.path(existing)).unwrap();
        assert_eq!(fs::read_dir(directory.path("")).unwrap().count(), 0, "a failed save left a file");
    }
    let error = certificate.save(directory.path("none").join("mine.key")).unwrap_err();
    assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["none"]);
}

#[cfg(all(unix, zmq_curve))]
#[test]
fn links_are_not_followed() {
    let directory = Directory::new();
    let target = directory.path("elsewhere");
    for link in ["mine.key", "mine.key_secret"] {
        std::os::unix::fs::symlink(&target, directory.path(link)).unwrap();
        let error = Certificate::new(keys()).save(directory.path("mine.key")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert!(!target.exists());
        fs::remove_file(directory.path(link)).unwrap();
    }
}

/// Files as written by CZMQ's `zcert_save` and pyzmq's `create_certificates`.
#[test]
fn files_of_other_programs_are_read() {
    for text in [
        format!(
            "#   ****  Generated on 2013-11-24 21:43:15 by CZMQ  ****\n\
             #   ZeroMQ CURVE Public Certificate\n\n\
             metadata\n    email = \"me@example.com\"\n    name = \"My Name\"\ncurve\n    public-key = \"{PUBLIC}\"\n"
        ),
        format!(
            "#   ****  Generated on 2024-01-01 00:00:00 by pyzmq  ****\n\n\
             metadata\n    email = me@example.com\n    name = My Name\ncurve\n    public-key = \"{PUBLIC}\"\n"
        ),
        format!(
            "curve\r\n    public-key = '{PUBLIC}' # mine\r\n\r\nmetadata\r\n    email = me@example.com\r\n    name = 'My Name'\r\n"
        ),
        format!(
            "metadata\n    email = \"me@example.com\"\n    name = My Name\n        more = below\nother\n    x = y\ncurve\n    public-key=\"{PUBLIC}\"\n"
        ),
    ] {
        let certificate: Certificate = text.parse().unwrap();
        assert_eq!(certificate.public_key(), public());
        assert_eq!(certificate.metadata("email"), Some("me@example.com"), "{text}");
        assert_eq!(certificate.metadata("name"), Some("My Name"));
    }
}

/// A line without quotes, as pyzmq writes it, can contain both kinds of quotes.
#[test]
fn metadata_of_other_programs_is_written_readably() {
    for value in ["a \"b\" c's", "x\ty", "'x\ty\"'"] {
        let text = format!("metadata\n    note = {value}\ncurve\n    public-key = \"{PUBLIC}\"\n");
        let certificate: Certificate = text.parse().unwrap();
        let note = certificate.metadata("note").unwrap();
        assert_eq!(note, value.trim_matches('\''));
        let again: Certificate = certificate.to_string().parse().unwrap();
        assert_eq!(again.metadata("note"), Some(note));
    }
}

#[test]
fn errors_in_a_file_are_reported() {
    let directory = Directory::new();
    let path = directory.path("bad.key");
    for (text, expected) in [
        (String::new(), "the section `curve` has no `public-key`"),
        ("curve\n".to_owned(), "the section `curve` has no `public-key`"),
        (format!("metadata\n    public-key = \"{PUBLIC}\"\n"), "the section `curve` has no `public-key`"),
        (
            "\n\ncurve\n    public-key = \"short\"\n".to_owned(),
            "line 4: a key is 40 characters of Z85, not 5",
        ),
        (format!("curve\n    public-key = \"{}\"\n", PUBLIC.replace('@', "~")), "line 2: '~' at position 3"),
        (
            format!("curve\n   public-key = \"{PUBLIC}\"\n"),
            "line 2: the indentation is not a multiple of four",
        ),
        (format!("curve\n    public-key = \"{PUBLIC}\n"), "line 2: the quoted value has no closing quote"),
        (format!("curve\n        public-key = \"{PUBLIC}\"\n"), "line 2: the line is indented too deeply"),
        ("{\"json\": 1}".to_owned(), "line 1: the line does not begin with a name"),
        ("x".repeat(65_537), "too long"),
    ] {
        fs::write(&path, &text).unwrap();
        let error = Certificate::read(&path).unwrap_err();
        let names = ["read certificate", "bad.key", expected];
        assert_error(error, ErrorKind::InvalidData, libc::EINVAL, &names);
    }
    fs::write(&path, b"curve\n\xff").unwrap();
    let names = ["bad.key", "not UTF-8"];
    assert_error(Certificate::read(&path).unwrap_err(), ErrorKind::InvalidData, libc::EINVAL, &names);
    let error = Certificate::read(directory.path("none.key")).unwrap_err();
    assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["read certificate", "none.key"]);
    let error = Certificate::read(directory.path("")).unwrap_err();
    // Windows opens no directory as a file.
    let kind = if cfg!(windows) { ErrorKind::PermissionDenied } else { ErrorKind::IsADirectory };
    assert_eq!(error.kind(), kind);
}

#[cfg(zmq_curve)]
#[test]
fn keys_that_do_not_belong_together_are_refused() {
    let other = KeyPair::generate().unwrap().public_key();
    let text = format!("curve\n    public-key = \"{other}\"\n    secret-key = \"{SECRET}\"\n");
    let error = text.parse::<Certificate>().unwrap_err();
    assert_error(error.clone(), ErrorKind::InvalidData, libc::EINVAL, &["do not belong together"]);
    assert!(!error.to_string().contains(SECRET));
}

#[test]
fn metadata_that_the_format_cannot_hold_is_refused() {
    let mut certificate = Certificate::of(public());
    for (name, value) in [
        ("", "value"),
        ("two words", "value"),
        ("a=b", "value"),
        ("\u{e9}", "value"),
        ("name", "two\nlines"),
        ("name", "both ' and \""),
        ("name", "\0"),
    ] {
        let error = certificate.set_metadata(name, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?} {value:?}");
    }
    assert_eq!(certificate.metadata_iter().count(), 0);
    certificate.set_metadata("name", "value with spaces, \u{e9} and 'apostrophes'").unwrap();
    assert_eq!(certificate.to_string().parse::<Certificate>().unwrap(), certificate);
}

/// Texts made of pieces of certificates never cause a panic. A text that can be read can be written and read again.
#[test]
fn no_text_panics() {
    let public_line = format!("    public-key = \"{PUBLIC}\"\n");
    let pieces = [
        "curve\n",
        &public_line,
        "metadata\n",
        "    a = 'b'\n",
        "    ",
        "\"",
        "#",
        "=",
        "\n",
        "\u{feff}",
        "\0",
    ];
    let mut read = 0;
    for number in 0..pieces.len().pow(4) {
        let pieces: String =
            (0..4).map(|place| pieces[number / pieces.len().pow(place) % pieces.len()]).collect();
        if let Ok(certificate) = pieces.parse::<Certificate>() {
            read += 1;
            assert_eq!(certificate.to_string().parse::<Certificate>().unwrap(), certificate);
        }
    }
    assert!(read > 100, "only {read} of the texts were certificates");
}
