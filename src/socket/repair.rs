//! Bringing a REQ socket back into step; and what else has to be seen to before a socket sends.

use core::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::Core;
use super::send::Wait;
use crate::error::{Error, Operation, Result};
use crate::kind::{Ability, Addressing, SocketKind};
use crate::raw;

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
    /// Not a REQ, but a kind that is told to whom to send by a first part: always.
    Id,
    /// Not a REQ, but a kind that has to be told to whom to send: always.
    #[cfg(zmq_draft)]
    Address,
}

impl Repair {
    /// What a new socket needs.
    pub(super) fn of(kind: SocketKind) -> Repair {
        let repair = Repair::default();
        match kind.behavior().addressing {
            Addressing::Automatic => {}
            Addressing::FirstPart => repair.need(Need::Id),
            #[cfg(zmq_draft)]
            Addressing::RoutingId | Addressing::Group | Addressing::Datagram => repair.need(Need::Address),
        }
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
            Need::Id => 4,
            #[cfg(zmq_draft)]
            Need::Address => 5,
        };
        self.need.store(code, Ordering::Relaxed);
    }

    pub(super) fn take(&self) -> Need {
        let need = match self.need.load(Ordering::Relaxed) {
            1 => Need::Relax,
            2 => Need::Delimiter,
            3 => Need::RestoreCorrelate,
            // These stay. Another thread may look at the same time.
            4 => return Need::Id,
            #[cfg(zmq_draft)]
            5 => return Need::Address,
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

impl Core {
    /// Brings the socket back to the start of a message after a later part was refused.
    pub(super) fn abandon_message(&self, refused_part_had_more: bool) {
        self.mid_message.store(false, Ordering::Relaxed);
        if self.kind.behavior().drops_rest && refused_part_had_more {
            // libzmq now swallows parts, and calls each a success, up to one without MORE (S8): give it that one.
            let _ = self.send_at_once(&mut raw::message::Message::new(), 0);
        }
        if self.kind.has(Ability::Request) {
            self.repair.abandoned(refused_part_had_more);
        }
    }

    /// Sends the first part of a request after one that was abandoned.
    #[cold]
    pub(super) fn send_after_repair(
        &self,
        part: &mut raw::message::Message,
        more: c_int,
        wait: Wait,
    ) -> Result<()> {
        match self.repair.take() {
            // libzmq would call it a success, and a STREAM would take each id for what follows one from then on (S11).
            Need::Id if more == 0 => Err(no_id(self.kind)),
            Need::Id => self.send_first_part(part, more, wait),
            #[cfg(zmq_draft)]
            Need::Address => self.send_to_its_address(part, more, wait),
            Need::Nothing => self.send_first_part(part, more, wait),
            Need::RestoreCorrelate => {
                self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, self.repair.correlate())?;
                self.send_first_part(part, more, wait)
            }
            Need::Relax => {
                // The request that was lost may have gone without a number.
                self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, self.repair.correlate())?;
                self.set_request_option(zmq_sys::ZMQ_REQ_RELAXED, true)?;
                let sent = self.send_first_part(part, more, wait);
                self.set_request_option(zmq_sys::ZMQ_REQ_RELAXED, self.repair.relaxed())?;
                if sent.is_err() {
                    self.repair.need(Need::Relax);
                }
                sent
            }
            Need::Delimiter => {
                if self.repair.correlate() {
                    self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, false)?;
                }
                let delimiter = &mut raw::message::Message::new();
                if let Err(error) = self.send_first_part(delimiter, zmq_sys::ZMQ_SNDMORE, wait) {
                    self.repair.need(Need::Delimiter);
                    return Err(error);
                }
                if self.repair.correlate() {
                    self.repair.need(Need::RestoreCorrelate);
                }
                self.send_later_part(part, more)
            }
        }
    }

    fn set_request_option(&self, option: c_int, on: bool) -> Result<()> {
        self.raw.set(option, c_int::from(on)).map_err(|errno| Error::new(Operation::Send, errno))
    }
}

impl Core {
    /// Refuses a message of so many parts if the socket is a STREAM and they are not an id and what is for that peer: libzmq
    /// sends what follows these two as the next message.
    #[inline]
    pub(super) fn check_parts(&self, parts: usize) -> Result<()> {
        if !self.kind.behavior().sends_pairs {
            return Ok(());
        }
        // The id may have been sent before, as a part with more to follow.
        let expected = if self.mid_message.load(Ordering::Relaxed) { 1 } else { 2 };
        if parts == expected {
            return Ok(());
        }
        Err(no_id(self.kind))
    }
}

#[cold]
fn no_id(kind: SocketKind) -> Error {
    let reason = if kind.behavior().sends_pairs {
        "it has two parts: the peer's id, and what is for it"
    } else {
        "its first part is the peer's id, and has to be followed by what is for it"
    };
    Error::invalid(Operation::Send, format!("a {kind} message"), reason)
}
