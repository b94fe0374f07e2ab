//! Mutates inputs, for runs without libFuzzer. The same seed produces the same mutations.

/// A SplitMix64 random number generator.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        match self.below(3) {
            // A printable ASCII character, as in most of the inputs.
            0 | 1 => b' ' + u8::try_from(self.below(95)).unwrap(),
            _ => u8::try_from(self.below(256)).unwrap(),
        }
    }

    /// Returns one of the files of a corpus with one to four changes.
    pub fn mutation(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut data = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            let place = self.below(data.len() + 1);
            let end = (place + self.below(8)).min(data.len());
            match self.below(6) {
                0 => data.insert(place, self.byte()),
                1 => drop(data.drain(place..end)),
                2 => {
                    let again = data[place..end].to_vec();
                    data.splice(place..place, again);
                }
                3 => {
                    // Replaces the rest with the end of another file.
                    let other = &corpus[self.below(corpus.len())];
                    data.truncate(place);
                    data.extend(&other[self.below(other.len() + 1)..]);
                }
                4 => data.truncate(place),
                _ => {
                    if let Some(byte) = data.get_mut(place) {
                        *byte = self.byte();
                    }
                }
            }
        }
        data
    }
}
