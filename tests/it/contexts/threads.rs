//! Threads: a shutdown ends the calls of all threads, and contexts and sockets can be shared or moved.

use crate::common;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{assert_error, assert_takes_less, bounce, context, must_end, socket};
use zmq::zmq_sys::ETERM;
use zmq::{
    Context, Dealer, Error, ErrorKind, POLLIN, Pair, PollItem, Poller, Pull, Push, Rep, Req, Router, Sub,
    XPub,
};

/// A call that ends only because of a shutdown.
type Call = Box<dyn FnOnce() -> Error + Send>;

fn blocking_calls(context: &Context) -> Vec<(&'static str, Call)> {
    let pull = context.socket(Pull).unwrap();
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let subscriber = context.socket(Sub).unwrap();
    subscriber.subscribe("").unwrap();
    let dealer = context.socket(Dealer).unwrap();
    dealer.connect("inproc://never bound").unwrap();
    let pair = context.socket(Pair).unwrap();
    let full = context.socket(Push).unwrap();
    full.set_send_hwm(1).unwrap();
    full.connect(common::free_endpoint()).unwrap();
    while full.try_send("filler").is_ok() {}
    let lonely = context.socket(Dealer).unwrap();
    let polled = [context.socket(Pull).unwrap(), context.socket(Pull).unwrap()];
    let waited_for = context.socket(Pull).unwrap();
    let (frontend, backend) = (context.socket(Router).unwrap(), context.socket(Dealer).unwrap());
    frontend.bind("inproc://frontend").unwrap();
    backend.bind("inproc://backend").unwrap();
    let alone = context.socket(Pull).unwrap();
    vec![
        ("poll", Box::new(move || alone.poll(POLLIN, None).unwrap_err())),
        ("recv", Box::new(move || pull.recv().unwrap_err())),
        ("recv_into", Box::new(move || subscriber.recv_into(&mut [0; 9]).unwrap_err())),
        ("recv_multipart", Box::new(move || dealer.recv_multipart().unwrap_err())),
        ("recv_within", Box::new(move || pair.recv_within(Duration::from_secs(3600)).unwrap_err())),
        ("send", Box::new(move || full.send("one too many").unwrap_err().into())),
        ("send_multipart", Box::new(move || lonely.send_multipart(["to", "nobody"]).unwrap_err().into())),
        (
            "poll",
            Box::new(move || {
                let mut items = polled.each_ref().map(|socket| PollItem::new(socket, POLLIN));
                zmq::poll(&mut items, None).unwrap_err()
            }),
        ),
        (
            "poll",
            Box::new(move || {
                let poller = Poller::new();
                poller.add(&waited_for, (), POLLIN).unwrap();
                poller.wait(None).map(drop).unwrap_err()
            }),
        ),
        ("proxy", Box::new(move || zmq::proxy(&frontend, &backend).unwrap_err())),
    ]
}

/// The time from a shutdown until the last of the blocked calls has returned.
fn time_to_end_all() -> Duration {
    let context = context();
    let (started, asleep) = mpsc::channel();
    let threads: Vec<_> = blocking_calls(&context)
        .into_iter()
        .map(|(name, call)| {
            let started = started.clone();
            let thread = thread::spawn(move || {
                #[cfg(target_os = "linux")]
                started.send(common::thread_id()).unwrap();
                #[cfg(not(target_os = "linux"))]
                started.send(0).unwrap();
                (call(), Instant::now())
            });
            (name, thread)
        })
        .collect();
    for _ in &threads {
        let _thread: i32 = asleep.recv().unwrap();
        #[cfg(target_os = "linux")]
        common::wait_until_asleep(_thread);
    }
    let start = Instant::now();
    context.shutdown().unwrap();
    let ends = threads.into_iter().map(|(name, thread)| {
        let (error, end) = thread.join().unwrap();
        let operation = name.split('_').next().unwrap();
        assert_error(error, ErrorKind::Terminated, ETERM, &[operation]);
        end.duration_since(start)
    });
    ends.max().unwrap()
}

/// Conformance: G-3.
#[test]
fn shutdown_ends_every_blocked_call_at_once() {
    assert_takes_less(Duration::from_millis(100), || must_end(time_to_end_all));
}

/// Conformance: G-3.
#[test]
fn after_shutdown_a_socket_can_only_be_closed() {
    must_end(|| {
        let context = Context::new().unwrap();
        let socket = context.socket(Dealer).unwrap();
        context.shutdown().unwrap();
        // The socket learns of it in its first call that does more than read an option.
        assert_error(socket.recv().unwrap_err(), ErrorKind::Terminated, ETERM, &["recv"]);
        for (error, operation) in [
            (socket.linger().unwrap_err(), "get linger"),
            (socket.set_linger(Duration::ZERO).unwrap_err(), "set linger"),
            (socket.events().unwrap_err(), "get events"),
            (socket.has_more().unwrap_err(), "get has_more"),
            (socket.last_endpoint().unwrap_err(), "get last_endpoint"),
            (socket.set_routing_id("A").unwrap_err(), "set routing_id"),
            (socket.recv_timeout().unwrap_err(), "get recv_timeout"),
            (socket.set_recv_timeout(None).unwrap_err(), "set recv_timeout"),
            (socket.unbind("inproc://a").unwrap_err(), "unbind"),
            (socket.disconnect("inproc://a").unwrap_err(), "disconnect"),
        ] {
            assert_error(error, ErrorKind::Terminated, ETERM, &[operation]);
        }
        assert_eq!(context.max_sockets().unwrap(), 1023, "the context's own options are still there");
        let error = socket.close(Duration::ZERO).unwrap_err();
        assert_error(error, ErrorKind::Terminated, ETERM, &["set linger"]);
        // The context was terminated. Otherwise this call would wait forever.
        drop(context);
    });
}

#[test]
fn a_socket_moves_from_thread_to_thread() {
    let context = context();
    let server = socket(&context, Rep);
    let endpoint = server.bind("tcp://127.0.0.1:*").unwrap();
    let mut client = thread::scope(|threads| {
        let made = threads.spawn(|| {
            let client = socket(&context, Req);
            client.connect(&endpoint).unwrap();
            client
        });
        made.join().unwrap()
    });
    let mut server = server;
    for _ in 0..20 {
        (server, client) = thread::spawn(move || {
            bounce(&client, &server);
            (server, client)
        })
        .join()
        .unwrap();
    }
}

#[test]
fn a_message_is_read_and_dropped_in_another_thread() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    for len in [1, 100, 100_000] {
        right.send(vec![7; len]).unwrap();
        let message = left.recv().unwrap();
        let thread = thread::spawn(move || message.iter().all(|&byte| byte == 7) && message.len() == len);
        assert!(thread.join().unwrap());
    }
}

#[test]
fn a_context_may_be_used_by_many_threads_at_once() {
    let context = context();
    thread::scope(|threads| {
        for thread in 0..16 {
            let context = &context;
            threads.spawn(move || {
                for round in 0..10 {
                    let endpoint = format!("inproc://{thread}/{round}");
                    let (server, client) = (socket(context, Rep), socket(context, Req));
                    server.bind(&endpoint).unwrap();
                    client.connect(&endpoint).unwrap();
                    bounce(&client, &server);
                }
            });
        }
    });
}

/// Two threads and a PAIR, as tutorials use them to signal from one thread to another.
#[test]
fn threads_can_signal_each_other_over_inproc() {
    let context = context();
    let step3 = socket(&context, Pair);
    step3.bind("inproc://step3").unwrap();
    let inner = context.clone();
    let step2 = thread::spawn(move || {
        let receiver = socket(&inner, Pair);
        receiver.bind("inproc://step2").unwrap();
        let innermost = inner.clone();
        let step1 = thread::spawn(move || {
            let sender = socket(&innermost, Pair);
            sender.connect("inproc://step2").unwrap();
            sender.send("READY").unwrap();
        });
        assert_eq!(receiver.recv().unwrap(), "READY");
        let sender = socket(&inner, Pair);
        sender.connect("inproc://step3").unwrap();
        sender.send("READY").unwrap();
        step1.join().unwrap();
    });
    assert_eq!(step3.recv().unwrap(), "READY");
    step2.join().unwrap();
}

#[test]
fn shutdown_may_be_called_in_any_thread_and_often() {
    for _ in 0..10 {
        must_end(|| {
            let context = Context::new().unwrap();
            let publisher = context.socket(XPub).unwrap();
            let thread = thread::spawn(move || publisher.recv().unwrap_err().kind());
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| context.shutdown().unwrap());
                }
            });
            assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
        });
    }
}
