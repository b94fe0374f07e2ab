//! Monitors: they report events, delay no call even if they are not read, and can end in any order.

use crate::common;

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use common::process::rounds;
use common::{
    LIMIT, MOMENT, TCP, bounce, context, eventually, free_endpoint, must_end, socket, wait_for_event,
};
use zmq::capability::Kind;
use zmq::monitor::{Bounded, EventKind, Events, ProtocolError};
use zmq::security::{Null, PlainServer};
use zmq::{
    Context, Dealer, ErrorKind, Monitor, POLLIN, Pair, PollItem, Pub, Pull, Push, Rep, Req, Socket, Stream,
    Sub,
};

/// A socket with a monitor, before it is bound or connected.
fn monitored<K: Kind>(context: &Context, kind: K) -> (Socket<K>, Monitor) {
    let socket = socket(context, kind);
    let monitor = socket.monitor(Events::ALL).unwrap();
    (socket, monitor)
}

/// The name of the event, which begins its text.
fn name(event: &zmq::monitor::Event) -> String {
    event.to_string().split(' ').next().unwrap().to_owned()
}

/// The names of the events up to the last one, which must arrive.
#[track_caller]
fn names_to_the_end(monitor: &Monitor) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        let event = monitor.recv_within(LIMIT).unwrap_or_else(|error| panic!("{error} after {names:?}"));
        names.push(name(&event));
        if matches!(event.kind(), EventKind::MonitorStopped) {
            return names;
        }
    }
}

/// The names of the next events.
#[track_caller]
fn next_names(monitor: &Monitor, count: usize) -> Vec<String> {
    (0..count).map(|_| name(&monitor.recv_within(LIMIT).unwrap())).collect()
}

/// A monitored server that many strangers can connect to at once.
fn besieged(context: &Context) -> (Socket<Pull>, Monitor, String) {
    let (server, monitor) = monitored(context, Pull);
    server.set_backlog(4000).unwrap();
    // On a slow machine, it takes long until a peer behind many others is served.
    server.set_handshake_interval(None).unwrap();
    let endpoint = server.bind(TCP).unwrap().to_string();
    (server, monitor, endpoint)
}

/// Connects to the socket and disconnects, as any stranger can.
fn knock(endpoint: &str, times: usize) {
    let address = endpoint.strip_prefix("tcp://").unwrap();
    for _ in 0..times {
        drop(TcpStream::connect(address).unwrap());
    }
}

/// The inproc endpoint of a monitor is internal, so another transport cannot be requested. Events that the monitor does
/// not support are refused.
///
/// Conformance: MO-1.
#[test]
fn events_of_another_version_are_refused() {
    let context = context();
    let socket = socket(&context, Dealer);
    let error = socket.monitor(Events::from_bits(0x1_0000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().starts_with("monitor "), "{error}");
    #[cfg(zmq_draft)]
    {
        let error = socket.monitor_pipes_stats().unwrap_err();
        let expected = if cfg!(zmq_vendored) { ErrorKind::InvalidInput } else { ErrorKind::Unsupported };
        assert_eq!(error.kind(), expected, "{error}");
    }
}

/// Conformance: MO-2.
#[test]
fn both_sides_report_the_events_of_a_connection() {
    let context = context();
    let (server, of_server) = monitored(&context, Dealer);
    let (client, of_client) = monitored(&context, Dealer);
    client.connect(server.bind(TCP).unwrap()).unwrap();
    bounce(&client, &server);
    client.close(Duration::ZERO).unwrap();
    server.close(Duration::ZERO).unwrap();

    let mut names = names_to_the_end(&of_client);
    names.retain(|name| name != "CONNECT_DELAYED");
    assert_eq!(names[..2], ["CONNECTED", "HANDSHAKE_SUCCEEDED"]);
    let ends = [&["MONITOR_STOPPED"][..], &["DISCONNECTED", "CONNECT_RETRIED", "MONITOR_STOPPED"]];
    assert!(ends.iter().any(|end| names[2..] == **end), "{names:?}");

    let names = names_to_the_end(&of_server);
    assert_eq!(names[..3], ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED"]);
    let (last, rest) = names[3..].split_last().unwrap();
    assert_eq!(last, "MONITOR_STOPPED");
    assert!(
        !rest.is_empty() && rest.iter().all(|name| name == "CLOSED" || name == "DISCONNECTED"),
        "{names:?}"
    );
    assert!(rest.iter().any(|name| name == "CLOSED"), "the listener was closed: {names:?}");
}

/// The unit tests of the decoder check the frames byte for byte. This test checks that what libzmq sends is decoded in
/// the same way.
///
/// Conformance: MO-3.
#[test]
fn events_have_an_endpoint_and_a_value() {
    let context = context();
    let (server, monitor) = monitored(&context, Rep);
    let endpoint = server.bind(TCP).unwrap();
    let listening = monitor.recv_within(LIMIT).unwrap();
    let EventKind::Listening { fd: listener } = *listening.kind() else { panic!("{listening}") };
    assert!(listener > 0);
    assert_eq!(listening.endpoint(), endpoint.as_str());
    assert_eq!((listening.local_endpoint(), listening.remote_endpoint()), (None, None));

    let other = socket(&context, Rep);
    let of_other = other.monitor(Events::BIND_FAILED).unwrap();
    let expected = if cfg!(zmq_vendored) { ErrorKind::AddrInUse } else { ErrorKind::Other };
    assert_eq!(other.bind(&endpoint).unwrap_err().kind(), expected);
    let failed = of_other.recv_within(LIMIT).unwrap();
    let EventKind::BindFailed { error } = failed.kind() else { panic!("{failed}") };
    assert_eq!(error.kind(), ErrorKind::AddrInUse);

    let (client, of_client) = monitored(&context, Req);
    client.set_reconnect_interval(Duration::from_millis(50)).unwrap();
    client.connect(free_endpoint()).unwrap();
    let retried = wait_for_event(&of_client, |kind| matches!(kind, EventKind::ConnectRetried { .. }));
    let EventKind::ConnectRetried { interval } = *retried.kind() else { panic!("{retried}") };
    assert!((50..150).contains(&interval.as_millis()), "{interval:?}");

    server.unbind(&endpoint).unwrap();
    let closed = wait_for_event(&monitor, |kind| matches!(kind, EventKind::Closed { .. }));
    assert!(matches!(closed.kind(), EventKind::Closed { fd } if *fd == listener));
}

/// Conformance: MO-4.
#[cfg(zmq_draft)]
#[test]
fn events_of_version_2_have_both_endpoints() {
    let context = context();
    for endpoint in common::transports("v2").into_iter().skip(1).chain(has_ipv6()) {
        let (server, client) = (socket(&context, Dealer), socket(&context, Dealer));
        if endpoint.contains("[::1]") {
            server.set_ipv6(true).unwrap();
            client.set_ipv6(true).unwrap();
        }
        let of_server = server.monitor_v2(Events::ALL_V2).unwrap();
        let of_client = client.monitor_v2(Events::ALL_V2).unwrap();
        let bound = server.bind(&endpoint).unwrap();
        client.connect(&bound).unwrap();
        bounce(&client, &server);

        let listening = of_server.recv_within(LIMIT).unwrap();
        assert!(matches!(listening.kind(), EventKind::Listening { .. }), "{listening}");
        assert_eq!(listening.local_endpoint(), Some(bound.as_str()));
        assert_eq!(listening.remote_endpoint(), None);
        assert_eq!(listening.endpoint(), bound.as_str());

        let connected = wait_for_event(&of_client, |kind| matches!(kind, EventKind::Connected { .. }));
        assert_eq!(connected.remote_endpoint(), Some(bound.as_str()));
        let local = connected.local_endpoint().unwrap();
        assert_ne!(local, bound.as_str());
        assert!(local.starts_with(&format!("{}://", bound.transport())), "{local}");

        drop((server, client));
        assert_eq!(names_to_the_end(&of_server).last().unwrap(), "MONITOR_STOPPED");
        assert_eq!(names_to_the_end(&of_client).last().unwrap(), "MONITOR_STOPPED");
    }
}

#[cfg(zmq_draft)]
fn has_ipv6() -> Option<String> {
    common::has_ipv6().then(|| "tcp://[::1]:*".to_owned())
}

/// The fill levels of a socket's four pipes, outbound and inbound.
#[cfg(all(zmq_draft, zmq_vendored))]
fn stats(push: &Socket<Push>, monitor: &Monitor) -> Vec<(u64, u64)> {
    push.monitor_pipes_stats().unwrap();
    let mut stats: Vec<_> = (0..4)
        .map(|_| {
            let event = eventually("the statistics have arrived", || {
                // The socket passes the answers on when it is used.
                push.events().unwrap();
                monitor.try_recv().ok()
            });
            match *event.kind() {
                EventKind::PipesStats { outbound, inbound } => (outbound, inbound),
                ref other => panic!("{other:?}"),
            }
        })
        .collect();
    stats.sort_unstable();
    stats
}

/// Conformance: MO-5.
#[cfg(all(zmq_draft, zmq_vendored))]
#[test]
fn pipes_report_their_fill_levels() {
    let context = context();
    let push = socket(&context, Push);
    let monitor = push.monitor_v2(Events::PIPES_STATS).unwrap();
    push.set_send_hwm(500).unwrap();
    let endpoint = push.bind(TCP).unwrap();
    assert_eq!(push.monitor_pipes_stats().unwrap_err().kind(), ErrorKind::WouldBlock);

    let pulls: Vec<_> = (0..4)
        .map(|_| {
            let pull = socket(&context, Pull);
            pull.set_recv_hwm(1).unwrap();
            pull.connect(&endpoint).unwrap();
            pull
        })
        .collect();
    common::meet_all(&push, &pulls);
    // Until the system's buffers are full too. The clones share their bytes.
    let filler = zmq::Message::from(vec![0; 1 << 18]);
    eventually("all pipes are full", || {
        while push.try_send(filler.clone()).is_ok() {}
        (stats(&push, &monitor) == [(500, 0); 4]).then_some(())
    });
    eventually("one pipe is empty", || {
        while pulls[0].try_recv().is_ok() {}
        (stats(&push, &monitor) == [(0, 0), (500, 0), (500, 0), (500, 0)]).then_some(())
    });
    assert_eq!(monitor.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: MO-6.
#[test]
fn a_silent_peer_is_disconnected() {
    let context = context();
    let (server, monitor) = monitored(&context, Dealer);
    server.set_handshake_interval(Duration::from_millis(100)).unwrap();
    let endpoint = server.bind(TCP).unwrap();
    let silent = socket(&context, Stream);
    silent.connect(&endpoint).unwrap();
    wait_for_event(&monitor, |kind| matches!(kind, EventKind::Accepted { .. }));
    let failed = monitor.recv_within(LIMIT).unwrap();
    assert!(matches!(failed.kind(), EventKind::HandshakeFailedNoDetail { .. }), "{failed}");
    assert_eq!(next_names(&monitor, 1), ["DISCONNECTED"]);

    let silent = socket(&context, Stream);
    let endpoint = silent.bind(TCP).unwrap();
    let (client, monitor) = monitored(&context, Dealer);
    client.set_handshake_interval(Duration::from_millis(100)).unwrap();
    client.connect(&endpoint).unwrap();
    wait_for_event(&monitor, |kind| matches!(kind, EventKind::Connected { .. }));
    wait_for_event(&monitor, |kind| matches!(kind, EventKind::Disconnected { .. }));
}

/// A SUB that is connected to a PUB, and the events of its monitor so far.
fn subscriber(context: &Context, interval: Duration) -> (Socket<Pub>, Socket<Sub>, Monitor, String) {
    let publisher = socket(context, Pub);
    let endpoint = publisher.bind(TCP).unwrap().to_string();
    let (subscriber, monitor) = monitored(context, Sub);
    subscriber.set_reconnect_interval(interval).unwrap();
    subscriber.connect(&endpoint).unwrap();
    assert_eq!(next_names(&monitor, 3), ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_SUCCEEDED"]);
    (publisher, subscriber, monitor, endpoint)
}

/// Conformance: RC-5.
#[test]
fn a_long_reconnect_interval_is_waited_for() {
    let context = context();
    let (publisher, _subscriber, monitor, _) = subscriber(&context, Duration::from_secs(60));
    drop(publisher);
    assert_eq!(next_names(&monitor, 1), ["DISCONNECTED"]);
    let retried = monitor.recv_within(LIMIT).unwrap();
    let EventKind::ConnectRetried { interval } = *retried.kind() else { panic!("{retried}") };
    assert!(interval >= Duration::from_secs(60), "{interval:?}");
    let silence = monitor.recv_within(Duration::from_secs(2));
    assert_eq!(silence.unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: RC-6.
#[test]
fn the_peer_is_found_again_after_the_interval() {
    let context = context();
    let (publisher, _subscriber, monitor, endpoint) = subscriber(&context, Duration::from_secs(1));
    drop(publisher);
    assert_eq!(next_names(&monitor, 2), ["DISCONNECTED", "CONNECT_RETRIED"]);
    let publisher = socket(&context, Pub);
    eventually("the port is free again", || publisher.bind(&endpoint).ok());
    assert_eq!(next_names(&monitor, 3), ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_SUCCEEDED"]);
    assert_eq!(monitor.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Conformance: RC-7.
#[cfg(zmq_draft)]
#[test]
fn reconnecting_can_be_stopped() {
    let context = context();
    let publisher = socket(&context, Pub);
    let endpoint = publisher.bind(TCP).unwrap();
    let (subscriber, monitor) = monitored(&context, Sub);
    subscriber.set_reconnect_stop(zmq::option::ReconnectStop::CONNECTION_REFUSED).unwrap();
    subscriber.connect(&endpoint).unwrap();
    assert_eq!(next_names(&monitor, 3), ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_SUCCEEDED"]);
    drop(publisher);
    assert_eq!(next_names(&monitor, 4), ["DISCONNECTED", "CONNECT_RETRIED", "CONNECT_DELAYED", "CLOSED"]);
    assert_eq!(monitor.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);

    let silent = socket(&context, Stream);
    let endpoint = silent.bind(TCP).unwrap();
    let (subscriber, monitor) = monitored(&context, Sub);
    subscriber.set_reconnect_stop(zmq::option::ReconnectStop::HANDSHAKE_FAILED).unwrap();
    subscriber.set_handshake_interval(Duration::from_millis(200)).unwrap();
    subscriber.connect(&endpoint).unwrap();
    let expected = ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_FAILED_NO_DETAIL", "DISCONNECTED"];
    assert_eq!(next_names(&monitor, 4), expected);
    assert_eq!(monitor.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_mechanism_that_the_peer_does_not_use_has_a_name() {
    let context = context();
    let (server, monitor) = monitored(&context, Dealer);
    server.set_security(PlainServer::new()).unwrap();
    let client = socket(&context, Dealer);
    client.connect(server.bind(TCP).unwrap()).unwrap();
    let failed = wait_for_event(&monitor, |kind| matches!(kind, EventKind::HandshakeFailedProtocol { .. }));
    let EventKind::HandshakeFailedProtocol { error } = *failed.kind() else { panic!("{failed}") };
    assert_eq!(error, ProtocolError::ZMTP_MECHANISM_MISMATCH);
}

#[test]
fn a_peer_that_the_handler_refuses_has_its_status() {
    let context = context();
    let handler = socket(&context, Rep);
    handler.bind("inproc://zeromq.zap.01").unwrap();
    let (server, monitor) = monitored(&context, Dealer);
    server.set_security(Null::new().zap_domain("test")).unwrap();
    let client = socket(&context, Dealer);
    client.connect(server.bind(TCP).unwrap()).unwrap();
    let request = handler.recv_multipart().unwrap();
    handler.send_multipart([&b"1.0"[..], &request[1][..], b"400", b"no", b"", b""]).unwrap();
    let failed = wait_for_event(&monitor, |kind| matches!(kind, EventKind::HandshakeFailedAuth { .. }));
    assert!(matches!(failed.kind(), EventKind::HandshakeFailedAuth { status: 400 }), "{failed}");
}

#[test]
fn only_requested_events_are_reported() {
    let context = context();
    let server = socket(&context, Pull);
    let monitor = server.monitor(Events::ACCEPTED).unwrap();
    let endpoint = server.bind(TCP).unwrap();
    knock(endpoint.as_str(), 1);
    assert_eq!(next_names(&monitor, 1), ["ACCEPTED"]);
    drop(server);
    assert_eq!(names_to_the_end(&monitor), ["MONITOR_STOPPED"]);
}

#[test]
fn after_the_last_event_a_receive_fails() {
    let context = context();
    let (server, monitor) = monitored(&context, Pull);
    drop(server);
    assert_eq!(names_to_the_end(&monitor), ["MONITOR_STOPPED"]);
    for result in [monitor.recv(), monitor.try_recv(), monitor.recv_within(LIMIT)] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConnected);
        assert_eq!(error.to_string(), "recv: the monitor has stopped");
    }
    assert_eq!(monitor.iter().count(), 0);
    assert_eq!(monitor.bounded(1).unwrap_err().kind(), ErrorKind::NotConnected);
}

#[test]
fn a_monitor_can_be_polled_with_sockets_and_descriptors() {
    let context = context();
    let (server, monitor) = monitored(&context, Pull);
    let mut items = [PollItem::from_monitor(&monitor), PollItem::new(&server, POLLIN)];
    assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);
    let endpoint = server.bind(TCP).unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_readable());
    assert_eq!(name(&monitor.try_recv().unwrap()), "LISTENING");
    assert_eq!(monitor.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    #[cfg(unix)]
    let mut items = [PollItem::from_fd(std::os::fd::AsFd::as_fd(&monitor), POLLIN)];
    #[cfg(windows)]
    let mut items = [PollItem::from_socket(std::os::windows::io::AsSocket::as_socket(&monitor), POLLIN)];
    knock(endpoint.as_str(), 1);
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    wait_for_event(&monitor, |kind| matches!(kind, EventKind::Accepted { .. }));
}

/// libzmq's own limit would block the I/O thread after 2000 events.
#[test]
fn an_unread_monitor_blocks_no_call() {
    let context = context();
    let (server, monitor, endpoint) = besieged(&context);
    knock(&endpoint, 1500);
    let client = socket(&context, Push);
    client.set_handshake_interval(None).unwrap();
    client.connect(&endpoint).unwrap();
    client.send("still alive").unwrap();
    assert_eq!(server.recv().unwrap(), "still alive");
    client.close(Duration::ZERO).unwrap();
    drop(server);
    let names = names_to_the_end(&monitor);
    assert!(names.len() > 3000, "{}", names.len());
    assert_eq!(names.iter().filter(|name| *name == "ACCEPTED").count(), 1501);
}

#[test]
fn a_bounded_monitor_keeps_the_latest_events_and_counts_the_others() {
    let context = context();
    let (server, monitor, endpoint) = besieged(&context);
    assert_eq!(next_names(&monitor, 1), ["LISTENING"]);
    let history = monitor.bounded(10).unwrap();
    knock(&endpoint, 1000);
    // Three events each, of which ten are kept.
    eventually("all events have arrived", || (history.lost() >= 2990).then_some(()));
    assert_eq!(history.lost(), 2990);
    drop(server);
    let names: Vec<_> = history.iter().map(|event| name(&event.unwrap())).collect();
    assert!(names.ends_with(&["CLOSED".to_owned(), "MONITOR_STOPPED".to_owned()]), "{names:?}");
    assert!((2..=12).contains(&names.len()), "{names:?}");
    let error = history.recv_within(LIMIT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected);
    assert_eq!(history.recv().unwrap_err().kind(), ErrorKind::NotConnected);
}

#[test]
fn a_bounded_monitor_waits_and_gives_up() {
    let context = context();
    let (server, monitor) = monitored(&context, Pull);
    assert_eq!(server.monitor(Events::ALL).unwrap().bounded(0).unwrap_err().kind(), ErrorKind::InvalidInput);
    drop(monitor);
    let history = server.monitor(Events::ALL).unwrap().bounded(100).unwrap();
    assert_eq!(history.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    let start = Instant::now();
    assert_eq!(history.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= MOMENT);
    thread::scope(|threads| {
        let waiting = threads.spawn(|| name(&history.recv().unwrap()));
        server.bind(TCP).unwrap();
        assert_eq!(waiting.join().unwrap(), "LISTENING");
    });
    assert_eq!(history.lost(), 0);
    context.shutdown().unwrap();
    let end = history.iter().last().unwrap().unwrap_err();
    assert_eq!(end.kind(), ErrorKind::Terminated);
}

#[test]
fn a_new_monitor_replaces_the_previous_one() {
    let context = context();
    let (server, first) = monitored(&context, Pull);
    let second = server.monitor(Events::ALL).unwrap();
    assert_eq!(names_to_the_end(&first), ["MONITOR_STOPPED"]);
    drop(first);
    server.bind(TCP).unwrap();
    assert_eq!(next_names(&second, 1), ["LISTENING"]);
    server.stop_monitor().unwrap();
    assert_eq!(names_to_the_end(&second), ["MONITOR_STOPPED"]);
    server.stop_monitor().unwrap();
    let third = server.monitor(Events::ALL).unwrap();
    drop(second);
    server.bind(TCP).unwrap();
    assert_eq!(next_names(&third, 1), ["LISTENING"]);
}

/// Repeated many times, so that the next call meets each moment of the drop in the other thread.
#[test]
fn a_monitor_may_be_dropped_while_its_socket_is_used() {
    for _ in 0..rounds(50) {
        must_end(|| {
            let context = context();
            let (server, monitor) = monitored(&context, Pull);
            let endpoint = server.bind(TCP).unwrap();
            let dropping = thread::spawn(move || drop(monitor));
            for _ in 0..3 {
                let other = server.bind(TCP).unwrap();
                server.unbind(other).unwrap();
            }
            knock(endpoint.as_str(), 3);
            let client = socket(&context, Push);
            client.connect(&endpoint).unwrap();
            client.send("served").unwrap();
            assert_eq!(server.recv().unwrap(), "served");
            dropping.join().unwrap();
        });
    }
}

/// The socket makes no call that would stop the monitor.
#[test]
fn a_dropped_monitor_blocks_no_call() {
    let context = context();
    let (server, monitor, endpoint) = besieged(&context);
    knock(&endpoint, 1);
    drop(monitor);
    knock(&endpoint, 1500);
    let client = socket(&context, Push);
    client.connect(&endpoint).unwrap();
    client.send("served").unwrap();
    assert_eq!(server.recv().unwrap(), "served");
}

enum Part {
    Socket(Socket<Push>),
    Monitor(Monitor),
    Bounded(Bounded),
    Context(Context),
}

/// A monitored socket that keeps trying to connect, its monitor, and their context.
fn parts(bounded: bool, read: bool) -> Vec<Part> {
    let context = context();
    let (socket, monitor) = monitored(&context, Push);
    socket.set_linger(Duration::from_millis(20)).unwrap();
    socket.set_reconnect_interval(Duration::from_millis(1)).unwrap();
    socket.connect(free_endpoint()).unwrap();
    socket.send("to nobody").unwrap();
    if read {
        wait_for_event(&monitor, |kind| matches!(kind, EventKind::ConnectRetried { .. }));
    }
    let monitor = if bounded { Part::Bounded(monitor.bounded(3).unwrap()) } else { Part::Monitor(monitor) };
    vec![Part::Socket(socket), monitor, Part::Context(context)]
}

#[test]
fn everything_can_be_dropped_in_any_order_with_a_monitor() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (bounded, read) in [(false, false), (false, true), (true, false), (true, true)] {
        for order in orders {
            must_end(move || {
                let mut parts: Vec<_> = parts(bounded, read).into_iter().map(Some).collect();
                for index in order {
                    match parts[index].take().unwrap() {
                        Part::Socket(socket) => drop(socket),
                        Part::Monitor(monitor) => drop(monitor),
                        Part::Bounded(monitor) => drop(monitor),
                        Part::Context(context) => drop(context),
                    }
                }
            });
            for _ in 0..3 {
                must_end(move || {
                    let threads: Vec<_> = parts(bounded, read)
                        .into_iter()
                        .map(|part| thread::spawn(move || drop(part)))
                        .collect();
                    for thread in threads {
                        thread.join().unwrap();
                    }
                });
            }
        }
    }
}

/// A closed socket is monitored until it has nothing left to send. Meanwhile nobody reads the events, and no call
/// waits.
#[test]
fn a_socket_that_lingers_does_not_wait_for_a_monitor_that_is_gone() {
    must_end(|| {
        let context = Context::new().unwrap();
        let endpoint = free_endpoint();
        let (sender, monitor) = monitored(&context, Push);
        sender.set_reconnect_interval(Duration::from_millis(1)).unwrap();
        sender.connect(&endpoint).unwrap();
        sender.send("late").unwrap();
        drop(sender);
        wait_for_event(&monitor, |kind| matches!(kind, EventKind::ConnectRetried { .. }));
        drop(monitor);
        let receiver = socket(&context, Pull);
        receiver.bind(&endpoint).unwrap();
        assert_eq!(receiver.recv().unwrap(), "late");
        drop(receiver);
        drop(context);
    });
}

#[test]
fn a_thread_that_waits_for_events_ends_with_the_socket() {
    must_end(|| {
        let context = context();
        let (server, monitor) = monitored(&context, Pull);
        let reading =
            thread::spawn(move || monitor.iter().map(|event| name(&event.unwrap())).collect::<Vec<_>>());
        server.bind(TCP).unwrap();
        drop(server);
        assert_eq!(reading.join().unwrap(), ["LISTENING", "CLOSED", "MONITOR_STOPPED"]);
    });
}

#[test]
fn a_thread_that_waits_for_events_ends_with_the_context() {
    for bounded in [false, true] {
        must_end(move || {
            let context = context();
            let (server, monitor) = monitored(&context, Pull);
            let reading = thread::spawn(move || {
                let last =
                    if bounded { monitor.bounded(1).unwrap().iter().last() } else { monitor.iter().last() };
                last.unwrap().unwrap_err().kind()
            });
            context.shutdown().unwrap();
            assert_eq!(reading.join().unwrap(), ErrorKind::Terminated);
            assert_eq!(server.monitor(Events::ALL).unwrap_err().kind(), ErrorKind::Terminated);
            server.stop_monitor().unwrap();
        });
    }
}

#[test]
fn a_monitor_takes_two_sockets_of_the_context() {
    let context = common::context_with(Context::builder().max_sockets(3));
    let server = socket(&context, Pull);
    let monitor = server.monitor(Events::ALL).unwrap();
    let error = server.monitor(Events::ALL).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManySockets);
    assert!(error.to_string().starts_with("monitor"), "{error}");
    // A monitor that could not be replaced continues.
    server.bind(TCP).unwrap();
    assert_eq!(next_names(&monitor, 1), ["LISTENING"]);
    drop(monitor);
    server.stop_monitor().unwrap();
    // The places are free once the background thread has noticed.
    eventually("there is room again", || server.monitor(Events::ALL).ok());
}

#[test]
fn a_dropped_monitor_is_stopped_by_the_socket_s_next_call() {
    let calls: [fn(&Socket<Pull>); 3] = [
        |server| drop(server.bind(TCP).unwrap()),
        |server| server.connect(free_endpoint()).unwrap(),
        |server| drop(server.unbind("tcp://127.0.0.1:1").unwrap_err()),
    ];
    for call in calls {
        let context = common::context_with(Context::builder().max_sockets(3));
        let (server, monitor) = monitored(&context, Pull);
        drop(monitor);
        assert_eq!(context.socket(Pair).unwrap_err().kind(), ErrorKind::TooManySockets);
        call(&server);
        let _room = [(); 2].map(|()| eventually("there is room again", || context.socket(Pair).ok()));
    }
}

/// A socket that was closed and still sends does not need a monitor that nobody has.
#[test]
fn a_dropped_monitor_is_stopped_when_its_socket_is_closed() {
    must_end(|| {
        let context = Context::builder().max_sockets(3).build().unwrap();
        let endpoint = free_endpoint();
        let (sender, monitor) = monitored(&context, Push);
        sender.connect(&endpoint).unwrap();
        sender.send("late").unwrap();
        drop(monitor);
        drop(sender);
        let room = [(); 3].map(|()| eventually("there is room again", || context.socket(Pull).ok()));
        room[0].bind(&endpoint).unwrap();
        assert_eq!(room[0].recv().unwrap(), "late");
    });
}

#[test]
fn the_limit_of_sockets_leaves_room_for_a_connection_without_a_bind() {
    let context = common::context_with(Context::builder().max_sockets(4));
    let server = socket(&context, Pull);
    let _monitor = server.monitor(Events::ALL).unwrap();
    let client = socket(&context, Pair);
    client.connect("inproc://never-bound").unwrap();
    assert_eq!(context.socket(Pair).unwrap_err().kind(), ErrorKind::TooManySockets);
}

#[test]
fn c_code_can_take_over_a_monitored_socket() {
    must_end(|| {
        let context = context();
        let (server, monitor) = monitored(&context, Pull);
        let (abandoned, other) = monitored(&context, Pull);
        drop(other);
        let handles = [server.into_raw(), abandoned.into_raw()];
        for handle in handles {
            // SAFETY: a live socket that was given up, closed once.
            assert_eq!(unsafe { zmq::zmq_sys::zmq_close(handle) }, 0);
        }
        assert_eq!(names_to_the_end(&monitor), ["MONITOR_STOPPED"]);
    });
}

/// A stranger that does not speak ZMTP.
#[test]
fn the_handshake_of_a_stranger_fails() {
    let context = context();
    let (client, monitor) = monitored(&context, Dealer);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    client.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener.accept().unwrap());
    let failed = wait_for_event(&monitor, |kind| matches!(kind, EventKind::HandshakeFailedNoDetail { .. }));
    assert!(!failed.endpoint().is_empty());
}
