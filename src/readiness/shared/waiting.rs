//! The tasks that wait for a shared socket.

use core::task::Waker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

use crate::panics;

/// The bit for a task that waits to receive.
pub(super) const RECEIVER: u8 = 1;
/// The bit for tasks that wait to send.
pub(super) const SENDERS: u8 = 2;

/// The tasks that wait for a socket.
///
/// A task begins to wait while the socket is locked. It can stop waiting at any time. If a call then still checks for it,
/// the check has no effect.
#[derive(Default)]
pub(super) struct Waiting {
    parked: AtomicU8,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    receiver: Option<(u64, Waker)>,
    /// In the order in which the tasks began to wait. This is the order of their numbers.
    senders: VecDeque<(u64, Waker)>,
    /// The number of the last task that began to wait.
    last: u64,
}

/// The place of a task among the waiting tasks: its number, or 0 if it does not wait.
#[derive(Default, Debug)]
pub(crate) struct Place(u64);

impl Place {
    /// Whether the task has begun to wait, and was not polled since then.
    #[inline]
    pub(crate) fn is_taken(&self) -> bool {
        self.0 != 0
    }
}

/// The tasks to wake once the socket is unlocked. For each direction, it contains the number of the last of these tasks,
/// or 0.
#[derive(Clone, Copy)]
pub(super) struct Due {
    receiver: u64,
    senders: u64,
}

impl Due {
    pub(super) const NOBODY: Due = Due { receiver: 0, senders: 0 };

    pub(super) fn add(&mut self, other: Due) {
        self.receiver = self.receiver.max(other.receiver);
        self.senders = self.senders.max(other.senders);
    }
}

impl Waiting {
    /// Returns the directions in which tasks wait.
    #[inline]
    pub(super) fn parked(&self) -> u8 {
        // Tasks begin to wait while the socket is locked, so the thread that has locked it sees all of them.
        self.parked.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Updates the directions in which tasks wait, with the places locked.
    fn note(&self, places: &Places) {
        let receiver = if places.receiver.is_some() { RECEIVER } else { 0 };
        let senders = if places.senders.is_empty() { 0 } else { SENDERS };
        self.parked.store(receiver | senders, Ordering::Relaxed);
    }

    /// Returns the tasks that wait now, in these directions.
    pub(super) fn due(&self, receiver: bool, senders: bool) -> Due {
        if !receiver && !senders {
            return Due::NOBODY;
        }
        let last = self.lock().last;
        Due { receiver: if receiver { last } else { 0 }, senders: if senders { last } else { 0 } }
    }

    pub(super) fn park_receiver(&self, place: &mut Place, waker: &Waker) {
        let waker = waker.clone();
        let mut places = self.lock();
        places.last += 1;
        *place = Place(places.last);
        let before = places.receiver.replace((place.0, waker));
        self.note(&places);
        drop(places);
        // There is a previous waker only if a future was forgotten while it waited.
        drop(before);
    }

    pub(super) fn park_sender(&self, place: &mut Place, waker: &Waker) {
        let waker = waker.clone();
        let mut places = self.lock();
        places.last += 1;
        *place = Place(places.last);
        places.senders.push_back((place.0, waker));
        self.note(&places);
    }

    /// Ends the wait of a task, if it was not woken yet.
    pub(super) fn leave(&self, place: &mut Place) {
        let Place(number) = core::mem::take(place);
        let mut places = self.lock();
        let waker = match places.receiver.take_if(|(receiver, _)| *receiver == number) {
            None => match places.senders.binary_search_by_key(&number, |(sender, _)| *sender) {
                Ok(index) => places.senders.remove(index),
                Err(_) => None,
            },
            receiver => receiver,
        };
        self.note(&places);
        drop(places);
        drop(waker);
    }

    /// Wakes the tasks that are due. The caller must hold no lock.
    #[inline]
    pub(super) fn wake(&self, due: Due) {
        if due.receiver | due.senders != 0 {
            self.wake_due(due);
        }
    }

    /// Wakes all tasks that wait. The caller must hold no lock.
    pub(super) fn wake_all(&self) {
        self.wake(self.due(true, true));
    }

    /// Takes out one waker at a time, because a waker can run any code. For example, it can drop a task that waits. If it panics, the other
    /// tasks are woken all the same.
    #[cold]
    fn wake_due(&self, due: Due) {
        loop {
            let mut places = self.lock();
            let waker = match places.receiver.take_if(|(number, _)| *number <= due.receiver) {
                None if places.senders.front().is_some_and(|(number, _)| *number <= due.senders) => {
                    places.senders.pop_front()
                }
                receiver => receiver,
            };
            self.note(&places);
            drop(places);
            let Some((_, waker)) = waker else { return };
            panics::contain(|| waker.wake());
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}
