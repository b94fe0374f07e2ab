//! An error that a system call can return according to its manual page ends a connection, but not the process.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "tests of raw calls")]

use std::ffi::{c_int, c_void};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// The error of the next call, or 0 if the call does not fail.
static ACCEPT: AtomicI32 = AtomicI32::new(0);
static CONNECT: AtomicI32 = AtomicI32::new(0);
static SEND: AtomicI32 = AtomicI32::new(0);
static RECV: AtomicI32 = AtomicI32::new(0);

/// While this is set, the first `send` waits, so that the peer can close before the bytes are sent.
static LAST_WORDS: AtomicBool = AtomicBool::new(false);
/// Whether a `send` waits.
static IN_SEND: AtomicBool = AtomicBool::new(false);

/// The errors in the manual pages of accept, connect, send and recv, and errors from firewalls and security modules. Errors that only
/// a wrong call can cause, such as `EBADF`, are included.
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

/// Returns whether this call fails, and sets errno.
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
        // The first `send` to a closed peer still succeeds.
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

/// Lets the call fail once with each error, over each transport. Then messages arrive.
fn messages_arrive_after(what: &AtomicI32) {
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
fn no_error_of_accept_ends_the_process() {
    messages_arrive_after(&ACCEPT);
}

#[test]
fn no_error_of_connecting_ends_the_process() {
    messages_arrive_after(&CONNECT);
}

#[test]
fn no_error_of_send_ends_the_process() {
    messages_arrive_after(&SEND);
}

#[test]
fn no_error_of_recv_ends_the_process() {
    messages_arrive_after(&RECV);
}

/// A peer sends a message and closes. The message arrives, although sending to the peer fails.
#[test]
fn the_last_message_of_a_closed_peer_arrives() {
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
