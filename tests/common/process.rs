//! Information about the process, and child processes for tests.

use std::fmt::Debug;
#[cfg(target_os = "linux")]
use std::fs;
use std::process::Command;
use std::str::FromStr;
use std::{env, thread};

/// The environment variable with the name of the test that a process was started for.
const ROLE: &str = "ZMQ_TEST_CHILD";

/// Runs the rest of a test in a child process. Returns true in the child, and false in the parent after it has waited
/// for the child.
///
/// For tests that change or measure the process, or would end it if they failed. Must be called in the test's own
/// thread, which has the test's name. If the child is killed, its output shows how far it got.
#[track_caller]
pub(crate) fn in_child() -> bool {
    let thread = thread::current();
    let name = thread.name().expect("the thread of a test has a name");
    if env::var(ROLE).is_ok_and(|role| role == name) {
        return true;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(ROLE, name)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{name}: {}\n{}\n{}",
        output.status,
        text.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains("1 passed"), "the child ran no test: {text}");
    print!("{text}");
    false
}

/// A number from the environment.
pub(crate) fn setting<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// Returns how often a test repeats something: `times`, multiplied by `ZMQ_TEST_FACTOR` and divided by `ZMQ_TEST_DIVISOR`, which is
/// set for slow emulators.
pub(crate) fn rounds(times: usize) -> usize {
    times.div_ceil(setting("ZMQ_TEST_DIVISOR", 1)) * setting("ZMQ_TEST_FACTOR", 1)
}

/// The number of open descriptors of the process.
#[cfg(target_os = "linux")]
pub(crate) fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The number of open handles of the process.
#[cfg(windows)]
pub(crate) fn descriptors() -> usize {
    unsafe extern "system" {
        fn GetCurrentProcess() -> *mut std::ffi::c_void;
        fn GetProcessHandleCount(process: *mut std::ffi::c_void, count: *mut u32) -> std::ffi::c_int;
    }
    let mut count = 0;
    // SAFETY: takes nothing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: this process, and a valid place to write to.
    assert_ne!(unsafe { GetProcessHandleCount(process, &raw mut count) }, 0);
    count.try_into().unwrap()
}

/// The memory that the process uses, in bytes, without the memory that the allocator keeps for later.
#[cfg(target_os = "linux")]
pub(crate) fn memory() -> usize {
    // SAFETY: takes a number.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0);
    }
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    // SAFETY: takes a number.
    pages * usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap()
}
