//! Sockets that several threads use at once.

use crate::common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use common::{LIMIT, MOMENT, TCP, bound, connected, context, must_end, socket};
use zmq::{
    Any, Channel, Client, Dgram, Dish, ErrorKind, Gather, Message, POLLIN, Peer, PollItem, Pull, Push, Radio,
    Scatter, Server, Socket,
};

/// Implemented once for every type, and again for types that are `Sync`, so a use is ambiguous only for types that are
/// `Sync`.
trait AmbiguousIfSync<Which> {
    fn decide() {}
}

struct Shared;

impl<T: ?Sized> AmbiguousIfSync<()> for T {}
impl<T: ?Sized + Sync> AmbiguousIfSync<Shared> for T {}

const _: () = {
    const fn shared<T: Sync + Send>() {}
    shared::<Socket<Server>>();
    shared::<Socket<Client>>();
    shared::<Socket<Radio>>();
    shared::<Socket<Dish>>();
    shared::<Socket<Gather>>();
    shared::<Socket<Scatter>>();
    shared::<Socket<Peer>>();
    shared::<Socket<Channel>>();
};

#[test]
fn other_sockets_cannot_be_shared() {
    // These lines do not compile if the types are `Sync`.
    <Socket<Dgram> as AmbiguousIfSync<_>>::decide();
    <Socket<Any> as AmbiguousIfSync<_>>::decide();
    <Socket<Push> as AmbiguousIfSync<_>>::decide();
}

/// libzmq gave a mailbox the lock of its socket, so two sockets that sent to each other could wait forever.
#[test]
fn two_sockets_send_to_each_other_at_the_same_time() {
    const TURNS: usize = 200_000;
    let context = context();
    let (server, endpoint) = bound(&context, Server, "inproc://both ways");
    let client = connected(&context, Client, endpoint);
    client.send("who I am").unwrap();
    let (id, _) = server.recv_from().unwrap();
    thread::scope(|threads| {
        threads.spawn(|| {
            for _ in 0..TURNS {
                let _ = server.try_send_to(id, "there");
                let _ = server.try_recv_from();
            }
        });
        for _ in 0..TURNS {
            let _ = client.try_send("back");
            let _ = client.try_recv();
        }
    });
}

/// Conformance: DR-1.
#[test]
fn two_threads_share_a_client() {
    const EACH: usize = 15_001;
    for transport in ["inproc://shared", TCP] {
        let context = context();
        let (server, endpoint) = bound(&context, Server, transport);
        let client = connected(&context, Client, endpoint);
        assert!(client.thread_safe().unwrap());
        thread::scope(|threads| {
            for name in ["left", "right"] {
                let client = &client;
                threads.spawn(move || {
                    for number in 0..EACH {
                        client.send(format!("{name} {number}")).unwrap();
                    }
                });
            }
            let mut next = [0; 2];
            for _ in 0..2 * EACH {
                let (_, message) = server.recv_from().unwrap();
                let (name, number) = message.to_str().unwrap().split_once(' ').unwrap();
                let thread = usize::from(name == "right");
                // The messages of one thread stay in order.
                assert_eq!(number.parse::<usize>().unwrap(), next[thread]);
                next[thread] += 1;
            }
            assert_eq!(next, [EACH; 2]);
        });
    }
}

#[test]
fn threads_answer_from_one_server() {
    const EACH: usize = 500;
    let context = context();
    let (server, endpoint) = bound(&context, Server, TCP);
    let server = Arc::new(server);
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let server = server.clone();
            thread::spawn(move || {
                loop {
                    match server.recv_from() {
                        Ok((sender, request)) => server.send_to(sender, request).unwrap(),
                        Err(error) => return error.kind(),
                    }
                }
            })
        })
        .collect();
    drop(server);
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                let client = connected(&context, Client, &endpoint);
                for number in 0..EACH {
                    client.send(number.to_string()).unwrap();
                    assert_eq!(client.recv_string().unwrap(), number.to_string());
                }
            });
        }
    });
    context.shutdown().unwrap();
    for worker in workers {
        assert_eq!(worker.join().unwrap(), ErrorKind::Terminated);
    }
}

#[test]
fn threads_have_their_own_time_limits() {
    let context = context();
    let (gather, endpoint) = bound(&context, Gather, "inproc://limits");
    let scatter = connected(&context, Scatter, endpoint);
    let is_done = AtomicBool::new(false);
    thread::scope(|threads| {
        let patient = threads.spawn(|| {
            let outcome = (0..50).try_for_each(|_| gather.recv().map(drop));
            is_done.store(true, Ordering::Relaxed);
            outcome
        });
        threads.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                // It may receive one, too.
                if let Err(error) = gather.recv_within(Duration::from_millis(1)) {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                }
            }
        });
        while !is_done.load(Ordering::Relaxed) {
            scatter.send("now and then").unwrap();
            thread::park_timeout(Duration::from_millis(3));
        }
        patient.join().unwrap().unwrap();
    });
    assert_eq!(gather.recv_timeout().unwrap(), Some(LIMIT));
}

#[test]
fn each_message_goes_to_one_of_the_threads() {
    const COUNT: usize = 2000;
    let context = context();
    let (gather, endpoint) = bound(&context, Gather, "inproc://each");
    let scatter = connected(&context, Scatter, endpoint);
    let received: usize = thread::scope(|threads| {
        let receivers: Vec<_> = (0..4)
            .map(|number| {
                let gather = &gather;
                threads.spawn(move || {
                    let mut count = 0;
                    loop {
                        // In all possible ways.
                        let message = match number {
                            0 => gather.recv(),
                            1 => gather.recv_within(LIMIT),
                            _ => {
                                zmq::poll(&mut [PollItem::new(gather, POLLIN)], LIMIT).unwrap();
                                gather.try_recv()
                            }
                        };
                        match message {
                            Ok(message) if message == "end" => return count,
                            Ok(_) => count += 1,
                            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                        }
                    }
                })
            })
            .collect();
        for _ in 0..COUNT {
            scatter.send("work").unwrap();
        }
        for _ in &receivers {
            scatter.send("end").unwrap();
        }
        receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum()
    });
    assert_eq!(received, COUNT);
}

#[test]
fn threads_bind_connect_join_and_set_at_once() {
    let context = context();
    let (radio, dish) = (socket(&context, Radio), socket(&context, Dish));
    thread::scope(|threads| {
        for number in 0..4 {
            let (radio, dish) = (&radio, &dish);
            threads.spawn(move || {
                for round in 0..20 {
                    let name = format!("inproc://{number}-{round}");
                    // Each thread gets its own endpoint.
                    assert_eq!(radio.bind(&name).unwrap(), *name);
                    let endpoint = radio.bind(TCP).unwrap();
                    dish.connect(&name).unwrap();
                    dish.connect(&endpoint).unwrap();
                    dish.join(&name).unwrap();
                    dish.set_linger(Duration::ZERO).unwrap();
                    // After any bind, it is too late.
                    assert_eq!(radio.set_send_hwm(1).unwrap_err().kind(), ErrorKind::WrongState);
                    radio.send_to(&name, "message").unwrap();
                    dish.leave(&name).unwrap();
                    radio.unbind(&endpoint).unwrap();
                    radio.unbind(&name).unwrap();
                }
            });
        }
    });
}

/// Conformance: PO-7.
#[cfg(zmq_vendored)]
#[test]
fn a_poll_waits_for_thread_safe_and_other_sockets() {
    let context = context();
    let (gather, endpoint) = bound(&context, Gather, "inproc://shared sort");
    let scatter = connected(&context, Scatter, endpoint);
    let (pull, endpoint) = bound(&context, Pull, "inproc://classic sort");
    let push = connected(&context, Push, endpoint);
    let mut items = [PollItem::new(&gather, POLLIN), PollItem::new(&pull, POLLIN)];
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);
    scatter.send("a").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_readable() && !items[1].is_readable());
    assert_eq!(gather.events().unwrap(), POLLIN);
    push.send("b").unwrap();
    assert_eq!(gather.recv().unwrap(), "a");
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(!items[0].is_readable() && items[1].is_readable());

    thread::scope(|threads| {
        let polling = threads.spawn(|| zmq::poll(&mut [PollItem::new(&gather, POLLIN)], None));
        scatter.send("c").unwrap();
        assert_eq!(polling.join().unwrap().unwrap(), 1);
    });
}

/// Conformance: CTX-5.
#[test]
fn shutting_down_wakes_all_threads() {
    let context = context();
    let (gather, _) = bound(&context, Gather, "inproc://end");
    gather.set_recv_timeout(None).unwrap();
    thread::scope(|threads| {
        let waiting = [
            threads.spawn(|| gather.recv()),
            threads.spawn(|| gather.recv()),
            threads.spawn(|| gather.recv_within(LIMIT)),
        ];
        context.shutdown().unwrap();
        for thread in waiting {
            assert_eq!(thread.join().unwrap().unwrap_err().kind(), ErrorKind::Terminated);
        }
    });
}

/// The call takes no lock (T2).
#[test]
fn shared_sockets_refuse_pipe_statistics() {
    let context = context();
    let server = socket(&context, Server);
    assert_eq!(server.monitor_pipes_stats().unwrap_err().kind(), ErrorKind::Unsupported);
}

/// A message without a receiver is dropped within the send. The send must then not hold a lock that another thread
/// waits for within a connect.
#[cfg(zmq_vendored)]
#[test]
fn a_large_message_that_is_dropped_may_bind_while_its_socket_connects() {
    struct Binds(Socket<Push>, mpsc::Sender<()>);
    impl AsRef<[u8]> for Binds {
        fn as_ref(&self) -> &[u8] {
            &[b'x'; 10_000]
        }
    }
    impl Drop for Binds {
        fn drop(&mut self) {
            self.1.send(()).unwrap();
            // Meanwhile the other thread connects, or waits to do so.
            thread::park_timeout(MOMENT);
            self.0.bind("inproc://from a destructor").unwrap();
        }
    }
    must_end(|| {
        let context = context();
        let radio = Arc::new(socket(&context, Radio));
        let (begin, begun) = mpsc::channel();
        let connecting = radio.clone();
        let thread = thread::spawn(move || {
            begun.recv_timeout(LIMIT).unwrap();
            connecting.connect("inproc://a dish to come").unwrap();
        });
        let message = Message::from_owner(Binds(socket(&context, Push), begin));
        radio.send_to("nobody", message).unwrap();
        thread.join().unwrap();
    });
}
