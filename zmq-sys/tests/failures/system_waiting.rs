//! The system refuses the calls that libzmq waits with: `epoll_ctl`, `eventfd`, `epoll_create1`, `poll` and `select`.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "tests of raw calls")]

use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// The error of `eventfd`, or 0 if it does not fail.
static EVENTFD: AtomicI32 = AtomicI32::new(0);
/// The error of `epoll_ctl` when it adds a descriptor, or 0 if it does not fail.
static WATCH: AtomicI32 = AtomicI32::new(0);
/// Whether only every second `epoll_ctl` fails.
static SECOND: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicI32 = AtomicI32::new(0);
/// The error of `epoll_create1`, or 0 if it does not fail.
static EPOLL: AtomicI32 = AtomicI32::new(0);
/// The errors of `poll` and `select`, or 0 if they do not fail.
static POLL: AtomicI32 = AtomicI32::new(0);
static SELECT: AtomicI32 = AtomicI32::new(0);
/// How many times `select` has failed.
static SELECTED: AtomicUsize = AtomicUsize::new(0);

fn fail(errno: c_int) -> c_int {
    unsafe { *libc::__errno_location() = errno };
    -1
}

#[unsafe(no_mangle)]
extern "C" fn eventfd(count: c_uint, flags: c_int) -> c_int {
    match EVENTFD.load(Ordering::SeqCst) {
        0 => unsafe { libc::syscall(libc::SYS_eventfd2, count, flags) as c_int },
        errno => fail(errno),
    }
}

#[unsafe(no_mangle)]
extern "C" fn epoll_create1(flags: c_int) -> c_int {
    match EPOLL.load(Ordering::SeqCst) {
        0 => unsafe { libc::syscall(libc::SYS_epoll_create1, flags) as c_int },
        errno => fail(errno),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn poll(fds: *mut libc::pollfd, count: libc::nfds_t, timeout: c_int) -> c_int {
    let time =
        libc::timespec { tv_sec: (timeout / 1000).into(), tv_nsec: (timeout % 1000 * 1_000_000).into() };
    let time = if timeout < 0 { std::ptr::null() } else { &raw const time };
    match POLL.load(Ordering::SeqCst) {
        0 => unsafe { libc::ppoll(fds, count, time, std::ptr::null()) },
        errno => fail(errno),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn select(
    count: c_int,
    input: *mut libc::fd_set,
    output: *mut libc::fd_set,
    urgent: *mut libc::fd_set,
    timeout: *mut libc::timeval,
) -> c_int {
    let errno = SELECT.load(Ordering::SeqCst);
    if errno != 0 {
        SELECTED.fetch_add(1, Ordering::SeqCst);
        return fail(errno);
    }
    let time = unsafe { timeout.as_ref() }
        .map(|time| libc::timespec { tv_sec: time.tv_sec, tv_nsec: time.tv_usec * 1000 });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    unsafe { libc::pselect(count, input, output, urgent, time, std::ptr::null()) }
}

#[unsafe(no_mangle)]
extern "C" fn epoll_ctl(epoll: c_int, act: c_int, fd: c_int, event: *mut c_void) -> c_int {
    let errno = WATCH.load(Ordering::SeqCst);
    if act == libc::EPOLL_CTL_ADD && errno != 0 {
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        if !SECOND.load(Ordering::SeqCst) || count % 2 == 0 {
            return fail(errno);
        }
    }
    unsafe { libc::syscall(libc::SYS_epoll_ctl, epoll, act, fd, event) as c_int }
}

/// Makes connections over each transport, and sends messages over them.
fn send_over_each_transport() {
    let context = Context::new();
    let mut transports = vec!["tcp://127.0.0.1:*", "ipc://*"];
    if unsafe { zmq_has(c"ws".as_ptr()) } == 1 {
        transports.push("ws://127.0.0.1:*");
    }
    for transport in transports {
        for _ in 0..5 {
            let pull = context.socket(ZMQ_PULL);
            let endpoint = pull.bind(transport);
            let pushes: Vec<_> = (0..5).map(|_| context.socket(ZMQ_PUSH)).collect();
            for push in &pushes {
                push.connect(&endpoint);
            }
            for _ in 0..100 {
                pushes.iter().for_each(|push| push.send(b"words"));
                pushes.iter().for_each(|_| assert_eq!(pull.recv(), b"words"));
            }
        }
    }
}

fn messages_arrive_without_watches(second: bool) {
    let _alone = alone();
    if !in_child() {
        return;
    }
    SECOND.store(second, Ordering::SeqCst);
    for errno in [libc::ENOSPC, libc::ENOMEM] {
        WATCH.store(errno, Ordering::SeqCst);
        send_over_each_transport();
        assert_ne!(COUNT.swap(0, Ordering::SeqCst), 0, "epoll_ctl was not called");
    }
    WATCH.store(0, Ordering::SeqCst);
    send_over_each_transport();
}

#[test]
fn a175_messages_arrive_if_no_descriptor_can_be_watched() {
    messages_arrive_without_watches(false);
}

#[test]
fn a175_messages_arrive_if_some_descriptors_cannot_be_watched() {
    messages_arrive_without_watches(true);
}

/// `epoll_ctl` fails at first, and succeeds later while connections are in use.
#[test]
fn a175_messages_arrive_when_descriptors_can_be_watched_again() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    WATCH.store(libc::ENOSPC, Ordering::SeqCst);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    for round in 0..100 {
        if round == 50 {
            WATCH.store(0, Ordering::SeqCst);
        }
        push.send(b"words");
        assert_eq!(pull.recv(), b"words");
    }
}

#[test]
fn a173_an_error_of_eventfd_is_returned() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let pair = context.socket(ZMQ_PAIR);
    for errno in
        [libc::ENOMEM, libc::ENODEV, libc::EPERM, libc::EACCES, libc::ENOSYS, libc::EINVAL, libc::EMFILE]
    {
        EVENTFD.store(errno, Ordering::SeqCst);
        assert_eq!(context.try_socket(ZMQ_PAIR).err(), Some(errno));
        assert!(unsafe { zmq_ctx_new() }.is_null());
        assert_eq!(crate::raw::errno(), errno);
        EVENTFD.store(0, Ordering::SeqCst);
    }
    pair.bind("inproc://still-there");
}

#[test]
fn a195_an_error_of_epoll_create_is_returned() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for errno in [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOSYS, libc::EPERM] {
        let context = Context::new();
        EPOLL.store(errno, Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(context.try_socket(ZMQ_PAIR).err(), Some(errno));
        }
        EPOLL.store(0, Ordering::SeqCst);
        context.socket(ZMQ_PAIR).bind("tcp://127.0.0.1:*");
    }
}

#[test]
fn a196_an_error_of_poll_is_returned() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let pair = context.socket(ZMQ_PAIR);
    for errno in
        [libc::EAGAIN, libc::EFAULT, libc::EINTR, libc::EINVAL, libc::ENOMEM, libc::ENOSYS, libc::EPERM]
    {
        POLL.store(errno, Ordering::SeqCst);
        let mut item = zmq_pollitem_t { socket: pair.0, fd: 0, events: ZMQ_POLLIN as i16, revents: 0 };
        assert_eq!(cvt(unsafe { zmq_poll(&raw mut item, 1, 1) }), Err(errno));
        #[cfg(feature = "draft")]
        unsafe {
            let mut poller = zmq_poller_new();
            assert_eq!(cvt(zmq_poller_add(poller, pair.0, std::ptr::null_mut(), ZMQ_POLLIN as i16)), Ok(()));
            let mut event: zmq_poller_event_t = std::mem::zeroed();
            assert_eq!(cvt(zmq_poller_wait(poller, &raw mut event, 1)), Err(errno));
            assert_eq!(cvt(zmq_poller_destroy(&raw mut poller)), Ok(()));
        }
        POLL.store(0, Ordering::SeqCst);
    }
}

/// Some processes give up the right to open descriptors.
#[test]
fn a174_messages_arrive_if_descriptors_are_forbidden() {
    without_descriptors(0);
}

/// Without `poll`, `select` could not wait for descriptors as large as these.
#[test]
fn a174_messages_arrive_if_many_descriptors_are_open_and_more_are_forbidden() {
    without_descriptors(1100);
}

fn without_descriptors(open: usize) {
    let _alone = alone();
    if !in_child() {
        return;
    }
    if open != 0 {
        limit_descriptors(4096);
    }
    let _open: Vec<_> = (0..open).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    push.send(b"");
    pull.recv();
    limit_descriptors(0);
    for _ in 0..100 {
        push.send(b"words");
        assert_eq!(pull.recv(), b"words");
    }
    pull.set(ZMQ_RCVTIMEO, 10);
    assert_eq!(pull.try_recv(0), Err(libc::EAGAIN));
}

/// Messages arrive even if neither `poll` nor `select` is allowed, and waiting takes little processor time.
#[test]
fn a174_messages_arrive_if_poll_and_select_are_forbidden() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    POLL.store(libc::EPERM, Ordering::SeqCst);
    SELECT.store(libc::EPERM, Ordering::SeqCst);
    for timeout in [10_000, -1] {
        pull.set(ZMQ_RCVTIMEO, timeout);
        for _ in 0..10 {
            push.send(b"words");
            assert_eq!(pull.recv(), b"words");
        }
    }
    pull.set(ZMQ_RCVTIMEO, 300);
    SELECTED.store(0, Ordering::SeqCst);
    assert_eq!(pull.try_recv(0), Err(libc::EAGAIN));
    assert!(SELECTED.load(Ordering::SeqCst) < 100, "the wait calls `select` again and again without a pause");
    assert_eq!(pull.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
}

/// `epoll_ctl` fails, and the process may not open descriptors.
#[test]
fn a175_messages_arrive_if_descriptors_can_be_neither_watched_nor_opened() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    WATCH.store(libc::ENOSPC, Ordering::SeqCst);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    push.send(b"");
    pull.recv();
    limit_descriptors(0);
    for _ in 0..100 {
        push.send(b"words");
        assert_eq!(pull.recv(), b"words");
    }
}

/// Descriptors that `epoll` watches are served, even if other descriptors can neither be watched nor polled.
#[test]
fn a175_watched_descriptors_are_served_if_others_cannot_be() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    push.send(b"");
    pull.recv();
    let idle = context.socket(ZMQ_PULL);
    WATCH.store(libc::ENOSPC, Ordering::SeqCst);
    let endpoint = idle.bind("tcp://127.0.0.1:*");
    context.io_thread_catches_up();
    POLL.store(libc::EPERM, Ordering::SeqCst);
    SELECT.store(libc::EPERM, Ordering::SeqCst);
    for _ in 0..10 {
        push.send(b"words");
        assert_eq!(pull.recv(), b"words");
    }
    // The other descriptors are served when polling is allowed again.
    POLL.store(0, Ordering::SeqCst);
    push.connect(&endpoint);
    push.send(b"words");
    push.send(b"words");
    assert_eq!([pull.recv(), idle.recv()], [b"words", b"words"]);
}
