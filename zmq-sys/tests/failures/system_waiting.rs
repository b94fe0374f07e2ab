//! What may lack to wait with: room for a watch, a descriptor to wake a thread with, the right to poll. The calls are replaced here.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "tests, of raw calls")]

use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// What making an eventfd fails with; 0 if it does not.
static EVENTFD: AtomicI32 = AtomicI32::new(0);
/// What watching fails with; 0 if it does not.
static WATCH: AtomicI32 = AtomicI32::new(0);
/// Whether only every second one fails.
static SECOND: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicI32 = AtomicI32::new(0);

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

/// Connections over each transport are made, used, and made again.
fn talk() {
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

fn without_room(second: bool) {
    let _alone = alone();
    if !in_child() {
        return;
    }
    SECOND.store(second, Ordering::SeqCst);
    for errno in [libc::ENOSPC, libc::ENOMEM] {
        WATCH.store(errno, Ordering::SeqCst);
        talk();
        assert_ne!(COUNT.swap(0, Ordering::SeqCst), 0, "nothing was to be watched");
    }
    WATCH.store(0, Ordering::SeqCst);
    talk();
}

#[test]
fn a175_there_is_no_room_for_watches() {
    without_room(false);
}

#[test]
fn a175_there_is_room_for_some_watches() {
    without_room(true);
}

/// Room comes back while connections are in use.
#[test]
fn a175_there_is_room_again() {
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
fn a173_whatever_an_eventfd_fails_with() {
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

/// What a process does that gives up the right to open anything.
#[test]
fn a174_no_descriptors_are_allowed_any_more() {
    let _alone = alone();
    if !in_child() {
        return;
    }
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
