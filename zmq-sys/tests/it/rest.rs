//! The flag with which later parts of a message are sent without reading commands.

use std::ffi::c_int;
use std::time::{Duration, Instant};

use crate::raw::*;
use zmq_sys::*;

/// The flag. No header declares it.
const REST_OF_MESSAGE: c_int = 1 << 16;

fn try_part(socket: &Socket, flags: c_int) -> Result<(), c_int> {
    cvt(unsafe { zmq_send(socket.0, b"part".as_ptr().cast(), 4, flags | ZMQ_DONTWAIT) })
}

/// Sends the first part of a message, and lets its only peer close. Returns when the command about this waits to be read.
fn begins_and_loses_its_peer(context: &Context, kind: c_int, peer_kind: c_int) -> Socket {
    let (socket, peer) = (context.socket(kind), context.socket(peer_kind));
    let endpoint = format!("inproc://rest-{kind}");
    socket.bind(&endpoint);
    peer.connect(&endpoint);
    // Reads all commands.
    socket.events();
    assert_eq!(try_part(&socket, ZMQ_SNDMORE), Ok(()));
    drop(peer);
    let mut descriptor: c_int = -1;
    let mut len = size_of::<c_int>();
    cvt(unsafe { zmq_getsockopt(socket.0, ZMQ_FD, (&raw mut descriptor).cast(), &raw mut len) }).unwrap();
    let mut entry = libc::pollfd { fd: descriptor, events: libc::POLLIN, revents: 0 };
    assert_eq!(unsafe { libc::poll(&raw mut entry, 1, 10_000) }, 1, "the peer is gone");
    socket
}

/// libzmq looks for commands at most once in a millisecond or so.
const LONG: Duration = Duration::from_millis(20);

#[test]
fn only_the_first_part_can_be_refused() {
    let _alone = alone();
    for (kind, peer_kind) in
        [(ZMQ_PUSH, ZMQ_PULL), (ZMQ_DEALER, ZMQ_ROUTER), (ZMQ_REQ, ZMQ_REP), (ZMQ_PAIR, ZMQ_PAIR)]
    {
        let context = Context::new();
        let socket = begins_and_loses_its_peer(&context, kind, peer_kind);
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            assert_eq!(try_part(&socket, ZMQ_SNDMORE | REST_OF_MESSAGE), Ok(()), "{kind}");
        }
        assert_eq!(try_part(&socket, REST_OF_MESSAGE), Ok(()), "{kind}");
        // The message went to the peer that is gone.
        if kind != ZMQ_REQ {
            let next = context.socket(peer_kind);
            next.connect(&format!("inproc://rest-{kind}"));
            eventually("the next peer is there", || try_part(&socket, 0) == Ok(()));
            eventually("its message arrives", || next.events() & ZMQ_POLLIN != 0);
            if peer_kind == ZMQ_ROUTER {
                next.recv();
            }
            assert_eq!(next.recv(), b"part");
        }
    }
}

#[test]
fn without_the_flag_a_later_part_is_refused() {
    let _alone = alone();
    let context = Context::new();
    let socket = begins_and_loses_its_peer(&context, ZMQ_PUSH, ZMQ_PULL);
    eventually("the loss is noticed", || try_part(&socket, ZMQ_SNDMORE) == Err(libc::EAGAIN));
}
