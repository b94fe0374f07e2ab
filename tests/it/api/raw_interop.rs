//! Contexts and sockets that are shared with C code. The tests use raw calls of libzmq for the C code.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the other side"
)]

use crate::common;

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::time::Duration;

use common::{MOMENT, assert_error, bounce, must_end, socket};
use zmq::zmq_sys::{self, EFSM};
use zmq::{Any, Context, ErrorKind, Pair, Pull, Push, Rep, Req, Socket, SocketKind};

/// Sends like C code.
fn raw_send(socket: *mut c_void, text: &str) -> c_int {
    unsafe { zmq_sys::zmq_send(socket, text.as_ptr().cast(), text.len(), 0) }
}

/// Receives like C code.
fn raw_recv(socket: *mut c_void) -> String {
    let mut buffer = [0_u8; 64];
    let len = unsafe { zmq_sys::zmq_recv(socket, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
    let len = usize::try_from(len).expect("received");
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

fn raw_socket(context: *mut c_void, kind: c_int) -> *mut c_void {
    let socket = unsafe { zmq_sys::zmq_socket(context, kind) };
    assert!(!socket.is_null());
    let timeout: c_int = 10_000;
    for option in [zmq_sys::ZMQ_RCVTIMEO, zmq_sys::ZMQ_SNDTIMEO] {
        let rc = unsafe { zmq_sys::zmq_setsockopt(socket, option, (&raw const timeout).cast(), 4) };
        assert_eq!(rc, 0);
    }
    socket
}

fn raw_connect(socket: *mut c_void, endpoint: &CStr) {
    assert_eq!(unsafe { zmq_sys::zmq_connect(socket, endpoint.as_ptr()) }, 0);
}

#[test]
fn c_code_can_create_sockets_in_our_context() {
    must_end(|| {
        let context = Context::new().unwrap();
        let receiver = socket(&context, Pull);
        receiver.bind("inproc://ours").unwrap();
        let theirs = raw_socket(context.as_raw(), zmq_sys::ZMQ_PUSH);
        raw_connect(theirs, c"inproc://ours");
        assert_eq!(raw_send(theirs, "from C"), 6);
        assert_eq!(receiver.recv().unwrap(), "from C");
        assert_eq!(unsafe { zmq_sys::zmq_close(theirs) }, 0);
        assert_eq!(context.as_raw(), context.clone().as_raw());
    });
}

/// Conformance: CTX-6.
#[test]
fn c_code_gets_the_same_context() {
    let context = Context::builder().io_threads(3).build().unwrap();
    let raw = context.as_raw();
    assert_eq!(unsafe { zmq_sys::zmq_ctx_get(raw, zmq_sys::ZMQ_IO_THREADS) }, 3);
    assert_eq!(unsafe { zmq_sys::zmq_ctx_get(raw, zmq_sys::ZMQ_MSG_T_SIZE) }, 64);
    assert_eq!(unsafe { zmq_sys::zmq_ctx_set(raw, zmq_sys::ZMQ_IPV6, 1) }, 0);
    assert!(context.ipv6().unwrap());
}

#[test]
fn c_code_can_borrow_our_socket() {
    let context = common::context();
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    client.connect(server.bind("inproc://while").unwrap()).unwrap();
    raw_send(client.as_raw(), "from C");
    assert_eq!(server.recv().unwrap(), "from C");
    server.send("from Rust").unwrap();
    assert_eq!(raw_recv(client.as_raw()), "from Rust");
    bounce(&client, &server);
}

#[test]
fn a_context_can_be_released_when_it_has_no_other_owner() {
    must_end(|| {
        let context = Context::new().unwrap();
        let held = context.socket(Pair).unwrap();
        let context = context.into_raw().expect_err("a socket holds it");
        drop(held);
        let clone = context.clone();
        let context = context.into_raw().expect_err("a clone holds it");
        drop(clone);
        let raw = context.into_raw().expect("the context has no other owner");

        let theirs = raw_socket(raw, zmq_sys::ZMQ_PAIR);
        unsafe { zmq_sys::zmq_close(theirs) };
        assert_eq!(unsafe { zmq_sys::zmq_ctx_term(raw) }, 0);
    });
}

/// Also a context with connections that never met their bind, for which the crate keeps a reserve.
#[test]
fn a_released_context_ends_despite_waiting_connections() {
    must_end(|| {
        let context = Context::new().unwrap();
        let waiting = context.socket(Push).unwrap();
        waiting.connect("inproc://nobody").unwrap();
        waiting.send("to nobody").unwrap();
        drop(waiting);
        let raw = context.into_raw().unwrap();
        assert_eq!(unsafe { zmq_sys::zmq_ctx_term(raw) }, 0);
    });
}

#[test]
fn an_owned_context_of_c_code_is_terminated() {
    must_end(|| {
        let raw = unsafe { zmq_sys::zmq_ctx_new() };
        unsafe { zmq_sys::zmq_ctx_set(raw, zmq_sys::ZMQ_MAX_SOCKETS, 5) };
        let context = unsafe { Context::from_raw(raw) }.unwrap();
        assert_eq!(context.as_raw(), raw);
        assert_eq!(context.max_sockets().unwrap(), 5);
        let (server, client) = (socket(&context, Rep), socket(&context, Req));
        client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
        bounce(&client, &server);
    });
}

#[test]
fn a_borrowed_context_is_not_terminated() {
    must_end(|| {
        let raw = unsafe { zmq_sys::zmq_ctx_new() };
        let theirs = raw_socket(raw, zmq_sys::ZMQ_PUSH);
        let endpoint = c"inproc://borrowed";
        {
            let context = unsafe { Context::from_raw_borrowed(raw) }.unwrap();
            let receiver = socket(&context, Pull);
            receiver.bind("inproc://borrowed").unwrap();
            raw_connect(theirs, endpoint);
            raw_send(theirs, "Hello");
            assert_eq!(receiver.recv().unwrap(), "Hello");
        }
        // It still works.
        assert_eq!(unsafe { zmq_sys::zmq_ctx_get(raw, zmq_sys::ZMQ_IO_THREADS) }, 1);
        let another = raw_socket(raw, zmq_sys::ZMQ_PAIR);
        unsafe { zmq_sys::zmq_close(another) };
        unsafe { zmq_sys::zmq_close(theirs) };
        assert_eq!(unsafe { zmq_sys::zmq_ctx_term(raw) }, 0);
    });
}

#[test]
fn a_shutdown_by_c_code_ends_our_calls() {
    must_end(|| {
        let context = Context::new().unwrap();
        let receiver = context.socket(Pull).unwrap();
        let thread = std::thread::spawn(move || receiver.recv().unwrap_err().kind());
        assert_eq!(unsafe { zmq_sys::zmq_ctx_shutdown(context.as_raw()) }, 0);
        assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
        assert_eq!(context.socket(Pull).unwrap_err().kind(), ErrorKind::Terminated);
    });
}

#[test]
fn a_socket_can_be_passed_to_c_code_and_back() {
    must_end(|| {
        let context = Context::new().unwrap();
        let (left, right) = (socket(&context, Pair), socket(&context, Pair));
        left.bind("inproc://there and back").unwrap();
        right.connect("inproc://there and back").unwrap();
        let raw = right.into_raw();
        raw_send(raw, "from C");
        assert_eq!(left.recv().unwrap(), "from C");
        let right: Socket<Pair> = unsafe { Socket::from_raw(raw, &context) }.unwrap();
        assert_eq!(right.as_raw(), raw);
        bounce(&right, &left);
    });
}

#[test]
fn a_socket_of_c_code_keeps_its_options() {
    must_end(|| {
        let context = Context::new().unwrap();
        let raw = raw_socket(context.as_raw(), zmq_sys::ZMQ_PULL);
        let timeout = c_int::try_from(MOMENT.as_millis()).unwrap();
        unsafe { zmq_sys::zmq_setsockopt(raw, zmq_sys::ZMQ_RCVTIMEO, (&raw const timeout).cast(), 4) };
        let receiver: Socket<Pull> = unsafe { Socket::from_raw(raw, &context) }.unwrap();
        assert_eq!(receiver.recv_timeout().unwrap(), Some(MOMENT));
        assert_eq!(receiver.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        // A wait with another timeout does not change it.
        receiver.recv_within(Duration::from_millis(5)).unwrap_err();
        assert_eq!(receiver.recv_timeout().unwrap(), Some(MOMENT));
        // It is not known whether the socket was bound before, so options that must be set before are refused.
        let error = receiver.set_recv_hwm(5).unwrap_err();
        assert_error(error, ErrorKind::WrongState, EFSM, &["set recv_hwm"]);
    });
}

#[test]
fn a_socket_of_another_type_is_refused() {
    must_end(|| {
        let context = Context::new().unwrap();
        let raw = raw_socket(context.as_raw(), zmq_sys::ZMQ_PUSH);
        let error = unsafe { Socket::<Pull>::from_raw(raw, &context) }.unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["from raw"]);
        // It still belongs to C, and is open. `Any` accepts any socket type.
        let any: Socket<Any> = unsafe { Socket::from_raw(raw, &context) }.unwrap();
        assert_eq!(any.kind(), SocketKind::Push);
        let push: Socket<Push> = any.downcast().unwrap();
        assert_eq!(push.try_send("nobody").unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_socket_of_a_context_that_was_shut_down_is_refused() {
    must_end(|| {
        let context = Context::new().unwrap();
        let raw = raw_socket(context.as_raw(), zmq_sys::ZMQ_PULL);
        context.shutdown().unwrap();
        // The socket learns of it in the first call that reads its commands.
        common::wait_until(|| {
            let received = unsafe { zmq_sys::zmq_recv(raw, ptr::null_mut(), 0, zmq_sys::ZMQ_DONTWAIT) };
            received == -1 && unsafe { zmq_sys::zmq_errno() } == zmq_sys::ETERM
        });
        let error = unsafe { Socket::<Pull>::from_raw(raw, &context) }.unwrap_err();
        assert_error(error, ErrorKind::Terminated, zmq_sys::ETERM, &["from raw"]);
        // C code must still close it.
        assert_eq!(unsafe { zmq_sys::zmq_close(raw) }, 0);
    });
}

#[test]
fn a_null_pointer_is_refused() {
    let context = Context::new().unwrap();
    for error in [
        unsafe { Context::from_raw(ptr::null_mut()) }.unwrap_err(),
        unsafe { Context::from_raw_borrowed(ptr::null_mut()) }.unwrap_err(),
        unsafe { Socket::<Pair>::from_raw(ptr::null_mut(), &context) }.unwrap_err(),
    ] {
        assert_error(error, ErrorKind::InvalidInput, libc::EFAULT, &["from raw", "null"]);
    }
}

/// A socket that was handed to C code releases its place only when C code closes it.
#[test]
fn a_released_socket_still_counts_for_libzmq() {
    must_end(|| {
        let context = Context::builder().max_sockets(2).build().unwrap();
        let raw = context.socket(Pair).unwrap().into_raw();
        let _second = context.socket(Pair).unwrap();
        unsafe { zmq_sys::zmq_close(raw) };
        common::wait_until(|| context.socket(Pair).is_ok());
    });
}
