//! The state that the threads of a round share.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zmq::security::Authenticator;
use zmq::{Context, SocketKind};

use super::common::random::Random;
use super::draws::{Mechanism, talk_to_each_other};
use super::held::Held;

/// The number of the latest endpoints that are still connected to.
const PLACES: usize = 30;

/// What the threads of a round share.
pub(crate) struct World {
    pub(crate) context: Context,
    /// Whether connections are never replaced, so that messages stay in order.
    pub(crate) in_order: bool,
    numbers: AtomicU32,
    places: Mutex<Vec<Place>>,
    /// Sockets that several threads use.
    #[cfg(zmq_draft)]
    pub(crate) shared: super::shared::Offered,
    /// Sockets on their way from one thread to another.
    pub(crate) moving: Mutex<Vec<Held>>,
    authenticator: Mutex<Option<Authenticator>>,
    pub(crate) ended: AtomicBool,
}

/// The endpoint of a socket: where it is, was, or will be bound.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) endpoint: String,
    pub(crate) kind: SocketKind,
    pub(crate) mechanism: Mechanism,
}

impl World {
    pub(crate) fn new(context: Context, in_order: bool) -> World {
        World {
            context,
            in_order,
            numbers: AtomicU32::new(1),
            places: Mutex::default(),
            #[cfg(zmq_draft)]
            shared: Mutex::default(),
            moving: Mutex::default(),
            authenticator: Mutex::default(),
            ended: AtomicBool::new(false),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn add_place(&self, place: Place) {
        let mut places = lock(&self.places);
        places.push(place);
        if places.len() > PLACES {
            places.remove(0);
        }
    }

    /// Returns an endpoint to connect to, in most cases of a socket of a matching type.
    pub(crate) fn place(&self, random: &mut Random, held: &Held) -> Option<Place> {
        let misfits = !held.stays && random.once_in(16);
        let unguarded =
            |place: &Place| ["inproc:", "udp:"].iter().any(|start| place.endpoint.starts_with(start));
        self.fitting(random, |place| {
            let fits = talk_to_each_other(place.kind, held.kind) && place.mechanism == held.mechanism;
            // Over inproc and udp, the socket type of a peer is not checked. What a STREAM reads is not whole messages,
            // and neither is what it sends.
            let is_stream = [held.kind, place.kind].contains(&SocketKind::Stream);
            fits || (misfits && !is_stream && !unguarded(place))
        })
    }

    pub(crate) fn fitting(&self, random: &mut Random, fits: impl Fn(&Place) -> bool) -> Option<Place> {
        let places = lock(&self.places);
        let places: Vec<_> = places.iter().filter(|place| fits(place)).collect();
        (!places.is_empty()).then(|| places[random.below(places.len())].clone())
    }

    /// Starts an authenticator, or drops the existing one.
    pub(crate) fn change_authenticator(&self, random: &mut Random) {
        // Dropping it can take as long as a decision.
        let before = lock(&self.authenticator).take();
        if before.is_some() {
            return;
        }
        let Ok(authenticator) = Authenticator::new(&self.context) else { return };
        if random.once_in(4) {
            let handler = |_: &zmq::security::Request| zmq::security::Decision::accept();
            let _ = authenticator.set_handler("*", handler);
        } else {
            let _ = authenticator.set_plain_passwords("*", [("guest", "guest")]);
            #[cfg(zmq_curve)]
            let _ = authenticator.set_curve_clients("*", zmq::security::CurveClients::any());
        }
        *lock(&self.authenticator) = Some(authenticator);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
