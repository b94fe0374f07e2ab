//! A small test harness like libtest. In addition, a test can report that it cannot run on this machine.

use std::collections::BTreeSet;
use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::Instant;

pub(crate) enum Outcome {
    Passed,
    /// With the reason.
    Ignored(String),
}

pub(crate) struct Test {
    name: String,
    run: Box<dyn Fn() -> Outcome>,
}

impl Test {
    pub(crate) fn new(name: String, run: impl Fn() -> Outcome + 'static) -> Test {
        Test { name, run: Box::new(run) }
    }
}

/// The options of the command line.
#[derive(Default)]
struct Arguments {
    filters: Vec<String>,
    skipped: Vec<String>,
    exact: bool,
    list: bool,
    only_ignored: bool,
}

impl Arguments {
    fn read() -> Arguments {
        let mut read = Arguments::default();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--exact" => read.exact = true,
                "--list" => read.list = true,
                "--ignored" => read.only_ignored = true,
                "--skip" => read.skipped.extend(arguments.next()),
                // Options of libtest that have a value and no effect here.
                "--test-threads" | "--format" | "--color" | "--logfile" | "-Z" => drop(arguments.next()),
                option if option.starts_with('-') => {}
                _ => read.filters.push(argument),
            }
        }
        read
    }

    fn select(&self, test: &Test) -> bool {
        let matches = |filter: &String| {
            if self.exact { test.name == *filter } else { test.name.contains(filter.as_str()) }
        };
        // No test is marked as ignored in advance.
        !self.only_ignored
            && (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skipped.iter().any(matches)
    }
}

/// Runs the tests that the command line asks for, one after the other.
pub(crate) fn run(tests: Vec<Test>) -> ExitCode {
    let arguments = Arguments::read();
    let all = tests.len();
    let tests: Vec<Test> = tests.into_iter().filter(|test| arguments.select(test)).collect();
    if arguments.list {
        tests.iter().for_each(|test| println!("{}: test", test.name));
        return ExitCode::SUCCESS;
    }

    println!("\nrunning {} tests", tests.len());
    let start = Instant::now();
    let (mut passed, mut ignored, mut failed) = (0, 0, Vec::new());
    let mut reasons = BTreeSet::new();
    for test in &tests {
        // The panic hook has printed why it failed.
        match panic::catch_unwind(AssertUnwindSafe(&test.run)) {
            Ok(Outcome::Passed) => {
                passed += 1;
                println!("test {} ... ok", test.name);
            }
            Ok(Outcome::Ignored(reason)) => {
                ignored += 1;
                println!("test {} ... ignored, {reason}", test.name);
                reasons.insert(reason);
            }
            Err(_) => {
                println!("test {} ... FAILED", test.name);
                failed.push(&test.name);
            }
        }
    }

    if !failed.is_empty() {
        println!("\nfailures:");
        failed.iter().for_each(|name| println!("    {name}"));
    }
    for reason in reasons {
        println!("\nskipped: {reason}");
    }
    println!(
        "\ntest result: {}. {passed} passed; {} failed; {ignored} ignored; 0 measured; {} filtered out; \
         finished in {:.2}s\n",
        if failed.is_empty() { "ok" } else { "FAILED" },
        failed.len(),
        all - tests.len(),
        start.elapsed().as_secs_f64(),
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}
