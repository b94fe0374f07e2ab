//! Files of certificates.

use zmq::ErrorKind;
use zmq::security::Certificate;

/// What is read can be written, and is the same when it is read again.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let certificate: Certificate = match text.parse() {
        Ok(certificate) => certificate,
        Err(error) => {
            assert!([ErrorKind::InvalidData, ErrorKind::Unsupported].contains(&error.kind()), "{error}");
            return;
        }
    };
    // The text has the public part alone.
    let again: Certificate = certificate.to_string().parse().unwrap();
    assert_eq!(again.public_key(), certificate.public_key());
    assert!(again.key_pair().is_none());
    assert!(again.metadata_iter().eq(certificate.metadata_iter()));
    for (name, value) in certificate.metadata_iter() {
        assert_eq!(certificate.metadata(name), Some(value));
    }
}
