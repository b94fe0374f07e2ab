//! Timers, some of which change themselves or others.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use zmq::{TimerId, Timers};

use super::common::random::Random;

/// Timers, and their expected state.
#[derive(Default)]
pub(crate) struct Timed {
    timers: Timers<'static>,
    set: Vec<Set>,
    fired: Rc<Cell<usize>>,
}

struct Set {
    id: TimerId,
    /// The earliest time at which the timer may fire.
    due: Rc<Cell<Instant>>,
    interval: Rc<Cell<Duration>>,
    /// Whether it was cancelled.
    over: Rc<Cell<bool>>,
}

impl Timed {
    /// Performs a random act with the timers.
    pub(crate) fn act(&mut self, random: &mut Random) {
        let interval = Duration::from_micros([1, 500, 3000, 1_000_000][random.below(4)]);
        if self.set.is_empty() || (self.set.len() < 10 && random.once_in(3)) {
            return self.add(interval, random.below(4));
        }
        let place = random.below(self.set.len());
        let set = &self.set[place];
        // The next interval begins after this.
        let now = Instant::now();
        let known = !set.over.get();
        let result = match random.below(4) {
            0 => {
                let set = self.set.swap_remove(place);
                let known = !set.over.replace(true);
                assert_eq!(self.timers.cancel(set.id).is_ok(), known);
                return assert!(self.timers.cancel(set.id).is_err());
            }
            1 => self.timers.reset(set.id),
            2 => {
                set.interval.set(interval);
                self.timers.set_interval(set.id, interval)
            }
            _ => return self.execute(),
        };
        set.due.set(now + set.interval.get());
        assert_eq!(result.is_ok(), known);
    }

    /// The time until a timer is due, at most some milliseconds.
    pub(crate) fn timeout(&self, at_most: Duration) -> Duration {
        self.timers.timeout().map_or(at_most, |time| time.min(at_most))
    }

    pub(crate) fn execute(&mut self) {
        self.fired.set(0);
        let called = self.timers.execute();
        assert_eq!(called, self.fired.get());
    }

    /// Adds a timer that, depending on its sort, cancels itself, executes timers again, or adds another one.
    fn add(&mut self, interval: Duration, sort: usize) {
        let due = Rc::new(Cell::new(Instant::now() + interval));
        let (over, interval) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(interval)));
        let fired = Rc::clone(&self.fired);
        let handler = {
            let (due, over, interval) = (Rc::clone(&due), Rc::clone(&over), Rc::clone(&interval));
            move |timers: &mut Timers<'static>, id| {
                assert!(!over.get(), "a cancelled timer fires");
                assert!(Instant::now() >= due.get(), "a timer fires early");
                due.set(due.get() + interval.get());
                fired.set(fired.get() + 1);
                match sort {
                    0 => {
                        timers.cancel(id).unwrap();
                        over.set(true);
                    }
                    1 => {
                        let before = fired.get();
                        let called = timers.execute();
                        assert_eq!(fired.replace(before) - before, called);
                    }
                    2 => add_brief(timers, Rc::clone(&fired)),
                    _ => {}
                }
            }
        };
        let id = self.timers.add(interval.get(), handler).unwrap();
        self.set.push(Set { id, due, interval, over });
    }
}

/// A timer that fires once.
fn add_brief(timers: &mut Timers<'static>, fired: Rc<Cell<usize>>) {
    let handler = move |timers: &mut Timers<'static>, id| {
        fired.set(fired.get() + 1);
        timers.cancel(id).unwrap();
    };
    timers.add(Duration::from_millis(1), handler).unwrap();
}
