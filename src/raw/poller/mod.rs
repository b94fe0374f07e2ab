//! A list of `zmq_pollitem_t` that keeps its sockets and descriptors open.

mod watcher;

use core::any::Any;
use core::ffi::{c_int, c_short, c_void};
use core::marker::PhantomData;
use core::ptr::NonNull;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Errno;
use super::poll::{PollItem, RawDescriptor, poll};
use super::socket::Socket;
use crate::events::{POLLERR, POLLIN, POLLOUT};
use crate::readiness::Uses;
use crate::sys::fork;
use crate::sys::fork::Origin;
use watcher::Watcher;

#[cfg(unix)]
pub(crate) use std::os::fd::{AsFd as AsDescriptor, BorrowedFd as BorrowedDescriptor};
#[cfg(windows)]
pub(crate) use std::os::windows::io::{AsSocket as AsDescriptor, BorrowedSocket as BorrowedDescriptor};

/// Identifies a socket or a descriptor in the list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Polled {
    /// The second field is true if threads may share the socket.
    Socket(NonNull<c_void>, bool),
    Descriptor(RawDescriptor),
}

impl Polled {
    pub(crate) fn socket(owner: &impl OwnsSocket) -> Polled {
        Polled::Socket(owner.raw().handle(), owner.is_thread_safe())
    }

    #[cfg(unix)]
    pub(crate) fn descriptor(owner: &impl AsDescriptor) -> Polled {
        use std::os::fd::AsRawFd;
        Polled::Descriptor(owner.as_fd().as_raw_fd())
    }

    #[cfg(windows)]
    pub(crate) fn descriptor(owner: &impl AsDescriptor) -> Polled {
        use std::os::windows::io::AsRawSocket;
        Polled::Descriptor(owner.as_socket().as_raw_socket().try_into().unwrap_or_default())
    }

    /// Whether any of `events` can ever occur.
    fn can_have(self, events: c_short) -> bool {
        match self {
            Polled::Socket(..) => (POLLIN | POLLOUT).bits() & events != 0,
            Polled::Descriptor(_) => events != 0,
        }
    }
}

/// An owner of a socket, which is open for as long as the owner lives.
pub(crate) trait OwnsSocket {
    fn raw(&self) -> &Socket;
    /// Whether threads may share the socket.
    fn is_thread_safe(&self) -> bool;
    /// The notification descriptor of the socket, if it has one.
    fn notification(&self) -> Option<RawDescriptor>;
}

/// A source to poll, and the value that keeps it open.
///
/// The keeper is not touched until it is dropped, as if it were borrowed for that time. So the socket that it contains does not
/// move or close.
#[expect(unnameable_types, reason = "the method of a sealed trait makes it")]
#[expect(missing_debug_implementations, reason = "nobody sees it")]
pub struct Source<'a> {
    polled: Polled,
    /// The process in which a socket was added, because a forked child must not use its parent's sockets.
    origin: Option<Origin>,
    /// The means to watch a socket: its notification descriptor, and the notifications of its uses.
    signs: Option<(RawDescriptor, Arc<Uses>)>,
    _keeper: Keeper<'a>,
}

/// Dropping it does not use anything that is borrowed for `'a`, so the poller may be dropped after that.
#[expect(dead_code, reason = "kept, and not looked at")]
enum Keeper<'a> {
    Caller(PhantomData<&'a ()>),
    Rc(Rc<dyn Any>),
    Arc(Arc<dyn Any>),
}

impl<'a> Source<'a> {
    fn of_socket(owner: &impl OwnsSocket, keeper: Keeper<'a>) -> Source<'a> {
        let signs = owner.notification().map(|descriptor| (descriptor, Arc::clone(owner.raw().uses())));
        Source { polled: Polled::socket(owner), origin: Some(Origin::here()), signs, _keeper: keeper }
    }

    pub(crate) fn borrowed(owner: &'a impl OwnsSocket) -> Source<'a> {
        Source::of_socket(owner, Keeper::Caller(PhantomData))
    }

    pub(crate) fn rc(owner: Rc<impl OwnsSocket + 'static>) -> Source<'a> {
        let keeper = Keeper::Rc(owner.clone());
        Source::of_socket(&*owner, keeper)
    }

    pub(crate) fn arc(owner: Arc<impl OwnsSocket + 'static>) -> Source<'a> {
        let keeper = Keeper::Arc(owner.clone());
        Source::of_socket(&*owner, keeper)
    }

    /// The item that polls the source, for as long as the source is kept.
    fn item(&self, events: c_short) -> PollItem<'a> {
        match self.polled {
            Polled::Socket(handle, is_thread_safe) => {
                // SAFETY: the keeper keeps the socket's owner and therefore the socket; the list drops the item with
                // the source. A socket that is not `Sync` was added in this thread, which the list does not leave.
                unsafe { PollItem::handle(handle, is_thread_safe, events) }
            }
            // The system always reports errors, except for the descriptor -1.
            Polled::Descriptor(_) if events == 0 => PollItem::nothing(),
            Polled::Descriptor(descriptor) => PollItem::descriptor(descriptor, events),
        }
    }

    pub(crate) fn polled(&self) -> Polled {
        self.polled
    }

    fn of_descriptor(polled: Polled, keeper: Keeper<'a>) -> Source<'a> {
        Source { polled, origin: None, signs: None, _keeper: keeper }
    }

    pub(crate) fn borrowed_descriptor<T: AsDescriptor>(owner: &'a T) -> Source<'a> {
        Source::of_descriptor(Polled::descriptor(owner), Keeper::Caller(PhantomData))
    }

    pub(crate) fn descriptor(descriptor: BorrowedDescriptor<'a>) -> Source<'a> {
        Source::of_descriptor(Polled::descriptor(&descriptor), Keeper::Caller(PhantomData))
    }

    pub(crate) fn rc_descriptor<T: AsDescriptor + 'static>(owner: Rc<T>) -> Source<'a> {
        Source::of_descriptor(Polled::descriptor(&*owner), Keeper::Rc(owner))
    }

    pub(crate) fn arc_descriptor<T: AsDescriptor + 'static>(owner: Arc<T>) -> Source<'a> {
        Source::of_descriptor(Polled::descriptor(&*owner), Keeper::Arc(owner))
    }
}

/// Items in places that stay the same until the list is [compacted](Self::compact).
///
/// Not `Send`: the sockets belong to this thread.
pub(crate) struct List<'a> {
    /// Present if there are many sockets. Dropped before the sources.
    watcher: Option<Watcher<'a>>,
    /// The places for which the last poll found events, in order.
    ready: Vec<usize>,
    /// One item for each source. A place without a source has an item that never has events.
    items: Vec<PollItem<'a>>,
    sources: Vec<Option<Source<'a>>>,
    /// The place of each source.
    index: HashMap<Polled, usize>,
    /// The places without a source.
    free: Vec<usize>,
    /// The number of items that can have an event.
    waiting: usize,
    /// The number of sources that can be watched.
    watchable: usize,
    /// The process, as a count of forks, in which all sources were last found to belong to it.
    own: Option<u32>,
}

impl<'a> List<'a> {
    pub(crate) fn new() -> List<'a> {
        List {
            watcher: None,
            ready: Vec::new(),
            items: Vec::new(),
            sources: Vec::new(),
            index: HashMap::new(),
            free: Vec::new(),
            waiting: 0,
            watchable: 0,
            own: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether a wait without a timeout can end.
    pub(crate) fn can_have_events(&self) -> bool {
        self.waiting > 0
    }

    /// The place of a source.
    pub(crate) fn find(&self, polled: Polled) -> Option<usize> {
        self.index.get(&polled).copied()
    }

    /// Adds a source that is not in the list yet, and returns its place.
    pub(crate) fn add(&mut self, source: Source<'a>, events: c_short) -> usize {
        let polled = source.polled;
        let item = source.item(events);
        self.waiting += usize::from(polled.can_have(events));
        self.watchable += usize::from(source.signs.is_some());
        let place = self.free.pop().unwrap_or(self.sources.len());
        if let Some(watcher) = &mut self.watcher {
            watcher.add(place, &source);
        }
        match (self.sources.get_mut(place), self.items.get_mut(place)) {
            (Some(no_source), Some(no_item)) => {
                *no_source = Some(source);
                *no_item = item;
            }
            _ => {
                self.sources.push(Some(source));
                self.items.push(item);
                // Reserves room for all places, so that neither a wait nor a removal allocates.
                let count = self.sources.len();
                self.ready.reserve(count.saturating_sub(self.ready.len()));
                self.free.reserve(count.saturating_sub(self.free.len()));
            }
        }
        self.index.insert(polled, place);
        // Done now, so that the next wait does not allocate.
        self.choose();
        place
    }

    /// Changes the events to wait for. Keeps the events that the last poll found, if they are still requested.
    pub(crate) fn modify(&mut self, place: usize, events: c_short) {
        let (Some(Some(source)), Some(item)) = (self.sources.get(place), self.items.get_mut(place)) else {
            return;
        };
        self.waiting -= usize::from(source.polled.can_have(item.requested()));
        self.waiting += usize::from(source.polled.can_have(events));
        let returned = item.returned();
        *item = source.item(events);
        // A descriptor reports errors without a request.
        let of_interest = if events == 0 { 0 } else { events | POLLERR.bits() };
        item.set_returned(returned & of_interest);
        if let Some(watcher) = &mut self.watcher {
            watcher.suspect(place);
        }
    }

    /// Removes a source.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Source<'a>> {
        let item = self.items.get_mut(place)?;
        let source = self.sources.get_mut(place)?.take()?;
        self.waiting -= usize::from(source.polled.can_have(item.requested()));
        *item = PollItem::nothing();
        self.watchable -= usize::from(source.signs.is_some());
        if let Some(watcher) = &mut self.watcher {
            watcher.remove(place, &source);
        }
        self.index.remove(&source.polled);
        self.free.push(place);
        Some(source)
    }

    /// Prepares the list for a [poll](Self::poll), which passes this many [items](Self::count). Returns whether the
    /// gaps that [`remove`](Self::remove) left were closed.
    pub(crate) fn prepare(&mut self) -> bool {
        self.clear();
        self.choose();
        self.watcher.is_none() && self.compact()
    }

    /// The number of items that libzmq polls.
    pub(crate) fn count(&self) -> usize {
        self.watcher.as_ref().map_or(self.items.len(), Watcher::count)
    }

    fn compact(&mut self) -> bool {
        if self.free.is_empty() {
            return false;
        }
        let mut taken = self.sources.iter().map(Option::is_some);
        self.items.retain(|_| taken.next().unwrap_or(false));
        self.sources.retain(Option::is_some);
        self.free.clear();
        for (place, source) in self.sources.iter().enumerate() {
            if let Some(source) = source {
                self.index.insert(source.polled, place);
            }
        }
        true
    }

    /// Waits for `milliseconds` (negative: forever), and returns how many items have events. The list must not be empty.
    pub(crate) fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        if self.watcher.is_some() {
            return self.poll_watched(milliseconds);
        }
        let count = self.poll_all(milliseconds)?;
        let seen = self.items.iter().enumerate().filter(|(_, item)| item.returned() != 0);
        self.ready.clear();
        self.ready.extend(seen.map(|(place, _)| place).take(usize::try_from(count).unwrap_or_default()));
        Ok(count)
    }

    fn poll_all(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        #[cfg(zmq_draft)]
        if self.items.iter().any(PollItem::is_thread_safe) && self.items.iter().any(PollItem::is_nothing) {
            return self.poll_without_nothing(milliseconds);
        }
        poll(&mut self.items, milliseconds)
    }

    /// Whether the list has both sockets that threads may share and other sockets.
    pub(crate) fn is_mixed(&self) -> bool {
        super::poll::is_mixed(&self.items)
    }

    /// Like [`poll`](Self::poll), but without empty items, which libzmq does not accept together with sockets that threads may
    /// share.
    #[cfg(zmq_draft)]
    #[cold]
    fn poll_without_nothing(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        let mut places: Vec<&mut PollItem<'_>> =
            self.items.iter_mut().filter(|item| !item.is_nothing()).collect();
        let mut items: Vec<PollItem<'_>> = places.iter().map(|item| item.again()).collect();
        let polled = poll(&mut items, milliseconds);
        for (place, item) in places.iter_mut().zip(&items) {
            place.set_returned(item.returned());
        }
        polled
    }

    /// Forgets the events of the last poll.
    pub(crate) fn clear(&mut self) {
        for place in self.ready.drain(..) {
            if let Some(item) = self.items.get_mut(place) {
                item.clear();
            }
        }
    }

    /// Whether this is a forked child, and a socket belongs to its parent.
    pub(crate) fn is_inherited(&mut self) -> bool {
        if !fork::is_child() || self.own == Some(fork::generation()) {
            return false;
        }
        let is_inherited = |source: &Source<'_>| source.origin.is_some_and(|origin| !origin.is_here());
        let is_inherited = self.sources.iter().flatten().any(is_inherited);
        if !is_inherited {
            self.own = Some(fork::generation());
        }
        is_inherited
    }

    /// The number of places for which the last poll found events.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// The index of the first of these places from `place` on.
    pub(crate) fn ready_from(&self, place: usize) -> usize {
        self.ready.partition_point(|&ready| ready < place)
    }

    /// One of these places, and those of its events that are still requested. They may be empty.
    #[inline]
    pub(crate) fn seen(&self, ready: usize) -> Option<(usize, c_short)> {
        let place = *self.ready.get(ready)?;
        self.items.get(place).map(|item| (place, item.returned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn source<'a>(number: RawDescriptor) -> Source<'a> {
        Source::of_descriptor(Polled::Descriptor(number), Keeper::Caller(PhantomData))
    }

    /// Adding and removing must not look through the list: this would take hundreds of times as long as with a map.
    #[test]
    fn a_long_list_is_built_and_taken_apart_at_once() {
        const COUNT: RawDescriptor = 100_000;
        let with_a_map = || {
            let start = Instant::now();
            let mut map = HashMap::new();
            for number in 0..COUNT {
                map.insert(number, source(number));
            }
            for number in 0..COUNT {
                assert!(map.remove(&number).unwrap().polled() == Polled::Descriptor(number));
            }
            start.elapsed()
        };
        // An emulated processor needs more than ten seconds.
        let limit = (0..3).map(|_| with_a_map()).min().map_or(Duration::ZERO, |time| 30 * time);
        let limit = limit.max(Duration::from_secs(10));
        let start = Instant::now();
        let mut list = List::new();
        for number in 0..COUNT {
            assert!(list.find(Polled::Descriptor(number)).is_none());
            list.add(source(number), POLLIN.bits());
        }
        // Every second source is removed first, so that there are gaps.
        for number in (0..COUNT).step_by(2).chain((1..COUNT).step_by(2)) {
            let place = list.find(Polled::Descriptor(number)).unwrap();
            assert!(list.remove(place).unwrap().polled() == Polled::Descriptor(number));
        }
        assert_eq!((list.len(), list.can_have_events()), (0, false));
        assert!(start.elapsed() < limit, "{:?} of {limit:?}", start.elapsed());
    }

    #[test]
    fn sources_are_found_after_gaps_are_reused_or_closed() {
        let mut list = List::new();
        let places: Vec<_> = (0..6).map(|number| list.add(source(number), POLLIN.bits())).collect();
        assert_eq!(places, [0, 1, 2, 3, 4, 5]);
        for place in [1, 4] {
            list.remove(place).unwrap();
        }
        assert!(list.remove(4).is_none());
        let taken = list.add(source(9), POLLIN.bits());
        assert!(taken == 1 || taken == 4);
        list.compact();
        assert_eq!(list.len(), 5);
        for number in [0, 2, 3, 5, 9] {
            let place = list.find(Polled::Descriptor(number)).unwrap();
            assert!(
                list.sources.get(place).unwrap().as_ref().unwrap().polled() == Polled::Descriptor(number)
            );
        }
        assert_eq!(list.add(source(10), POLLIN.bits()), 5);
    }
}
