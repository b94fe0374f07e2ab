//! Rounds in separate processes. If a round crashes or hangs, the report names its seed.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{env, process, thread};

use super::common::process::setting;
use super::common::random::Random;

const ROUND: &str = "ZMQ_TEST_RANDOM_ROUND";

/// The number of acts in an ordinary run, over all rounds.
const ACTS: u64 = 20_000;

/// The number of acts in a round.
const ACTS_A_ROUND: u64 = 2_000;

/// The number of threads that act in a round.
pub(crate) const THREADS: usize = 3;

/// The current act of each thread, for the report of a hang.
static NOW: Mutex<[String; THREADS]> = Mutex::new([const { String::new() }; THREADS]);

/// The number of acts in this process so far.
static ACTS_DONE: AtomicU64 = AtomicU64::new(0);

/// Adds to the number of acts.
pub(crate) fn did(acts: u64) {
    ACTS_DONE.fetch_add(acts, Ordering::Relaxed);
}

fn now() -> MutexGuard<'static, [String; THREADS]> {
    NOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records what a thread is about to do.
pub(crate) fn begins(thread: usize, act: &str) {
    let now = &mut now()[thread];
    now.clear();
    now.push_str(act);
}

/// One round: its acts, and the random numbers that it uses.
pub(crate) struct Round {
    seed: u64,
    number: u64,
    pub(crate) acts: u64,
}

impl Round {
    /// The random numbers for one of the threads, or, with a higher number, for something else.
    pub(crate) fn random(&self, stream: usize) -> Random {
        Random::new(self.seed, (self.number << 8) | u64::try_from(stream).unwrap())
    }
}

/// Runs all rounds of the test `name`, one after the other, each in its own process.
pub(crate) fn rounds(name: &str, run: fn(&Round)) {
    let seed = setting("ZMQ_STRESS_SEED", 1);
    // Two tests share the acts.
    let acts = setting("ZMQ_STRESS_ACTS", ACTS).div_ceil(2);
    if env::var(ROUND).is_ok() {
        let number = setting(ROUND, 0);
        end_if_it_hangs();
        run(&Round { seed, number, acts: ACTS_A_ROUND.min(acts) });
        println!("acts: {}", ACTS_DONE.load(Ordering::Relaxed));
        return;
    }
    let first = setting("ZMQ_STRESS_FIRST", 0);
    let mut failed = Vec::new();
    let mut done = 0;
    for number in first..first + acts.div_ceil(ACTS_A_ROUND) {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(ROUND, number.to_string())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            assert!(text.contains("1 passed"), "the child ran no test: {text}");
            done += text.lines().find_map(|line| line.strip_prefix("acts: ")?.parse::<u64>().ok()).unwrap();
            continue;
        }
        println!(
            "{name}: ZMQ_STRESS_SEED={seed} ZMQ_STRESS_FIRST={number}: {}\n{text}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        failed.push(number);
    }
    // A round whose context is shut down ends early.
    println!("{name}, seed {seed}: {done} acts");
    assert!(failed.is_empty(), "{name}, seed {seed}: these rounds failed: {failed:?}");
}

/// Ends this process if its round takes much longer than it should.
fn end_if_it_hangs() {
    let limit = Duration::from_secs(setting("ZMQ_STRESS_SECONDS", 120));
    thread::spawn(move || {
        thread::sleep(limit);
        eprintln!("the round hangs: {:?}", now());
        process::abort();
    });
}
