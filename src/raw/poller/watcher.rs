//! Polls a list of many sockets: waits for edges of their descriptors, and asks the sockets whose edge may have been missed.
//! See `src/readiness/mod.rs`.

use core::ffi::{c_int, c_short};
use std::collections::BTreeSet;
use std::time::Instant;

use super::{List, Polled, Source};
use crate::events::POLLIN;
use crate::raw::poll::{PollItem, poll};
use crate::raw::{Errno, callback, cvt};
use crate::readiness::Suspects;
use crate::sys::edges::Edges;

/// The list watches its sockets from this number on. libzmq polls fewer sockets just as fast, and without a descriptor.
const MANY: usize = 4;
/// The list keeps watching its sockets down to this number, so that adding and removing one socket does not switch each time.
const FEW: usize = 2;

/// The state for watching the sockets of a list.
pub(super) struct Watcher<'a> {
    edges: Edges,
    suspects: Suspects,
    /// The places of sources that cannot be watched: plain descriptors, sockets that threads share, and sockets that may be
    /// used without notice. libzmq polls them.
    others: BTreeSet<usize>,
    /// The items of these sources during a poll.
    items: Vec<PollItem<'a>>,
    /// The places of these items.
    places: Vec<usize>,
    /// Places that turn out to belong to `others`.
    shared: Vec<usize>,
}

impl<'a> Watcher<'a> {
    fn new() -> Result<Watcher<'a>, Errno> {
        Ok(Watcher {
            edges: Edges::new()?,
            suspects: Suspects::default(),
            others: BTreeSet::new(),
            items: Vec::new(),
            places: Vec::new(),
            shared: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, place: usize, source: &Source<'_>) {
        if let Some((descriptor, uses)) = &source.signs {
            if !uses.is_shared() && self.edges.add(*descriptor, place).is_ok() {
                self.suspects.watch(place, uses);
                return;
            }
        }
        self.others.insert(place);
    }

    /// Called before the source is dropped.
    pub(super) fn remove(&mut self, place: usize, source: &Source<'_>) {
        if !self.suspects.is_watched(place) {
            self.others.remove(&place);
            return;
        }
        self.suspects.forget(place);
        if let Some((descriptor, _)) = &source.signs {
            self.edges.remove(*descriptor);
        }
    }

    pub(super) fn suspect(&mut self, place: usize) {
        self.suspects.suspect(place);
    }

    /// The number of items that libzmq polls: the other sources and the edges.
    pub(super) fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Collects the edges.
    fn collect(&mut self, milliseconds: c_int) -> Result<(), Errno> {
        let Watcher { edges, suspects, .. } = self;
        edges.wait(milliseconds, |place| suspects.suspect(place))
    }
}

impl List<'_> {
    /// Decides whether the sockets are watched from now on.
    pub(super) fn choose(&mut self) {
        if self.watcher.as_ref().is_some_and(|watcher| self.watchable < FEW || !watcher.edges.is_here()) {
            self.watcher = None;
        }
        if self.watcher.is_some() || self.watchable < MANY {
            return;
        }
        // If there is no descriptor left, libzmq polls all sources.
        let Ok(mut watcher) = Watcher::new() else { return };
        for (place, source) in self.sources.iter().enumerate() {
            if let Some(source) = source {
                watcher.add(place, source);
            }
        }
        self.watcher = Some(watcher);
    }

    /// Like `poll`.
    pub(super) fn poll_watched(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        self.clear();
        let mut left = milliseconds;
        loop {
            let asked = self.ask(0)?;
            let start = (left > 0 && self.ready.is_empty()).then(Instant::now);
            self.wait(if self.ready.is_empty() { left } else { 0 })?;
            self.ask(asked)?;
            if !self.ready.is_empty() || left == 0 {
                self.ready.sort_unstable();
                return Ok(c_int::try_from(self.ready.len()).unwrap_or(c_int::MAX));
            }
            if let Some(start) = start {
                // Only whole elapsed milliseconds count, so that the wait is not too short.
                left = left
                    .saturating_sub(c_int::try_from(start.elapsed().as_millis()).unwrap_or(c_int::MAX))
                    .max(0);
            }
        }
    }

    /// Asks the suspects except the first `asked`, until only sockets with events remain. Returns their number.
    fn ask(&mut self, asked: usize) -> Result<usize, Errno> {
        let List { watcher: Some(watcher), sources, items, ready, .. } = self else { return Ok(0) };
        let Watcher { edges, suspects, others, shared, .. } = watcher;
        let mut asked = asked;
        loop {
            suspects.take_used();
            if suspects.count() <= asked {
                return Ok(asked);
            }
            let answer = suspects.ask(asked, |place| {
                let (Some(Some(source)), Some(item)) = (sources.get(place), items.get_mut(place)) else {
                    return Ok(false);
                };
                if source.signs.as_ref().is_some_and(|(_, uses)| uses.is_shared()) {
                    shared.push(place);
                    return Ok(false);
                }
                let events = events(source)? & item.requested();
                item.set_returned(events);
                if events != 0 {
                    ready.push(place);
                }
                Ok(events != 0)
            });
            for place in shared.drain(..) {
                suspects.forget(place);
                if let Some(Some(Source { signs: Some((descriptor, _)), .. })) = sources.get(place) {
                    edges.remove(*descriptor);
                }
                others.insert(place);
            }
            asked = answer?;
        }
    }

    /// Waits for edges and for the sources that are not watched, and notes the events of these sources.
    fn wait(&mut self, milliseconds: c_int) -> Result<(), Errno> {
        let List { watcher: Some(watcher), items, ready, .. } = self else { return Ok(()) };
        watcher.items.clear();
        watcher.places.clear();
        for &place in &watcher.others {
            if let Some(item) = items.get(place).filter(|item| !item.is_nothing()) {
                watcher.items.push(item.again());
                watcher.places.push(place);
            }
        }
        if watcher.items.is_empty() {
            return watcher.collect(milliseconds);
        }
        watcher.items.push(PollItem::descriptor(watcher.edges.descriptor(), POLLIN.bits()));
        poll(&mut watcher.items, milliseconds)?;
        for (item, &place) in watcher.items.iter().zip(&watcher.places) {
            if item.returned() != 0 {
                if let Some(there) = items.get_mut(place) {
                    there.set_returned(item.returned());
                    ready.push(place);
                }
            }
        }
        watcher.collect(0)
    }
}

/// The current events of a socket.
fn events(source: &Source<'_>) -> Result<c_short, Errno> {
    let Polled::Socket(handle, _) = source.polled else { return Ok(0) };
    let mut events: c_int = 0;
    let mut len = size_of::<c_int>();
    let (value, option) = ((&raw mut events).cast(), zmq_sys::ZMQ_EVENTS);
    let asked = || {
        // SAFETY: a live socket, as its source keeps it open, which was added in this thread; room for the `int` of the option.
        cvt(unsafe { zmq_sys::zmq_getsockopt(handle.as_ptr(), option, value, &raw mut len) })
    };
    callback::within(asked)?;
    Ok(c_short::try_from(events).unwrap_or_default())
}
