//! Prints rows that compare async calls with blocking calls.

use std::time::Duration;

use super::raw::processor_time;
use super::{Bench, Spread};

/// A side of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Blocking calls, unless the name of the row names another base.
    Base,
    Async,
}

/// The required ratio of the two sides.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// The async side is at least this many times as fast as the base.
    Speed(f64),
    /// The async side takes at most this many times as long as the base.
    Time(f64),
    None,
}

/// A table of rows.
pub(crate) struct Rows(Bench);

impl Rows {
    /// Reads the arguments and prints the head of the table.
    pub(crate) fn new() -> Rows {
        let rows = Rows(Bench::with_defaults(5, 500));
        if !rows.is_trial() {
            println!("\nmedians of {} runs\n", rows.0.runs);
            println!(
                "| row | base, ns | async, ns | speed: async / base | of least | CPU base, ns | CPU async, ns | CPU: async / base | goal |"
            );
            println!("|---|---|---|---|---|---|---|---|---|");
        }
        rows
    }

    /// Returns whether the arguments select the row with this name.
    pub(crate) fn selects(&self, name: &str) -> bool {
        self.0.selects(name)
    }

    /// Returns whether the program only tries its rows and does not measure.
    pub(crate) fn is_trial(&self) -> bool {
        self.0.is_trial()
    }

    /// Compares the two sides of `run`. `run` repeats an operation the given number of times, and returns how long that took.
    pub(crate) fn compare(&self, name: &str, goal: Goal, mut run: impl FnMut(Side, u64) -> Duration) {
        const FEWEST: u64 = 100;
        if !self.selects(name) {
            return;
        }
        if self.is_trial() {
            run(Side::Base, FEWEST);
            run(Side::Async, FEWEST);
            println!("{name}: tried");
            return;
        }
        let mut count = FEWEST;
        while run(Side::Base, count) < self.0.time {
            count *= 2;
        }
        let mut measure = |side| {
            let before = processor_time();
            let time = run(side, count);
            [time, processor_time() - before].map(|time| time.as_secs_f64() * 1e9 / count as f64)
        };
        let (mut base, mut others) = (Vec::new(), Vec::new());
        for turn in 0..self.0.runs {
            // The sides change their order, because the second run might benefit from the first.
            if turn % 2 == 0 {
                base.push(measure(Side::Base));
                others.push(measure(Side::Async));
            } else {
                others.push(measure(Side::Async));
                base.push(measure(Side::Base));
            }
        }
        let median = |values: &[[f64; 2]], which: usize| {
            Spread::of(values.iter().map(|value| value[which]).collect()).median
        };
        let least = |values: &[[f64; 2]]| values.iter().map(|value| value[0]).fold(f64::INFINITY, f64::min);
        let ratio = |ratio: fn(f64, f64) -> f64, which: usize| {
            Spread::of(
                base.iter().zip(&others).map(|(base, other)| ratio(base[which], other[which])).collect(),
            )
        };
        let (speed, cpu) = (ratio(|base, other| base / other, 0), ratio(|base, other| other / base, 1));
        let of_least = least(&base) / least(&others);
        let (goal, met) = match goal {
            Goal::Speed(least) => (format!("≥ {least:.2}"), speed.median >= least || of_least >= least),
            Goal::Time(most) => (
                format!("≥ {:.2} (time ≤ {most:.2})", 1.0 / most),
                speed.median >= 1.0 / most || of_least >= 1.0 / most,
            ),
            Goal::None => ("none".to_owned(), true),
        };
        println!(
            "| {name} | {:.1} | {:.1} | {} | {of_least:.2} | {:.1} | {:.1} | {} | {goal}{} |",
            median(&base, 0),
            median(&others, 0),
            speed.show(2),
            median(&base, 1),
            median(&others, 1),
            cpu.show(2),
            if met { "" } else { " !" },
        );
    }
}
