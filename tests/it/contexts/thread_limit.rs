//! When the system starts no more threads, calls fail and nothing is leaked. Later, when there is room, everything works.
//!
//! Each test runs in its own process, as a user that has no other processes.

#![cfg(any(target_os = "linux", target_os = "android"))]

use crate::common;

use std::fs;

use common::{assert_error, bounce, context, eventually, must_end, socket, wait_until};
use zmq::monitor::Events;
use zmq::security::Authenticator;
use zmq::{Context, ErrorKind, Pair, Rep, Req};

/// Runs the rest of a test in a child process, as another user.
fn in_child() -> bool {
    let is_child = common::process::in_child();
    if is_child {
        become_another_user();
    }
    is_child
}

/// The system counts root's threads, but never refuses one.
fn become_another_user() {
    // SAFETY: takes no argument.
    if unsafe { libc::geteuid() } != 0 {
        return;
    }
    // Where not all ids are mapped, there is at least the id of `nobody`.
    let own = 200_000 + std::process::id();
    for id in [own, 65_534] {
        // SAFETY: takes a number.
        if unsafe { libc::setuid(id) } == 0 {
            return;
        }
    }
    panic!("cannot become another user: {}", std::io::Error::last_os_error());
}

#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

/// A limit that is restored at the end.
struct Limit {
    resource: Resource,
    before: libc::rlimit,
}

impl Limit {
    fn new(resource: Resource) -> Limit {
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: a valid place to write to.
        assert_eq!(unsafe { libc::getrlimit(resource, &raw mut before) }, 0);
        Limit { resource, before }
    }

    fn set(&self, value: libc::rlim_t) {
        let limit = libc::rlimit { rlim_cur: value.min(self.before.rlim_max), ..self.before };
        // SAFETY: a valid limit, only read.
        assert_eq!(unsafe { libc::setrlimit(self.resource, &raw const limit) }, 0);
    }

    fn restore(&self) {
        self.set(self.before.rlim_cur);
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        self.restore();
    }
}

fn count(what: &str) -> usize {
    fs::read_dir(format!("/proc/self/{what}")).unwrap().count()
}

/// The number of bytes of address space that the process uses.
fn used() -> libc::rlim_t {
    let used = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: libc::rlim_t = used.split(' ').next().unwrap().parse().unwrap();
    // Under qemu, the emulator may use more than a processor of 32 bits can address.
    pages.saturating_mul(4096)
}

#[track_caller]
fn assert_works(context: &Context) {
    let (server, client) = (socket(context, Rep), socket(context, Req));
    client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    bounce(&client, &server);
}

#[track_caller]
fn assert_refused(error: zmq::Error, names: &[&str]) {
    let names: Vec<_> = names.iter().copied().chain(["cannot start another thread"]).collect();
    assert_error(error, ErrorKind::WouldBlock, libc::EAGAIN, &names);
}

/// Creates the first socket, with more room each time, until it succeeds. Returns the number of failures.
fn refusals(limit: &Limit, room: impl Fn(libc::rlim_t) -> libc::rlim_t) -> usize {
    let context = common::context_with(Context::builder().io_threads(3));
    let (descriptors, threads) = (count("fd"), count("task"));
    for (refused, step) in (0..100_000).enumerate() {
        limit.set(room(step));
        let result = context.socket(Pair);
        limit.restore();
        match result {
            Ok(socket) => {
                drop(socket);
                assert_works(&context);
                must_end(|| drop(context));
                wait_until(|| count("fd") <= descriptors && count("task") <= threads);
                return refused;
            }
            Err(error) => assert_refused(error, &["socket", "PAIR"]),
        }
        assert_eq!(count("fd"), descriptors);
        // A thread that was joined may still be listed for a moment.
        wait_until(|| count("task") == threads);
    }
    panic!("the system never had room for the threads");
}

/// With room for no thread, for some threads, and for all but one: threads that were started are ended again.
#[test]
fn a_context_reports_that_the_user_may_have_no_more_threads() {
    if in_child() {
        let limit = Limit::new(libc::RLIMIT_NPROC);
        // The process itself has at least two threads, and the context needs four.
        assert!(refusals(&limit, |step| step) >= 6);
    }
}

#[test]
fn a_context_reports_that_there_is_no_room_for_stacks() {
    if in_child() {
        // Puts some memory into the heap's reserve, as in a program that has run for a while.
        drop((0..4000).map(|_| Box::new([1_u8; 1000])).collect::<Vec<_>>());
        let limit = Limit::new(libc::RLIMIT_AS);
        // Half a stack for other memory, and one more whole stack with each step.
        let room = |step| used().saturating_add((4 << 20) + step * (8 << 20));
        assert!(refusals(&limit, room) >= 1);
    }
}

#[test]
fn a_context_without_threads_can_end() {
    if in_child() {
        let limit = Limit::new(libc::RLIMIT_NPROC);
        let _watchdog = context();
        for shut_down in [false, true] {
            let context = Context::new().unwrap();
            limit.set(0);
            assert_refused(context.socket(Pair).unwrap_err(), &["socket"]);
            if shut_down {
                context.shutdown().unwrap();
                // With another libzmq, the crate tries to start threads before it calls libzmq.
                if !cfg!(zmq_vendored) {
                    limit.restore();
                }
                assert_eq!(context.socket(Pair).unwrap_err().kind(), ErrorKind::Terminated);
            }
            drop(context);
            limit.restore();
        }
    }
}

/// These calls need threads besides the threads of the context.
#[test]
fn calls_that_need_a_thread_report_that_none_starts() {
    if in_child() {
        let limit = Limit::new(libc::RLIMIT_NPROC);
        let context = context();
        let (descriptors, threads) = (count("fd"), count("task"));
        let monitored = socket(&context, Pair);
        limit.set(0);
        let bounded = monitored.monitor(Events::ALL).and_then(|monitor| monitor.bounded(10).map(drop));
        let authenticator = Authenticator::new(&context).map(drop);
        let scheduling = Context::builder().thread_affinity([0]).build();
        drop(monitored.monitor(Events::ALL).unwrap());
        let endpoint = monitored.bind("tcp://127.0.0.1:*").unwrap();
        limit.restore();
        assert_refused(bounded.unwrap_err(), &["monitor"]);
        assert_refused(authenticator.unwrap_err(), &["authenticator"]);
        assert_refused(scheduling.unwrap_err(), &["affinity"]);

        let peer = socket(&context, Pair);
        peer.connect(&endpoint).unwrap();
        bounce(&peer, &monitored);
        let bounded = socket(&context, Pair).monitor(Events::ALL).unwrap().bounded(10).unwrap();
        // The name of the authenticator that could not start is free a little later.
        let authenticator = eventually("an authenticator can start", || Authenticator::new(&context).ok());
        drop((authenticator, bounded, peer, monitored));
        must_end(|| drop(context));
        wait_until(|| count("fd") <= descriptors && count("task") <= threads);
    }
}

/// `close` needs a thread. Without a thread, the context stays open and still sends.
#[test]
fn close_reports_that_no_thread_starts() {
    if in_child() {
        let limit = Limit::new(libc::RLIMIT_NPROC);
        let receiver = context();
        let pull = socket(&receiver, zmq::Pull);
        let endpoint = pull.bind("tcp://127.0.0.1:*").unwrap();
        let context = Context::new().unwrap();
        let push = socket(&context, zmq::Push);
        push.connect(&endpoint).unwrap();
        push.send("sent").unwrap();
        drop(push);
        limit.set(0);
        let mut closed = context.close();
        limit.restore();
        let polled = std::pin::pin!(&mut closed)
            .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
            .map(Result::unwrap_err);
        let std::task::Poll::Ready(error) = polled else { panic!("the future is not ready") };
        assert_refused(error, &["close context"]);
        assert_eq!(pull.recv().unwrap(), "sent");
    }
}
