//! Sending.

use core::ffi::c_int;
use core::time::Duration;
use std::sync::atomic::Ordering;

use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::events::{POLLERR, POLLOUT};
use crate::foreign;
#[cfg(zmq_draft)]
use crate::kind::Ability;
use crate::kind::{Addressing, CanMultipart, CanSend, Kind};
use crate::message::{IntoMessage, IntoMultipart, Message, Multipart};
use crate::raw::{self, Errno};
use crate::timeout::{Deadline, Wait};

/// How long to wait at a time for a socket that cannot report whether it can send: only sending shows it.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
        self.core.send(message.into_message(), Then::End, Wait::AsSet)
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
        self.core.send(message.into_message(), Then::End, Wait::Not)
    }

    /// Sends a message of one part, or the last part of a longer message. Waits up to `timeout` until the message is taken,
    /// whatever the [send timeout](Self::set_send_timeout) is.
    ///
    /// `timeout` is rounded up to whole milliseconds. With zero, the call does not wait, like [`try_send`](Self::try_send). A part
    /// that follows another part never waits.
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, ErrorKind, Push};
    ///
    /// # let context = Context::new()?;
    /// let sender = context.socket(Push)?;
    /// sender.bind("inproc://nobody-receives")?;
    /// let failure = sender.send_within("Hello", Duration::from_millis(10)).unwrap_err();
    /// assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    /// assert_eq!(failure.into_message(), "Hello");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// On a socket that several threads can share (some draft types), the call uses a file descriptor while it waits.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the message. [`WouldBlock`](ErrorKind::WouldBlock) if the message is not taken in time.
    #[doc(alias = "send_timeout")]
    #[doc(alias = "ZMQ_SNDTIMEO")]
    pub fn send_within(&self, message: impl IntoMessage, timeout: Duration) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::UpTo(timeout))
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
        self.core.send(message.into_message(), Then::More, Wait::AsSet)
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
        self.core.send(message.into_message(), Then::More, Wait::Not)
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
        self.core.send_multipart(message.into_multipart(), Wait::AsSet)
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
        self.core.send_multipart(message.into_multipart(), Wait::Not)
    }

    /// Sends all parts of a message, or none. Waits up to `timeout` until the message is taken, whatever the
    /// [send timeout](Self::set_send_timeout) is.
    ///
    /// `timeout` is rounded up to whole milliseconds. Only the first part ever waits. If the peer is lost before the last part is
    /// taken, the whole message goes to another peer, or waits for one for the rest of the time.
    ///
    /// # Errors
    ///
    /// As for all [sending](#sending), with the whole message. [`WouldBlock`](ErrorKind::WouldBlock) if the message is not taken in
    /// time.
    #[doc(alias = "send_multipart_timeout")]
    #[doc(alias = "ZMQ_SNDTIMEO")]
    pub fn send_multipart_within(
        &self,
        message: impl IntoMultipart,
        timeout: Duration,
    ) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send_multipart(message.into_multipart(), Wait::UpTo(timeout))
    }
}

impl Core {
    pub(crate) fn try_send_all(&self, message: Multipart) -> Result<(), SendError<Multipart>> {
        self.send_multipart(message, Wait::Not)
    }

    /// Sends all parts or none, which are kept until the last was taken; then, the last is empty.
    #[inline]
    pub(crate) fn try_send_parts(&self, parts: &mut [Message]) -> Result<()> {
        self.send_parts(parts, Wait::Not).map_err(not_begun)
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
        self.send_part(first.raw_mut(), Then::More, Wait::Not).map_err(not_begun)?;
        for part in parts {
            self.send_part(part.raw_mut(), Then::More, Wait::Not)?;
        }
        self.send_part(last.raw_mut(), Then::End, Wait::Not)
    }

    /// As [`try_send_parts`](Self::try_send_parts). Waits up to `timeout` until the message is taken.
    pub(crate) fn send_parts_within(&self, parts: &mut [Message], timeout: Duration) -> Result<()> {
        self.send_parts(parts, Wait::UpTo(timeout)).map_err(not_begun)
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
        let begun_before = self.outgoing.is_mid_message();
        let (mut message, mut wait) = (message, wait);
        let deadline = match wait.limit(self.send_timeout.load(Ordering::Relaxed)) {
            Some(Duration::ZERO) => None,
            limit => Some(Deadline::after(limit)),
        };
        loop {
            let Err(error) = self.send_parts(&mut message, wait) else { return Ok(()) };
            if error.kind() != ErrorKind::MultipartAborted || begun_before {
                return Err(SendError::new(error, message));
            }
            // Nothing of it was delivered, so it is as if it had not been tried.
            let Some(deadline) = deadline.filter(|deadline| !deadline.has_passed()) else {
                return Err(SendError::new(not_begun(error), message));
            };
            if let (Wait::UpTo(_), Some(left)) = (wait, deadline.left()) {
                wait = Wait::UpTo(left);
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
    #[inline]
    fn send_part(&self, part: &mut raw::message::Message, then: Then, wait: Wait) -> Result<()> {
        self.check_process(Operation::Send)?;
        if !self.outgoing.is_at_start() {
            return self.send_otherwise(part, then, wait);
        }
        self.send_first(part, then, wait)
    }

    /// Sends the first part of a message.
    #[inline]
    pub(super) fn send_first(&self, part: &mut raw::message::Message, then: Then, wait: Wait) -> Result<()> {
        let waits = if wait == Wait::AsSet { 0 } else { zmq_sys::ZMQ_DONTWAIT };
        if let Err(errno) = self.raw.send(part, then.flag() | waits) {
            self.send_again(errno, part, then, wait)?;
        }
        // Not written to for nothing: it may share a cache line with what another thread uses.
        if then == Then::More {
            self.outgoing.begin();
        }
        Ok(())
    }

    /// Goes on after libzmq did not take the first part of a message: after a signal, for one more timeout in all. The clock is not
    /// read before that is needed.
    #[cold]
    fn send_again(
        &self,
        errno: Errno,
        part: &mut raw::message::Message,
        then: Then,
        wait: Wait,
    ) -> Result<()> {
        let goes_on = match errno {
            Errno(libc::EINTR) => !self.is_interruptible(),
            Errno(libc::EAGAIN) => matches!(wait, Wait::UpTo(timeout) if !timeout.is_zero()),
            _ => false,
        };
        let sent = if goes_on {
            let limit = wait.limit(self.send_timeout.load(Ordering::Relaxed));
            self.send_until(part, then, Deadline::after(limit))
        } else {
            Err(errno)
        };
        sent.map_err(|errno| match errno {
            #[cfg(zmq_draft)]
            Errno(libc::EINVAL) if then == Then::More && !self.kind.has(Ability::Multipart) => {
                super::addressed::no_multipart(Operation::Send, self.kind)
            }
            errno => Error::new(Operation::Send, errno),
        })
    }

    /// Waits until a moment, whatever the send timeout and the signals.
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
                // A wait of more than 24 days was cut.
                Err(Errno(libc::EAGAIN)) if left == c_int::MAX => {}
                result => return result,
            }
        }
    }

    /// As [`send_until`](Self::send_until), for a socket whose send timeout belongs to other threads too.
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
                // It reports that it can send even while the peer of this message cannot keep up.
                _ => self.poll(POLLERR, Some(left.map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN)))),
            };
            waited.map_err(|error| Errno(error.errno()))?;
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
