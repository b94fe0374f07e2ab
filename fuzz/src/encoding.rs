//! Multipart messages as bytes, in the encoding of CZMQ.

use zmq::{ErrorKind, Multipart};

use crate::pieces::pieces;

/// Any bytes are a message or refused, and each message comes back from its encoding.
pub fn run(data: &[u8]) {
    match Multipart::decode(data) {
        Ok(message) => {
            assert!(message.len() <= data.len());
            let encoded = message.encode().unwrap();
            // A length can be written in five bytes although one is enough.
            assert!(encoded.len() <= data.len());
            assert_eq!(Multipart::decode(&encoded).unwrap(), message);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
    if let Some(message) = Multipart::from_frames(pieces(data)) {
        assert_eq!(Multipart::decode(&message.encode().unwrap()).unwrap(), message);
    }
}
