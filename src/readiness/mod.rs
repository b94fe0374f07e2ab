//! Which sockets have to be asked for their events, though their descriptors are still.
//!
//! The descriptor of a socket tells with an edge that commands have come for it: one for any number of them. Whoever uses the socket
//! reads the commands, and with them takes the edge away, whether it was seen or not. So one may wait for the edge of a socket only
//! if it was asked for its events and had none, and was not used since. All others are suspects, and asked before each wait.
//!
//! A socket tells by itself that it is used, to all that watch it: with the first use after they asked it. Its `Uses` are
//! part of it, so that a use of what nobody watches costs a look at a flag.
//!
//! Here is no libzmq and no operating system, so that all orders of what may happen can be tried: `tests.rs`.

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What a socket tells of its uses.
///
/// Only the thread that uses the socket changes it; the atomics and locks are there because a socket may move to another thread, while
/// who watched it is still there, forgotten.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Whether somebody may have to hear of the next use.
    is_watched: AtomicBool,
    is_shared: AtomicBool,
    watches: Mutex<Vec<Weak<Watch>>>,
}

impl Uses {
    /// Notes a use that may take the edge, before it does.
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

    /// From now on others may use the socket in ways that are not noted, so that it cannot be watched.
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

/// One who watches one socket.
#[derive(Debug)]
struct Watch {
    /// Whether it is to hear of the next use.
    is_armed: AtomicBool,
    place: usize,
    used: Arc<Used>,
}

/// The places of the sockets that were used since they were asked.
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

/// Sockets that are watched, each under the number of its place, and which of them are suspects.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    spots: Vec<Spot>,
    /// The places of the suspects, each once.
    places: Vec<usize>,
    /// Those that are being asked.
    asking: Vec<usize>,
    used: Arc<Used>,
}

#[derive(Debug, Default)]
struct Spot {
    watched: Option<Watched>,
    /// Who was watched here last, so that to remove a socket and add it again allocates nothing.
    former: Option<Watched>,
    /// Whether the place is among the suspects, be it of one who had it before.
    is_suspect: bool,
}

#[derive(Debug)]
struct Watched {
    uses: Arc<Uses>,
    watch: Arc<Watch>,
}

impl Watched {
    /// Who is told of the uses from now on.
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
    /// Watches a socket, at first as a suspect. The place is free.
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

    /// Watches a socket no longer.
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

    /// Has a socket asked before the next wait: its edge was seen, or there is something new to ask it for.
    pub(crate) fn suspect(&mut self, place: usize) {
        if let Some(spot) = self.spots.get_mut(place)
            && spot.watched.is_some()
            && !core::mem::replace(&mut spot.is_suspect, true)
        {
            self.places.push(place);
        }
    }

    /// How many have to be asked, as far as is known.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// Adds those that were used since they were asked.
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

    /// Asks the suspects but the first `asked`, and tells how many remain: those that had events, and the first `asked`.
    ///
    /// `ask` reads all commands of the socket in this place, and tells whether it has events that are waited for. If it fails, this
    /// one and those not yet asked remain.
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
                // It is a use, of which all others that watch the socket hear.
                watched.watch.is_armed.store(false, Ordering::Relaxed);
                watched.uses.note();
                // Before it is asked, as the destructor of a message may use it right after that.
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
