//! Monitors: the events of connections, in tasks.

use std::time::Duration;

use zmq::monitor::{Event, EventKind, Events};
use zmq::{Context, ErrorKind, Pull, Push};

use super::{Reactor, in_each_runtime, monitored, registered, runtimes, spawn, timeout, yield_now};
use crate::common::{TCP, context, socket};

type Monitor = zmq::aio::Monitor<Reactor>;

/// A socket that is monitored.
fn server(context: &Context) -> (zmq::Socket<Pull>, Monitor) {
    let server = socket(context, Pull);
    let monitor = server.monitor(Events::ALL).unwrap();
    (server, monitored(monitor))
}

/// The stages of the connections to a server, each with its number.
fn stage(event: &Event) -> Option<u8> {
    Some(match event.kind() {
        EventKind::Listening { .. } => 0,
        EventKind::Accepted { .. } => 1,
        EventKind::HandshakeSucceeded => 2,
        EventKind::Disconnected { .. } => 3,
        EventKind::MonitorStopped => 4,
        _ => return None,
    })
}

#[test]
fn a_connection_is_seen_from_its_begin_to_its_end() {
    in_each_runtime(|| async {
        let context = context();
        let (server, mut monitor) = server(&context);
        let endpoint = server.bind(TCP).unwrap();
        let client = socket(&context, Push);
        client.connect(&endpoint).unwrap();
        let (mut server, mut client) = (registered(server), registered(client));
        client.send("Hello").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), "Hello");
        drop(client);
        let mut stages = Vec::new();
        while stages.last() != Some(&3) {
            stages.extend(stage(&monitor.recv().await.unwrap()));
        }
        assert_eq!(stages, [0, 1, 2, 3]);
        // The task waits when the socket is closed.
        let watching = spawn(async move {
            let mut stages = Vec::new();
            loop {
                match monitor.recv().await {
                    Ok(event) => stages.extend(stage(&event)),
                    Err(error) => break (stages, error.kind(), monitor),
                }
            }
        });
        yield_now().await;
        drop(server);
        let (stages, kind, mut monitor) = watching.await;
        assert_eq!((stages, kind), (vec![4], ErrorKind::NotConnected));
        // The end stays the end.
        assert_eq!(monitor.recv().await.unwrap_err().kind(), ErrorKind::NotConnected);
    });
}

/// Calls that are dropped lose no event.
#[test]
fn a_dropped_call_loses_no_event() {
    const PEERS: usize = 50;
    in_each_runtime(|| async {
        let context = context();
        let (server, mut monitor) = server(&context);
        let endpoint = server.bind(TCP).unwrap();
        let watching = spawn(async move {
            let mut stages = [0; 5];
            loop {
                // Gives up at once, after a poll or two, or after some time.
                let event = match (stages.iter().sum::<usize>()) % 3 {
                    0 => timeout(Duration::from_micros(50), monitor.recv()).await,
                    1 => crate::poll_times(1, monitor.recv()).await,
                    _ => crate::poll_times(2, monitor.recv()).await,
                };
                match event {
                    None => yield_now().await,
                    Some(Ok(event)) => stages[usize::from(stage(&event).unwrap_or(0))] += 1,
                    Some(Err(error)) => break (stages, error.kind()),
                }
            }
        });
        let mut server = registered(server);
        for number in 0..PEERS {
            let client = socket(&context, Push);
            client.connect(&endpoint).unwrap();
            let mut client = registered(client);
            client.send(number.to_string()).await.unwrap();
            assert_eq!(server.recv().await.unwrap(), number.to_string());
        }
        drop(server);
        let (stages, kind) = watching.await;
        assert_eq!(kind, ErrorKind::NotConnected);
        assert_eq!((stages[1], stages[2], stages[4]), (PEERS, PEERS, 1));
    });
}

#[test]
fn shutdown_ends_a_monitor_that_waits() {
    in_each_runtime(|| async {
        let context = context();
        let (_server, mut monitor) = server(&context);
        let watching = spawn(async move { monitor.recv().await });
        yield_now().await;
        context.shutdown().unwrap();
        assert_eq!(watching.await.unwrap_err().kind(), ErrorKind::Terminated);
    });
}

/// The socket is gone, and the monitor has the last share of the context.
#[test]
fn a_monitor_can_be_the_last_owner_of_its_context() {
    for is_read in [true, false] {
        in_each_runtime(move || async move {
            let context = Context::new().unwrap();
            let (server, mut monitor) = server(&context);
            server.bind(TCP).unwrap();
            drop((server, context));
            if is_read {
                while monitor.recv().await.is_ok() {}
            }
            drop(monitor);
        });
    }
}

#[test]
fn a_monitor_becomes_a_blocking_one_again() {
    let [runtime, other] = runtimes();
    let context = context();
    let (server, monitor) = runtime.block_on(async { server(&context) });
    let endpoint = server.bind(TCP).unwrap();
    let monitor = monitor.into_inner();
    let mut kinds = vec![stage(&monitor.recv().unwrap())];
    drop(runtime);
    let mut monitor = other.block_on(async { monitored(monitor) });
    server.unbind(&endpoint).unwrap();
    drop(server);
    other.block_on(async {
        while let Ok(event) = monitor.recv().await {
            kinds.push(stage(&event));
        }
    });
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), (Some(0), Some(4)));
}

#[cfg(feature = "futures")]
#[test]
fn a_stream_of_events_ends_with_the_socket() {
    use futures::stream::FusedStream;
    use futures::{StreamExt, TryStreamExt};

    in_each_runtime(|| async {
        let context = context();
        let (socket, mut monitor) = server(&context);
        socket.bind(TCP).unwrap();
        let first = monitor.stream().next().await.unwrap().unwrap();
        assert_eq!(stage(&first), Some(0));
        // A stream that is dropped while it waits, and its future, lose no event.
        assert!(timeout(Duration::from_millis(10), monitor.stream().next()).await.is_none());
        let mut events = monitor.into_stream();
        assert!(timeout(Duration::from_millis(10), events.next()).await.is_none());
        assert!(!events.is_terminated());
        drop(socket);
        let mut last = None;
        while let Some(event) = events.try_next().await.unwrap() {
            last = stage(&event);
        }
        assert_eq!(last, Some(4));
        assert!(events.is_terminated());
        assert!(events.next().await.is_none());
        let mut monitor = events.into_inner();
        assert!(monitor.stream().next().await.is_none());

        let (_socket, monitor) = server(&context);
        let mut events = monitor.into_stream();
        context.shutdown().unwrap();
        assert!(events.next().await.is_none());
    });
}
