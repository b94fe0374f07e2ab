//! Decodes the frames of monitor events.

use zmq::monitor::Event;
use zmq::ErrorKind;

use crate::pieces::pieces;

/// `from_frames` returns an event that can be printed, or an `InvalidData` error.
pub fn run(data: &[u8]) {
    let frames = pieces(data);
    match Event::from_frames(&frames) {
        Ok(event) => {
            assert!(!event.to_string().is_empty());
            assert!(format!("{event:?}").len() > format!("{:?}", event.kind()).len());
            let ends = [event.local_endpoint(), event.remote_endpoint()];
            assert!(event.endpoint().is_empty() || frames.len() > 1);
            assert!(ends.iter().flatten().all(|end| !end.is_empty()) || frames.len() > 2);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
    }
}
