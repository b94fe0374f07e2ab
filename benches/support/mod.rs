//! Compares loops over this crate's calls with the same loops over libzmq's calls.
//!
//! Both sides use the same sockets in the same process and take turns, so that other work of the machine affects both
//! sides. The table shows two ratios: the median of the ratios of neighbouring runs, and the ratio of the shortest runs,
//! which other work affects least. A comparison is marked with `!` if both ratios exceed [`GOAL`]. On a busy machine, this
//! can happen by chance: repeat the measurement.
//!
//! `cargo bench --bench throughput -- 'tcp' --runs 101 --milliseconds 100` runs the comparisons whose names contain `tcp`,
//! longer than by default. Without `--bench`, as in `cargo test --all-targets`, each comparison is only tried.

#![allow(dead_code, reason = "no program uses all items")]
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "measured numbers need not be exact, and a panic ends the measurement"
)]

pub(crate) mod async_rows;
pub(crate) mod raw;

use std::env;
use std::time::{Duration, Instant};

use zmq::capability::Kind;
use zmq::{Context, Socket};

/// The largest allowed ratio of this crate's time to C's time.
pub(crate) const GOAL: f64 = 1.02;

/// The library whose calls a loop makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    C,
}

/// The settings of a program of comparisons.
pub(crate) struct Bench {
    runs: u64,
    time: Duration,
    filter: String,
}

impl Bench {
    /// Reads the arguments and prints the head of the table. `operation` names the operation that the program measures.
    pub(crate) fn new(operation: &str) -> Bench {
        let bench = Bench::with_defaults(31, 10);
        if bench.is_trial() {
            return bench;
        }
        println!("\nnanoseconds {operation}: median (least to most) of {} runs\n", bench.runs);
        println!("{:48} {:>28} {:>28} {:>22} {:>8}", "", "zmq", "C", "zmq / C", "of least");
        bench
    }

    /// Reads the arguments. The parameters are the defaults for the number of runs and for the length of a run.
    pub(crate) fn with_defaults(mut runs: u64, mut milliseconds: u64) -> Bench {
        // `cargo bench` adds the argument `--bench`.
        if !env::args().any(|argument| argument == "--bench") {
            (runs, milliseconds) = (1, 0);
        }
        let mut filter = String::new();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|number| number.parse().ok()).expect("a number");
            match argument.as_str() {
                "--runs" => runs = number(),
                "--milliseconds" => milliseconds = number(),
                option if option.starts_with('-') => {}
                name => filter = name.to_owned(),
            }
        }
        Bench { runs: runs.max(1), time: Duration::from_millis(milliseconds), filter }
    }

    /// Returns whether the arguments select the comparison with this name.
    pub(crate) fn selects(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }

    /// Returns the number of runs.
    pub(crate) fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns whether the program only tries its comparisons and does not measure.
    pub(crate) fn is_trial(&self) -> bool {
        self.time.is_zero()
    }

    /// Compares the two sides of `run`. `run` repeats an operation the given number of times, and returns how long that took.
    pub(crate) fn compare(&self, name: &str, mut run: impl FnMut(Side, u64) -> Duration) {
        if !self.selects(name) {
            return;
        }
        if self.is_trial() {
            run(Side::C, 1);
            run(Side::Ours, 1);
            println!("{name}: tried");
            return;
        }
        let count = self.count(&mut run);
        run(Side::Ours, count);
        let (mut ours, mut c) = (Vec::new(), Vec::new());
        for turn in 0..self.runs {
            // The sides change their order, because the second run might benefit from the first.
            let order = if turn % 2 == 0 { [Side::Ours, Side::C] } else { [Side::C, Side::Ours] };
            for side in order {
                let nanoseconds = run(side, count).as_secs_f64() * 1e9 / count as f64;
                if side == Side::Ours { &mut ours } else { &mut c }.push(nanoseconds);
            }
        }
        let ratios = ours.iter().zip(&c).map(|(ours, c)| ours / c).collect();
        let (ours, c, ratios) = (Spread::of(ours), Spread::of(c), Spread::of(ratios));
        let of_least = ours.least / c.least;
        let verdict = if ratios.median > GOAL && of_least > GOAL { " !" } else { "" };
        println!(
            "{name:48} {:>28} {:>28} {:>22} {of_least:>8.3}{verdict}",
            ours.show(1),
            c.show(1),
            ratios.show(3)
        );
    }

    /// Returns a number of operations that take at least the length of a run.
    fn count(&self, run: &mut impl FnMut(Side, u64) -> Duration) -> u64 {
        let mut count = 1;
        while run(Side::C, count) < self.time {
            count *= 2;
        }
        count
    }
}

/// The results of several runs: the least, the median and the most.
pub(crate) struct Spread {
    least: f64,
    pub(crate) median: f64,
    most: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        Spread { least: values[0], median: values[values.len() / 2], most: values[values.len() - 1] }
    }

    pub(crate) fn show(&self, decimals: usize) -> String {
        let Spread { least, median, most } = self;
        format!("{median:.decimals$} ({least:.decimals$} to {most:.decimals$})")
    }
}

/// Two connected sockets.
pub(crate) struct Pair<A: Kind, B: Kind> {
    pub(crate) bound: Socket<A>,
    pub(crate) connected: Socket<B>,
    // A field after the sockets, so that the contexts are dropped last, and do not wait for messages that a failed run left.
    _contexts: [Context; 2],
}

impl<A: Kind, B: Kind> Pair<A, B> {
    pub(crate) fn new(bound: A, connected: B, transport: &str) -> Pair<A, B> {
        Pair::prepared(bound, connected, transport, |_, _| {})
    }

    /// Returns a pair like `new`, but calls `prepare` with the sockets before they are connected.
    pub(crate) fn prepared(
        bound: A,
        connected: B,
        transport: &str,
        prepare: impl FnOnce(&Socket<A>, &Socket<B>),
    ) -> Pair<A, B> {
        let context = Context::new().unwrap();
        Pair::between([context.clone(), context], bound, connected, transport, prepare)
    }

    /// Returns a pair of which each end has a context. Two different contexts have an I/O thread each, as in two programs.
    pub(crate) fn between(
        contexts: [Context; 2],
        bound: A,
        connected: B,
        transport: &str,
        prepare: impl FnOnce(&Socket<A>, &Socket<B>),
    ) -> Pair<A, B> {
        for context in &contexts {
            context.set_blocky(false).unwrap();
        }
        let bound = contexts[0].socket(bound).unwrap();
        let connected = contexts[1].socket(connected).unwrap();
        prepare(&bound, &connected);
        let endpoint = if transport == "tcp" { "tcp://127.0.0.1:*" } else { "inproc://pair" };
        connected.connect(bound.bind(endpoint).unwrap()).unwrap();
        Pair { bound, connected, _contexts: contexts }
    }
}

/// Returns the time that `work` takes.
pub(crate) fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
