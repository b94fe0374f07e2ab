//! `Timers` with the real clock: when they fire, and how a polling loop uses them.
//!
//! The unit tests check the order of timers, and what handlers may do, with a simulated clock.

use crate::common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use common::{context, pipeline, socket};
use zmq::{ErrorKind, POLLIN, PollItem, Poller, Pull, TimerId, Timers};

const INTERVAL: Duration = Duration::from_millis(40);

/// Waits until the next timer is due, as a loop does, and executes it.
fn next(timers: &mut Timers<'_>) -> usize {
    let poller = Poller::<()>::new();
    let Some(timeout) = timers.timeout() else { return 0 };
    assert!(poller.wait(timeout).unwrap().is_empty());
    timers.execute()
}

/// Conformance: TI-1.
#[test]
fn a_timer_fires_when_its_time_has_come_and_again() {
    let start = Instant::now();
    let calls = RefCell::new(Vec::new());
    let mut timers = Timers::new();
    timers.add(INTERVAL, |_, _| calls.borrow_mut().push(start.elapsed())).unwrap();
    assert_eq!(timers.execute(), 0);
    thread::sleep(timers.timeout().unwrap() / 2);
    // Unless the machine was busy for longer than the other half.
    let early = timers.execute();
    assert!(early == 0 || start.elapsed() >= INTERVAL);
    while calls.borrow().len() < 4 {
        assert_eq!(next(&mut timers), 1);
    }
    for (number, time) in (1..).zip(calls.borrow().iter()) {
        assert!(*time >= INTERVAL * number, "call {number} after {time:?}");
    }
}

/// Conformance: TI-2.
#[test]
fn a_timer_is_reset_changed_and_cancelled() {
    let start = Instant::now();
    let last = Cell::new(None);
    let mut timers = Timers::new();
    let id = timers.add(INTERVAL, |_, _| last.set(Some(start.elapsed()))).unwrap();
    thread::sleep(INTERVAL / 2);
    let reset = start.elapsed();
    timers.reset(id).unwrap();
    assert_eq!(next(&mut timers), 1);
    assert!(last.take().unwrap() >= reset + INTERVAL);

    let changed = start.elapsed();
    timers.set_interval(id, INTERVAL / 4).unwrap();
    assert!(timers.timeout().unwrap() <= INTERVAL / 4);
    assert_eq!(next(&mut timers), 1);
    assert!(last.take().unwrap() >= changed + INTERVAL / 4);

    timers.cancel(id).unwrap();
    assert_eq!(timers.timeout(), None);
    thread::sleep(INTERVAL);
    assert_eq!(timers.execute(), 0);
}

/// Conformance: TI-3.
#[test]
fn what_is_not_a_timer_is_refused() {
    let unknown = |result: zmq::Result<()>| {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.errno()), (ErrorKind::InvalidInput, libc::EINVAL));
        assert!(error.to_string().starts_with("timers timer "), "{error}");
    };
    let mut timers = Timers::new();
    assert_eq!(timers.timeout(), None);
    let id = timers.add(INTERVAL, |_, _| {}).unwrap();
    timers.cancel(id).unwrap();
    unknown(timers.cancel(id));
    unknown(timers.reset(id));
    unknown(timers.set_interval(id, INTERVAL));
    assert_ne!(timers.add(INTERVAL, |_, _| {}).unwrap(), id, "never used again");

    // The longest interval never ends. A zero interval is refused.
    let mut timers = Timers::new();
    let endless = timers.add(Duration::MAX, |_, _| {}).unwrap();
    assert_eq!((timers.timeout(), timers.execute()), (None, 0));
    for error in [
        timers.add(Duration::ZERO, |_, _| {}).map(drop).unwrap_err(),
        timers.set_interval(endless, Duration::ZERO).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    timers.cancel(endless).unwrap();
}

#[test]
fn one_loop_can_serve_timers_and_sockets() {
    let context = context();
    let (sender, receivers) = pipeline(&context, "inproc://beats", 1);
    let received = Cell::new(0);
    let mut timers = Timers::new();
    timers.add(Duration::from_millis(5), |_, _| sender.send("beat").unwrap()).unwrap();
    let mut items = [PollItem::new(&receivers[0], POLLIN)];
    while received.get() < 5 {
        if zmq::poll(&mut items, timers.timeout()).unwrap() > 0 {
            assert_eq!(receivers[0].recv().unwrap(), "beat");
            received.set(received.get() + 1);
        }
        timers.execute();
    }
}

/// Heartbeats in both directions: a reply postpones the decision that the peer is gone.
#[test]
fn a_handler_resets_another_timer() {
    let verdicts = Cell::new(0);
    let verdict = Cell::new(None::<TimerId>);
    let beats = Cell::new(0);
    let mut timers = Timers::new();
    timers
        .add(INTERVAL / 4, |timers, id| {
            beats.set(beats.get() + 1);
            timers.reset(verdict.get().unwrap()).unwrap();
            if beats.get() == 8 {
                timers.cancel(id).unwrap();
            }
        })
        .unwrap();
    verdict.set(Some(timers.add(INTERVAL * 10, |_, _| verdicts.set(verdicts.get() + 1)).unwrap()));
    while verdicts.get() == 0 {
        next(&mut timers);
    }
    assert_eq!((beats.get(), verdicts.get()), (8, 1));
}

#[test]
fn timers_need_no_socket() {
    // Timers need no context, and keep none alive.
    let context = context();
    let socket = socket(&context, Pull);
    let mut timers = Timers::new();
    timers.add(INTERVAL, |_, _| drop(socket.try_recv())).unwrap();
    drop(context);
    assert_eq!(next(&mut timers), 1);
    assert_eq!(format!("{timers:?}"), "Timers { len: 1, .. }");
}

/// A handler was once returned to the place of the new timer, because both timers had the same id.
#[test]
fn a_handler_may_replace_its_timers() {
    let calls = RefCell::new(Vec::new());
    let mut timers = Timers::new();
    timers
        .add(INTERVAL, |timers, _| {
            calls.borrow_mut().push("old");
            *timers = Timers::new();
            timers.add(INTERVAL, |_, _| calls.borrow_mut().push("new")).unwrap();
        })
        .unwrap();
    while calls.borrow().len() < 3 {
        thread::sleep(timers.timeout().unwrap());
        timers.execute();
    }
    assert_eq!(*calls.borrow(), ["old", "new", "new"]);
}

/// A handler is not lost if its timers are moved while it runs.
#[test]
fn a_handler_may_swap_its_timers_for_others() {
    let other = Rc::new(RefCell::new(Timers::new()));
    let calls = Rc::new(Cell::new(0));
    let mut timers = Timers::new();
    let handler = {
        let (other, calls) = (Rc::clone(&other), Rc::clone(&calls));
        move |timers: &mut Timers<'static>, _| {
            calls.set(calls.get() + 1);
            std::mem::swap(timers, &mut other.borrow_mut());
        }
    };
    let id = timers.add(INTERVAL, handler).unwrap();
    thread::sleep(timers.timeout().unwrap());
    timers.execute();
    assert_eq!((calls.get(), timers.timeout()), (1, None));
    assert!(timers.cancel(id).is_err(), "the timer was not swapped");

    std::mem::swap(&mut timers, &mut other.borrow_mut());
    thread::sleep(timers.timeout().unwrap());
    timers.execute();
    assert_eq!(calls.get(), 2);
    other.borrow_mut().cancel(id).unwrap();
}
