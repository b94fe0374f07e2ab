//! Decodes multipart messages in the encoding of CZMQ.

use zmq::{ErrorKind, Multipart};

use crate::pieces::pieces;

/// `decode` returns a message or an error for any bytes, and every message is equal after it is encoded and decoded.
pub fn run(data: &[u8]) {
    match Multipart::decode(data) {
        Ok(message) => {
            assert!(message.len() <= data.len());
            let encoded = message.encode().unwrap();
            // The input can have lengths of five bytes where one byte is enough.
            assert!(encoded.len() <= data.len());
            assert_eq!(Multipart::decode(&encoded).unwrap(), message);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
    if let Some(message) = Multipart::from_frames(pieces(data)) {
        assert_eq!(Multipart::decode(&message.encode().unwrap()).unwrap(), message);
    }
}
