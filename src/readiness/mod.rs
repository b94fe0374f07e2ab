//! Decides which sockets a poller must ask for their events, even if their descriptors show no activity.
//!
//! The descriptor of a socket becomes readable, with one edge, when any number of commands have arrived for the socket. A call
//! on the socket reads the commands, and so removes the edge, even if nobody has seen it. So a poller may wait for the edge of
//! a socket only if it asked the socket for its events, found no event, and the socket was not used since. All other sockets
//! are suspects. The poller asks them before each wait.
//!
//! A socket notifies its watchers of the first use after they asked it. Its `Uses` are part of the socket, so a use of
//! a socket without watchers costs one check of a flag.
//!
//! This module does not depend on libzmq or the operating system, so `tests.rs` can try all orders of events.

#[cfg(any(feature = "smol", feature = "tokio", test))]
pub(crate) mod call;
#[cfg(any(feature = "smol", test))]
pub(crate) mod direct;
pub(crate) mod exchange;
#[cfg(any(feature = "smol", feature = "tokio", test))]
#[cfg_attr(
    not(any(feature = "smol", feature = "tokio")),
    allow(dead_code, reason = "the tests use a part of it")
)]
pub(crate) mod shared;
#[cfg(any(feature = "smol", feature = "tokio", test))]
pub(crate) mod task;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The part of a socket that notifies watchers of its uses.
///
/// Only the thread that uses the socket changes it. The atomics and locks are needed because a socket may move to another
/// thread while an old watcher still exists.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Whether a watcher may have to be notified of the next use.
    is_watched: AtomicBool,
    is_shared: AtomicBool,
    watches: Mutex<Vec<Weak<Watch>>>,
}

impl Uses {
    /// Notes a use. Must be called before the use, which may remove the edge.
    #[inline]
    pub(crate) fn note(&self) {
        if self.is_watched.load(Ordering::Relaxed) {
            self.tell();
        }
    }

    #[cold]
    fn tell(&self) {
        self.is_watched.store(false, Ordering::Relaxed);
        for watch in lock(&self.watches).iter().filter_map(Weak::upgrade) {
            if watch.is_armed.swap(false, Ordering::Relaxed) {
                watch.used.push(watch.place);
            }
        }
    }

    /// Marks that from now on the socket may be used without a note. So it cannot be watched.
    pub(crate) fn share(&self) {
        if !self.is_shared.swap(true, Ordering::Relaxed) {
            self.note();
        }
    }

    /// Whether there may be uses that are not noted.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared.load(Ordering::Relaxed)
    }
}

/// A watcher of one socket.
#[derive(Debug)]
struct Watch {
    /// Whether the watcher must be notified of the next use.
    is_armed: AtomicBool,
    place: usize,
    used: Arc<Used>,
}

/// The places of the sockets that were used since the poller asked them.
#[derive(Debug, Default)]
struct Used {
    is_empty: AtomicBool,
    places: Mutex<Vec<usize>>,
}

impl Used {
    fn push(&self, place: usize) {
        lock(&self.places).push(place);
        self.is_empty.store(false, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The watched sockets, each under the number of its place, and the suspects among them.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    spots: Vec<Spot>,
    /// The places of the suspects, each once.
    places: Vec<usize>,
    /// The suspects that are being asked.
    asking: Vec<usize>,
    used: Arc<Used>,
}

#[derive(Debug, Default)]
struct Spot {
    watched: Option<Watched>,
    /// The last watch at this place. It is kept so that removing a socket and adding it again does not allocate.
    former: Option<Watched>,
    /// Whether the place is in the list of suspects, possibly for a previous socket at this place.
    is_suspect: bool,
}

#[derive(Debug)]
struct Watched {
    uses: Arc<Uses>,
    watch: Arc<Watch>,
}

impl Watched {
    /// The current watch, which is notified of uses.
    fn new(place: usize, uses: &Arc<Uses>, used: &Arc<Used>) -> Self {
        let watch = Arc::new(Watch { is_armed: AtomicBool::new(false), place, used: Arc::clone(used) });
        let mut watches = lock(&uses.watches);
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Arc::downgrade(&watch));
        drop(watches);
        Self { uses: Arc::clone(uses), watch }
    }
}

impl Suspects {
    /// Starts watching a socket, at first as a suspect. The place must be free.
    pub(crate) fn watch(&mut self, place: usize, uses: &Arc<Uses>) {
        if self.spots.len() <= place {
            self.spots.resize_with(place + 1, Spot::default);
            let count = self.spots.len();
            for places in [&mut self.places, &mut self.asking, &mut *lock(&self.used.places)] {
                places.reserve(count.saturating_sub(places.len()));
            }
        }
        if let Some(spot) = self.spots.get_mut(place) {
            let former = spot.former.take().filter(|former| Arc::ptr_eq(&former.uses, uses));
            spot.watched = Some(former.unwrap_or_else(|| Watched::new(place, uses, &self.used)));
        }
        self.suspect(place);
    }

    /// Stops watching a socket.
    pub(crate) fn forget(&mut self, place: usize) {
        if let Some(spot) = self.spots.get_mut(place) {
            spot.former = spot.watched.take();
            if let Some(former) = &spot.former {
                former.watch.is_armed.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Whether a socket is watched in this place.
    pub(crate) fn is_watched(&self, place: usize) -> bool {
        self.spots.get(place).is_some_and(|spot| spot.watched.is_some())
    }

    /// Makes a socket a suspect before the next wait, because its edge was seen or other events are requested.
    pub(crate) fn suspect(&mut self, place: usize) {
        if let Some(spot) = self.spots.get_mut(place) {
            if spot.watched.is_some() && !core::mem::replace(&mut spot.is_suspect, true) {
                self.places.push(place);
            }
        }
    }

    /// The number of known suspects.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// Adds the sockets that were used since they were asked.
    pub(crate) fn take_used(&mut self) {
        if self.used.is_empty.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut used = core::mem::take(&mut *lock(&self.used.places));
        for place in used.drain(..) {
            self.suspect(place);
        }
        let mut empty = lock(&self.used.places);
        if empty.is_empty() {
            *empty = used;
        }
    }

    /// Asks the suspects except the first `asked`. Returns how many suspects remain: the first `asked`, and the sockets that
    /// had events.
    ///
    /// `ask` reads all commands of the socket at this place, and returns whether the socket has requested events. If it fails,
    /// this socket and the sockets that were not asked yet remain suspects.
    pub(crate) fn ask<E>(
        &mut self,
        asked: usize,
        mut ask: impl FnMut(usize) -> Result<bool, E>,
    ) -> Result<usize, E> {
        let Suspects { spots, places, asking, .. } = self;
        asking.extend(places.drain(asked.min(places.len())..));
        let mut failure = None;
        for place in asking.drain(..) {
            let Some(spot) = spots.get_mut(place) else { continue };
            let Some(watched) = &spot.watched else {
                spot.is_suspect = false;
                continue;
            };
            if failure.is_none() {
                // Asking is a use, so all other watchers of the socket are notified.
                watched.watch.is_armed.store(false, Ordering::Relaxed);
                watched.uses.note();
                // Done before asking, because the destructor of a message may use the socket right after that.
                watched.watch.is_armed.store(true, Ordering::Relaxed);
                watched.uses.is_watched.store(true, Ordering::Relaxed);
                match ask(place) {
                    Ok(true) => {}
                    Ok(false) => {
                        spot.is_suspect = false;
                        continue;
                    }
                    Err(error) => failure = Some(error),
                }
            }
            places.push(place);
        }
        match failure {
            None => Ok(places.len()),
            Some(error) => Err(error),
        }
    }
}
