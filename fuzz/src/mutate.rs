//! Mutations that are the same for the same seed, for runs without libFuzzer.

/// A generator of the SplitMix64 sort.
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
            // Letters, digits and signs, which texts are made of.
            0 | 1 => b' ' + u8::try_from(self.below(95)).unwrap(),
            _ => u8::try_from(self.below(256)).unwrap(),
        }
    }

    /// One of the files of a corpus, with a few changes.
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
                    // The end of another file.
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
