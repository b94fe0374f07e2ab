//! `Poller` with many sockets, which it watches by their descriptors: no wake-up is lost, whatever the program does
//! between the waits.

use crate::common;

use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, MOMENT, TCP, bound, connected, context, socket};
use zmq::{
    Context, Dealer, ErrorKind, POLLIN, POLLOUT, Pair, PollEvents, PollItem, Poller, Pull, Push, Router,
    Socket, zmq_sys,
};

/// With this many sockets, a poller watches their descriptors.
const MANY: usize = 40;

fn pair(context: &Context, name: &str) -> (Socket<Pair>, Socket<Pair>) {
    let (left, endpoint) = bound(context, Pair, &format!("inproc://{name}"));
    let right = connected(context, Pair, endpoint);
    (left, right)
}

/// Adds sockets that never have an event, with keys from 1000 on.
fn crowd(context: &Context, poller: &Poller<'_, usize>) {
    for number in 0..MANY {
        poller.add(Rc::new(socket(context, Pull)), 1000 + number, POLLIN).unwrap();
    }
}

#[track_caller]
fn assert_ready(poller: &Poller<'_, usize>, expected: &[(usize, PollEvents)]) {
    let mut ready: Vec<_> = poller.wait(LIMIT).unwrap().collect();
    ready.sort_by_key(|&(key, _)| key);
    assert_eq!(ready, expected);
}

#[track_caller]
fn assert_still(poller: &Poller<'_, usize>) {
    assert_eq!(poller.wait(Duration::ZERO).unwrap().collect::<Vec<_>>(), []);
}

#[test]
fn a_message_for_one_of_many_ends_the_wait() {
    let context = context();
    let poller = Poller::new();
    crowd(&context, &poller);
    let (receiver, endpoint) = bound(&context, Pull, TCP);
    poller.add(&receiver, 7, POLLIN).unwrap();
    assert_still(&poller);
    for timeout in [None, Some(LIMIT), Some(Duration::MAX)] {
        let sender = connected(&context, Push, &endpoint);
        let thread = thread::spawn(move || {
            sender.send("later").unwrap();
            sender
        });
        assert_eq!(poller.wait(timeout).unwrap().collect::<Vec<_>>(), [(7, POLLIN)]);
        // The event is reported until the message is received.
        assert_ready(&poller, &[(7, POLLIN)]);
        assert_eq!(receiver.recv().unwrap(), "later");
        assert_still(&poller);
        drop(thread.join().unwrap());
    }
    let start = Instant::now();
    assert!(poller.wait(MOMENT).unwrap().is_empty());
    assert!(start.elapsed() >= MOMENT);
}

/// Each of these calls reads the commands of the socket, and so removes the edge of its descriptor.
#[test]
fn calls_on_a_socket_do_not_hide_a_message() {
    type Use = fn(&Socket<Pair>);
    let uses: [(&str, Use); 9] = [
        ("events", |socket| assert!(socket.events().unwrap().contains(POLLIN))),
        ("poll", |socket| assert_eq!(socket.poll(POLLIN, LIMIT).unwrap(), POLLIN)),
        ("poll a list", |socket| {
            assert_eq!(zmq::poll(&mut [PollItem::new(socket, POLLIN)], LIMIT).unwrap(), 1);
        }),
        ("receive one of two", |socket| assert_eq!(socket.recv().unwrap(), "first")),
        ("send", |socket| socket.send("out").unwrap()),
        ("bind", |socket| drop(socket.bind("inproc://use-*").or_else(|_| socket.bind(TCP)).unwrap())),
        ("connect to nobody", |socket| drop(socket.connect("tcp://127.0.0.1:1"))),
        ("disconnect", |socket| drop(socket.disconnect("inproc://nowhere").unwrap_err())),
        ("C code", |socket| {
            let (mut events, mut len) = (0_i32, size_of::<i32>());
            // SAFETY: a live socket, of this thread; room for the option.
            let rc = unsafe {
                zmq_sys::zmq_getsockopt(
                    socket.as_raw(),
                    zmq_sys::ZMQ_EVENTS,
                    (&raw mut events).cast(),
                    &raw mut len,
                )
            };
            assert_eq!((rc, events & 1), (0, 1));
        }),
    ];
    let context = context();
    for (name, used) in uses {
        let poller = Poller::new();
        crowd(&context, &poller);
        let (left, right) = pair(&context, name);
        poller.add(&left, 1, POLLIN).unwrap();
        assert_still(&poller);
        for _ in 0..3 {
            right.send("first").unwrap();
            right.send("second").unwrap();
            used(&left);
            assert_ready(&poller, &[(1, POLLIN)]);
            while left.try_recv().is_ok() {}
            // The last of these calls also asked the socket for its events.
            right.send("third").unwrap();
            assert_ready(&poller, &[(1, POLLIN)]);
            assert_eq!(left.recv().unwrap(), "third");
            assert_still(&poller);
        }
    }
}

/// A list or C code may use a socket at any later time without a notification.
#[test]
fn calls_without_a_notification_do_not_hide_a_message() {
    let context = context();
    let poller = Poller::new();
    crowd(&context, &poller);
    let (before, before_peer) = pair(&context, "before");
    let (after, after_peer) = pair(&context, "after");
    let (raw, raw_peer) = pair(&context, "raw");
    let mut items = vec![PollItem::new(&before, POLLIN)];
    for (key, socket) in [&before, &after, &raw].into_iter().enumerate() {
        poller.add(socket, key, POLLIN).unwrap();
    }
    assert_still(&poller);
    items.push(PollItem::new(&after, POLLIN));
    let handle = raw.as_raw();
    for _ in 0..3 {
        for peer in [&before_peer, &after_peer, &raw_peer] {
            peer.send("Hello").unwrap();
        }
        assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 2);
        let mut item = zmq_sys::zmq_pollitem_t { socket: handle, fd: 0, events: POLLIN.bits(), revents: 0 };
        // SAFETY: one item, of a live socket of this thread.
        assert_eq!(unsafe { zmq_sys::zmq_poll(&raw mut item, 1, 0) }, 1);
        assert_ready(&poller, &[(0, POLLIN), (1, POLLIN), (2, POLLIN)]);
        for socket in [&before, &after, &raw] {
            assert_eq!(socket.recv().unwrap(), "Hello");
        }
        assert_still(&poller);
    }
}

#[test]
fn two_pollers_do_not_hide_events_from_each_other() {
    let context = context();
    let (left, right) = pair(&context, "two-pollers");
    let pollers = [Poller::new(), Poller::new()];
    for poller in &pollers {
        crowd(&context, poller);
        poller.add(&left, 1, POLLIN).unwrap();
        assert_still(poller);
    }
    for round in 0..6 {
        right.send("Hello").unwrap();
        assert_ready(&pollers[round % 2], &[(1, POLLIN)]);
        assert_ready(&pollers[1 - round % 2], &[(1, POLLIN)]);
        assert_eq!(left.recv().unwrap(), "Hello");
        assert_still(&pollers[0]);
        assert_still(&pollers[1]);
    }
}

#[test]
fn room_to_send_ends_the_wait() {
    let context = context();
    let poller = Poller::new();
    crowd(&context, &poller);
    let (receiver, sender) = (socket(&context, Pull), socket(&context, Push));
    receiver.set_recv_hwm(1).unwrap();
    sender.set_send_hwm(1).unwrap();
    let endpoint = receiver.bind("inproc://room").unwrap();
    sender.connect(endpoint).unwrap();
    poller.add(&sender, 1, POLLOUT).unwrap();
    for _ in 0..5 {
        assert_ready(&poller, &[(1, POLLOUT)]);
        while sender.try_send("fill").is_ok() {}
        assert_still(&poller);
        while receiver.try_recv().is_ok() {}
    }
}

#[test]
fn a_new_interest_applies_at_once() {
    let context = context();
    let poller = Poller::new();
    crowd(&context, &poller);
    let (left, right) = pair(&context, "interest");
    poller.add(&left, 1, PollEvents::NONE).unwrap();
    right.send("Hello").unwrap();
    assert_still(&poller);
    poller.modify(&left, POLLIN).unwrap();
    assert_ready(&poller, &[(1, POLLIN)]);
    poller.modify(&left, POLLIN | POLLOUT).unwrap();
    assert_ready(&poller, &[(1, POLLIN | POLLOUT)]);
    left.recv().unwrap();
    poller.modify(&left, POLLIN).unwrap();
    assert_still(&poller);
    poller.modify(&left, POLLOUT).unwrap();
    assert_ready(&poller, &[(1, POLLOUT)]);
}

#[cfg(unix)]
#[test]
fn descriptors_are_reported_among_many_sockets() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let context = context();
    let poller = Poller::new();
    crowd(&context, &poller);
    let (left, right) = pair(&context, "descriptors");
    let (mut near, mut far) = UnixStream::pair().unwrap();
    let owner = Rc::new(far.try_clone().unwrap());
    poller.add(&left, 1, POLLIN).unwrap();
    poller.add_fd(Rc::clone(&owner), 2, POLLIN).unwrap();
    assert_still(&poller);
    near.write_all(b"!").unwrap();
    // As usual, the event is reported until the message is read.
    assert_ready(&poller, &[(2, POLLIN)]);
    right.send("Hello").unwrap();
    assert_ready(&poller, &[(1, POLLIN), (2, POLLIN)]);
    far.read_exact(&mut [0]).unwrap();
    assert_ready(&poller, &[(1, POLLIN)]);
    left.recv().unwrap();
    assert_still(&poller);
    let thread = thread::spawn(move || right.send("later").map(|()| right).unwrap());
    assert_ready(&poller, &[(1, POLLIN)]);
    left.recv().unwrap();
    poller.modify_fd(&*owner, POLLOUT).unwrap();
    assert_ready(&poller, &[(2, POLLOUT)]);
    assert_eq!(poller.remove_fd(&*owner).unwrap(), 2);
    assert_still(&poller);
    drop(thread.join().unwrap());
}

#[test]
fn a_shutdown_is_reported_until_its_sockets_are_removed() {
    let (dying, context) = (context(), common::context());
    let poller = Poller::new();
    crowd(&context, &poller);
    let gone: Vec<_> = (0..3).map(|_| socket(&dying, Pull)).collect();
    for (key, socket) in gone.iter().enumerate() {
        poller.add(socket, key, POLLIN).unwrap();
    }
    assert_still(&poller);
    let ending = dying.clone();
    let thread = thread::spawn(move || ending.shutdown().unwrap());
    for _ in 0..3 {
        assert_eq!(poller.wait(LIMIT).map(drop).unwrap_err().kind(), ErrorKind::Terminated);
    }
    thread.join().unwrap();
    let (left, right) = pair(&context, "spared");
    poller.add(&left, 9, POLLIN).unwrap();
    right.send("Hello").unwrap();
    assert_eq!(poller.wait(LIMIT).map(drop).unwrap_err().kind(), ErrorKind::Terminated);
    for socket in &gone {
        poller.remove(socket).unwrap();
    }
    assert_ready(&poller, &[(9, POLLIN)]);
}

#[test]
fn each_socket_is_reported_first_equally_often() {
    let context = context();
    let pairs: Vec<_> = (0..MANY).map(|number| pair(&context, &format!("fair-{number}"))).collect();
    let poller = Poller::new();
    for (number, (left, right)) in pairs.iter().enumerate() {
        poller.add(left, number, POLLIN).unwrap();
        right.send("Hello").unwrap();
    }
    let mut seen = vec![0; MANY];
    for _ in 0..3 * MANY {
        seen[poller.wait(LIMIT).unwrap().next().unwrap().0] += 1;
    }
    assert_eq!(seen, vec![3; MANY]);
}

/// The numbers of their descriptors are reused, and so are their places.
#[test]
fn many_sockets_can_be_added_and_removed() {
    let context = context();
    let poller = Poller::new();
    let mut sockets: Vec<(usize, Rc<Socket<Pair>>, Socket<Pair>)> = Vec::new();
    for round in 0..200 {
        // From few sockets to many and back, so that they are watched and then not.
        let goal = if round % 10 < 5 { 12 } else { 1 };
        while sockets.len() < goal {
            let number = round * 100 + sockets.len();
            let (left, right) = pair(&context, &format!("come-{number}"));
            let left = Rc::new(left);
            poller.add(Rc::clone(&left), number, POLLIN).unwrap();
            sockets.push((number, left, right));
        }
        while sockets.len() > goal {
            let (number, left, _) = sockets.swap_remove(round % sockets.len());
            assert_eq!(poller.remove(&left).unwrap(), number);
        }
        let (number, left, right) = &sockets[round % sockets.len()];
        right.send("Hello").unwrap();
        assert_ready(&poller, &[(*number, POLLIN)]);
        left.recv().unwrap();
    }
}

/// Peers in other threads, requests and replies, in an unpredictable order: no message is left behind.
#[test]
fn many_simultaneous_conversations_all_end() {
    const CLIENTS: usize = 24;
    const MESSAGES: u32 = 200;
    for transport in ["inproc://conversations", TCP] {
        let context = context();
        let poller = Poller::new();
        crowd(&context, &poller);
        let mut servers = Vec::new();
        let mut endpoints = Vec::new();
        for number in 0..CLIENTS {
            let endpoint = if transport == TCP { TCP.to_owned() } else { format!("{transport}-{number}") };
            let (server, endpoint) = bound(&context, Router, &endpoint);
            servers.push(server);
            endpoints.push(endpoint);
        }
        for (number, server) in servers.iter().enumerate() {
            poller.add(server, number, POLLIN).unwrap();
        }
        let clients = context.clone();
        let thread = thread::spawn(move || {
            let sockets: Vec<_> =
                endpoints.iter().map(|endpoint| connected(&clients, Dealer, endpoint)).collect();
            let poller = Poller::new();
            for (number, socket) in sockets.iter().enumerate() {
                poller.add(socket, number, POLLIN).unwrap();
                socket.send(0_u32.to_ne_bytes()).unwrap();
                socket.send(1_u32.to_ne_bytes()).unwrap();
            }
            let mut left = vec![MESSAGES; CLIENTS];
            while left.iter().any(|&left| left > 0) {
                let ready = poller.wait(LIMIT).unwrap();
                assert!(!ready.is_empty(), "no event arrived: {left:?}");
                for (number, _) in ready {
                    // Only one message, so that the rest must be reported again. A send may read commands.
                    sockets[number].recv().unwrap();
                    left[number] -= 1;
                    if left[number] > 1 {
                        sockets[number].send(left[number].to_ne_bytes()).unwrap();
                    }
                }
            }
        });
        let mut left = MESSAGES * u32::try_from(CLIENTS).unwrap();
        while left > 0 {
            let ready = poller.wait(LIMIT).unwrap();
            assert!(!ready.is_empty(), "no event arrived: {left}");
            for (number, _) in ready {
                let request = servers[number].recv_multipart().unwrap();
                servers[number].send_multipart(request).unwrap();
                left -= 1;
            }
        }
        thread.join().unwrap();
    }
}
