//! Parses endpoints.

use zmq::Endpoint;

/// A parsed endpoint has the same text as the input, and its parts make up the whole text.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parsed = text.parse::<Endpoint>();
    let converted = Endpoint::try_from(text.clone().into_owned());
    match (parsed, converted) {
        (Ok(endpoint), Ok(other)) => {
            assert_eq!(endpoint, other);
            assert_eq!(endpoint, *text);
            assert_eq!(endpoint.to_string(), text);
            assert_eq!(format!("{}://{}", endpoint.transport(), endpoint.address()), text);
            assert!(!text.contains('\0'));
            assert_eq!(String::from(endpoint), text);
        }
        (Err(error), Err(other)) => {
            assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
            assert_eq!(error.to_string(), other.to_string());
        }
        (parsed, converted) => panic!("{parsed:?}, but {converted:?}"),
    }
}
