//! The state of the message that a socket sends, and how a REQ socket that has sent half a request can send again (S12).
//!
//! The whole state is one byte, so `send` checks only one value.

use core::ffi::c_int;
use core::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use super::Core;
use super::transmit::Then;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::{Ability, Addressing, SocketKind};
use crate::raw::message::Message;
use crate::raw::socket::REST_OF_MESSAGE;
use crate::raw::{Errno, callback};
use crate::timeout::Wait;

/// What a socket needs before it sends the next part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Nothing: a message can begin.
    Start,
    /// The next part of a message that has begun.
    MidMessage,
    /// The routing id of a peer, as the first part of each message.
    NeedsId,
    /// An address on each message.
    #[cfg(zmq_draft)]
    NeedsAddress,
    /// A REQ socket waits for the reply to a request that was abandoned. Only a relaxed REQ socket may send again.
    NeedsRelax,
    /// A REQ socket does not send the delimiter again, nor the number of the previous request. The crate must send the
    /// delimiter, and the request has no number.
    NeedsDelimiter,
    /// The last request of a REQ socket had no number. The next one may need a number again.
    NeedsCorrelate,
}

/// The state of the message that a socket sends, and the options that it depends on, in one byte.
///
/// It changes only for socket types that one thread uses at a time. So it is loaded and stored, which is faster than changing
/// single bits atomically.
pub(super) struct Outgoing(AtomicU8);

/// What the next message needs.
const NEED: u8 = 0b0000_0111;
const NEEDS_ID: u8 = 1;
#[cfg(zmq_draft)]
const NEEDS_ADDRESS: u8 = 2;
const NEEDS_RELAX: u8 = 3;
const NEEDS_DELIMITER: u8 = 4;
const NEEDS_CORRELATE: u8 = 5;
/// A message has begun. The need of the next message can already be known.
const MID_MESSAGE: u8 = 0b0000_1000;
const CONFLATES: u8 = 0b0001_0000;
const IS_RELAXED: u8 = 0b0010_0000;
const CORRELATES: u8 = 0b0100_0000;
/// The socket is lent to code that must send each message whole.
const IS_LENT: u8 = 0b1000_0000;

impl Outgoing {
    /// The state of a new socket.
    pub(super) fn of(kind: SocketKind) -> Outgoing {
        Outgoing(AtomicU8::new(match kind.behavior().addressing {
            Addressing::Automatic => 0,
            Addressing::FirstPart => NEEDS_ID,
            #[cfg(zmq_draft)]
            Addressing::RoutingId | Addressing::Group | Addressing::Datagram => NEEDS_ADDRESS,
        }))
    }

    #[inline]
    fn bits(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn replace(&self, mask: u8, bits: u8) {
        self.0.store(self.bits() & !mask | bits, Ordering::Relaxed);
    }

    fn note(&self, bit: u8, is_on: bool) {
        self.replace(bit, if is_on { bit } else { 0 });
    }

    /// Whether the state is [`State::Start`].
    #[inline]
    pub(super) fn is_at_start(&self) -> bool {
        self.bits() & (NEED | MID_MESSAGE) == 0
    }

    fn state(&self) -> State {
        let bits = self.bits();
        if bits & MID_MESSAGE != 0 {
            return State::MidMessage;
        }
        match bits & NEED {
            NEEDS_ID => State::NeedsId,
            #[cfg(zmq_draft)]
            NEEDS_ADDRESS => State::NeedsAddress,
            NEEDS_RELAX => State::NeedsRelax,
            NEEDS_DELIMITER => State::NeedsDelimiter,
            NEEDS_CORRELATE => State::NeedsCorrelate,
            _ => State::Start,
        }
    }

    #[inline]
    pub(super) fn is_mid_message(&self) -> bool {
        self.bits() & MID_MESSAGE != 0
    }

    /// Notes that a part with more parts to follow was sent.
    #[inline]
    pub(super) fn begin(&self) {
        self.0.store(self.bits() | MID_MESSAGE, Ordering::Relaxed);
    }

    /// Notes that the message is complete or abandoned.
    fn end(&self) {
        self.replace(MID_MESSAGE, 0);
    }

    /// Whether the socket keeps only the latest message, which must have one part.
    #[inline]
    pub(super) fn conflates(&self) -> bool {
        self.bits() & CONFLATES != 0
    }

    pub(super) fn set_conflate(&self, is_on: bool) {
        self.note(CONFLATES, is_on);
    }

    /// Whether a part with more parts to follow may be sent.
    #[inline]
    pub(super) fn allows_parts(&self) -> bool {
        self.bits() & (CONFLATES | IS_LENT) == 0
    }

    fn is_relaxed(&self) -> bool {
        self.bits() & IS_RELAXED != 0
    }

    pub(super) fn set_relaxed(&self, is_on: bool) {
        self.note(IS_RELAXED, is_on);
    }

    fn correlates(&self) -> bool {
        self.bits() & CORRELATES != 0
    }

    pub(super) fn set_correlate(&self, is_on: bool) {
        self.note(CORRELATES, is_on);
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.state(), f)
    }
}

/// Lends a socket: while the value exists, messages are sent whole.
pub(crate) struct Lent<'a>(&'a Outgoing);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.note(IS_LENT, false);
    }
}

impl Core {
    /// Lends the socket to code that shares it with other senders. This code must send each message whole, because otherwise the next part
    /// could come from another sender.
    pub(crate) fn lend(&self) -> Lent<'_> {
        self.outgoing.note(IS_LENT, true);
        Lent(&self.outgoing)
    }

    /// Sends the first part of a message if the state is not [`State::Start`].
    pub(super) fn send_in_need(&self, part: &mut Message, then: Then, wait: Wait) -> Result<()> {
        match self.outgoing.state() {
            State::MidMessage => self.send_later_part(part, then),
            // libzmq would report success. After that, a STREAM socket would treat each id as the bytes that follow an id
            // (S11).
            State::NeedsId if then == Then::End => Err(no_id(self.kind)),
            State::Start | State::NeedsId => self.send_first(part, then, wait),
            #[cfg(zmq_draft)]
            State::NeedsAddress => self.send_to_its_address(part, then, wait),
            // A destructor that runs in between could send another request.
            State::NeedsRelax => callback::after(|| self.send_relaxed(part, then, wait)),
            State::NeedsDelimiter => callback::after(|| self.send_delimiter_and(part, then, wait)),
            State::NeedsCorrelate => {
                self.outgoing.replace(NEED, 0);
                self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, self.outgoing.correlates())?;
                self.send_first(part, then, wait)
            }
        }
    }

    /// Sends a part that follows another one.
    ///
    /// Only the first part of a message can meet a full queue (S10). A later part that is refused has lost its peer. It is sent
    /// without waiting, because libzmq would drop it and report success (S9).
    pub(super) fn send_later_part(&self, part: &mut Message, then: Then) -> Result<()> {
        self.note_later_part(self.send_at_once(part, then, 0), then)
    }

    /// Like [`send_later_part`](Self::send_later_part), for a message whose first part was sent by the same call. libzmq
    /// does not refuse such a part (S17).
    #[inline]
    pub(super) fn send_rest(&self, part: &mut Message, then: Then) -> Result<()> {
        self.note_later_part(self.send_at_once(part, then, REST_OF_MESSAGE), then)
    }

    #[inline]
    fn note_later_part(&self, sent: Result<(), Errno>, then: Then) -> Result<()> {
        match sent {
            Ok(()) => {
                // For a STREAM, the part after an id is the last one, regardless of its flag.
                if then == Then::End || self.kind.behavior().sends_pairs {
                    self.outgoing.end();
                }
                Ok(())
            }
            Err(errno) => Err(self.later_part_refused(errno, then)),
        }
    }

    #[cold]
    fn later_part_refused(&self, errno: Errno, then: Then) -> Error {
        if errno != Errno(libc::EAGAIN) {
            return Error::new(Operation::Send, errno);
        }
        self.abandon_message(then);
        Error::new(Operation::Send, errno).meaning(
            ErrorKind::MultipartAborted,
            "the peer was lost before the last part; send the message from its first part",
        )
    }

    /// A signal between two parts is never reported, because the message could not be resumed.
    #[inline]
    fn send_at_once(&self, part: &mut Message, then: Then, flags: c_int) -> Result<(), Errno> {
        loop {
            match self.raw.send(part, then.flag() | zmq_sys::ZMQ_DONTWAIT | flags) {
                Err(Errno(libc::EINTR)) => {}
                result => return result,
            }
        }
    }

    /// Brings the socket back to the start of a message after a later part was refused.
    fn abandon_message(&self, refused: Then) {
        self.outgoing.end();
        if self.kind.behavior().drops_rest && refused == Then::More {
            // libzmq now discards parts, and reports success for each, until it gets a part without `ZMQ_SNDMORE` (S8). Send
            // such a part.
            let _ = self.send_at_once(&mut Message::new(), Then::End, 0);
        }
        // libzmq cannot reset a REQ socket (S12). The socket is in one of two wrong states: it waits for a reply because it
        // assumes that the request was sent, or it assumes that the delimiter was sent. The next request can correct both.
        if self.kind.has(Ability::Is(SocketKind::Req)) {
            let need = if refused == Then::More { NEEDS_RELAX } else { NEEDS_DELIMITER };
            self.outgoing.replace(NEED, need);
        }
    }

    #[cold]
    fn send_relaxed(&self, part: &mut Message, then: Then, wait: Wait) -> Result<()> {
        // The lost request may have had no number.
        self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, self.outgoing.correlates())?;
        self.set_request_option(zmq_sys::ZMQ_REQ_RELAXED, true)?;
        let sent = self.send_first(part, then, wait);
        if sent.is_ok() {
            self.outgoing.replace(NEED, 0);
        }
        self.set_request_option(zmq_sys::ZMQ_REQ_RELAXED, self.outgoing.is_relaxed())?;
        sent
    }

    #[cold]
    fn send_delimiter_and(&self, part: &mut Message, then: Then, wait: Wait) -> Result<()> {
        let correlates = self.outgoing.correlates();
        if correlates {
            self.set_request_option(zmq_sys::ZMQ_REQ_CORRELATE, false)?;
        }
        self.send_first(&mut Message::new(), Then::More, wait)?;
        self.outgoing.replace(NEED, if correlates { NEEDS_CORRELATE } else { 0 });
        self.send_later_part(part, then)
    }

    fn set_request_option(&self, option: c_int, is_on: bool) -> Result<()> {
        self.raw.set(option, c_int::from(is_on)).map_err(|errno| Error::new(Operation::Send, errno))
    }

    /// Refuses a message of this many parts if the socket sends pairs of a routing id and some bytes, and the message
    /// is not such a pair.
    #[inline]
    pub(super) fn check_parts(&self, parts: usize) -> Result<()> {
        if !self.kind.behavior().sends_pairs {
            return Ok(());
        }
        // The id may have been sent before, as a part with more to follow.
        let expected = if self.outgoing.is_mid_message() { 1 } else { 2 };
        if parts == expected { Ok(()) } else { Err(no_id(self.kind)) }
    }
}

#[cold]
fn no_id(kind: SocketKind) -> Error {
    let reason = if kind.behavior().sends_pairs {
        "it must have two parts: the peer's id, and the bytes for that peer"
    } else {
        "its first part is the peer's id; the content must follow in further parts"
    };
    Error::invalid(Operation::Send, format!("a {kind} message"), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_the_next_need_and_the_options() {
        for &kind in SocketKind::ALL {
            let outgoing = Outgoing::of(kind);
            let first = outgoing.state();
            outgoing.set_conflate(true);
            outgoing.set_correlate(true);
            assert_eq!(outgoing.state(), first, "{kind}");
            outgoing.begin();
            assert!(!outgoing.is_at_start());
            assert_eq!(outgoing.state(), State::MidMessage);
            outgoing.set_correlate(false);
            outgoing.end();
            assert_eq!(outgoing.state(), first, "{kind}");
            assert_eq!(outgoing.is_at_start(), first == State::Start, "{kind}");
            assert!(outgoing.conflates() && !outgoing.correlates() && !outgoing.is_relaxed());
        }
    }

    #[test]
    fn the_next_need_is_known_while_a_request_is_sent() {
        let outgoing = Outgoing::of(SocketKind::Req);
        outgoing.begin();
        outgoing.replace(NEED, NEEDS_CORRELATE);
        assert_eq!(outgoing.state(), State::MidMessage);
        outgoing.end();
        assert_eq!(outgoing.state(), State::NeedsCorrelate);
    }
}
