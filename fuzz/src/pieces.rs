//! Splits one input into several frames.

/// Returns the pieces of the input. Before each piece, one byte contains the length of the piece.
pub fn pieces(mut data: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while let Some((&len, rest)) = data.split_first() {
        let (piece, rest) = rest.split_at(rest.len().min(usize::from(len)));
        pieces.push(piece.to_vec());
        data = rest;
    }
    pieces
}
