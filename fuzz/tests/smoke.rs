//! Runs all targets without libFuzzer: with the files of their corpus, and with mutations of the files.
//!
//! `ZMQ_FUZZ_INPUTS` sets the number of mutations of each target. Default: 20000. `ZMQ_FUZZ_SEED` sets the seed. Default: 1.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs};

use zmq_fuzz::TARGETS;
use zmq_fuzz::mutate::Random;

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

#[test]
fn no_target_panics() {
    let seed = setting("ZMQ_FUZZ_SEED", 1);
    for (name, run) in TARGETS {
        let mut files: Vec<_> =
            fs::read_dir(corpus(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let corpus: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
        assert!(!corpus.is_empty(), "the target {name} has an empty corpus");
        let try_one = |data: &[u8]| {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(data))) {
                eprintln!("target {name}, seed {seed}: {:?}", data.escape_ascii().to_string());
                std::panic::resume_unwind(panic);
            }
        };
        corpus.iter().for_each(|data| try_one(data));
        let mut random = Random(seed);
        for _ in 0..setting("ZMQ_FUZZ_INPUTS", 20_000) {
            try_one(&random.mutation(&corpus));
        }
    }
}

/// `cargo fuzz` runs the bins of `Cargo.toml`, so each target needs one.
#[test]
fn every_target_is_a_bin() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "Cargo.toml has no bin {name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
