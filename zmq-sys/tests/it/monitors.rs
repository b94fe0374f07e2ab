//! Monitors that C code starts: no socket waits for a reader that does not read or is closed.

use std::ffi::{CString, c_int};
use std::thread;

use crate::raw::*;
use zmq_sys::*;

/// Returns a monitored socket, another socket, and the endpoint that the other socket is bound to. Each bind to it causes an event.
fn monitored_with_a_taken_endpoint(context: &Context, events: c_int) -> (Socket, Socket, String) {
    let (server, other) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PULL));
    let endpoint = other.bind("tcp://127.0.0.1:*");
    let monitor = CString::new("inproc://monitor").unwrap();
    assert_eq!(cvt(unsafe { zmq_socket_monitor(server.0, monitor.as_ptr(), events) }), Ok(()));
    (server, other, endpoint)
}

fn reader(context: &Context) -> Socket {
    let reader = context.socket(ZMQ_PAIR);
    reader.connect("inproc://monitor");
    reader
}

fn fail_to_bind(socket: &Socket, endpoint: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(socket.try_bind(endpoint), Err(libc::EADDRINUSE));
    }
}

fn event(reader: &Socket, flags: c_int) -> Option<c_int> {
    let first = reader.try_recv(flags).ok()?;
    reader.recv();
    Some(u16::from_ne_bytes([first[0], first[1]]).into())
}

#[test]
fn a182_no_socket_waits_for_a_reader_that_does_not_read() {
    let _alone = alone();
    let context = Context::new();
    let asked = ZMQ_EVENT_BIND_FAILED | ZMQ_EVENT_MONITOR_STOPPED;
    let (server, _other, endpoint) = monitored_with_a_taken_endpoint(&context, asked);
    let reader = reader(&context);
    fail_to_bind(&server, &endpoint, 3000);
    drop(server);
    let mut count = 0;
    // The monitor did not request the number of lost events.
    while event(&reader, 0) == Some(ZMQ_EVENT_BIND_FAILED) {
        count += 1;
    }
    // The queues of both sides have room for 1000 events. Three places are reserved for events that must not be lost.
    assert_eq!(count, 1997);
}

#[test]
fn a182_no_socket_waits_for_a_reader_that_is_closed() {
    let _alone = alone();
    for hears in [true, false] {
        let context = Context::new();
        let (server, _other, endpoint) = monitored_with_a_taken_endpoint(&context, ZMQ_EVENT_ALL);
        let first = reader(&context);
        fail_to_bind(&server, &endpoint, usize::from(hears));
        drop(first);
        fail_to_bind(&server, &endpoint, 10);
    }
}

/// As in released libzmq, the first event waits for the first reader.
#[test]
fn a_reader_may_come_after_the_first_event() {
    let _alone = alone();
    let context = Context::new();
    let (server, _other, _endpoint) = monitored_with_a_taken_endpoint(&context, ZMQ_EVENT_LISTENING);
    let address = server.0.expose_provenance();
    let binding = thread::spawn(move || {
        let server = Socket(std::ptr::with_exposed_provenance_mut(address));
        server.bind("tcp://127.0.0.1:*");
        std::mem::forget(server);
    });
    thread::yield_now();
    let reader = reader(&context);
    assert_eq!(event(&reader, 0), Some(ZMQ_EVENT_LISTENING));
    binding.join().unwrap();
}

/// Lost events are counted until a reader receives the count, even while the connection to the last reader ends.
#[test]
fn a182_the_next_reader_receives_the_count() {
    const TELLS_LOST: c_int = 0x4000_0000;
    const LOST: c_int = 0xffff;

    let _alone = alone();
    let context = Context::new();
    let (server, _other, endpoint) =
        monitored_with_a_taken_endpoint(&context, ZMQ_EVENT_BIND_FAILED | TELLS_LOST);
    let first = reader(&context);
    fail_to_bind(&server, &endpoint, 1);
    assert_eq!(event(&first, 0), Some(ZMQ_EVENT_BIND_FAILED));
    // The reader confirms the end of the connection only when it is used again.
    assert_eq!(cvt(unsafe { zmq_disconnect(first.0, c"inproc://monitor".as_ptr()) }), Ok(()));
    fail_to_bind(&server, &endpoint, 5);
    drop(first);
    let second = reader(&context);
    second.set(ZMQ_RCVTIMEO, 10);
    let mut count = 5;
    let told = loop {
        fail_to_bind(&server, &endpoint, 1);
        if let Ok(told) = second.try_recv(0) {
            break told;
        }
        count += 1;
    };
    assert_eq!(c_int::from(u16::from_ne_bytes([told[0], told[1]])), LOST);
    assert_eq!(u32::from_ne_bytes([told[2], told[3], told[4], told[5]]), count);
}
