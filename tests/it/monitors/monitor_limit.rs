//! A monitor that is not read keeps a limited number of events, delays no call, and reports how many events were lost.

#![cfg(zmq_vendored)]

use crate::common;

use std::time::Duration;

use common::{LIMIT, TCP, context, must_end_within, socket};
use zmq::monitor::{EventKind, Events};
use zmq::{ErrorKind, Monitor, Pull, Socket};

/// The number of events that are kept.
const KEPT: u64 = 10_000;
const MORE: u64 = 2_345;

/// Enough time for this many calls.
const ENOUGH: Duration = Duration::from_secs(60);

/// An endpoint to which no socket can be bound, because it has no port. Each attempt is one event. libzmq asks the system
/// nothing, so thousands of attempts take little time, also under Wine.
const NO_PORT: &str = "tcp://127.0.0.1";

/// The events that the tests cause.
fn told() -> Events {
    Events::BIND_FAILED | Events::LISTENING
}

fn fail_to_bind(socket: &Socket<Pull>, times: u64) {
    for _ in 0..times {
        assert_eq!(socket.bind(NO_PORT).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

/// Reads failed binds up to another event. Returns the number of failed binds, and the other event.
fn read_failures(monitor: &Monitor) -> (u64, EventKind) {
    let mut count = 0;
    loop {
        match monitor.recv_within(LIMIT).unwrap().kind() {
            EventKind::BindFailed { .. } => count += 1,
            other => return (count, other.clone()),
        }
    }
}

fn next(monitor: &Monitor) -> EventKind {
    monitor.recv_within(LIMIT).unwrap().kind().clone()
}

/// Starts a monitor with `start`, and reads it only after events were lost and more have followed.
fn reads_late(start: impl Fn(&Socket<Pull>) -> Monitor) {
    let context = context();
    let server = socket(&context, Pull);
    let monitor = start(&server);
    for round in 0..2 {
        fail_to_bind(&server, KEPT + MORE);
        let mut kept = 0;
        while let Ok(event) = monitor.try_recv() {
            assert!(matches!(event.kind(), EventKind::BindFailed { .. }), "{event}");
            kept += 1;
        }
        // Half of the room is given back at a time.
        assert!(kept == KEPT || round > 0 && (KEPT / 2 - 3..KEPT).contains(&kept), "{kept}");
        let free = server.bind(TCP).unwrap();
        let lost = next(&monitor);
        assert!(
            matches!(lost, EventKind::EventsLost { count } if count + kept == KEPT + MORE),
            "{lost:?}, {kept} kept"
        );
        assert!(matches!(next(&monitor), EventKind::Listening { .. }));
        server.unbind(free).unwrap();
    }
    drop(server);
    assert!(matches!(next(&monitor), EventKind::MonitorStopped));
}

#[test]
fn a182_events_without_room_are_lost_and_counted() {
    must_end_within(ENOUGH, || reads_late(|socket| socket.monitor(told()).unwrap()));
}

#[cfg(zmq_draft)]
#[test]
fn a182_events_without_room_are_lost_and_counted_in_version_2() {
    must_end_within(ENOUGH, || reads_late(|socket| socket.monitor_v2(told()).unwrap()));
}

#[test]
fn a182_the_last_event_always_has_room() {
    must_end_within(ENOUGH, || {
        for stops in [true, false] {
            let context = context();
            let server = socket(&context, Pull);
            let monitor = server.monitor(told()).unwrap();
            fail_to_bind(&server, KEPT + MORE);
            if stops {
                server.stop_monitor().unwrap();
            }
            drop(server);
            let (count, lost) = read_failures(&monitor);
            assert_eq!(count, KEPT);
            assert!(matches!(lost, EventKind::EventsLost { count: MORE }), "{lost:?}");
            assert!(matches!(next(&monitor), EventKind::MonitorStopped));
        }
    });
}

#[test]
fn without_a_limit_no_event_is_lost() {
    must_end_within(ENOUGH, || {
        let context = context();
        let server = socket(&context, Pull);
        let monitor = server.monitor(told()).unwrap();
        fail_to_bind(&server, 10);
        let monitor = monitor.unbounded().unwrap();
        fail_to_bind(&server, KEPT + MORE);
        drop(server);
        let (count, end) = read_failures(&monitor);
        assert_eq!(count, KEPT + MORE + 10);
        assert!(matches!(end, EventKind::MonitorStopped), "{end:?}");
    });
}

/// Whether the monitor is read or not, the latest events are kept, and all others are counted.
#[test]
fn a_bounded_monitor_counts_events_that_libzmq_lost() {
    must_end_within(ENOUGH, || {
        let context = context();
        let server = socket(&context, Pull);
        let monitor = server.monitor(told()).unwrap();
        fail_to_bind(&server, KEPT + MORE);
        let history = monitor.bounded(10).unwrap();
        common::eventually("the reader has read the events", || (history.lost() == KEPT - 10).then_some(()));
        drop(server);
        assert!(matches!(history.iter().last().unwrap().unwrap().kind(), EventKind::MonitorStopped));
        // The last event reports the events without room, and may have replaced one more.
        let lost = history.lost() + 10 - KEPT;
        assert!((MORE..=MORE + 1).contains(&lost), "{lost}");
    });
}

/// Each event takes about 200 bytes.
#[cfg(target_os = "linux")]
#[test]
fn a182_an_unread_monitor_uses_little_memory() {
    use common::process::{in_child, memory};

    if !in_child() {
        return;
    }
    let context = context();
    let server = socket(&context, Pull);
    let monitor = server.monitor(told()).unwrap();
    fail_to_bind(&server, KEPT);
    let before = memory();
    fail_to_bind(&server, 3 * KEPT);
    let grown = memory().saturating_sub(before);
    println!("grown by {grown} bytes");
    assert!(grown < 2 << 20, "{grown} bytes");
    drop(monitor);
}
