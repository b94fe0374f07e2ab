//! Tries all runs of a test that makes choices.

/// The decisions of one run, and the next run to try. All runs together make every choice at every place.
#[derive(Default)]
pub(super) struct Choices {
    /// The choice that was made at each place, and the number of possible choices.
    path: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    pub(super) fn choose(&mut self, count: usize) -> usize {
        if self.next == self.path.len() {
            self.path.push((0, count));
        }
        let (chosen, of) = self.path[self.next];
        assert_eq!(of, count, "the run is not the same as before");
        self.next += 1;
        chosen
    }

    /// Moves on to the next run, if there is one.
    pub(super) fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, count)) = self.path.pop() {
            if chosen + 1 < count {
                self.path.push((chosen + 1, count));
                return true;
            }
        }
        false
    }
}
