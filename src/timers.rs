//! Handlers that are called at intervals.

use core::cell::Cell;
use core::fmt;
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::error::{Error, Operation, Result};

/// A set of handlers that are called at intervals. The program's own loop calls them between polls.
///
/// There is no background thread. [`timeout`](Self::timeout) returns how long the loop may wait, and [`execute`](Self::execute)
/// calls the handlers that are due.
///
/// ```
/// use std::time::Duration;
/// use zmq::{Context, PollEvents, PollItem, Pull, Push, Timers};
///
/// let context = Context::new()?;
/// let (sender, receiver) = (context.socket(Push)?, context.socket(Pull)?);
/// receiver.bind("inproc://heartbeats")?;
/// sender.connect("inproc://heartbeats")?;
///
/// let mut timers = Timers::new();
/// timers.add(Duration::from_millis(10), |_, _| sender.send("alive").unwrap_or_default())?;
///
/// let mut items = [PollItem::new(&receiver, PollEvents::IN)];
/// while zmq::poll(&mut items, timers.timeout())? == 0 {
///     timers.execute();
/// }
/// assert_eq!(receiver.recv()?, "alive");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// A handler may borrow values that outlive the timers (`'a`). Its arguments are the timers and its own id, so it can add,
/// change and cancel timers:
///
/// ```
/// use std::time::Duration;
/// use zmq::Timers;
///
/// let mut timers = Timers::new();
/// timers.add(Duration::from_millis(1), |timers, id| {
///     println!("just this once");
///     let _ = timers.cancel(id);
/// })?;
/// while let Some(time) = timers.timeout() {
///     std::thread::sleep(time);
///     timers.execute();
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Timers use the monotonic clock, so a change of the system's time has no effect.
///
/// Follows [zmq_timers(3)](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
#[doc(alias = "zmq_timers_new")]
#[doc(alias = "zmq_timers_destroy")]
#[doc(alias = "zmq_timer_fn")]
pub struct Timers<'a> {
    timers: HashMap<TimerId, Timer<'a>>,
    /// The queue of timers, in the order in which they are due.
    queue: BTreeMap<Turn, TimerId>,
    /// The last position in the queue.
    last_turn: u64,
    clock: fn() -> Instant,
}

/// The time at which a timer is due, and a number that orders timers that are due at the same time.
type Turn = (Instant, u64);

type Handler<'a> = Box<dyn FnMut(&mut Timers<'a>, TimerId) + 'a>;

struct Timer<'a> {
    interval: Duration,
    /// Its position in the queue, or `None` if the time is beyond the range of the clock.
    turn: Option<Turn>,
    handler: Slot<'a>,
}

/// The place of a handler while it is not running. A running handler returns to it, even if other [`Timers`] have replaced
/// the timers meanwhile.
type Slot<'a> = Rc<Cell<Option<Handler<'a>>>>;

/// The id of a timer. It is unique in the process, and never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimerId(u64);

impl TimerId {
    /// A handler may replace the [`Timers`] that call it with others, so ids must be unique across all timers.
    fn unused() -> TimerId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        TimerId(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1))
    }
}

impl<'a> Timers<'a> {
    /// Creates an empty set of timers.
    #[must_use]
    pub fn new() -> Timers<'a> {
        Timers::with_clock(Instant::now)
    }

    fn with_clock(clock: fn() -> Instant) -> Timers<'a> {
        Timers { timers: HashMap::new(), queue: BTreeMap::new(), last_turn: 0, clock }
    }

    /// Adds a timer that calls `handler` every `interval`, for the first time after one interval. Returns the id of the
    /// timer.
    ///
    /// A timer with [`Duration::MAX`], or another interval beyond the range of the clock, is never due.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `interval` is zero, because `execute` would call the handler
    /// endlessly.
    #[doc(alias = "zmq_timers_add")]
    pub fn add(
        &mut self,
        interval: Duration,
        handler: impl FnMut(&mut Timers<'a>, TimerId) + 'a,
    ) -> Result<TimerId> {
        check_interval(interval)?;
        let id = TimerId::unused();
        let handler: Slot<'a> = Rc::new(Cell::new(Some(Box::new(handler))));
        self.timers.insert(id, Timer { interval, turn: None, handler });
        self.schedule(id, (self.clock)());
        Ok(id)
    }

    /// Cancels a timer, and drops its handler. A handler that is running is dropped when it returns.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no such timer, or if it was already cancelled.
    #[doc(alias = "zmq_timers_cancel")]
    pub fn cancel(&mut self, id: TimerId) -> Result<()> {
        let timer = self.timers.remove(&id).ok_or_else(|| unknown(id))?;
        if let Some(turn) = timer.turn {
            self.queue.remove(&turn);
        }
        Ok(())
    }

    /// Changes the interval of a timer, and restarts it now.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no such timer, or `interval` is zero.
    #[doc(alias = "zmq_timers_set_interval")]
    pub fn set_interval(&mut self, id: TimerId, interval: Duration) -> Result<()> {
        check_interval(interval)?;
        self.timers.get_mut(&id).ok_or_else(|| unknown(id))?.interval = interval;
        self.schedule(id, (self.clock)());
        Ok(())
    }

    /// Restarts the interval of a timer now.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no such timer.
    #[doc(alias = "zmq_timers_reset")]
    pub fn reset(&mut self, id: TimerId) -> Result<()> {
        if !self.timers.contains_key(&id) {
            return Err(unknown(id));
        }
        self.schedule(id, (self.clock)());
        Ok(())
    }

    /// Returns the time until the next timer is due, or zero if a timer is due now. Returns `None` if no timer is ever due; C
    /// returns -1 in this case.
    ///
    /// Pass the result to [`poll`](crate::poll()) or [`Poller::wait`](crate::Poller::wait) as the timeout.
    #[must_use]
    #[doc(alias = "zmq_timers_timeout")]
    pub fn timeout(&self) -> Option<Duration> {
        let (&(when, _), _) = self.queue.first_key_value()?;
        Some(when.saturating_duration_since((self.clock)()))
    }

    /// Calls the handlers of all due timers, in the order in which they became due. Returns the number of handlers called.
    ///
    /// A handler that is late by several intervals is called only once, and its next interval begins now. A timer that a
    /// handler adds or resets is not due before the next call of `execute`. A handler may call `execute` itself; this call
    /// skips handlers that are running.
    ///
    /// If a handler panics, the panic propagates to the caller. All timers remain, including the timer whose handler
    /// panicked, and timers whose handlers were not called are still due.
    #[doc(alias = "zmq_timers_execute")]
    pub fn execute(&mut self) -> usize {
        let now = (self.clock)();
        let mut called = 0;
        while let Some(id) = self.next_due(now) {
            // The next call is scheduled first, so that the handler can change it, and a panic does not cancel it.
            self.schedule(id, now);
            let Some(home) = self.timers.get(&id).map(|timer| Rc::clone(&timer.handler)) else { continue };
            let Some(handler) = home.take() else { continue };
            called += 1;
            let mut running = Running { home, handler: Some(handler) };
            running.call(self, id);
        }
        called
    }

    fn next_due(&self, now: Instant) -> Option<TimerId> {
        let (&(when, _), &id) = self.queue.first_key_value()?;
        (when <= now).then_some(id)
    }

    /// Moves a timer in the queue to one interval after `start`.
    fn schedule(&mut self, id: TimerId, start: Instant) {
        let Some(timer) = self.timers.get_mut(&id) else { return };
        if let Some(turn) = timer.turn.take() {
            self.queue.remove(&turn);
        }
        if let Some(when) = start.checked_add(timer.interval) {
            self.last_turn += 1;
            let turn = (when, self.last_turn);
            timer.turn = Some(turn);
            self.queue.insert(turn, id);
        }
    }
}

/// A running handler. It returns to its timer even if it panics.
struct Running<'a> {
    home: Slot<'a>,
    handler: Option<Handler<'a>>,
}

impl<'a> Running<'a> {
    fn call(&mut self, timers: &mut Timers<'a>, id: TimerId) {
        if let Some(handler) = &mut self.handler {
            handler(timers, id);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // If the timer was cancelled, this is the last reference to the place, so the handler is dropped.
        self.home.set(self.handler.take());
    }
}

/// With an interval of zero, libzmq's own timers never return (A21).
fn check_interval(interval: Duration) -> Result<()> {
    if interval.is_zero() {
        return Err(Error::invalid(
            Operation::Timers,
            "interval 0",
            "the interval of a timer must be greater than zero",
        ));
    }
    Ok(())
}

fn unknown(id: TimerId) -> Error {
    Error::invalid(Operation::Timers, format!("timer {}", id.0), "no such timer, or it was cancelled")
}

impl Default for Timers<'_> {
    fn default() -> Self {
        Timers::new()
    }
}

impl fmt::Debug for Timers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("len", &self.timers.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::OnceLock;

    use super::*;

    thread_local! {
        static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    /// A clock that advances only when the test calls `pass`.
    fn clock() -> Instant {
        static START: OnceLock<Instant> = OnceLock::new();
        *START.get_or_init(Instant::now) + PASSED.get()
    }

    fn pass(milliseconds: u64) {
        PASSED.set(PASSED.get() + ms(milliseconds));
    }

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    type Log = Rc<RefCell<Vec<&'static str>>>;

    fn log(log: &Log, name: &'static str) -> impl FnMut(&mut Timers<'static>, TimerId) + 'static {
        let log = Rc::clone(log);
        move |_, _| log.borrow_mut().push(name)
    }

    fn taken(log: &Log) -> Vec<&'static str> {
        std::mem::take(&mut *log.borrow_mut())
    }

    #[test]
    fn a_timer_fires_at_its_interval_and_again() {
        let calls = Cell::new(0);
        let mut timers = Timers::with_clock(clock);
        assert_eq!(timers.timeout(), None);
        timers.add(ms(100), |_, _| calls.set(calls.get() + 1)).unwrap();
        assert_eq!((timers.execute(), calls.get(), timers.timeout()), (0, 0, Some(ms(100))));
        pass(50);
        assert_eq!((timers.execute(), calls.get(), timers.timeout()), (0, 0, Some(ms(50))));
        pass(50);
        assert_eq!(timers.timeout(), Some(Duration::ZERO));
        assert_eq!((timers.execute(), calls.get(), timers.timeout()), (1, 1, Some(ms(100))));
        pass(100);
        assert_eq!((timers.execute(), calls.get()), (1, 2));
    }

    #[test]
    fn a_late_timer_fires_once_and_begins_anew() {
        let calls = Cell::new(0);
        let mut timers = Timers::with_clock(clock);
        timers.add(ms(10), |_, _| calls.set(calls.get() + 1)).unwrap();
        pass(95);
        timers.execute();
        assert_eq!((calls.get(), timers.timeout()), (1, Some(ms(10))));
    }

    #[test]
    fn timers_fire_in_order_of_time_and_creation() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        timers.add(ms(30), log(&calls, "c")).unwrap();
        timers.add(ms(10), log(&calls, "a")).unwrap();
        timers.add(ms(30), log(&calls, "d")).unwrap();
        timers.add(ms(20), log(&calls, "b")).unwrap();
        pass(30);
        timers.execute();
        assert_eq!(taken(&calls), ["a", "b", "c", "d"]);
    }

    #[test]
    fn reset_and_set_interval_begin_now() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let id = timers.add(ms(100), log(&calls, "x")).unwrap();
        pass(50);
        timers.reset(id).unwrap();
        pass(99);
        assert_eq!((timers.execute(), timers.timeout()), (0, Some(ms(1))));
        timers.set_interval(id, ms(50)).unwrap();
        assert_eq!(timers.timeout(), Some(ms(50)));
        pass(50);
        assert_eq!((timers.execute(), timers.timeout()), (1, Some(ms(50))));
        timers.cancel(id).unwrap();
        pass(1000);
        assert_eq!((timers.execute(), timers.timeout()), (0, None));
        assert_eq!(taken(&calls), ["x"]);
    }

    #[test]
    fn a_handler_may_do_anything_with_the_timers() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let other = timers.add(ms(1000), log(&calls, "other")).unwrap();
        let seen = Rc::clone(&calls);
        timers
            .add(ms(10), move |timers, id| {
                seen.borrow_mut().push("handler");
                timers.set_interval(other, ms(10)).unwrap();
                timers.reset(id).unwrap();
                timers.add(ms(1), log(&seen, "added")).unwrap();
                // Due at once, but not called again, because it is already running.
                pass(10);
                assert_eq!(timers.execute(), 2);
                timers.cancel(id).unwrap();
                assert!(timers.cancel(id).is_err());
            })
            .unwrap();
        pass(10);
        assert_eq!(timers.execute(), 1);
        assert_eq!(taken(&calls), ["handler", "added", "other"]);
        assert_eq!(timers.timers.len(), 2);
    }

    #[test]
    fn timers_added_by_a_handler_wait_for_their_time() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let seen = Rc::clone(&calls);
        timers
            .add(ms(10), move |timers, _| {
                timers.add(Duration::from_nanos(1), log(&seen, "added")).unwrap();
            })
            .unwrap();
        pass(10);
        assert_eq!(timers.execute(), 1);
        pass(1);
        assert_eq!(timers.execute(), 1);
        assert_eq!(taken(&calls), ["added"]);
    }

    #[test]
    fn a_handler_may_cancel_another_due_timer() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let victim = Rc::new(Cell::new(None));
        let id = Rc::clone(&victim);
        timers.add(ms(10), move |timers, _| timers.cancel(id.get().unwrap()).unwrap()).unwrap();
        victim.set(Some(timers.add(ms(10), log(&calls, "victim")).unwrap()));
        pass(10);
        assert_eq!(timers.execute(), 1);
        assert!(taken(&calls).is_empty());
    }

    #[test]
    fn a_panic_reaches_the_caller_and_leaves_the_timers_usable() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let panics = Rc::new(Cell::new(true));
        let (seen, panicking) = (Rc::clone(&calls), Rc::clone(&panics));
        timers
            .add(ms(10), move |_, _| {
                assert!(!panicking.get(), "once");
                seen.borrow_mut().push("recovered");
            })
            .unwrap();
        timers.add(ms(10), log(&calls, "other")).unwrap();
        pass(10);
        catch_unwind(AssertUnwindSafe(|| timers.execute())).unwrap_err();
        assert_eq!(timers.timeout(), Some(Duration::ZERO), "the other is still due");
        assert_eq!(timers.execute(), 1);
        assert_eq!(taken(&calls), ["other"]);
        panics.set(false);
        pass(10);
        assert_eq!(timers.execute(), 2);
        assert_eq!(taken(&calls), ["recovered", "other"]);
    }

    #[test]
    fn a_cancelled_handler_is_dropped() {
        let owner = Rc::new(());
        let mut timers = Timers::with_clock(clock);
        let kept = Rc::clone(&owner);
        let id = timers.add(ms(10), move |_, _| drop(Rc::clone(&kept))).unwrap();
        assert_eq!(Rc::strong_count(&owner), 2);
        timers.cancel(id).unwrap();
        assert_eq!(Rc::strong_count(&owner), 1);
        // A handler can also cancel its own timer while it runs.
        let kept = Rc::clone(&owner);
        timers
            .add(ms(10), move |timers, id| {
                timers.cancel(id).unwrap();
                assert_eq!(Rc::strong_count(&kept), 2);
            })
            .unwrap();
        pass(10);
        assert_eq!(timers.execute(), 1);
        assert_eq!(Rc::strong_count(&owner), 1);
    }

    #[test]
    fn an_endless_interval_is_never_over() {
        let calls = Log::default();
        let mut timers = Timers::with_clock(clock);
        let id = timers.add(Duration::MAX, log(&calls, "x")).unwrap();
        assert_eq!(timers.timeout(), None);
        pass(1 << 40);
        assert_eq!(timers.execute(), 0);
        timers.reset(id).unwrap();
        timers.set_interval(id, ms(1)).unwrap();
        pass(1);
        assert_eq!(timers.execute(), 1);
        PASSED.set(Duration::ZERO);
    }

    #[test]
    fn thousands_of_timers() {
        let calls = Cell::new(0_u32);
        let mut timers = Timers::with_clock(clock);
        let ids: Vec<_> = (0..20_000)
            .map(|i| timers.add(ms(1 + i % 1000), |_, _| calls.set(calls.get() + 1)).unwrap())
            .collect();
        for id in ids.iter().step_by(2) {
            timers.cancel(*id).unwrap();
        }
        pass(1000);
        assert_eq!(timers.execute(), 10_000);
        assert_eq!(calls.get(), 10_000);
    }
}
