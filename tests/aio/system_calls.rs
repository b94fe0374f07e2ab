//! A busy socket makes almost no system calls. Another process traces the threads of the runtime and counts the calls.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::{env, fs, ptr};

use zmq::{Context, Pull, Push};

use super::{SYSTEM_CALLS, registered, runtimes};
use crate::common::{TCP, free_endpoint, start_watchdog, threads_named, wait_until};

const MESSAGES: u64 = 20_000;

/// The environment variable of the process that is traced.
const ROLE: &str = "ZMQ_TEST_TRACED";

/// Sends and receives many messages, none of which it has to wait for.
#[test]
fn busy_sockets_make_almost_no_system_calls() {
    start_watchdog();
    for direction in ["send", "receive"] {
        match env::var(ROLE) {
            Err(_) => {
                let calls = count_calls(direction);
                let limit = MESSAGES * SYSTEM_CALLS / 1_000;
                assert!(calls <= limit, "{direction}: {calls} system calls for {MESSAGES} messages");
            }
            Ok(role) if role == direction => work(direction),
            Ok(_) => {}
        }
    }
}

/// The process that is traced.
fn work(direction: &str) -> ! {
    let [runtime, _] = runtimes();
    let context = Context::new().unwrap();
    if direction == "send" {
        let push = context.socket(Push).unwrap();
        push.set_send_hwm(0).unwrap();
        push.connect(free_endpoint()).unwrap();
        let mut push = runtime.block_on(async { registered(push) });
        traced(|| {
            runtime.block_on(async {
                for _ in 0..MESSAGES {
                    push.send("message").await.unwrap();
                }
            });
        });
    }
    let pull = context.socket(Pull).unwrap();
    pull.set_recv_hwm(0).unwrap();
    let endpoint = pull.bind(TCP).unwrap();
    let sender = Context::new().unwrap();
    let push = sender.socket(Push).unwrap();
    push.set_send_hwm(0).unwrap();
    push.connect(endpoint).unwrap();
    for _ in 0..MESSAGES {
        push.send("message").unwrap();
    }
    // Waits until all messages are sent.
    drop((push, sender));
    let mut pull = runtime.block_on(async { registered(pull) });
    traced(|| {
        runtime.block_on(async {
            for _ in 0..MESSAGES {
                pull.recv().await.unwrap();
            }
        });
    });
}

/// Lets the other process trace this thread, and does something meanwhile. At this moment, only one context has threads.
fn traced(work: impl FnOnce()) -> ! {
    // A thread that has just started has no name yet. A thread that has ended may still be listed.
    wait_until(|| threads_named("ZMQbg").len() == 2);
    println!("\nthreads {}", own_threads().join(" "));
    std::io::stdin().read_exact(&mut [0]).unwrap();
    work();
    println!("done");
    // SAFETY: ends the process, and runs nothing of it.
    unsafe { libc::_exit(0) }
}

/// The threads of this process, without those of libzmq.
fn own_threads() -> Vec<String> {
    let threads = fs::read_dir("/proc/self/task").unwrap().map(|entry| entry.unwrap());
    threads
        .filter(|thread| !fs::read_to_string(thread.path().join("comm")).unwrap().starts_with("ZMQ"))
        .map(|thread| thread.file_name().into_string().unwrap())
        .collect()
}

/// Counts the system calls of the traced threads.
fn count_calls(direction: &str) -> u64 {
    let thread = std::thread::current();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", thread.name().unwrap(), "--nocapture", "--test-threads=1"])
        .env(ROLE, direction)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let threads = lines.find_map(|line| line.strip_prefix("threads ").map(str::to_owned)).unwrap();
    let mut traced: HashSet<libc::pid_t> = threads.split(' ').map(|id| id.parse().unwrap()).collect();
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
    for &thread in &traced {
        trace(libc::PTRACE_SEIZE, thread, options);
        trace(libc::PTRACE_INTERRUPT, thread, 0);
    }
    child.stdin.take().unwrap().write_all(b"\n").unwrap();

    let mut stops = 0;
    let mut status = 0;
    while !traced.is_empty() {
        // Only threads that this thread traces are waited for, because other tests have children too.
        // SAFETY: a valid place to write to.
        let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD) };
        if thread == -1 {
            break;
        }
        if !libc::WIFSTOPPED(status) {
            traced.remove(&thread);
            continue;
        }
        stops += u64::from(libc::WSTOPSIG(status) == libc::SIGTRAP | 0x80);
        trace(libc::PTRACE_SYSCALL, thread, 0);
    }
    assert!(lines.any(|line| line == "done"), "the traced process failed: {status:#x}");
    // The process may have been waited for already.
    let _ = child.wait();
    // Each call stops when it begins and when it ends.
    stops / 2
}

#[cfg(target_env = "gnu")]
type Request = libc::c_uint;
#[cfg(not(target_env = "gnu"))]
type Request = libc::c_int;

#[track_caller]
fn trace(request: Request, thread: libc::pid_t, data: libc::c_int) {
    // SAFETY: none of these requests reads or writes memory.
    let result = unsafe { libc::ptrace(request, thread, ptr::null_mut::<u8>(), libc::c_long::from(data)) };
    // A traced thread that was just killed cannot be found.
    assert!(result == 0 || request == libc::PTRACE_SYSCALL, "{}", std::io::Error::last_os_error());
}
