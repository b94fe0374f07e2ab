//! Passes messages to libzmq: one copy of the code for all socket types.

use core::ffi::c_int;
use core::time::Duration;
use std::sync::atomic::Ordering;

use super::Core;
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::events::{POLLERR, POLLIN, POLLOUT, PollEvents};
use crate::foreign;
#[cfg(zmq_draft)]
use crate::kind::Ability;
use crate::kind::Addressing;
use crate::message::{Message, Multipart};
use crate::raw::{self, Errno};
use crate::readiness::exchange::Look;
use crate::timeout::{Deadline, Wait};

/// How long to wait at a time for a socket that cannot report whether it can send. Only an attempt to send shows this.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How many times a call that does not wait starts a message again because its peer was lost before the last part. Each
/// time, another peer was lost.
const RETRIES: usize = 100;

/// What follows a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Then {
    More,
    End,
}

impl Then {
    #[inline]
    pub(super) fn flag(self) -> c_int {
        match self {
            Then::More => zmq_sys::ZMQ_SNDMORE,
            Then::End => 0,
        }
    }
}

impl Core {
    pub(crate) fn try_send_all(&self, message: Multipart) -> Result<(), SendError<Multipart>> {
        self.send_multipart(message, Wait::Not)
    }

    /// Sends all parts or none. The parts are kept until libzmq has taken the last one. After that, the last part is
    /// empty.
    #[inline]
    pub(crate) fn try_send_parts(&self, parts: &mut [Message]) -> Result<()> {
        self.send_parts(parts, Wait::Not).map_err(not_begun)
    }

    /// Like [`try_send_parts`](Self::try_send_parts). A socket that refuses only first parts (S10) gets the parts
    /// themselves, not copies. If libzmq still refuses a later part, or the context is shut down in between, the
    /// earlier parts are lost. The error then differs from the errors after which a message may be sent again.
    #[inline]
    pub(crate) fn try_pass_on(&self, parts: &mut [Message]) -> Result<()> {
        if self.takes_all_parts() || !self.kind.behavior().refuses_first_only || parts.len() < 2 {
            return self.try_send_parts(parts);
        }
        let Some((last, parts)) = parts.split_last_mut() else { return Ok(()) };
        let Some((first, parts)) = parts.split_first_mut() else { return Ok(()) };
        // As in `send_parts`.
        raw::callback::after(|| {
            self.send_part(first.raw_mut(), Then::More, Wait::Not).map_err(not_begun)?;
            for part in parts {
                self.send_part(part.raw_mut(), Then::More, Wait::Not)?;
            }
            self.send_part(last.raw_mut(), Then::End, Wait::Not)
        })
    }

    /// Like [`try_send_parts`](Self::try_send_parts). Waits up to `timeout` until the message is taken.
    pub(crate) fn send_parts_within(&self, parts: &mut [Message], timeout: Duration) -> Result<()> {
        self.send_parts(parts, Wait::UpTo(timeout)).map_err(not_begun)
    }

    /// Whether the socket reports that it can take a message.
    pub(crate) fn is_writable(&self) -> Result<bool> {
        Ok(self.events_for(Operation::Send)?.contains(POLLOUT))
    }

    /// The events that the socket reports after it has read all commands.
    pub(crate) fn events_for(&self, operation: Operation) -> Result<PollEvents> {
        loop {
            match self.raw.get::<c_int>(zmq_sys::ZMQ_EVENTS) {
                Ok(bits) => {
                    let event = |bit, event| if bits & bit == 0 { PollEvents::NONE } else { event };
                    return Ok(event(zmq_sys::ZMQ_POLLIN, POLLIN) | event(zmq_sys::ZMQ_POLLOUT, POLLOUT));
                }
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                Err(errno) => return Err(Error::new(operation, errno)),
            }
        }
    }

    /// Reads all commands, and returns what the socket can do now. Continues after signals.
    pub(crate) fn look(&self) -> Result<Look> {
        loop {
            match self.raw.get::<c_int>(zmq_sys::ZMQ_EVENTS) {
                Ok(events) => {
                    let has = |event| events & event != 0;
                    return Ok(Look {
                        can_send: has(zmq_sys::ZMQ_POLLOUT),
                        can_recv: has(zmq_sys::ZMQ_POLLIN),
                    });
                }
                Err(Errno(libc::EINTR)) => {}
                Err(errno) => return Err(Error::new(Operation::Receive, errno)),
            }
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "an additional call makes sending short messages between two threads 3 % slower"
    )]
    #[inline(always)]
    pub(super) fn send(&self, mut message: Message, then: Then, wait: Wait) -> Result<(), SendError> {
        if then == Then::More && !self.outgoing.allows_parts() {
            return Err(SendError::new(self.no_parts(), message));
        }
        if let Err(error) = foreign::check_subscriptions(self.kind, core::slice::from_ref(&message)) {
            return Err(SendError::new(error, message));
        }
        match self.send_part(message.raw_mut(), then, wait) {
            Ok(()) => {
                // It is empty now (S1) and owns nothing.
                core::mem::forget(message);
                Ok(())
            }
            Err(error) => Err(SendError::new(error, message)),
        }
    }

    /// Sends a message of one part without waiting. After an error, `message` is unchanged.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn try_send_from(&self, message: &mut Message) -> Result<()> {
        foreign::check_subscriptions(self.kind, core::slice::from_ref(message))?;
        self.send_part(message.raw_mut(), Then::End, Wait::Not)
    }

    /// Sends a message of one part, and returns whether this succeeded. After a failure, the message is unchanged.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn was_sent(&self, message: &mut Message) -> bool {
        foreign::check_subscriptions(self.kind, core::slice::from_ref(message)).is_ok()
            && self.outgoing.is_at_start()
            && self.raw.send(message.raw_mut(), zmq_sys::ZMQ_DONTWAIT).is_ok()
    }

    /// The error of a part that has more parts to follow, on a socket that does not allow this.
    #[cold]
    fn no_parts(&self) -> Error {
        if self.conflates() {
            return conflates();
        }
        let reason = "inside `with_inner`, a message cannot be sent part by part";
        Error::refused(Operation::Send, ErrorKind::WrongState, zmq_sys::EFSM, self.kind.name(), reason)
            .hint("call `send_multipart`")
    }

    pub(super) fn send_multipart(&self, message: Multipart, wait: Wait) -> Result<(), SendError<Multipart>> {
        if message.len() > 1 && self.conflates() {
            return Err(SendError::new(conflates(), message));
        }
        if let Err(error) = foreign::check_subscriptions(self.kind, &message) {
            return Err(SendError::new(error, message));
        }
        let begun_before = self.outgoing.is_mid_message();
        let (mut message, mut wait) = (message, wait);
        let deadline = match wait.limit(self.send_timeout.load(Ordering::Relaxed)) {
            Some(Duration::ZERO) => None,
            limit => Some(Deadline::after(limit)),
        };
        let mut retries = 0;
        loop {
            let Err(error) = self.send_parts(&mut message, wait) else { return Ok(()) };
            if error.kind() != ErrorKind::MultipartAborted || begun_before {
                return Err(SendError::new(error, message));
            }
            // Nothing of the message was delivered, so it can start again. Another peer may have room at once.
            retries += 1;
            if deadline.map_or(retries > RETRIES, |deadline| deadline.has_passed()) {
                return Err(SendError::new(not_begun(error), message));
            }
            if let Some(left) = deadline.and_then(|deadline| deadline.left()) {
                wait = Wait::UpTo(left);
            }
        }
    }

    /// Sends all parts or none. After an error, `message` is unchanged.
    #[inline]
    fn send_parts(&self, message: &mut [Message], wait: Wait) -> Result<()> {
        self.check_parts(message.len())?;
        let Some((last, parts)) = message.split_last_mut() else { return Ok(()) };
        if parts.is_empty() {
            return self.send_part(last.raw_mut(), Then::End, wait);
        }
        // A destructor that runs between two parts could use the socket, and send in the middle of this message.
        raw::callback::after(|| {
            if !self.takes_all_parts() || self.outgoing.is_mid_message() {
                // libzmq shares the bytes of the parts, which are kept until it has taken the last one.
                self.send_copies(parts, wait)?;
                return self.send_part(last.raw_mut(), Then::End, wait);
            }
            if let Some((first, later)) = parts.split_first_mut() {
                self.send_part(first.raw_mut(), Then::More, wait)?;
                for part in later {
                    self.send_rest(part.raw_mut(), Then::More)?;
                }
            }
            self.send_rest(last.raw_mut(), Then::End)
        })
    }

    /// Whether libzmq takes all parts of a message if it takes the first one (S17), unless another thread may use the
    /// socket in between.
    #[inline]
    fn takes_all_parts(&self) -> bool {
        raw::socket::TAKES_REST && !self.kind.is_thread_safe()
    }

    fn send_copies(&self, parts: &[Message], wait: Wait) -> Result<()> {
        let mut copy = Message::new();
        for part in parts {
            copy.clone_from(part);
            self.send_part(copy.raw_mut(), Then::More, wait)?;
        }
        Ok(())
    }

    /// Sends one part.
    #[inline]
    fn send_part(&self, part: &mut raw::message::Message, then: Then, wait: Wait) -> Result<()> {
        self.check_process(Operation::Send)?;
        if self.outgoing.is_at_start() {
            return self.send_first(part, then, wait);
        }
        if self.outgoing.is_mid_message() {
            return self.send_later_part(part, then);
        }
        self.send_in_need(part, then, wait)
    }

    /// Sends the first part of a message.
    #[inline]
    pub(super) fn send_first(&self, part: &mut raw::message::Message, then: Then, wait: Wait) -> Result<()> {
        let waits = if wait == Wait::AsSet { 0 } else { zmq_sys::ZMQ_DONTWAIT };
        match self.raw.send(part, then.flag() | waits) {
            Ok(()) => {}
            Err(errno) if wait.may_go_on(errno.0) => self.send_again(errno, part, then, wait)?,
            Err(errno) => return Err(self.refused(errno, then)),
        }
        // Written only if necessary: it may share a cache line with data of another thread.
        if then == Then::More {
            self.outgoing.begin();
        }
        Ok(())
    }

    /// Continues after libzmq did not take the first part of a message. After a signal, the call waits for one more
    /// timeout in total. The clock is read only when it is needed.
    #[cold]
    fn send_again(
        &self,
        errno: Errno,
        part: &mut raw::message::Message,
        then: Then,
        wait: Wait,
    ) -> Result<()> {
        let sent = if errno == Errno(libc::EINTR) && self.is_interruptible() {
            Err(errno)
        } else {
            let limit = wait.limit(self.send_timeout.load(Ordering::Relaxed));
            self.send_until(part, then, Deadline::after(limit))
        };
        sent.map_err(|errno| self.refused(errno, then))
    }

    #[inline]
    fn refused(&self, errno: Errno, then: Then) -> Error {
        #[cfg(zmq_draft)]
        if errno == Errno(libc::EINVAL) && then == Then::More && !self.kind.has(Ability::Multipart) {
            return super::addressed::no_multipart(Operation::Send, self.kind);
        }
        #[cfg(not(zmq_draft))]
        let _ = then;
        Error::new(Operation::Send, errno)
    }

    /// Waits until a point in time, regardless of the send timeout, and continues after signals.
    fn send_until(
        &self,
        part: &mut raw::message::Message,
        then: Then,
        deadline: Deadline,
    ) -> Result<(), Errno> {
        if self.kind.is_thread_safe() {
            return self.send_polling(part, then, deadline);
        }
        loop {
            let send = || self.raw.send(part, then.flag());
            let left = deadline.milliseconds_left();
            match self.with_timeout(zmq_sys::ZMQ_SNDTIMEO, &self.send_timeout, left, send) {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                // A wait of more than 24 days was shortened.
                Err(Errno(libc::EAGAIN)) if left == c_int::MAX => {}
                result => return result,
            }
        }
    }

    /// Like [`send_until`](Self::send_until), for a socket whose send timeout also applies to other threads.
    fn send_polling(
        &self,
        part: &mut raw::message::Message,
        then: Then,
        deadline: Deadline,
    ) -> Result<(), Errno> {
        loop {
            match self.raw.send(part, then.flag() | zmq_sys::ZMQ_DONTWAIT) {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => continue,
                Err(Errno(libc::EAGAIN)) if !deadline.has_passed() => {}
                result => return result,
            }
            let left = deadline.left();
            let waited = match self.kind.behavior().addressing {
                Addressing::Automatic => self.poll(POLLOUT, left),
                // The socket reports that it can send even if the peer of this message cannot keep up.
                _ => self.poll(POLLERR, Some(left.map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN)))),
            };
            waited.map_err(|error| Errno(error.errno()))?;
        }
    }
}

/// All parts except the last would be lost, and some receivers abort (A10).
#[cold]
fn conflates() -> Error {
    let reason = "a conflating socket can send only messages of one part";
    Error::invalid(Operation::Send, "several parts", reason)
}

/// The error for a message whose peer was lost before the last part. No part was delivered, so the message counts as
/// not sent.
fn not_begun(error: Error) -> Error {
    match error.kind() {
        ErrorKind::MultipartAborted => Error::new(Operation::Send, Errno(libc::EAGAIN)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    /// Waits like a proxy that forwards to a socket on which other threads also send.
    #[cfg(zmq_draft)]
    #[test]
    fn a_limited_send_on_a_shared_socket_keeps_its_timeout() {
        use std::time::{Duration, Instant};

        use crate::{Client, Context, ErrorKind, Message};

        let context = Context::new().unwrap();
        let socket = context.socket(Client).unwrap();
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| {
                socket.core().send_parts_within(&mut [Message::from("to nobody")], Duration::from_millis(100))
            });
            let start = Instant::now();
            while !waiting.is_finished() {
                assert_eq!(socket.send_timeout().unwrap(), None);
            }
            assert!(start.elapsed() >= Duration::from_millis(98), "{:?}", start.elapsed());
            assert_eq!(waiting.join().unwrap().unwrap_err().kind(), ErrorKind::WouldBlock);
        });
    }
}
