//! Sending.

use core::ffi::c_int;
use std::sync::atomic::Ordering;

use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::events::POLLOUT;
use crate::foreign;
#[cfg(zmq_draft)]
use crate::kind::Ability;
use crate::kind::{CanMultipart, CanSend, Kind};
use crate::message::{IntoMessage, IntoMultipart, Message, Multipart};
use crate::raw::{self, Errno};
use crate::timeout::{Deadline, from_milliseconds};

/// What follows a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    More,
    End,
}

/// Whether a call may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// As long as the send timeout says.
    Yes,
    No,
    /// For so many milliseconds, or until a signal comes.
    AMoment(c_int),
}

/// # Sending
///
/// Every call takes anything that turns into a [`Message`], and gives it back, inside the error, if it could not be
/// sent. In a function that returns [`zmq::Error`](Error), `?` drops the message and keeps the error.
///
/// A message that was taken is not yet on its way: libzmq sends it in the background, once there is a peer. What happens
/// when there is none, or it cannot keep up, depends on the kind: PUB drops, PUSH and DEALER wait, ROUTER drops unless
/// [mandatory](Self::set_router_mandatory).
///
/// # Errors
///
/// [`WouldBlock`](ErrorKind::WouldBlock) if it could not be taken at once or, for calls that wait, within the
/// [send timeout](Self::set_send_timeout); [`WrongState`](ErrorKind::WrongState) if a REQ or REP socket has to receive
/// first; [`HostUnreachable`](ErrorKind::HostUnreachable) if a mandatory ROUTER or a STREAM has no such peer;
/// [`InvalidInput`](ErrorKind::InvalidInput) for a message of a ROUTER or a STREAM that is not the peer's id and something for it (a
/// STREAM's has two parts; the second may say that more follows, which means nothing);
/// [`Terminated`](ErrorKind::Terminated) once the context is shut down;
/// [`MultipartAborted`](ErrorKind::MultipartAborted) for a later part of a message whose peer is gone;
/// [`Forked`](ErrorKind::Forked) in a child process; [`Interrupted`](ErrorKind::Interrupted) if
/// [asked for](crate::Context::set_interruptible).
///
/// Follows [zmq_msg_send(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_send.html).
impl<K: Kind> Socket<K> {
    /// Sends a message of one part, or the last part of a longer one. Waits until it is taken.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the message.
    ///
    /// What cannot send has no such call:
    ///
    /// ```compile_fail,E0277
    /// # let context = zmq::Context::new()?;
    /// context.socket(zmq::Pull)?.send("Hello")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # context.set_blocky(false)?;
    /// let sender = context.socket(zmq::Push)?;
    /// sender.connect("inproc://sink")?;
    /// sender.send("Hello")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_send")]
    #[doc(alias = "zmq_msg_send")]
    #[inline]
    pub fn send(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::Yes)
    }

    /// Sends a message of one part, or the last part of a longer one, if it is taken at once.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the message.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[inline]
    pub fn try_send(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::No)
    }

    /// Sends a part of a message that goes on: the peer receives nothing until the last part was sent.
    ///
    /// If the peer is lost between two parts, the next one fails with
    /// [`MultipartAborted`](ErrorKind::MultipartAborted) (with libzmq alone it may seem to succeed), and the message has
    /// to be sent from its first part again. [`send_multipart`](Self::send_multipart) does that by itself. (With a system's
    /// libzmq the rest may still be lost without a word if a call such as [`events`](Self::events) comes in between.)
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the message.
    #[doc(alias = "ZMQ_SNDMORE")]
    #[inline]
    pub fn send_more(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send(message.into_message(), Then::More, Wait::Yes)
    }

    /// Sends a part of a message that goes on, if it is taken at once.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the message.
    #[doc(alias = "ZMQ_SNDMORE")]
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[inline]
    pub fn try_send_more(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send(message.into_message(), Then::More, Wait::No)
    }

    /// Sends all parts of a message, or none. Waits until it is taken.
    ///
    /// Only the first part ever waits. If the peer is lost before the last one was taken, the whole message goes to
    /// another peer, or waits for one.
    ///
    /// Parts of one type are an array, parts of several types a tuple. As many as turn out when the program runs are a
    /// [`Multipart`]: `Multipart::try_from(vec)?`, which fails if there are none.
    ///
    /// ```
    /// # use zmq::{Context, Pair};
    /// # let context = Context::new()?;
    /// # let (socket, peer) = (context.socket(Pair)?, context.socket(Pair)?);
    /// # socket.bind("inproc://multipart")?;
    /// # peer.connect("inproc://multipart")?;
    /// socket.send_multipart(["META:userid=1234", "Hello World"])?;
    /// assert_eq!(peer.recv_multipart()?, ["META:userid=1234", "Hello World"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the whole message.
    pub fn send_multipart(&self, message: impl IntoMultipart) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send_multipart(message.into_multipart(), Wait::Yes)
    }

    /// Sends all parts of a message, or none, if it is taken at once.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the whole message.
    pub fn try_send_multipart(&self, message: impl IntoMultipart) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send_multipart(message.into_multipart(), Wait::No)
    }
}

impl Core {
    pub(crate) fn try_send_all(&self, message: Multipart) -> Result<(), SendError<Multipart>> {
        self.send_multipart(message, Wait::No)
    }

    /// Sends all parts or none, which are kept until the last was taken; then, the last is empty.
    #[inline]
    pub(crate) fn try_send_parts(&self, parts: &mut [Message]) -> Result<()> {
        self.send_parts(parts, Wait::No).map_err(not_begun)
    }

    /// As [`try_send_parts`](Self::try_send_parts). A socket that refuses none but first parts (S10) is given the parts
    /// themselves, not copies of them. Should it refuse a later one all the same, or its context be shut down in between, the
    /// parts before are lost: an error that cannot be mistaken for a message that may be sent again.
    #[inline]
    pub(crate) fn try_pass_on(&self, parts: &mut [Message]) -> Result<()> {
        if !self.kind.behavior().refuses_first_only || parts.len() < 2 {
            return self.try_send_parts(parts);
        }
        let Some((last, parts)) = parts.split_last_mut() else { return Ok(()) };
        let Some((first, parts)) = parts.split_first_mut() else { return Ok(()) };
        self.send_part(first.raw_mut(), Then::More, Wait::No).map_err(not_begun)?;
        for part in parts {
            self.send_part(part.raw_mut(), Then::More, Wait::No)?;
        }
        self.send_part(last.raw_mut(), Then::End, Wait::No)
    }

    /// As [`try_send_parts`](Self::try_send_parts), waiting for some milliseconds at most, and not longer than until a
    /// signal comes.
    pub(crate) fn send_parts_within(&self, parts: &mut [Message], milliseconds: c_int) -> Result<()> {
        self.send_parts(parts, Wait::AMoment(milliseconds)).map_err(not_begun)
    }

    /// Whether a message would be taken, as far as the socket tells.
    pub(crate) fn is_writable(&self) -> Result<bool> {
        loop {
            match self.raw.get::<c_int>(zmq_sys::ZMQ_EVENTS) {
                Ok(events) => return Ok(events & zmq_sys::ZMQ_POLLOUT != 0),
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                Err(errno) => return Err(Error::new(Operation::Send, errno)),
            }
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "a call more makes sending short messages between two threads slower by 3 %"
    )]
    #[inline(always)]
    fn send(&self, mut message: Message, then: Then, wait: Wait) -> Result<(), SendError> {
        if then == Then::More && self.conflates() {
            return Err(SendError::new(conflates(), message));
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

    fn send_multipart(&self, message: Multipart, wait: Wait) -> Result<(), SendError<Multipart>> {
        if message.len() > 1 && self.conflates() {
            return Err(SendError::new(conflates(), message));
        }
        if let Err(error) = foreign::check_subscriptions(self.kind, &message) {
            return Err(SendError::new(error, message));
        }
        let begun_before = self.mid_message.load(Ordering::Relaxed);
        let limit = self.send_timeout.load(Ordering::Relaxed);
        let deadline = (limit > 0).then(|| Deadline::after(from_milliseconds(limit)));
        let mut message = message;
        loop {
            let Err(error) = self.send_parts(&mut message, wait) else { return Ok(()) };
            if error.kind() != ErrorKind::MultipartAborted || begun_before {
                return Err(SendError::new(error, message));
            }
            // Nothing of it was delivered, so it is as if it had not been tried.
            let in_time = limit != 0 && !deadline.is_some_and(Deadline::has_passed);
            if wait == Wait::No || !in_time {
                let error = Error::new(Operation::Send, Errno(libc::EAGAIN));
                return Err(SendError::new(error, message));
            }
        }
    }

    /// Sends all parts, keeping them (libzmq shares their bytes) until the last one was taken.
    #[inline]
    fn send_parts(&self, message: &mut [Message], wait: Wait) -> Result<()> {
        self.check_parts(message.len())?;
        let Some((last, parts)) = message.split_last_mut() else { return Ok(()) };
        if !parts.is_empty() {
            self.send_copies(parts, wait)?;
        }
        self.send_part(last.raw_mut(), Then::End, wait)
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
    ///
    /// Only the first part of a message can meet a full queue (S10); a later one that is refused has lost its peer. It
    /// is sent without waiting, because libzmq would drop it and call that a success (S9).
    #[inline]
    fn send_part(&self, part: &mut raw::message::Message, then: Then, wait: Wait) -> Result<()> {
        self.check_process(Operation::Send)?;
        let more = if then == Then::More { zmq_sys::ZMQ_SNDMORE } else { 0 };
        if self.mid_message.load(Ordering::Relaxed) {
            return self.send_later_part(part, more);
        }
        if self.repair.is_needed() {
            return self.send_after_repair(part, more, wait);
        }
        self.send_first_part(part, more, wait)
    }

    #[inline]
    pub(super) fn send_first_part(
        &self,
        part: &mut raw::message::Message,
        more: c_int,
        wait: Wait,
    ) -> Result<()> {
        let sent = match wait {
            Wait::No => self.raw.send(part, more | zmq_sys::ZMQ_DONTWAIT),
            Wait::Yes => self.send_waiting(part, more),
            Wait::AMoment(milliseconds) => self.send_for_a_moment(part, more, milliseconds),
        };
        match sent {
            Ok(()) => {
                // Not written to for nothing: it may share a cache line with what another thread uses.
                if more != 0 {
                    self.mid_message.store(true, Ordering::Relaxed);
                }
                Ok(())
            }
            Err(Errno(libc::EINTR)) if wait == Wait::No && !self.is_interruptible() => {
                self.send_first_part(part, more, wait)
            }
            #[cfg(zmq_draft)]
            Err(Errno(libc::EINVAL)) if more != 0 && !self.kind.has(Ability::Multipart) => {
                Err(super::addressed::no_multipart(Operation::Send, self.kind))
            }
            Err(errno) => Err(Error::new(Operation::Send, errno)),
        }
    }

    /// Waits for as long as the send timeout says.
    #[inline]
    fn send_waiting(&self, part: &mut raw::message::Message, flags: c_int) -> Result<(), Errno> {
        match self.raw.send(part, flags) {
            Err(Errno(libc::EINTR)) if !self.is_interruptible() => self.send_after_signal(part, flags),
            result => result,
        }
    }

    /// Goes on after a signal, for one more send timeout in all: the clock is not read before there is need to.
    #[cold]
    fn send_after_signal(&self, part: &mut raw::message::Message, flags: c_int) -> Result<(), Errno> {
        let limit = from_milliseconds(self.send_timeout.load(Ordering::Relaxed));
        let deadline = Deadline::after(limit);
        if self.kind.is_thread_safe() {
            // Signals do not disturb those, and their timeout is other threads' too.
            return self.raw.send(part, flags);
        }
        loop {
            let send = || self.raw.send(part, flags);
            let left = deadline.milliseconds_left();
            match self.with_timeout(zmq_sys::ZMQ_SNDTIMEO, &self.send_timeout, left, send) {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                // A wait of more than 24 days was cut.
                Err(Errno(libc::EAGAIN)) if left == c_int::MAX => {}
                result => return result,
            }
        }
    }

    #[cold]
    fn send_for_a_moment(
        &self,
        part: &mut raw::message::Message,
        flags: c_int,
        milliseconds: c_int,
    ) -> Result<(), Errno> {
        if self.kind.is_thread_safe() {
            // The timeout is other threads' too.
            let waited = self.poll(POLLOUT, from_milliseconds(milliseconds));
            waited.map_err(|error| Errno(error.errno()))?;
            return self.raw.send(part, flags | zmq_sys::ZMQ_DONTWAIT);
        }
        let send = || self.raw.send(part, flags);
        match self.with_timeout(zmq_sys::ZMQ_SNDTIMEO, &self.send_timeout, milliseconds, send) {
            Err(Errno(libc::EINTR)) if !self.is_interruptible() => Err(Errno(libc::EAGAIN)),
            result => result,
        }
    }

    pub(super) fn send_later_part(&self, part: &mut raw::message::Message, more: c_int) -> Result<()> {
        let sent = self.send_at_once(part, more);
        match sent {
            Ok(()) => {
                // To a STREAM, what follows an id is the end, whatever it says.
                if more == 0 || self.kind.behavior().sends_pairs {
                    self.mid_message.store(false, Ordering::Relaxed);
                }
                Ok(())
            }
            Err(Errno(libc::EAGAIN)) => {
                self.abandon_message(more != 0);
                Err(Error::new(Operation::Send, Errno(libc::EAGAIN)).meaning(
                    ErrorKind::MultipartAborted,
                    "the peer was lost before the last part; send the message from its first part",
                ))
            }
            Err(errno) => Err(Error::new(Operation::Send, errno)),
        }
    }

    /// Between two parts a signal never surfaces: the message could not be resumed.
    pub(super) fn send_at_once(&self, part: &mut raw::message::Message, more: c_int) -> Result<(), Errno> {
        loop {
            match self.raw.send(part, more | zmq_sys::ZMQ_DONTWAIT) {
                Err(Errno(libc::EINTR)) => {}
                result => return result,
            }
        }
    }
}

/// All but the last part would be lost, and some receivers abort (A10).
#[cold]
fn conflates() -> Error {
    let reason = "the socket conflates, which it can only do with messages of one part";
    Error::invalid(Operation::Send, "several parts", reason)
}

/// A message whose peer was lost half-way is as if it had not been tried: nothing of it was delivered.
fn not_begun(error: Error) -> Error {
    match error.kind() {
        ErrorKind::MultipartAborted => Error::new(Operation::Send, Errno(libc::EAGAIN)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    /// As a proxy waits that forwards to a socket which other threads send on, too.
    #[cfg(zmq_draft)]
    #[test]
    fn a_moment_on_a_shared_socket_is_not_its_timeout() {
        use std::time::{Duration, Instant};

        use crate::{Client, Context, ErrorKind, Message};

        let context = Context::new().unwrap();
        let socket = context.socket(Client).unwrap();
        std::thread::scope(|threads| {
            let waiting =
                threads.spawn(|| socket.core().send_parts_within(&mut [Message::from("to nobody")], 100));
            let start = Instant::now();
            while !waiting.is_finished() {
                assert_eq!(socket.send_timeout().unwrap(), None);
            }
            assert!(start.elapsed() >= Duration::from_millis(98), "{:?}", start.elapsed());
            assert_eq!(waiting.join().unwrap().unwrap_err().kind(), ErrorKind::WouldBlock);
        });
    }
}
