//! Z85, in both directions.

use zmq::z85;

/// Whatever is written reads as it was, and whatever is read would be written so.
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
