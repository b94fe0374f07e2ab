//! A busy socket makes almost no system calls. Another process traces the thread of the runtime and counts the calls.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::{env, ptr};

use zmq::{Context, Pull, Push};

use super::{registered, runtimes};
use crate::common::{TCP, free_endpoint, start_watchdog, thread_id};

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
                assert!(calls <= MESSAGES / 20, "{direction}: {calls} system calls for {MESSAGES} messages");
            }
            Ok(role) if role == direction => work(direction),
            Ok(_) => {}
        }
    }
}

/// The process that is traced.
fn work(direction: &str) -> ! {
    let [runtime, _] = runtimes();
    let _entered = runtime.enter();
    let context = Context::new().unwrap();
    if direction == "send" {
        let push = context.socket(Push).unwrap();
        push.set_send_hwm(0).unwrap();
        push.connect(free_endpoint()).unwrap();
        let mut push = registered(push);
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
    let mut pull = registered(pull);
    traced(|| {
        runtime.block_on(async {
            for _ in 0..MESSAGES {
                pull.recv().await.unwrap();
            }
        });
    });
}

/// Lets the other process trace this thread, and does something meanwhile.
fn traced(work: impl FnOnce()) -> ! {
    println!("\nthread {}", thread_id());
    std::io::stdin().read_exact(&mut [0]).unwrap();
    work();
    println!("done");
    // SAFETY: ends the process, and runs nothing of it.
    unsafe { libc::_exit(0) }
}

/// Counts the system calls of the traced thread.
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
    let traced = lines.find_map(|line| line.strip_prefix("thread ").map(|id| id.parse().unwrap())).unwrap();
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
    trace(libc::PTRACE_SEIZE, traced, options);
    trace(libc::PTRACE_INTERRUPT, traced, 0);
    child.stdin.take().unwrap().write_all(b"\n").unwrap();

    let mut stops = 0;
    let mut status = 0;
    loop {
        // SAFETY: a valid place to write to.
        assert_eq!(unsafe { libc::waitpid(traced, &raw mut status, libc::__WALL) }, traced);
        if !libc::WIFSTOPPED(status) {
            break;
        }
        stops += u64::from(libc::WSTOPSIG(status) == libc::SIGTRAP | 0x80);
        trace(libc::PTRACE_SYSCALL, traced, 0);
    }
    assert!(lines.any(|line| line == "done"), "the traced process failed: {status:#x}");
    // If the thread was the first one of the process, the process has been waited for.
    let _ = child.wait();
    // Each call stops when it begins and when it ends.
    stops / 2
}

#[track_caller]
fn trace(request: libc::c_uint, thread: libc::pid_t, data: libc::c_int) {
    // SAFETY: none of these requests reads or writes memory.
    let result = unsafe { libc::ptrace(request, thread, ptr::null_mut::<u8>(), libc::c_long::from(data)) };
    // A traced thread that was just killed cannot be found.
    assert!(result == 0 || request == libc::PTRACE_SYSCALL, "{}", std::io::Error::last_os_error());
}
