//! Splits multipart messages and joins the parts again.

use zmq::{Message, Multipart};

use crate::pieces::pieces;

fn bytes(frames: impl IntoIterator<Item = Message>) -> Vec<Vec<u8>> {
    frames.into_iter().map(Vec::from).collect()
}

/// No method loses, changes or moves a frame.
pub fn run(data: &[u8]) {
    let pieces = pieces(data);
    let Ok(whole) = Multipart::try_from(pieces.clone()) else {
        assert!(pieces.is_empty());
        return;
    };
    assert_eq!(whole.len(), pieces.len());
    assert_eq!(whole, Multipart::from_frames(pieces.clone()).unwrap());
    assert_eq!(bytes(whole.clone()), pieces);

    let (first, rest) = whole.clone().split_first();
    assert_eq!(first, pieces[0]);
    assert_eq!(bytes(rest.into_iter().flatten()), pieces[1..]);

    // The first empty frame ends the envelope.
    let (envelope, mut body) = whole.clone().split_envelope();
    if let Some(envelope) = envelope {
        let restored = [bytes(envelope.clone()), bytes(body.clone())].concat();
        assert!(restored == pieces || restored.len() + 1 == pieces.len());
        body.wrap(envelope);
    }
    assert_eq!(bytes(body).concat(), pieces.concat());

    let array: Result<[Message; 3], _> = whole.clone().into_array();
    match array {
        Ok(array) => assert_eq!(bytes(array), pieces),
        Err(failure) => assert_eq!(bytes(failure.into_multipart()), pieces),
    }

    for piece in pieces {
        let message = Message::from(piece.clone());
        assert_eq!(message.clone(), message);
        match String::from_utf8(piece.clone()) {
            Ok(text) => assert_eq!(message.into_string().unwrap(), text),
            Err(_) => assert_eq!(Vec::from(message.into_string().unwrap_err().into_message().unwrap()), piece),
        }
    }
}
