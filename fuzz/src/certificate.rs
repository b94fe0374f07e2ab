//! Parses certificate files.

use zmq::ErrorKind;
use zmq::security::Certificate;

/// A certificate that was parsed has the same contents after it is written and parsed again.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let certificate: Certificate = match text.parse() {
        Ok(certificate) => certificate,
        Err(error) => {
            assert!([ErrorKind::InvalidData, ErrorKind::Unsupported].contains(&error.kind()), "{error}");
            return;
        }
    };
    // `to_string` writes only the public part.
    let again: Certificate = certificate.to_string().parse().unwrap();
    assert_eq!(again.public_key(), certificate.public_key());
    assert!(again.key_pair().is_none());
    assert!(again.metadata_iter().eq(certificate.metadata_iter()));
    for (name, value) in certificate.metadata_iter() {
        assert_eq!(certificate.metadata(name), Some(value));
    }
}
