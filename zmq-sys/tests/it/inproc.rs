//! Connections over inproc, with and without a bind. In a test name, `a12` means the defect A12 in the README of `zmq-src`.

use std::ffi::CString;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Barrier};
use std::thread;

use crate::raw::*;
use zmq_sys::*;

#[cfg(feature = "draft")]
fn try_connect(socket: &Socket, endpoint: &str) -> Result<(), i32> {
    let endpoint = CString::new(endpoint).unwrap();
    cvt(unsafe { zmq_connect(socket.0, endpoint.as_ptr()) })
}

/// The context has no room, and the process no descriptor, for the socket that libzmq would bind to end the connections.
#[test]
fn a23_connections_without_a_bind_end_with_the_context() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for is_shut_down in [false, true] {
        for is_left in [false, true] {
            let context = Context::new();
            context.set(ZMQ_MAX_SOCKETS, 2);
            for kind in [ZMQ_DEALER, ZMQ_PUSH] {
                let socket = context.socket(kind);
                socket.set(ZMQ_LINGER, -1);
                for name in ["inproc://one", "inproc://one", "inproc://another"] {
                    socket.connect(name);
                    socket.send(b"to nobody");
                    if is_left {
                        let name = CString::new(name).unwrap();
                        assert_eq!(cvt(unsafe { zmq_disconnect(socket.0, name.as_ptr()) }), Ok(()));
                    }
                }
            }
            if is_shut_down {
                assert_eq!(cvt(unsafe { zmq_ctx_shutdown(context.0) }), Ok(()));
            }
            limit_descriptors(next_descriptor().try_into().unwrap());
            drop(context);
            limit_descriptors(1024);
        }
    }
}

#[cfg(feature = "draft")]
#[test]
fn a12_sockets_of_incompatible_types_do_not_connect() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let all: Vec<i32> = (ZMQ_PAIR..=ZMQ_STREAM).chain(ZMQ_SERVER..=ZMQ_CHANNEL).collect();
    let drafts = |kind| match kind {
        ZMQ_SERVER => ZMQ_CLIENT,
        ZMQ_CLIENT => ZMQ_SERVER,
        ZMQ_RADIO => ZMQ_DISH,
        ZMQ_DISH => ZMQ_RADIO,
        ZMQ_GATHER => ZMQ_SCATTER,
        ZMQ_SCATTER => ZMQ_GATHER,
        ZMQ_PEER | ZMQ_CHANNEL => kind,
        _ => -1,
    };
    for &one in &all {
        let context = Context::new();
        for &other in &all {
            let meets = (one < ZMQ_SERVER && other < ZMQ_SERVER) || drafts(one) == other;
            let expected = if meets { Ok(()) } else { Err(ENOCOMPATPROTO) };
            let (first, second) = (context.socket(one), context.socket(other));
            let name = format!("inproc://{one} binds and {other} connects");
            first.bind(&name);
            assert_eq!(try_connect(&second, &name), expected, "{name}");
            let (first, second) = (context.socket(one), context.socket(other));
            let name = format!("inproc://{one} connects and {other} binds");
            first.connect(&name);
            assert_eq!(second.try_bind(&name).map(drop), expected, "{name}");
        }
    }
}

#[test]
fn a45_a_pair_does_not_bind_a_name_with_several_connections() {
    let _alone = alone();
    let context = Context::new();
    let waiting = [context.socket(ZMQ_ROUTER), context.socket(ZMQ_PAIR)];
    let pair = context.socket(ZMQ_PAIR);
    for socket in &waiting {
        socket.connect("inproc://pair");
    }
    assert_eq!(pair.try_bind("inproc://pair"), Err(libc::EADDRINUSE));
    let [router, one] = waiting;
    drop(router);
    // When a socket closes, its connection to the name ends.
    eventually("one waits alone", || pair.try_bind("inproc://pair").is_ok());
    one.send(b"Hello");
    assert_eq!(pair.recv(), b"Hello");
}

/// Binds in another thread while `meanwhile` runs in this thread.
fn bind_meanwhile(socket: &Socket, name: &str, meanwhile: impl FnOnce()) {
    let (start, name) = (Arc::new(Barrier::new(2)), name.to_owned());
    let address = socket.0.expose_provenance();
    let binder = thread::spawn({
        let start = Arc::clone(&start);
        move || {
            let binder = ManuallyDrop::new(Socket(std::ptr::with_exposed_provenance_mut(address)));
            start.wait();
            binder.bind(&name);
        }
    });
    start.wait();
    meanwhile();
    binder.join().unwrap();
}

/// Only ThreadSanitizer detects this race.
#[test]
fn a192_a_name_may_be_bound_while_a_waiting_socket_sends() {
    let _alone = alone();
    let context = Context::new();
    for (kind, peer) in [(ZMQ_PUSH, ZMQ_PULL), (ZMQ_DEALER, ZMQ_ROUTER), (ZMQ_PAIR, ZMQ_PAIR)] {
        for round in 0..50 {
            let name = format!("inproc://{kind}-{round}");
            let (waiting, binder) = (context.socket(kind), context.socket(peer));
            waiting.connect(&name);
            bind_meanwhile(&binder, &name, || {
                for marks in 1..20 {
                    if round % 2 == 1 {
                        waiting.set(ZMQ_SNDHWM, 1000 + marks);
                    }
                    waiting.send(b"early or late");
                }
            });
        }
    }
}

#[cfg(feature = "draft")]
#[test]
fn a192_a_name_may_be_bound_while_a_waiting_socket_closes() {
    let _alone = alone();
    let context = Context::new();
    for round in 0..100 {
        let name = format!("inproc://left-{round}");
        let (waiting, binder) = (context.socket(ZMQ_CLIENT), context.socket(ZMQ_SERVER));
        // The connection waits for the bind, because it has messages.
        waiting.set(ZMQ_LINGER, 10_000);
        assert_eq!(binder.try_set(ZMQ_DISCONNECT_MSG, &[b'x'; 50]), Ok(()));
        waiting.connect(&name);
        bind_meanwhile(&binder, &name, || {
            for _ in 0..=round % 20 {
                waiting.send(b"early or late");
            }
            if round % 2 == 0 {
                let name = CString::new(name.as_str()).unwrap();
                assert_eq!(cvt(unsafe { zmq_disconnect(waiting.0, name.as_ptr()) }), Ok(()));
            }
            drop(waiting);
        });
    }
}

#[cfg(feature = "draft")]
#[test]
fn a192_a_name_may_be_bound_while_a_waiting_socket_requests_statistics() {
    let _alone = alone();
    let context = Context::new();
    let events = u64::try_from(ZMQ_EVENT_PIPES_STATS).unwrap();
    for round in 0..50 {
        let name = format!("inproc://asked-{round}");
        let (waiting, binder) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
        let listener = context.socket(ZMQ_PAIR);
        let monitor = CString::new(format!("inproc://statistics-{round}")).unwrap();
        let monitored =
            unsafe { zmq_socket_monitor_versioned(waiting.0, monitor.as_ptr(), events, 2, ZMQ_PAIR) };
        assert_eq!(cvt(monitored), Ok(()));
        listener.connect(monitor.to_str().unwrap());
        waiting.connect(&name);
        bind_meanwhile(&binder, &name, || {
            for _ in 0..20 {
                assert_eq!(cvt(unsafe { zmq_socket_monitor_pipes_stats(waiting.0) }), Ok(()));
                waiting.send(b"early or late");
            }
        });
    }
}

/// A connection uses the high-water marks at the time of the bind, not at the time of the connect.
#[test]
fn inproc_hwm_marks_that_are_set_before_the_bind_apply() {
    let _alone = alone();
    let context = Context::new();
    for sender_waits in [true, false] {
        let (push, pull) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
        push.set(ZMQ_SNDHWM, if sender_waits { 1000 } else { 3 });
        pull.set(ZMQ_RCVHWM, if sender_waits { 3 } else { 1000 });
        let (waiting, binder) = if sender_waits { (&push, &pull) } else { (&pull, &push) };
        let name = format!("inproc://{sender_waits}");
        waiting.connect(&name);
        push.set(ZMQ_SNDHWM, 3);
        pull.set(ZMQ_RCVHWM, 4);
        binder.bind(&name);
        push.events();
        push.set(ZMQ_SNDTIMEO, 0);
        let sent = (0..2000).take_while(|_| unsafe { zmq_send(push.0, std::ptr::null(), 0, 0) } == 0).count();
        assert_eq!(sent, 7, "the sender connects before the bind: {sender_waits}");
    }
}
