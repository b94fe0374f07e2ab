//! Receiving.

use core::ffi::c_int;
use core::time::Duration;
use std::sync::atomic::Ordering;

use super::{Core, Socket};
use crate::error::{Error, Operation, Result, StringError};
use crate::events::POLLIN;
use crate::foreign;
#[cfg(zmq_draft)]
use crate::kind::Ability;
use crate::kind::{CanMultipart, CanRecv, Kind};
use crate::message::{Message, Multipart, RecvInto};
use crate::raw::socket::ReceivedLength;
use crate::raw::{self, Errno};
use crate::timeout::{Deadline, Wait};

/// # Receiving
///
/// When the first part of a message has arrived, all its parts have arrived. Receiving the other parts never waits.
///
/// # Errors
///
/// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if no message arrived in time: at once for the `try_` calls, within
///   `timeout` for the `_within` calls, and within the [receive timeout](Self::set_recv_timeout) for the others.
/// * [`WrongState`](crate::ErrorKind::WrongState) if a REQ or REP socket must send a message first.
/// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
/// * [`Interrupted`](crate::ErrorKind::Interrupted) if a signal arrives and the context is
///   [interruptible](crate::Context::set_interruptible).
/// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
///
/// Follows [zmq_msg_recv(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_recv.html).
impl<K: Kind> Socket<K> {
    /// Receives one part of a message. Waits until there is one.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let publisher = context.socket(zmq::XPub)?;
    /// # publisher.bind("inproc://subscriptions")?;
    /// # let subscriber = context.socket(zmq::Sub)?;
    /// # subscriber.connect("inproc://subscriptions")?;
    /// # subscriber.subscribe("A")?;
    /// let subscription = publisher.recv()?;
    /// assert_eq!(subscription, [1, b'A']);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Socket types that cannot receive do not have this method:
    ///
    /// ```compile_fail,E0277
    /// # let context = zmq::Context::new()?;
    /// context.socket(zmq::Pub)?.recv()?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "zmq_recv")]
    #[doc(alias = "zmq_msg_recv")]
    #[doc(alias = "recv_msg")]
    #[doc(alias = "recv_bytes")]
    #[inline]
    pub fn recv(&self) -> Result<Message>
    where
        K: CanRecv,
    {
        self.core.recv(Wait::AsSet)
    }

    /// Receives one part of a message, if there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    #[doc(alias = "NOBLOCK")]
    #[inline]
    pub fn try_recv(&self) -> Result<Message>
    where
        K: CanRecv,
    {
        self.core.recv(Wait::Not)
    }

    /// Receives one part of a message. Waits up to `timeout` until there is one, regardless of the [receive
    /// timeout](Self::set_recv_timeout).
    ///
    /// `timeout` is rounded up to whole milliseconds. With zero, the call does not wait, like [`try_recv`](Self::try_recv).
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, ErrorKind, Pull};
    ///
    /// let context = Context::new()?;
    /// let sink = context.socket(Pull)?;
    /// sink.bind("inproc://nobody-sends")?;
    /// let error = sink.recv_within(Duration::from_millis(10)).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::WouldBlock);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// On a socket that several threads can share (some draft types), the call uses a file descriptor while it waits.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "recv_timeout")]
    pub fn recv_within(&self, timeout: Duration) -> Result<Message>
    where
        K: CanRecv,
    {
        self.core.recv(Wait::UpTo(timeout))
    }

    /// Receives one part of a message into an existing message, so that a loop can reuse it. The previous content is
    /// released.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. The message can be empty after an error.
    #[doc(alias = "zmq_msg_recv")]
    #[doc(alias = "recv_message")]
    #[inline]
    pub fn recv_to(&self, message: &mut Message) -> Result<()>
    where
        K: CanRecv,
    {
        self.core.recv_part(message.raw_mut(), Wait::AsSet)?;
        Ok(())
    }

    /// Receives one part into a buffer, and returns the filled part of the buffer. If the part is longer than the buffer,
    /// the rest is lost, and [`is_truncated`](RecvInto::is_truncated) returns `true`.
    ///
    /// ```
    /// # use zmq::{Context, Pair};
    /// # let context = Context::new()?;
    /// # let (socket, peer) = (context.socket(Pair)?, context.socket(Pair)?);
    /// # socket.bind("inproc://buffer")?;
    /// # peer.connect("inproc://buffer")?;
    /// # peer.send("Hello")?;
    /// # peer.send("Hello, World")?;
    /// let mut buffer = [0; 10];
    /// let received = socket.recv_into(&mut buffer)?;
    /// assert_eq!(received.to_str()?, "Hello");
    ///
    /// let received = socket.recv_into(&mut buffer)?;
    /// assert_eq!(&received[..], b"Hello, Wor");
    /// assert!(received.is_truncated());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. An error leaves the buffer unchanged.
    ///
    /// Follows [zmq_recv(3)](https://libzmq.readthedocs.io/en/latest/zmq_recv.html).
    #[doc(alias = "zmq_recv")]
    pub fn recv_into<'a>(&self, buffer: &'a mut [u8]) -> Result<RecvInto<'a>>
    where
        K: CanRecv,
    {
        self.core.recv_into(buffer, Wait::AsSet)
    }

    /// Receives one part into a buffer, if there is one, and returns the filled part of the buffer.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. An error leaves the buffer unchanged.
    ///
    /// Follows [zmq_recv(3)](https://libzmq.readthedocs.io/en/latest/zmq_recv.html).
    #[doc(alias = "zmq_recv")]
    #[doc(alias = "ZMQ_DONTWAIT")]
    pub fn try_recv_into<'a>(&self, buffer: &'a mut [u8]) -> Result<RecvInto<'a>>
    where
        K: CanRecv,
    {
        self.core.recv_into(buffer, Wait::Not)
    }

    /// Receives one part as text. Waits until there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors. In addition, the call fails with
    /// [`InvalidData`](crate::ErrorKind::InvalidData) if the part is not UTF-8. This error returns the message.
    pub fn recv_string(&self) -> Result<String, StringError>
    where
        K: CanRecv,
    {
        let message = self.core.recv(Wait::AsSet)?;
        match core::str::from_utf8(&message) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(StringError::not_utf8(Operation::Receive, error, message)),
        }
    }

    /// Receives all parts of a message. Waits until there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    pub fn recv_multipart(&self) -> Result<Multipart>
    where
        K: CanRecv + CanMultipart,
    {
        self.core.recv_multipart(Wait::AsSet)
    }

    /// Receives all parts of a message. Waits up to `timeout` until there is one, regardless of the [receive
    /// timeout](Self::set_recv_timeout).
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    #[doc(alias = "recv_multipart_timeout")]
    pub fn recv_multipart_within(&self, timeout: Duration) -> Result<Multipart>
    where
        K: CanRecv + CanMultipart,
    {
        self.core.recv_multipart(Wait::UpTo(timeout))
    }

    /// Receives all parts of a message, if there is one.
    ///
    /// # Errors
    ///
    /// See [receiving](#receiving) for the errors.
    pub fn try_recv_multipart(&self) -> Result<Multipart>
    where
        K: CanRecv + CanMultipart,
    {
        self.core.recv_multipart(Wait::Not)
    }
}

/// The number of parts for which memory is reserved when a message has several parts.
const FEW_PARTS: usize = 4;

impl Core {
    pub(crate) fn try_recv_all(&self) -> Result<Multipart> {
        self.recv_multipart(Wait::Not)
    }

    /// Receives all parts of a message, if there is one, into messages that are reused. Returns the number of parts and
    /// bytes.
    #[inline]
    pub(crate) fn try_recv_parts(&self, parts: &mut Vec<Message>) -> Result<(usize, usize)> {
        // As in `recv_multipart`.
        raw::callback::after(|| {
            let (mut count, mut bytes) = (0, 0);
            loop {
                if count == parts.len() {
                    parts.push(Message::new());
                }
                let Some(part) = parts.get_mut(count) else { return Ok((count, bytes)) };
                let length = if count == 0 {
                    self.recv_part(part.raw_mut(), Wait::Not)?
                } else {
                    self.recv_later_part(part.raw_mut())?
                };
                count += 1;
                bytes += length.exact().unwrap_or_else(|| part.len());
                if !part.has_more() {
                    return Ok((count, bytes));
                }
            }
        })
    }

    /// Receives one part into `message`, if there is one.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn try_recv_to(&self, message: &mut Message) -> Result<()> {
        self.recv_part(message.raw_mut(), Wait::Not)?;
        Ok(())
    }

    /// Receives one part into `message`, and returns whether this succeeded. After a failure, nothing was received.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn was_received(&self, message: &mut Message) -> bool {
        let is_received = self.raw.recv(message.raw_mut(), zmq_sys::ZMQ_DONTWAIT).is_ok();
        if is_received {
            foreign::count_in(self.kind, message.raw_mut());
        }
        is_received
    }

    #[inline]
    pub(super) fn recv(&self, wait: Wait) -> Result<Message> {
        let mut message = Message::new();
        match self.recv_part(message.raw_mut(), wait) {
            Ok(_) => Ok(message),
            // Not `?`: the compiler would move the message in pieces of the size of an error's fields (see `raw::layout::known`).
            Err(error) => Err(error),
        }
    }

    pub(crate) fn recv_multipart(&self, wait: Wait) -> Result<Multipart> {
        #[cfg(zmq_draft)]
        if !self.kind.has(Ability::Multipart) {
            return Err(super::addressed::no_multipart(Operation::Receive, self.kind));
        }
        // A destructor that runs between two parts could receive the next part.
        raw::callback::after(|| self.recv_parts(wait))
    }

    #[inline]
    fn recv_parts(&self, wait: Wait) -> Result<Multipart> {
        let mut first = Message::new();
        self.recv_part(first.raw_mut(), wait)?;
        if !first.has_more() {
            return Ok(Multipart::of_received(vec![first]));
        }
        let mut frames = Vec::with_capacity(FEW_PARTS);
        frames.push(first);
        loop {
            // The part is received in place, so that it does not have to be moved.
            frames.push(Message::new());
            if let Some(part) = frames.last_mut() {
                self.recv_later_part(part.raw_mut())?;
                if part.has_more() {
                    continue;
                }
            }
            return Ok(Multipart::of_received(frames));
        }
    }

    #[inline]
    fn recv_into<'a>(&self, buffer: &'a mut [u8], wait: Wait) -> Result<RecvInto<'a>> {
        let mut message = raw::message::Message::new();
        let length = self.recv_part(&mut message, wait)?;
        let bytes = message.as_received(length);
        let fitting = bytes.get(..buffer.len()).unwrap_or(bytes);
        let filled = buffer.get_mut(..fitting.len()).unwrap_or_default();
        filled.copy_from_slice(fitting);
        Ok(RecvInto::new(filled, bytes.len(), message.has_more()))
    }

    /// Receives into `part`, and returns the number of bytes.
    #[inline]
    pub(super) fn recv_part(&self, part: &mut raw::message::Message, wait: Wait) -> Result<ReceivedLength> {
        self.check_process(Operation::Receive)?;
        let flags = if wait == Wait::AsSet { 0 } else { zmq_sys::ZMQ_DONTWAIT };
        let length = match self.raw.recv(part, flags) {
            Ok(length) => length,
            Err(errno) if wait.may_go_on(errno.0) => self.recv_again(errno, part, wait)?,
            Err(errno) => return Err(self.not_received(errno)),
        };
        foreign::count_in(self.kind, part);
        Ok(length)
    }

    /// Continues after libzmq returned no part. After a signal, the call waits for one more timeout in total. The clock is
    /// read only when it is needed.
    #[cold]
    fn recv_again(
        &self,
        errno: Errno,
        part: &mut raw::message::Message,
        wait: Wait,
    ) -> Result<ReceivedLength> {
        let received = if errno == Errno(libc::EINTR) && self.is_interruptible() {
            Err(errno)
        } else {
            let limit = wait.limit(self.recv_timeout.load(Ordering::Relaxed));
            self.recv_until(part, Deadline::after(limit))
        };
        received.map_err(|errno| self.not_received(errno))
    }

    /// Returns the error of a receive. If a SUB socket has not subscribed, the error text mentions it.
    fn not_received(&self, errno: Errno) -> Error {
        let subscribed = errno != Errno(libc::EAGAIN) || self.subscribed.load(Ordering::Relaxed);
        Error::new(if subscribed { Operation::Receive } else { Operation::ReceiveUnsubscribed }, errno)
    }

    /// Waits until a point in time, regardless of the receive timeout, and continues after signals.
    fn recv_until(
        &self,
        part: &mut raw::message::Message,
        deadline: Deadline,
    ) -> Result<ReceivedLength, Errno> {
        if self.kind.is_thread_safe() {
            return self.recv_polling(part, deadline);
        }
        loop {
            let recv = || self.raw.recv(part, 0);
            let left = deadline.milliseconds_left();
            match self.with_timeout(zmq_sys::ZMQ_RCVTIMEO, &self.recv_timeout, left, recv) {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                // A wait of more than 24 days was shortened.
                Err(Errno(libc::EAGAIN)) if left == c_int::MAX => {}
                result => return result,
            }
        }
    }

    /// Like [`recv_until`](Self::recv_until), for sockets whose receive timeout also applies to other threads.
    fn recv_polling(
        &self,
        part: &mut raw::message::Message,
        deadline: Deadline,
    ) -> Result<ReceivedLength, Errno> {
        loop {
            // After a poll, another thread may receive the part first.
            match self.raw.recv(part, zmq_sys::ZMQ_DONTWAIT) {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => continue,
                Err(Errno(libc::EAGAIN)) if !deadline.has_passed() => {}
                result => return result,
            }
            self.poll(POLLIN, deadline.left()).map_err(|error| Errno(error.errno()))?;
        }
    }

    /// Receives a part that has already arrived (R2). A signal must not separate it from the first part.
    #[inline]
    pub(super) fn recv_later_part(&self, part: &mut raw::message::Message) -> Result<ReceivedLength> {
        loop {
            match self.raw.recv(part, 0) {
                Ok(length) => {
                    foreign::count_in(self.kind, part);
                    return Ok(length);
                }
                Err(Errno(libc::EINTR)) => {}
                Err(errno) => return Err(Error::new(Operation::Receive, errno)),
            }
        }
    }
}
