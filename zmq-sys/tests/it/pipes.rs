//! Incomplete messages and closing pipes. In a test name, `a101` means the defect A101 in the README of `zmq-src`.

#![allow(clippy::as_conversions, reason = "tests of raw calls")]

use std::ffi::{CString, c_int, c_void};
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::raw::*;
use zmq_sys::*;

/// A `zmq_msg_t` that is closed when it is dropped.
struct Message(zmq_msg_t);

impl Message {
    fn empty() -> Box<Self> {
        let mut message = Box::new(Self(unsafe { std::mem::zeroed() }));
        assert_eq!(unsafe { zmq_msg_init(&raw mut message.0) }, 0);
        message
    }

    /// Returns a message that refers to `bytes`. When libzmq frees the message, `freed` is incremented.
    fn borrowed(bytes: &'static [u8], freed: &'static AtomicUsize) -> Box<Self> {
        unsafe extern "C" fn free(_: *mut c_void, hint: *mut c_void) {
            unsafe { &*hint.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
        }
        let mut message = Box::new(Self(unsafe { std::mem::zeroed() }));
        let (data, hint) = (bytes.as_ptr().cast_mut().cast(), (&raw const *freed).cast_mut().cast());
        assert_eq!(unsafe { zmq_msg_init_data(&raw mut message.0, data, bytes.len(), Some(free), hint) }, 0);
        message
    }

    fn received(socket: &Socket) -> Box<Self> {
        let mut message = Self::empty();
        assert_ne!(unsafe { zmq_msg_recv(&raw mut message.0, socket.0, 0) }, -1, "errno {}", errno());
        message
    }

    fn copy(&mut self) -> Box<Self> {
        let mut copy = Self::empty();
        assert_eq!(unsafe { zmq_msg_copy(&raw mut copy.0, &raw mut self.0) }, 0);
        copy
    }

    fn is_shared(&self) -> bool {
        unsafe { zmq_msg_get(&raw const self.0, ZMQ_SHARED) == 1 }
    }

    fn bytes(&mut self) -> &[u8] {
        let message = &raw mut self.0;
        unsafe { std::slice::from_raw_parts(zmq_msg_data(message).cast(), zmq_msg_size(message)) }
    }

    fn send(&mut self, socket: &Socket, flags: c_int) -> Result<(), c_int> {
        cvt(unsafe { zmq_msg_send(&raw mut self.0, socket.0, flags) })
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        unsafe { zmq_msg_close(&raw mut self.0) };
    }
}

#[test]
fn a101_an_xpub_counts_references_to_received_messages() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_XSUB));
    publisher.bind("inproc://counted");
    subscriber.connect("inproc://counted");
    let mut sent = Message::borrowed(&[5; 100], &FREED);
    let mut kept = sent.copy();
    sent.send(&subscriber, ZMQ_SNDMORE).unwrap();
    subscriber.send(&[6; 100]);
    let mut first = Message::received(&publisher);
    assert!(!first.is_shared(), "the first message shares its bytes");
    let mut copy = first.copy();
    assert!(copy.is_shared() && first.is_shared());
    drop(first);
    let others: Vec<_> = (0..100).map(|_| copy.copy()).collect();
    drop(others);
    assert_eq!(copy.bytes(), [5; 100]);
    assert_eq!(Message::received(&publisher).bytes(), [6; 100]);
    assert_eq!(kept.bytes(), [5; 100]);
    drop((kept, sent));
    assert_eq!(FREED.load(Ordering::SeqCst), 1);
}

#[test]
fn a103_a_ws_client_does_not_change_borrowed_bytes() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    static BYTES: [u8; 1000] = [7; 1000];
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    client.connect(&server.bind("ws://127.0.0.1:*/lent"));
    Message::borrowed(&BYTES, &FREED).send(&client, 0).unwrap();
    assert_eq!(server.recv_all(1000), [7; 1000]);
    // When the message is freed, libzmq has sent it, and would have changed its bytes.
    eventually("they are given back", || FREED.load(Ordering::SeqCst) == 1);
    assert_eq!(BYTES, [7; 1000]);
}

/// Binds to an endpoint as soon as the socket that is bound to it has closed.
fn bind_again(socket: &Socket, endpoint: &str) {
    eventually("the address is free", || socket.try_bind(endpoint).is_ok());
}

#[test]
fn a104_parts_for_a_closed_peer_are_freed() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    let context = Context::new();
    for (kind, peer) in [(ZMQ_PUSH, ZMQ_PULL), (ZMQ_XPUB, ZMQ_XSUB), (ZMQ_DEALER, ZMQ_DEALER)] {
        for endpoint in ["inproc://given-back", "tcp://127.0.0.1:*", "ipc://*"] {
            let (sender, receiver) = (context.socket(kind), context.socket(peer));
            receiver.connect(&sender.bind(endpoint));
            if peer == ZMQ_XSUB {
                receiver.send(&[1]);
                assert_eq!(sender.recv(), [1]);
            }
            sender.send(b"whole");
            assert_eq!(receiver.recv(), b"whole");
            FREED.store(0, Ordering::SeqCst);
            for _ in 0..3 {
                Message::borrowed(&[1; 100], &FREED).send(&sender, ZMQ_SNDMORE).unwrap();
            }
            drop(receiver);
            let given_back = || {
                sender.events();
                FREED.load(Ordering::SeqCst) == 3
            };
            if kind == ZMQ_DEALER {
                // The sender may free the remaining parts only when it closes.
                drop(sender);
                eventually("they are given back", || FREED.load(Ordering::SeqCst) == 3);
            } else {
                eventually("they are given back", given_back);
            }
        }
    }
}

#[test]
fn a104_the_rest_of_a_message_does_not_go_to_a_new_connection() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_XSUB));
    let endpoint = publisher.bind("tcp://127.0.0.1:*");
    subscriber.connect(&endpoint);
    subscriber.send(b"whole");
    assert_eq!(publisher.recv(), b"whole");
    Message::borrowed(&[2; 100], &FREED).send(&subscriber, ZMQ_SNDMORE).unwrap();
    drop(publisher);
    eventually("the first part is given back", || {
        subscriber.events();
        FREED.load(Ordering::SeqCst) == 1
    });
    subscriber.send_part(b"rest", ZMQ_SNDMORE);
    subscriber.send(b"last");
    subscriber.send(b"whole again");
    let publisher = context.socket(ZMQ_XPUB);
    bind_again(&publisher, &endpoint);
    assert_eq!(publisher.recv(), b"whole again");
}

/// Makes a handshake with this socket type, and sends nothing else.
fn speak_as(kind: &str, connection: &mut TcpStream) {
    connection.write_all(&greeting("NULL", 0)).unwrap();
    let len = u8::try_from(kind.len()).unwrap();
    let ready = [&[4, 22 + len][..], b"\x05READY\x0bSocket-Type\0\0\0", &[len], kind.as_bytes()].concat();
    connection.write_all(&ready).unwrap();
}

#[test]
fn a105_a_connection_may_break_after_a_disconnect_in_the_middle_of_a_message() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let (push, dealer) = ((ZMQ_PUSH, "PULL"), (ZMQ_DEALER, "DEALER"));
    for ((kind, peers), linger) in [(push, 0), (push, 300), (dealer, 0), (dealer, -1)] {
        let context = Context::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        let sender = context.socket(kind);
        sender.set(ZMQ_LINGER, linger);
        sender.connect(&endpoint);
        let mut peer = listener.accept().unwrap().0;
        drop(listener);
        speak_as(peers, &mut peer);
        // More bytes than the buffers of the system have room for.
        let part = vec![0; 400_000];
        for _ in 0..100 {
            sender.send_part(&part, ZMQ_SNDMORE);
        }
        sender.send(b"end");
        peer.read_exact(&mut [0; 10_000]).unwrap();
        let endpoint = CString::new(endpoint).unwrap();
        assert_eq!(cvt(unsafe { zmq_disconnect(sender.0, endpoint.as_ptr()) }), Ok(()));
        context.io_thread_catches_up();
        drop(peer);
        context.io_thread_catches_up();
        context.io_thread_catches_up();
        sender.set(ZMQ_LINGER, 0);
    }
}

#[test]
fn a106_immediate_may_be_reset() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    for (kind, peer) in [(ZMQ_PUSH, ZMQ_PULL), (ZMQ_DEALER, ZMQ_DEALER), (ZMQ_PAIR, ZMQ_PAIR)] {
        let (sender, receiver) = (context.socket(kind), context.socket(peer));
        let endpoint = receiver.bind("tcp://127.0.0.1:*");
        sender.set(ZMQ_IMMEDIATE, 1);
        sender.connect(&endpoint);
        sender.send(b"before");
        assert_eq!(receiver.recv(), b"before");
        sender.set(ZMQ_IMMEDIATE, 0);
        drop(receiver);
        // Without ZMQ_IMMEDIATE, messages are queued for a peer without a connection.
        eventually("nothing is queued", || sender.events() & ZMQ_POLLOUT == 0);
        let receiver = context.socket(peer);
        bind_again(&receiver, &endpoint);
        sender.send(b"after");
        assert_eq!(receiver.recv(), b"after");
    }
}

#[test]
fn a106_immediate_may_be_set_late() {
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_XPUB), context.socket(ZMQ_SUB));
    let endpoint = publisher.bind("tcp://127.0.0.1:*");
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b"A"), Ok(()));
    subscriber.connect(&endpoint);
    assert_eq!(publisher.recv(), b"\x01A");
    subscriber.set(ZMQ_IMMEDIATE, 1);
    drop(publisher);
    let publisher = context.socket(ZMQ_XPUB);
    let monitor = context.monitor(&publisher, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    bind_again(&publisher, &endpoint);
    // Meanwhile, the program makes no call on the subscriber.
    monitor.recv();
    subscriber.events();
    assert_eq!(publisher.recv(), b"\x01A");
    publisher.send(b"A1");
    assert_eq!(subscriber.recv(), b"A1");
}

#[test]
fn a107_a_name_may_be_bound_while_a_waiting_socket_closes() {
    let _alone = alone();
    let context = Context::new();
    for round in 0..300 {
        let name = format!("inproc://gone-{round}");
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let socket = context.socket(ZMQ_PUSH);
                // The connection waits for the bind, because it has a message.
                socket.set(ZMQ_LINGER, 10_000);
                socket.connect(&name);
                socket.send(b"early");
                socket
            })
            .collect();
        let binder = ManuallyDrop::new(context.socket(ZMQ_PULL)).0.expose_provenance();
        let binder = thread::spawn(move || {
            let binder = Socket(std::ptr::with_exposed_provenance_mut(binder));
            binder.bind(&name);
            for _ in 0..20 {
                let _ = binder.try_recv(ZMQ_DONTWAIT);
            }
        });
        drop(waiting);
        binder.join().unwrap();
    }
    // No socket prevents the end of the context.
}

#[cfg(feature = "draft")]
mod draft {
    use super::*;

    #[test]
    fn a102_references_to_a_long_group_are_counted() {
        const GROUP: &std::ffi::CStr = c"a group of more than fourteen bytes";
        let _alone = alone();
        let context = Context::new();
        // Several RADIOs receive each group, and several DISHes receive each message.
        let radios: Vec<_> = (0..2)
            .map(|number| {
                let radio = context.socket(ZMQ_RADIO);
                radio.bind(&format!("inproc://radio-{number}"));
                radio
            })
            .collect();
        let dishes: Vec<_> = (0..3)
            .map(|_| {
                let dish = context.socket(ZMQ_DISH);
                dish.connect("inproc://radio-0");
                dish.connect("inproc://radio-1");
                assert_eq!(cvt(unsafe { zmq_join(dish.0, GROUP.as_ptr()) }), Ok(()));
                dish
            })
            .collect();
        for (radio, len) in [(0, 1), (0, 100), (1, 1), (1, 100)] {
            let mut message = Message::empty();
            let pointer = &raw mut message.0;
            assert_eq!(unsafe { zmq_msg_init_size(pointer, len) }, 0);
            unsafe { std::ptr::write_bytes(zmq_msg_data(pointer).cast::<u8>(), 3, len) };
            assert_eq!(unsafe { zmq_msg_set_group(pointer, GROUP.as_ptr()) }, 0);
            message.send(&radios[radio], 0).unwrap();
            // Each DISH frees the message before the next DISH receives it.
            for dish in &dishes {
                let mut received = Message::received(dish);
                assert_eq!(received.bytes(), vec![3; len]);
                let group = unsafe { zmq_msg_group(&raw mut received.0) };
                let name = GROUP.to_bytes_with_nul();
                assert_eq!(unsafe { std::slice::from_raw_parts(group.cast::<u8>(), name.len()) }, name);
            }
        }
    }
}

/// A peer sends more than its receiver reads at once, and closes. The remaining bytes wait in the system, and arrive.
#[test]
fn a197_messages_that_a_peer_sent_before_it_closed_arrive() {
    const COUNT: u32 = 24;

    let _alone = alone();
    let context = Context::new();
    for transport in ["ipc://*", "tcp://127.0.0.1:*"] {
        let pull = context.socket(ZMQ_PULL);
        pull.set(ZMQ_RCVHWM, 1);
        let endpoint = pull.bind(transport);
        let sender = Context::new();
        let push = sender.socket(ZMQ_PUSH);
        push.set(ZMQ_LINGER, 10_000);
        push.connect(&endpoint);
        for number in 0..COUNT {
            push.send(&number.to_ne_bytes().repeat(256));
        }
        drop(push);
        drop(sender);
        context.io_thread_catches_up();
        for number in 0..COUNT {
            let got =
                pull.try_recv(0).unwrap_or_else(|errno| panic!("{number} over {transport}: errno {errno}"));
            assert_eq!(got[..4], number.to_ne_bytes(), "over {transport}");
        }
    }
}
