//! What the system's calls may fail with, by their manuals, ends a connection and not the process. The calls are replaced here.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "tests, of raw calls")]

use std::ffi::{c_int, c_void};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// What the next call fails with; 0 lets it do its work.
static ACCEPT: AtomicI32 = AtomicI32::new(0);
static CONNECT: AtomicI32 = AtomicI32::new(0);
static SEND: AtomicI32 = AtomicI32::new(0);
static RECV: AtomicI32 = AtomicI32::new(0);

/// While this is set, the first `send` waits; then the peer is gone.
static LAST_WORDS: AtomicBool = AtomicBool::new(false);
/// Whether it does.
static IN_SEND: AtomicBool = AtomicBool::new(false);

/// Those of the manuals of accept, connect, send and recv, and what firewalls and security modules add. What only a wrong call can
/// lead to, such as `EBADF`, is among them, too.
const ERRORS: &[c_int] = &[
    libc::EACCES,
    libc::EAGAIN,
    libc::EALREADY,
    libc::EBADF,
    libc::ECONNABORTED,
    libc::ECONNREFUSED,
    libc::ECONNRESET,
    libc::EDESTADDRREQ,
    libc::EFAULT,
    libc::EHOSTDOWN,
    libc::EHOSTUNREACH,
    libc::EINTR,
    libc::EINVAL,
    libc::EIO,
    libc::EISCONN,
    libc::EMFILE,
    libc::EMSGSIZE,
    libc::ENETDOWN,
    libc::ENETRESET,
    libc::ENETUNREACH,
    libc::ENFILE,
    libc::ENOBUFS,
    libc::ENOMEM,
    libc::ENONET,
    libc::ENOPROTOOPT,
    libc::ENOSR,
    libc::ENOTCONN,
    libc::ENOTSOCK,
    libc::EOPNOTSUPP,
    libc::EPERM,
    libc::EPIPE,
    libc::EPROTO,
    libc::EPROTONOSUPPORT,
    libc::ESOCKTNOSUPPORT,
    libc::ETIMEDOUT,
];

/// Whether this call fails, with errno set.
fn fails(with: &AtomicI32) -> bool {
    let errno = with.swap(0, Ordering::SeqCst);
    if errno != 0 {
        unsafe { *libc::__errno_location() = errno };
    }
    errno != 0
}

#[unsafe(no_mangle)]
extern "C" fn accept4(fd: c_int, address: *mut c_void, len: *mut libc::socklen_t, flags: c_int) -> c_int {
    if fails(&ACCEPT) {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_accept4, fd, address, len, flags) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn send(fd: c_int, bytes: *const c_void, len: usize, flags: c_int) -> isize {
    if fails(&SEND) {
        return -1;
    }
    if LAST_WORDS.load(Ordering::SeqCst) && !IN_SEND.swap(true, Ordering::SeqCst) {
        while LAST_WORDS.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        // The first answer to a peer that is gone is still sent.
        unsafe { libc::syscall(libc::SYS_sendto, fd, bytes, len, flags, 0, 0) };
    }
    unsafe { libc::syscall(libc::SYS_sendto, fd, bytes, len, flags, 0, 0) as isize }
}

#[unsafe(no_mangle)]
extern "C" fn recv(fd: c_int, bytes: *mut c_void, len: usize, flags: c_int) -> isize {
    if fails(&RECV) {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_recvfrom, fd, bytes, len, flags, 0, 0) as isize }
}

#[unsafe(no_mangle)]
extern "C" fn getsockopt(
    fd: c_int,
    level: c_int,
    option: c_int,
    value: *mut c_void,
    len: *mut libc::socklen_t,
) -> c_int {
    if (level, option) == (libc::SOL_SOCKET, libc::SO_ERROR) {
        let errno = CONNECT.swap(0, Ordering::SeqCst);
        if errno != 0 {
            unsafe { *value.cast::<c_int>() = errno };
            return 0;
        }
    }
    unsafe { libc::syscall(libc::SYS_getsockopt, fd, level, option, value, len) as c_int }
}

/// Over each transport, the call fails once with each of the errors; then messages arrive.
fn survives(what: &AtomicI32) {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    for transport in ["tcp://127.0.0.1:*", "ipc://*", "ws://127.0.0.1:*"] {
        if transport.starts_with("ws") && !has_ws() {
            continue;
        }
        for &errno in ERRORS {
            let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
            push.set(ZMQ_RECONNECT_IVL, 1);
            let endpoint = pull.bind(transport);
            what.store(errno, Ordering::SeqCst);
            push.connect(&endpoint);
            pull.set(ZMQ_RCVTIMEO, 20);
            eventually(&format!("{transport} after {errno}"), || {
                push.send(b"still there");
                pull.try_recv(0).is_ok()
            });
            assert_eq!(what.load(Ordering::SeqCst), 0, "{transport}: the call was not made");
        }
    }
}

fn has_ws() -> bool {
    unsafe { zmq_has(c"ws".as_ptr()) == 1 }
}

#[test]
fn what_accept_may_fail_with() {
    survives(&ACCEPT);
}

#[test]
fn what_connecting_may_fail_with() {
    survives(&CONNECT);
}

#[test]
fn what_send_may_fail_with() {
    survives(&SEND);
}

#[test]
fn what_recv_may_fail_with() {
    survives(&RECV);
}

/// A peer says something and closes, and it is only then that sending to it fails: what it said arrives.
#[test]
fn last_words_arrive() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let words = vec![7; 100_000];
    let context = Context::new();
    let server = context.socket(ZMQ_STREAM);
    let endpoint = server.bind("tcp://127.0.0.1:*");
    let mut peer = TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
    let id = server.recv();
    assert_eq!(server.recv(), b"", "connected");

    LAST_WORDS.store(true, Ordering::SeqCst);
    server.send_part(&id, ZMQ_SNDMORE);
    server.send(b"an answer");
    eventually("sending", || IN_SEND.load(Ordering::SeqCst));
    peer.write_all(&words).unwrap();
    drop(peer);
    LAST_WORDS.store(false, Ordering::SeqCst);

    let mut heard = 0;
    loop {
        assert_eq!(server.recv(), id);
        match server.recv_len() {
            0 => break,
            more => heard += more,
        }
    }
    assert_eq!(heard, words.len());
}
