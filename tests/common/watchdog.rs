//! Ends the process if one of its tests hangs.

use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The time limit of a test. No call of a test blocks for long, but valgrind makes all of them slow. `ZMQ_TEST_SECONDS`
/// sets another limit.
fn limit() -> Duration {
    Duration::from_secs(super::process::setting("ZMQ_TEST_SECONDS", 300))
}

/// The running tests, and when they started.
static RUNNING: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());

/// The test that runs in this thread, until the thread ends.
struct Watched(String);

impl Watched {
    fn new() -> Option<Watched> {
        // A thread without a name belongs to a test whose thread has one.
        let name = thread::current().name()?.to_owned();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push((name.clone(), Instant::now()));
        Some(Watched(name))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|(name, _)| *name != self.0);
    }
}

/// Ends the process if the test in this thread does not end within some minutes.
pub(crate) fn start_watchdog() {
    static STARTED: Once = Once::new();
    thread_local! {
        static WATCHED: Option<Watched> = Watched::new();
    }
    // In a destructor of the thread's variables, the test has ended.
    let _ = WATCHED.try_with(|_| ());
    STARTED.call_once(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(Duration::from_secs(1));
                end_if_one_hangs();
            }
        });
    });
}

fn end_if_one_hangs() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((name, _)) = running.iter().find(|(_, since)| since.elapsed() > limit()) {
        eprintln!("{name} hangs; ending the process");
        std::process::abort();
    }
}
