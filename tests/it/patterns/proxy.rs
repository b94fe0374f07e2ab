//! Proxies: what they forward, copy and count, and how they are controlled and end.

use crate::common;

use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use common::{LIMIT, MOMENT, TCP, assert_empty, bound, connected, context, eventually, socket, texts};
use zmq::capability::Kind;
use zmq::proxy::{Handle, Proxy, Statistics, Traffic, Undelivered};
use zmq::{
    Any, Context, Dealer, Endpoint, ErrorKind, Message, Multipart, Pub, Pull, Push, Rep, Req, Result, Router,
    Socket, SocketKind, Sub, XPub,
};

/// A PULL and a PUSH with room for few messages, and their endpoints.
fn streamer(context: &Context, hwm: u32) -> (Socket<Pull>, Socket<Push>, Endpoint, Endpoint) {
    let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
    frontend.set_recv_hwm(hwm).unwrap();
    backend.set_send_hwm(hwm).unwrap();
    let from = frontend.bind("inproc://frontend").unwrap();
    let to = backend.bind("inproc://backend").unwrap();
    (frontend, backend, from, to)
}

fn source(context: &Context, endpoint: &Endpoint, hwm: u32) -> Socket<Push> {
    let source = socket(context, Push);
    source.set_send_hwm(hwm).unwrap();
    source.connect(endpoint).unwrap();
    source
}

/// Runs a proxy with a handle.
fn steered(
    frontend: Socket<impl Kind>,
    backend: Socket<impl Kind>,
) -> (Handle, JoinHandle<Result<Undelivered>>) {
    let handle = Handle::new();
    let control = handle.clone();
    let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).control(&control).run());
    (handle, proxy)
}

/// Waits for a proxy to end, and returns its result.
#[track_caller]
fn end<T>(proxy: JoinHandle<Result<T>>) -> Result<T> {
    eventually("the proxy has ended", || proxy.is_finished().then_some(()));
    proxy.join().unwrap()
}

#[track_caller]
fn assert_terminated<T: std::fmt::Debug>(proxy: JoinHandle<Result<T>>) {
    let error = end(proxy).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated, "{error}");
    assert!(error.to_string().starts_with("proxy"), "{error}");
}

/// Conformance: PX-1.
#[test]
fn a_queue_forwards_requests_and_replies() {
    for transport in ["inproc", "tcp"] {
        let context = context();
        let endpoint =
            |name: &str| if transport == "tcp" { TCP.to_owned() } else { format!("inproc://{name}") };
        let (frontend, clients) = bound(&context, Router, &endpoint("clients"));
        let (backend, workers) = bound(&context, Dealer, &endpoint("workers"));
        let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));

        let servers: Vec<_> = (0..5)
            .map(|_| {
                let worker = connected(&context, Dealer, &workers);
                thread::spawn(move || {
                    let mut served = 0;
                    while let Ok(request) = worker.recv_multipart() {
                        assert_eq!(request.len(), 3, "the client's id, an empty frame and the request");
                        worker.send_multipart(request).unwrap();
                        served += 1;
                    }
                    served
                })
            })
            .collect();
        let askers: Vec<_> = (0..3)
            .map(|client| {
                let socket = connected(&context, Dealer, &clients);
                thread::spawn(move || {
                    for number in 0..300 {
                        let text = format!("{client}:{number}");
                        socket.send_multipart(["", &text]).unwrap();
                        if number >= 20 {
                            let [empty, reply] = socket.recv_multipart().unwrap().try_into().unwrap();
                            assert!(empty.is_empty());
                            assert!(reply.starts_with(format!("{client}:").as_bytes()), "{reply:?}");
                        }
                    }
                    for _ in 0..20 {
                        assert_eq!(socket.recv_multipart().unwrap().len(), 2);
                    }
                    assert_empty(&socket);
                })
            })
            .collect();
        askers.into_iter().for_each(|client| client.join().unwrap());
        context.shutdown().unwrap();
        assert_eq!(servers.into_iter().map(|worker| worker.join().unwrap()).sum::<u32>(), 900);
        assert_terminated(proxy);
    }
}

/// Conformance: PX-2.
#[test]
fn one_socket_for_both_sides_returns_its_messages() {
    let context = context();
    let (echo, endpoint) = bound(&context, Rep, "inproc://echo");
    let proxy = thread::spawn(move || zmq::proxy(&echo, &echo));
    let client = connected(&context, Req, endpoint);
    for text in ["msg1", "msg22", ""] {
        client.send(text).unwrap();
        assert_eq!(client.recv().unwrap(), text);
    }
    client.send_multipart(["two", "parts"]).unwrap();
    assert_eq!(client.recv_multipart().unwrap(), ["two", "parts"]);
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

/// Conformance: PX-3.
#[test]
fn a_shutdown_ends_a_proxy_that_cannot_pass_its_messages_on() {
    for steerable in [false, true] {
        let context = context();
        let frontend = socket(&context, Sub);
        frontend.subscribe("").unwrap();
        frontend.bind("inproc://frontend").unwrap();
        let (backend, _) = bound(&context, Push, "inproc://backend");
        let handle = Handle::new();
        let proxy = thread::spawn(move || {
            if steerable {
                Proxy::new(&frontend, &backend).control(&handle).run().map(drop)
            } else {
                zmq::proxy(&frontend, &backend)
            }
        });
        let publisher = connected(&context, XPub, "inproc://frontend");
        assert_eq!(publisher.recv().unwrap(), [1]);
        for _ in 0..3 {
            publisher.send("This is a test").unwrap();
        }
        context.shutdown().unwrap();
        assert_terminated(proxy);
    }
}

/// Conformance: PX-4.
#[test]
fn high_water_marks_slow_the_publisher_down() {
    let context = context();
    let low = |socket: &Socket<Any>| {
        socket.set_send_hwm(10).unwrap();
        socket.set_recv_hwm(10).unwrap();
    };
    let make = |kind| {
        let socket = socket(&context, Any(kind));
        low(&socket);
        if kind == SocketKind::XPub {
            socket.set_xpub_nodrop(true).unwrap();
        }
        socket
    };
    let (publisher, frontend) = (make(SocketKind::XPub), make(SocketKind::XSub));
    let (backend, subscriber) = (make(SocketKind::XPub), make(SocketKind::Sub));
    frontend.bind("inproc://frontend").unwrap();
    backend.bind("inproc://backend").unwrap();
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));
    subscriber.subscribe("").unwrap();
    subscriber.connect("inproc://backend").unwrap();
    publisher.connect("inproc://frontend").unwrap();
    assert_eq!(publisher.recv().unwrap(), [1]);

    // Nobody receives, until all queues are full.
    publisher.set_send_timeout(Duration::from_millis(200)).unwrap();
    let message = Message::from(vec![b'x'; 50_000]);
    let mut sent = 0;
    while publisher.send(&message).is_ok() {
        sent += 1;
        assert!(sent <= 50, "the publisher was not slowed down");
    }
    assert!((20..=42).contains(&sent), "{sent} messages were sent without waiting");
    for _ in 0..sent {
        assert_eq!(subscriber.recv().unwrap().len(), 50_000);
    }
    assert_empty(&subscriber);
    // The proxy continues.
    publisher.send("more").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "more");
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

fn traffic(received: (u64, u64), sent: (u64, u64)) -> Traffic {
    let mut traffic = Traffic::default();
    (traffic.messages_received, traffic.bytes_received) = received;
    (traffic.messages_sent, traffic.bytes_sent) = sent;
    traffic
}

/// Conformance: PX-5.
#[test]
fn commands_over_a_socket_steer_a_proxy() {
    let context = context();
    let (frontend, clients) = bound(&context, Router, "inproc://clients");
    let (backend, workers) = bound(&context, Dealer, "inproc://workers");
    // In another context, as in libzmq's own test.
    let steering = common::context();
    let (control, orders) = bound(&steering, Rep, "inproc://control");
    let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).control_socket(&control).run());
    let orders = connected(&steering, Req, orders);
    let order = |command: &str| {
        orders.send(command).unwrap();
        orders.recv_multipart().unwrap()
    };
    let statistics = || Statistics::try_from(order("STATISTICS")).unwrap();

    assert_eq!(statistics(), Statistics::default());
    let (client, worker) = (connected(&context, Dealer, clients), connected(&context, Dealer, workers));
    client.set_recv_timeout(MOMENT).unwrap();
    let echo = || {
        let request = worker.recv_multipart()?;
        worker.send_multipart(request).map_err(zmq::Error::from)
    };
    client.send_multipart(["", "Hello"]).unwrap();
    echo().unwrap();
    eventually("the reply arrives", || client.recv_multipart().ok());
    let counted = statistics();
    // Each part counts. The ROUTER adds 5 bytes in front, and removes them again.
    assert_eq!(counted.frontend, traffic((3, 10), (3, 10)));
    assert_eq!(counted.backend, traffic((3, 10), (3, 10)));

    assert_eq!(order("PAUSE"), [""]);
    client.send_multipart(["", "waits"]).unwrap();
    assert_eq!(client.recv_multipart().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_empty(&worker);
    assert_eq!(statistics(), counted);
    // Text that is not a command has no effect.
    for command in ["", "pause", "RESUME ", "\x05PAUSE", "resumes", "?????"] {
        assert_eq!(order(command), [""], "{command:?}");
        assert_empty(&worker);
    }
    assert_eq!(order("RESUME"), [""]);
    echo().unwrap();
    eventually("the reply arrives", || client.recv_multipart().ok());
    assert_eq!(statistics().frontend.messages_sent, 6);

    assert_eq!(order("TERMINATE"), [""]);
    assert!(end(proxy).unwrap().is_empty());
}

#[test]
fn control_sockets_may_have_other_types() {
    for kind in [SocketKind::Pair, SocketKind::Router, SocketKind::Pull, SocketKind::Sub] {
        let context = context();
        let (frontend, backend, ..) = streamer(&context, 10);
        let control = socket(&context, Any(kind));
        let peer = match kind {
            SocketKind::Pair => socket(&context, Any(SocketKind::Pair)),
            SocketKind::Router => socket(&context, Any(SocketKind::Req)),
            SocketKind::Sub => {
                control.subscribe("").unwrap();
                socket(&context, Any(SocketKind::XPub))
            }
            _ => socket(&context, Any(SocketKind::Push)),
        };
        let endpoint = control.bind(format!("inproc://control-{kind}")).unwrap();
        let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).control_socket(&control).run());
        peer.connect(endpoint).unwrap();
        if kind == SocketKind::Sub {
            assert_eq!(peer.recv().unwrap(), [1]);
        }
        for command in ["PAUSE", "STATISTICS", "TERMINATE"] {
            peer.send(command).unwrap();
            if matches!(kind, SocketKind::Pair | SocketKind::Router) {
                let frames = if command == "STATISTICS" { 8 } else { 1 };
                assert_eq!(peer.recv_multipart().unwrap().len(), frames, "{kind}");
            }
        }
        assert!(end(proxy).unwrap().is_empty());
    }
}

#[test]
fn statistics_are_eight_numbers() {
    for frames in [vec![""], vec!["12345678"; 7], vec!["1234567"; 8], vec!["12345678"; 9]] {
        let reply = Multipart::try_from(frames).unwrap();
        assert_eq!(Statistics::try_from(reply).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}

/// A message that cannot be forwarded here may go to another receiver of the source.
#[test]
fn messages_that_cannot_be_forwarded_are_not_received() {
    let context = context();
    let (frontend, backend, from, _) = streamer(&context, 1000);
    let source = source(&context, &from, 1000);
    let (handle, proxy) = steered(frontend, backend);
    source.send("for whoever comes").unwrap();
    // Time enough for the proxy to take it.
    thread::park_timeout(MOMENT);
    handle.pause().unwrap();
    assert_eq!(handle.statistics().unwrap().frontend, traffic((0, 0), (0, 0)));
    handle.terminate().unwrap();
    assert!(end(proxy).unwrap().is_empty());
}

#[test]
fn a_handle_pauses_resumes_and_ends_a_proxy() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 1000);
    let (source, sink) = (source(&context, &from, 1000), connected(&context, Pull, &to));
    let (handle, proxy) = steered(frontend, backend);
    source.send("first").unwrap();
    assert_eq!(sink.recv().unwrap(), "first");
    handle.pause().unwrap();
    for number in 0..10 {
        source.send(format!("{number}")).unwrap();
    }
    assert_eq!(sink.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    let statistics = handle.statistics().unwrap();
    assert_eq!(statistics.frontend, traffic((1, 5), (0, 0)));
    assert_eq!(statistics.backend, traffic((0, 0), (1, 5)));
    handle.resume().unwrap();
    for number in 0..10 {
        assert_eq!(sink.recv().unwrap(), format!("{number}"));
    }
    handle.terminate().unwrap();
    assert!(end(proxy).unwrap().is_empty());
    assert_eq!(handle.statistics().unwrap().backend, traffic((0, 0), (11, 15)));
    // All these orders come too late, and none of them waits.
    handle.pause().unwrap();
    handle.resume().unwrap();
    handle.terminate().unwrap();
}

#[test]
fn a_handle_may_be_used_before_the_proxy_runs() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 10);
    let (source, sink) = (source(&context, &from, 10), connected(&context, Pull, &to));
    let handle = Handle::new();
    handle.pause().unwrap();
    source.send("later").unwrap();
    let control = handle.clone();
    let (sockets, proxy) = mpsc::channel();
    let run = thread::spawn(move || {
        let undelivered = Proxy::new(&frontend, &backend).control(&control).run();
        sockets.send((frontend, backend)).unwrap();
        undelivered
    });
    assert_eq!(sink.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    handle.resume().unwrap();
    assert_eq!(sink.recv().unwrap(), "later");
    handle.terminate().unwrap();
    end(run).unwrap();
    // The end is final.
    let (frontend, backend) = proxy.recv().unwrap();
    handle.resume().unwrap();
    Proxy::new(&frontend, &backend).control(&handle).run().unwrap();
}

#[test]
fn a_dropped_handle_leaves_the_proxy_running() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 10);
    let (source, sink) = (source(&context, &from, 10), connected(&context, Pull, &to));
    let (handle, proxy) = steered(frontend, backend);
    source.send("before").unwrap();
    assert_eq!(sink.recv().unwrap(), "before");
    drop(handle);
    source.send("after").unwrap();
    assert_eq!(sink.recv().unwrap(), "after");
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

#[test]
fn a_handle_has_one_proxy_at_a_time() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 10);
    let (source, sink) = (source(&context, &from, 10), connected(&context, Pull, &to));
    let (handle, proxy) = steered(frontend, backend);
    source.send("it runs").unwrap();
    sink.recv().unwrap();
    let (one, other) = (socket(&context, Pull), socket(&context, Push));
    let error = Proxy::new(&one, &other).control(&handle).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    source.send("it still does").unwrap();
    sink.recv().unwrap();
    handle.terminate().unwrap();
    end(proxy).unwrap();
}

/// Orders from several threads at once, while messages flow.
#[test]
fn a_handle_is_shared_between_threads() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 100);
    let (source, sink) = (source(&context, &from, 100), connected(&context, Pull, &to));
    let (handle, proxy) = steered(frontend, backend);
    const COUNT: u64 = 20_000;
    let flow = thread::spawn(move || {
        for number in 0..COUNT {
            source.send(number.to_ne_bytes()).unwrap();
        }
        source
    });
    let received = thread::spawn(move || {
        for number in 0..COUNT {
            assert_eq!(sink.recv().unwrap(), number.to_ne_bytes());
        }
        sink
    });
    let steerers: Vec<_> = (0..3)
        .map(|_| {
            let handle = handle.clone();
            thread::spawn(move || {
                for _ in 0..100 {
                    handle.pause().unwrap();
                    handle.resume().unwrap();
                    let statistics = handle.statistics().unwrap();
                    let (received, sent) =
                        (statistics.frontend.messages_received, statistics.backend.messages_sent);
                    assert!(sent <= received && received <= sent + 1, "{statistics:?}");
                }
            })
        })
        .collect();
    steerers.into_iter().for_each(|steerer| steerer.join().unwrap());
    handle.resume().unwrap();
    drop(flow.join().unwrap());
    drop(received.join().unwrap());
    handle.pause().unwrap();
    assert_eq!(handle.statistics().unwrap().backend.messages_sent, COUNT);
    handle.terminate().unwrap();
    end(proxy).unwrap();
}

#[test]
fn a_proxy_can_be_ended_under_load() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 1000);
    let (source, sink) = (source(&context, &from, 1000), connected(&context, Pull, &to));
    source.set_send_timeout(None).unwrap();
    let (handle, proxy) = steered(frontend, backend);
    let flow = thread::spawn(move || {
        let mut sent = 0_u64;
        while source.send(sent.to_ne_bytes()).is_ok() {
            sent += 1;
        }
        sent
    });
    for number in 0..10_000_u64 {
        assert_eq!(sink.recv().unwrap(), number.to_ne_bytes());
    }
    // From now on, nobody receives.
    let start = Instant::now();
    handle.terminate().unwrap();
    let undelivered = end(proxy).unwrap();
    assert!(start.elapsed() < LIMIT / 10);
    // All sent messages arrive, and then the message that the proxy still held.
    let mut next = 10_000_u64;
    while let Ok(message) = sink.recv_within(MOMENT) {
        assert_eq!(message, next.to_ne_bytes());
        next += 1;
    }
    let statistics = handle.statistics().unwrap();
    assert_eq!(statistics.backend.messages_sent, next);
    match undelivered.to_backend {
        Some(message) => assert_eq!(message, [next.to_ne_bytes()]),
        None => assert_eq!(statistics.frontend.messages_received, next),
    }
    assert!(undelivered.to_frontend.is_none());
    context.shutdown().unwrap();
    assert!(flow.join().unwrap() >= next);
}

#[test]
fn a_proxy_returns_its_undelivered_messages() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 1);
    let source = source(&context, &from, 100);
    let sink = socket(&context, Pull);
    sink.set_recv_hwm(1).unwrap();
    sink.connect(&to).unwrap();
    let (handle, proxy) = steered(frontend, backend);
    // All at once, so that the room runs out while the proxy forwards.
    handle.pause().unwrap();
    for number in 0..50 {
        source.send_multipart([format!("{number}"), "body".to_owned()]).unwrap();
    }
    handle.resume().unwrap();
    // The proxy holds the message that does not fit into the queues of backend and sink.
    let statistics = eventually("the backend is full", || {
        let statistics = handle.statistics().unwrap();
        (statistics.frontend.messages_received > statistics.backend.messages_sent).then_some(statistics)
    });
    assert_eq!(statistics.frontend.messages_received, statistics.backend.messages_sent + 2);
    handle.terminate().unwrap();
    let undelivered = end(proxy).unwrap();
    assert!(!undelivered.is_empty());
    let number = statistics.backend.messages_sent / 2;
    assert_eq!(undelivered.to_backend.unwrap(), [number.to_string(), "body".to_owned()]);
    for expected in 0..number {
        assert_eq!(texts(sink.recv_multipart().unwrap()), [expected.to_string(), "body".to_owned()]);
    }
    assert_empty(&sink);
}

#[test]
fn a_paused_proxy_ends_and_notices_a_shutdown() {
    for shutdown in [false, true] {
        let context = context();
        let (frontend, backend, from, _to) = streamer(&context, 1);
        let source = source(&context, &from, 1);
        let (handle, proxy) = steered(frontend, backend);
        while source.try_send("filler").is_ok() {}
        handle.pause().unwrap();
        if shutdown {
            context.shutdown().unwrap();
            assert_terminated(proxy);
        } else {
            handle.terminate().unwrap();
            end(proxy).unwrap();
        }
    }
}

/// The control socket belongs to another context, so the proxy must notice the shutdown at sockets for which no event
/// is requested.
#[test]
fn a_shutdown_ends_a_proxy_that_was_paused_from_another_context() {
    let (context, steering) = (context(), common::context());
    let (frontend, backend, ..) = streamer(&context, 1);
    let (control, endpoint) = bound(&steering, Rep, "inproc://control");
    let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).control_socket(&control).run());
    let orders = connected(&steering, Req, endpoint);
    orders.send("PAUSE").unwrap();
    orders.recv().unwrap();
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

/// A capture socket whose queue is full, and one whose peer is gone.
#[test]
fn a_capture_socket_never_delays_messages() {
    for kind in [SocketKind::Push, SocketKind::Dealer, SocketKind::Pair, SocketKind::Pub] {
        let context = context();
        let (frontend, backend, from, to) = streamer(&context, 1000);
        let (source, sink) = (source(&context, &from, 1000), connected(&context, Pull, &to));
        let capture = socket(&context, Any(kind));
        capture.set_send_hwm(1).unwrap();
        let copies = capture.bind("inproc://capture").unwrap();
        let log = socket(&context, Any(if kind == SocketKind::Pair { kind } else { SocketKind::Dealer }));
        log.set_recv_hwm(1).unwrap();
        if kind == SocketKind::Pair || kind == SocketKind::Dealer {
            log.connect(copies).unwrap();
        }
        let handle = Handle::new();
        let control = handle.clone();
        let proxy =
            thread::spawn(move || Proxy::new(&frontend, &backend).capture(&capture).control(&control).run());
        for number in 0..500 {
            source.send_multipart([format!("{number}"), "body".to_owned()]).unwrap();
        }
        for number in 0..500 {
            assert_eq!(texts(sink.recv_multipart().unwrap()), [number.to_string(), "body".to_owned()]);
        }
        handle.pause().unwrap();
        let mut copied = 0;
        while let Ok(copy) = log.try_recv_multipart() {
            assert_eq!(texts(copy), [copied.to_string(), "body".to_owned()]);
            copied += 1;
        }
        // A PUB drops messages by itself, and reports nothing.
        let missed = if kind == SocketKind::Pub { 0 } else { 500 - copied };
        assert_eq!(handle.statistics().unwrap().uncaptured, missed, "{kind}");
        handle.terminate().unwrap();
        assert!(end(proxy).unwrap().is_empty());
    }
}

#[test]
fn a_capture_socket_gets_messages_of_both_directions() {
    let context = context();
    let (frontend, clients) = bound(&context, Router, "inproc://clients");
    let (backend, workers) = bound(&context, Dealer, "inproc://workers");
    let (capture, copies) = bound(&context, Push, "inproc://capture");
    let (client, worker) = (connected(&context, Req, clients), connected(&context, Rep, workers));
    let log = connected(&context, Pull, copies);
    let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).capture(&capture).run());
    for number in 0..3 {
        client.send(format!("request {number}")).unwrap();
        let request = worker.recv().unwrap();
        worker.send(&request).unwrap();
        assert_eq!(client.recv().unwrap(), request);
        for _ in 0..2 {
            let [_id, empty, body] = log.recv_multipart().unwrap().try_into().unwrap();
            assert!(empty.is_empty());
            assert_eq!(body, request);
        }
    }
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

/// Long and short messages, large and small parts, with little room everywhere.
#[test]
fn messages_arrive_whole_and_in_order() {
    let context = context();
    let (frontend, backend, from, to) = streamer(&context, 2);
    let sink = socket(&context, Pull);
    sink.set_recv_hwm(2).unwrap();
    sink.connect(&to).unwrap();
    let source = source(&context, &from, 2);
    let (handle, proxy) = steered(frontend, backend);
    let message = |number: usize| {
        let parts = 1 + number % 40;
        Multipart::from_frames(
            (0..parts).map(|part| vec![u8::try_from(number % 256).unwrap(); (number * part) % 3000]),
        )
        .unwrap()
    };
    let sender = thread::spawn(move || {
        for number in 0..2000 {
            source.send_multipart(message(number)).unwrap();
        }
        source
    });
    for number in 0..2000 {
        assert!(sink.recv_multipart().unwrap() == message(number), "message {number}");
    }
    drop(sender.join().unwrap());
    handle.terminate().unwrap();
    assert!(end(proxy).unwrap().is_empty());
    let statistics = handle.statistics().unwrap();
    assert_eq!(statistics.frontend.bytes_received, statistics.backend.bytes_sent);
    assert_eq!(statistics.backend.messages_sent, (0..2000).map(|number| 1 + number % 40).sum::<u64>());
}

/// One direction is blocked, and the other one continues.
#[test]
fn a_full_socket_does_not_block_the_other_direction() {
    let context = context();
    let make = |name| {
        let socket = context.socket(Dealer).unwrap();
        socket.set_send_hwm(1).unwrap();
        socket.set_recv_hwm(1).unwrap();
        let endpoint = socket.bind(name).unwrap();
        (socket, endpoint)
    };
    let (frontend, from) = make("inproc://frontend");
    let (backend, to) = make("inproc://backend");
    let (left, right) = (socket(&context, Dealer), socket(&context, Dealer));
    right.set_recv_hwm(1).unwrap();
    left.connect(from).unwrap();
    right.connect(to).unwrap();
    let (handle, proxy) = steered(frontend, backend);
    left.set_send_timeout(MOMENT).unwrap();
    while left.send("nobody reads it").is_ok() {}
    for number in 0..100 {
        right.send(format!("{number}")).unwrap();
        assert_eq!(left.recv().unwrap(), format!("{number}"));
    }
    handle.terminate().unwrap();
    assert!(end(proxy).unwrap().to_frontend.is_none());
}

/// A mandatory ROUTER reports room if any of its peers has room.
#[test]
fn a_proxy_waits_for_a_socket_that_reports_room_but_has_none() {
    let context = context();
    let frontend = context.socket(Router).unwrap();
    frontend.set_router_mandatory(true).unwrap();
    frontend.set_send_hwm(1).unwrap();
    let from = frontend.bind("inproc://frontend").unwrap();
    let (backend, to) = bound(&context, Dealer, "inproc://backend");
    let slow = socket(&context, Dealer);
    slow.set_routing_id("slow").unwrap();
    slow.set_recv_hwm(1).unwrap();
    slow.connect(&from).unwrap();
    let _idle = connected(&context, Dealer, from);
    let worker = connected(&context, Dealer, to);
    let (handle, proxy) = steered(frontend, backend);
    slow.send("known now").unwrap();
    worker.recv_multipart().unwrap();
    for number in 0..20 {
        worker.send_multipart(["slow".to_owned(), number.to_string()]).unwrap();
    }
    eventually("the proxy waits for room", || {
        let statistics = handle.statistics().unwrap();
        (statistics.backend.messages_received > statistics.frontend.messages_sent).then_some(())
    });
    // The other direction is not blocked, and orders are executed.
    slow.send("still heard").unwrap();
    assert_eq!(worker.recv_multipart().unwrap().last().unwrap(), "still heard");
    handle.pause().unwrap();
    handle.resume().unwrap();
    for number in 0..20 {
        assert_eq!(slow.recv().unwrap(), number.to_string());
    }
    handle.terminate().unwrap();
    assert!(end(proxy).unwrap().is_empty());
}

/// A direction that the socket types do not support is left out, and the other direction works.
#[test]
fn a_socket_that_cannot_send_or_receive_makes_the_proxy_one_way() {
    let context = context();
    let (frontend, from) = bound(&context, XPub, "inproc://frontend");
    let backend = socket(&context, Sub);
    backend.subscribe("").unwrap();
    let to = backend.bind("inproc://backend").unwrap();
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));
    let publisher = connected(&context, Pub, to);
    let subscriber = connected(&context, Sub, from);
    // The subscription reaches the frontend and goes no further.
    subscriber.subscribe("").unwrap();
    subscriber.set_recv_timeout(Duration::from_millis(10)).unwrap();
    eventually("a publication arrives", || {
        publisher.send("news").unwrap();
        subscriber.recv().ok()
    });
    context.shutdown().unwrap();
    assert_terminated(proxy);
}

#[test]
fn an_error_of_a_socket_ends_the_proxy() {
    let context = context();
    // A REP that receives two requests without a reply in between.
    let (frontend, from) = bound(&context, Rep, "inproc://frontend");
    let (backend, to) = bound(&context, Push, "inproc://backend");
    let _sink = connected(&context, Pull, to);
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));
    let client = connected(&context, Req, from);
    client.send("nobody replies").unwrap();
    let error = end(proxy).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
}

#[test]
fn a_handle_needs_room_for_two_sockets() {
    let context = common::context_with(Context::builder().max_sockets(3));
    let (frontend, backend, ..) = streamer(&context, 1);
    let handle = Handle::new();
    let error = Proxy::new(&frontend, &backend).control(&handle).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManySockets, "{error}");
    // The handle has no proxy, so nothing waits for one.
    handle.pause().unwrap();
}

#[test]
fn proxies_of_one_context_do_not_disturb_each_other() {
    let context = context();
    let proxies: Vec<_> = (0..4)
        .map(|number| {
            let (frontend, from) = bound(&context, Pull, &format!("inproc://from-{number}"));
            let (backend, to) = bound(&context, Push, &format!("inproc://to-{number}"));
            let (source, sink) = (connected(&context, Push, from), connected(&context, Pull, to));
            (steered(frontend, backend), source, sink)
        })
        .collect();
    for (number, (_, source, _)) in proxies.iter().enumerate() {
        source.send(format!("{number}")).unwrap();
    }
    for (number, ((handle, _), _, sink)) in proxies.iter().enumerate() {
        assert_eq!(sink.recv().unwrap(), format!("{number}"));
        handle.pause().unwrap();
        assert_eq!(handle.statistics().unwrap().backend.messages_sent, 1);
        handle.terminate().unwrap();
    }
    for ((_, proxy), ..) in proxies {
        end(proxy).unwrap();
    }
}
