//! The counts of commands and changes that a socket provides for tasks that share it.

use std::ffi::c_int;
use std::io::Write;
use std::net::TcpStream;
use std::ptr;

use crate::raw::*;
use zmq_sys::*;

/// The option whose value is the address of the counts. No header declares it.
const PROGRESS: c_int = 0x7a6d_7101;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
struct Progress {
    commands: u64,
    changes: u64,
}

impl Progress {
    fn of(socket: &Socket) -> Progress {
        let mut counts: *const Progress = ptr::null();
        let mut len = size_of_val(&counts);
        let read = unsafe { zmq_getsockopt(socket.0, PROGRESS, (&raw mut counts).cast(), &raw mut len) };
        assert_eq!(cvt(read), Ok(()));
        assert_eq!(len, size_of_val(&counts));
        unsafe { counts.read() }
    }
}

fn try_send(socket: &Socket, parts: &[&[u8]]) -> Result<(), c_int> {
    for (index, part) in parts.iter().enumerate() {
        let more = if index + 1 < parts.len() { ZMQ_SNDMORE } else { 0 };
        let sent = unsafe { zmq_send(socket.0, part.as_ptr().cast(), part.len(), more | ZMQ_DONTWAIT) };
        cvt(sent)?;
    }
    Ok(())
}

/// Sends until there is no room, calls `make_room`, and waits for room. If the socket accepts a message that it refused before, it must
/// have counted a change in between.
fn room_is_noticed(socket: &Socket, parts: &[&[u8]], make_room: impl FnOnce()) {
    let mut refusals = 0;
    eventually("there is no room", || {
        socket.events();
        refusals = if try_send(socket, parts) == Err(libc::EAGAIN) { refusals + 1 } else { 0 };
        refusals == 10
    });
    let mut refused = Progress::of(socket);
    make_room();
    eventually("there is room", || {
        for _ in 0..1000 {
            socket.events();
            let before = Progress::of(socket);
            match try_send(socket, parts) {
                Ok(()) => {
                    assert_ne!(Progress::of(socket).changes, refused.changes);
                    return true;
                }
                // The call may process a command before it checks for room.
                Err(errno) => assert_eq!(errno, libc::EAGAIN),
            }
            refused = before;
        }
        false
    });
}

#[test]
fn progress_new_room_is_always_counted() {
    let _alone = alone();
    let context = Context::new();
    // A peer that receives.
    for endpoint in ["tcp://127.0.0.1:*", "inproc://progress"] {
        let (push, pull) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
        for socket in [&push, &pull] {
            socket.set(ZMQ_SNDHWM, 1);
            socket.set(ZMQ_RCVHWM, 1);
        }
        push.set(ZMQ_SNDBUF, 1);
        pull.set(ZMQ_RCVBUF, 1);
        pull.connect(&push.bind(endpoint));
        let large = vec![0; 100_000];
        push.send(&large);
        room_is_noticed(&push, &[&large], || {
            assert_eq!(pull.recv_len(), large.len());
        });
        while pull.try_recv(ZMQ_DONTWAIT).is_ok() {}
    }
    // A peer that takes over the routing id of another peer. In ZMTP 1.0, it can send the routing id after the connection is made.
    let (router, dealer) = (context.socket(ZMQ_ROUTER), context.socket(ZMQ_DEALER));
    router.set(ZMQ_ROUTER_MANDATORY, 1);
    router.set(ZMQ_ROUTER_HANDOVER, 1);
    for socket in [&router, &dealer] {
        socket.set(ZMQ_SNDHWM, 1);
        socket.set(ZMQ_RCVHWM, 1);
    }
    router.bind("inproc://progress-router");
    assert_eq!(dealer.try_set(ZMQ_ROUTING_ID, b"peer"), Ok(()));
    dealer.connect("inproc://progress-router");
    let endpoint = router.bind("tcp://127.0.0.1:*");
    let mut other = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    other.write_all(&[5, 0]).unwrap();
    room_is_noticed(&router, &[b"peer", b""], || other.write_all(b"peer").unwrap());
    // A subscriber that does not want the message any more.
    let (publisher, subscriber) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_SUB));
    publisher.set(ZMQ_XPUB_NODROP, 1);
    publisher.set(ZMQ_SNDHWM, 1);
    subscriber.set(ZMQ_RCVHWM, 1);
    publisher.bind("inproc://progress-xpub");
    subscriber.connect("inproc://progress-xpub");
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b""), Ok(()));
    assert_eq!(publisher.recv(), [1]);
    room_is_noticed(&publisher, &[b""], || {
        assert_eq!(subscriber.try_set(ZMQ_UNSUBSCRIBE, b""), Ok(()));
    });
}

#[test]
fn progress_an_arriving_message_is_not_a_change() {
    let _alone = alone();
    let context = Context::new();
    let (router, dealer) = (context.socket(ZMQ_ROUTER), context.socket(ZMQ_DEALER));
    dealer.connect(&router.bind("tcp://127.0.0.1:*"));
    dealer.send(b"first");
    router.recv();
    assert_eq!(router.recv(), b"first");
    context.io_thread_catches_up();
    router.events();

    let before = Progress::of(&router);
    assert_eq!(Progress::of(&router), before);
    dealer.send(b"second");
    eventually("the message arrives", || router.events() & ZMQ_POLLIN != 0);
    let after = Progress::of(&router);
    assert!(after.commands > before.commands, "{after:?}");
    assert_eq!(after.changes, before.changes);
}
