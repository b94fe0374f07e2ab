//! One input as several frames.

/// The first byte of each piece says how long it is.
pub fn pieces(mut data: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while let Some((&len, rest)) = data.split_first() {
        let (piece, rest) = rest.split_at(rest.len().min(usize::from(len)));
        pieces.push(piece.to_vec());
        data = rest;
    }
    pieces
}
