//! Bringing a REQ socket back into step; and what else has to be seen to before a socket sends.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::SocketKind;

/// What a REQ socket needs after a request of several parts was abandoned half-way.
///
/// libzmq's REQ has no way back from there: it either believes that the request was sent and waits for a reply, or
/// that its delimiter was. Both can be put right with the next request.
#[derive(Default, Debug)]
pub(super) struct Repair {
    need: AtomicU8,
    relaxed: AtomicBool,
    correlate: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    Nothing,
    /// It waits for a reply: only a relaxed REQ may send again.
    Relax,
    /// It will not send the delimiter again, nor the number of the request before it: send the first ourselves, and do
    /// without the second.
    Delimiter,
    /// The last request went without a number; the next gets one again, if it is still to have one.
    RestoreCorrelate,
    /// Not a REQ, but a kind that has to be told to whom to send: always.
    #[cfg(zmq_draft)]
    Address,
}

impl Repair {
    /// What a new socket needs.
    pub(super) fn of(kind: SocketKind) -> Repair {
        let repair = Repair::default();
        #[cfg(zmq_draft)]
        if matches!(kind, SocketKind::Server | SocketKind::Peer | SocketKind::Radio | SocketKind::Dgram) {
            repair.need(Need::Address);
        }
        #[cfg(not(zmq_draft))]
        let _ = kind;
        repair
    }

    #[inline]
    pub(super) fn is_needed(&self) -> bool {
        self.need.load(Ordering::Relaxed) != 0
    }

    pub(super) fn need(&self, need: Need) {
        let code = match need {
            Need::Nothing => 0,
            Need::Relax => 1,
            Need::Delimiter => 2,
            Need::RestoreCorrelate => 3,
            #[cfg(zmq_draft)]
            Need::Address => 4,
        };
        self.need.store(code, Ordering::Relaxed);
    }

    pub(super) fn take(&self) -> Need {
        let need = match self.need.load(Ordering::Relaxed) {
            1 => Need::Relax,
            2 => Need::Delimiter,
            3 => Need::RestoreCorrelate,
            // Stays. Another thread may look at the same time.
            #[cfg(zmq_draft)]
            4 => return Need::Address,
            _ => return Need::Nothing,
        };
        self.need(Need::Nothing);
        need
    }

    pub(super) fn abandoned(&self, refused_part_had_more: bool) {
        self.need(if refused_part_had_more { Need::Relax } else { Need::Delimiter });
    }

    pub(super) fn set_relaxed(&self, relaxed: bool) {
        self.relaxed.store(relaxed, Ordering::Relaxed);
    }

    pub(super) fn relaxed(&self) -> bool {
        self.relaxed.load(Ordering::Relaxed)
    }

    pub(super) fn set_correlate(&self, correlate: bool) {
        self.correlate.store(correlate, Ordering::Relaxed);
    }

    pub(super) fn correlate(&self) -> bool {
        self.correlate.load(Ordering::Relaxed)
    }
}
