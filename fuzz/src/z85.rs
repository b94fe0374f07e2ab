//! Encodes and decodes Z85.

use zmq::z85;

/// Decoding an encoded input returns the input, and so does encoding a decoded input.
pub fn run(data: &[u8]) {
    match z85::encode(data) {
        Ok(text) => assert_eq!(z85::decode(text).unwrap(), data),
        Err(error) => assert_eq!(error.len, data.len()),
    }
    assert_eq!(z85::encode(data).is_ok(), data.len().is_multiple_of(4));
    if let Ok(bytes) = z85::decode(data) {
        assert_eq!(z85::encode(bytes).unwrap().as_bytes(), data);
    }
}
