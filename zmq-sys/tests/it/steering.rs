//! Tests `zmq_ppoll`, and the commands that `zmq_proxy_steerable` accepts.

#![allow(clippy::as_conversions, reason = "tests of raw calls")]

#[cfg(feature = "draft")]
use std::ffi::{c_int, c_long};
use std::time::{Duration, Instant};
use std::{mem, ptr, thread};

use crate::raw::*;
use zmq_sys::*;

#[cfg(feature = "draft")]
unsafe extern "C" {
    // The bindings do not declare this function, because `sigset_t` is a type of the system.
    fn zmq_ppoll(
        items: *mut zmq_pollitem_t,
        nitems: c_int,
        timeout: c_long,
        mask: *const libc::sigset_t,
    ) -> c_int;
}

#[cfg(feature = "draft")]
fn empty_mask() -> libc::sigset_t {
    unsafe {
        let mut mask = mem::zeroed();
        libc::sigemptyset(&raw mut mask);
        mask
    }
}

#[cfg(feature = "draft")]
fn readable(socket: &Socket) -> zmq_pollitem_t {
    zmq_pollitem_t { socket: socket.0, fd: 0, events: i16::try_from(ZMQ_POLLIN).unwrap(), revents: 0 }
}

#[cfg(feature = "draft")]
#[test]
fn a40_a_descriptor_may_have_any_number() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    limit_descriptors(3000);
    let context = Context::new();
    // An `fd_set` has room for descriptors below 1024.
    let _others: Vec<c_int> = (0..2000).map(|_| unsafe { libc::dup(2) }).collect();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    assert!(next_descriptor() > 2000);
    push.connect(&pull.bind("inproc://high"));
    let mut items = [readable(&pull)];
    let mask = empty_mask();
    assert_eq!(unsafe { zmq_ppoll(items.as_mut_ptr(), 1, 0, &raw const mask) }, 0);
    push.send(b"here");
    assert_eq!(unsafe { zmq_ppoll(items.as_mut_ptr(), 1, 10_000, &raw const mask) }, 1);
    assert_eq!(c_int::from(items[0].revents), ZMQ_POLLIN);
}

#[cfg(feature = "draft")]
#[test]
fn a40_a_signal_that_is_unblocked_for_the_wait_ends_it() {
    extern "C" fn ignore(_: c_int) {}
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let pull = context.socket(ZMQ_PULL);
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = ignore as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, ptr::null_mut()), 0);
        let mut blocked = empty_mask();
        libc::sigaddset(&raw mut blocked, libc::SIGUSR1);
        assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &raw const blocked, ptr::null_mut()), 0);
        assert_eq!(libc::pthread_kill(libc::pthread_self(), libc::SIGUSR1), 0);
        // With the signal mask of the thread, the signal does not end the wait.
        let mut items = [readable(&pull)];
        assert_eq!(zmq_ppoll(items.as_mut_ptr(), 1, 10, ptr::null()), 0);
        assert_eq!(zmq_ppoll(items.as_mut_ptr(), 1, 10, &raw const blocked), 0);
        let mask = empty_mask();
        assert_eq!(zmq_ppoll(items.as_mut_ptr(), 1, 10_000, &raw const mask), -1);
        assert_eq!(errno(), libc::EINTR);
        // The same without items.
        assert_eq!(libc::pthread_kill(libc::pthread_self(), libc::SIGUSR1), 0);
        assert_eq!(zmq_ppoll(ptr::null_mut(), 0, 10_000, &raw const mask), -1);
        assert_eq!(errno(), libc::EINTR);
        assert_eq!(zmq_ppoll(ptr::null_mut(), 0, 1, &raw const mask), 0);
        assert_eq!(zmq_ppoll(ptr::null_mut(), 1, 1, &raw const mask), -1);
        assert_eq!(errno(), libc::EFAULT);
    }
}

/// Returns the processor time that this thread has used.
fn processor_time() -> Duration {
    unsafe {
        let mut time = mem::zeroed();
        assert_eq!(libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time), 0);
        let time: libc::timespec = time;
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    }
}

/// Starts a proxy from `inproc://in` to `inproc://out` in a thread. The thread returns the processor time that it used.
fn proxy(context: &Context, control: Socket) -> thread::JoinHandle<Duration> {
    let (frontend, backend) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    frontend.bind("inproc://in");
    backend.bind("inproc://out");
    let sockets =
        [frontend, backend, control].map(|socket| mem::ManuallyDrop::new(socket).0.expose_provenance());
    thread::spawn(move || {
        let [frontend, backend, control] =
            sockets.map(|socket| Socket(ptr::with_exposed_provenance_mut(socket)));
        unsafe { zmq_proxy_steerable(frontend.0, backend.0, ptr::null_mut(), control.0) };
        processor_time()
    })
}

#[test]
fn steering_pauses_and_resumes() {
    let _alone = alone();
    let context = Context::new();
    let (control, commands) = (context.socket(ZMQ_REP), context.socket(ZMQ_REQ));
    commands.connect(&control.bind("inproc://control"));
    let proxy = proxy(&context, control);
    let (push, pull) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
    push.connect("inproc://in");
    pull.connect("inproc://out");
    let order = |command: &[u8]| {
        commands.send(command);
        assert_eq!(commands.recv(), b"");
    };

    push.send(b"before");
    assert_eq!(pull.recv(), b"before");
    order(b"PAUSE");
    push.send(b"meanwhile");
    // Another command of five bytes is ignored.
    order(b"OTHER");
    pull.set(ZMQ_RCVTIMEO, 300);
    assert_eq!(pull.try_recv(0), Err(libc::EAGAIN));
    pull.set(ZMQ_RCVTIMEO, 10_000);
    order(b"RESUME");
    assert_eq!(pull.recv(), b"meanwhile");
    order(b"TERMINATE");
    // The proxy slept while it was paused, although there was a message to forward.
    let busy = proxy.join().unwrap();
    assert!(busy < Duration::from_millis(150), "{busy:?}");
}

#[test]
fn steering_works_without_a_receiver_for_replies() {
    let _alone = alone();
    let context = Context::new();
    let (control, commands) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    commands.connect(&control.bind("inproc://control"));
    let proxy = proxy(&context, control);
    let (push, pull) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
    push.connect("inproc://in");
    pull.connect("inproc://out");
    commands.send(b"STATISTICS");
    commands.send(b"PAUSE");
    commands.send(b"RESUME");
    push.send(b"still there");
    assert_eq!(pull.recv(), b"still there");
    commands.send(b"TERMINATE");
    let start = Instant::now();
    proxy.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
}
