//! Counts the system calls of an idle socket and of a round trip. This program replaces `poll`, `getpid` and `epoll_ctl` with functions
//! that count.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::raw::*;
use zmq_sys::*;

type Poll = unsafe extern "C" fn(*mut libc::pollfd, libc::nfds_t, c_int) -> c_int;

type GetPid = unsafe extern "C" fn() -> libc::pid_t;
type EpollCtl = unsafe extern "C" fn(c_int, c_int, c_int, *mut c_void) -> c_int;

/// The calls of all threads.
static ALL_POLLS: AtomicUsize = AtomicUsize::new(0);
static GETPIDS: AtomicUsize = AtomicUsize::new(0);
static EPOLL_CTLS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static POLLS: Cell<usize> = const { Cell::new(0) };
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn poll(items: *mut libc::pollfd, count: libc::nfds_t, timeout: c_int) -> c_int {
    // A thread that is ending has no counter any more.
    let _ = POLLS.try_with(|polls| polls.set(polls.get() + 1));
    ALL_POLLS.fetch_add(1, Ordering::Relaxed);
    let system: Poll = unsafe { system(c"poll") };
    unsafe { system(items, count, timeout) }
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn getpid() -> libc::pid_t {
    GETPIDS.fetch_add(1, Ordering::Relaxed);
    let system: GetPid = unsafe { system(c"getpid") };
    unsafe { system() }
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_ctl(epoll: c_int, act: c_int, fd: c_int, event: *mut c_void) -> c_int {
    EPOLL_CTLS.fetch_add(1, Ordering::Relaxed);
    let system: EpollCtl = unsafe { system(c"epoll_ctl") };
    unsafe { system(epoll, act, fd, event) }
}

fn descriptor(socket: &Socket) -> c_int {
    let mut fd: c_int = -1;
    let mut len = size_of_val(&fd);
    let got = unsafe { zmq_getsockopt(socket.0, ZMQ_FD, (&raw mut fd).cast(), &raw mut len) };
    assert_eq!(cvt(got), Ok(()));
    fd
}

fn is_readable(fd: c_int, timeout: Duration) -> bool {
    let mut item = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let timeout = c_int::try_from(timeout.as_millis()).unwrap();
    unsafe { libc::poll(&raw mut item, 1, timeout) == 1 }
}

#[test]
fn mailbox_hint_a_call_on_an_idle_socket_makes_no_system_call() {
    let _alone = alone();
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    push.send(b"first");
    assert_eq!(pull.recv(), b"first");
    context.io_thread_catches_up();
    assert_eq!(pull.events() & ZMQ_POLLIN, 0);

    let before = POLLS.get();
    for _ in 0..100 {
        assert_eq!(pull.events() & ZMQ_POLLIN, 0);
        assert_eq!(pull.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
    }
    assert_eq!(POLLS.get() - before, 0, "calls of poll");

    push.send(b"second");
    assert!(is_readable(descriptor(&pull), Duration::from_secs(10)));
    assert_eq!(pull.events() & ZMQ_POLLIN, ZMQ_POLLIN);
    assert_eq!(pull.recv(), b"second");
}

/// One sender signals at the moment when the receiver has processed the commands of another sender, and begins to wait.
#[test]
fn mailbox_hint_no_signal_is_overlooked() {
    const SENDERS: usize = 3;
    const MESSAGES: usize = 50_000;
    let _alone = alone();
    let context = Context::new();
    let receiver = context.socket(ZMQ_PULL);
    receiver.set(ZMQ_RCVHWM, 0);
    receiver.bind("inproc://hint");
    let senders = [(); SENDERS].map(|()| {
        let sender = context.socket(ZMQ_PUSH);
        sender.set(ZMQ_SNDHWM, 0);
        sender.connect("inproc://hint");
        let address = sender.0.expose_provenance();
        std::mem::forget(sender);
        thread::spawn(move || {
            let sender = Socket(ptr::with_exposed_provenance_mut(address));
            for number in 0..MESSAGES {
                sender.send(b"");
                for _ in 0..number % 1024 {
                    std::hint::spin_loop();
                }
            }
        })
    });
    let fd = descriptor(&receiver);
    for number in 0..SENDERS * MESSAGES {
        let end = Instant::now() + Duration::from_secs(10);
        // Like an event loop, the test receives only when the descriptor is readable.
        while let Err(errno) = receiver.try_recv(ZMQ_DONTWAIT) {
            assert_eq!(errno, libc::EAGAIN);
            assert!(is_readable(fd, Duration::from_secs(10)), "message {number} is not signalled");
            assert!(Instant::now() < end, "message {number} is signalled, but not received");
        }
    }
    for sender in senders {
        sender.join().unwrap();
    }
}

#[test]
fn a_round_trip_makes_few_system_calls() {
    const ROUND_TRIPS: usize = 100;
    let _alone = alone();
    let context = Context::new();
    let (rep, req) = (context.socket(ZMQ_REP), context.socket(ZMQ_REQ));
    req.connect(&rep.bind("tcp://127.0.0.1:*"));
    let round_trips = |count| {
        for _ in 0..count {
            req.send(b"request");
            assert_eq!(rep.recv(), b"request");
            rep.send(b"reply");
            assert_eq!(req.recv(), b"reply");
        }
    };
    round_trips(10);
    context.io_thread_catches_up();

    let counters = [&ALL_POLLS, &GETPIDS, &EPOLL_CTLS];
    let before = counters.map(|counter| counter.load(Ordering::Relaxed));
    round_trips(ROUND_TRIPS);
    let after = counters.map(|counter| counter.load(Ordering::Relaxed));
    let [polls, getpids, epoll_ctls] = [0, 1, 2].map(|at| after[at] - before[at]);
    // Each round trip waits for the request and for the reply. A few more calls are possible.
    assert!(polls <= 2 * ROUND_TRIPS + 10, "{polls} calls of poll");
    assert!(getpids <= 10, "{getpids} calls of getpid");
    assert!(epoll_ctls <= 10, "{epoll_ctls} calls of epoll_ctl");
}

/// The receiver looks for the message itself, so that nobody needs to wake it. On a busy machine, threads rarely spin.
#[test]
fn spin_a_receiver_that_spins_does_not_poll() {
    let _alone = alone();
    let context = Context::new();
    let (left, right) = (context.socket(ZMQ_PAIR), context.socket(ZMQ_PAIR));
    left.set(ZMQ_SPIN_TIME, 60_000_000);
    left.bind("inproc://spin");
    right.connect("inproc://spin");
    let address = right.0.expose_provenance();
    std::mem::forget(right);
    let sender = thread::spawn(move || {
        let right = Socket(ptr::with_exposed_provenance_mut(address));
        while right.recv() != b"end" {
            for _ in 0..1000 {
                std::hint::spin_loop();
            }
            right.send(b"reply");
        }
    });
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        left.send(b"request");
        let before = POLLS.get();
        let has_reply = left.events() & ZMQ_POLLIN != 0;
        assert_eq!(left.recv(), b"reply");
        if !has_reply && POLLS.get() == before {
            break;
        }
        assert!(Instant::now() < end, "each wait polls");
    }
    left.send(b"end");
    sender.join().unwrap();
}
