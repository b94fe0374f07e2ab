//! Sending.

use core::time::Duration;

use super::Socket;
use super::transmit::Then;
use crate::error::{Result, SendError};
use crate::kind::{CanMultipart, CanSend, Kind};
use crate::message::{IntoMessage, IntoMultipart, Multipart};
use crate::timeout::Wait;

/// # Sending
///
/// Every call takes anything that turns into a [`Message`], and gives it back, inside the error, if it could not be
/// sent. In a function that returns [`zmq::Error`](crate::Error), `?` drops the message and keeps the error.
///
/// A message that was taken is not yet on its way: libzmq sends it in the background, once there is a peer. What happens
/// when there is none, or it cannot keep up, depends on the kind: PUB drops, PUSH and DEALER wait, ROUTER drops unless
/// [mandatory](Self::set_router_mandatory).
///
/// # Errors
///
/// [`WouldBlock`](crate::ErrorKind::WouldBlock) if it could not be taken at once or, for calls that wait, within the
/// [send timeout](Self::set_send_timeout); [`WrongState`](crate::ErrorKind::WrongState) if a REQ or REP socket has to receive
/// first; [`HostUnreachable`](crate::ErrorKind::HostUnreachable) if a mandatory ROUTER or a STREAM has no such peer;
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a message of a ROUTER or a STREAM that is not the peer's id and something for it (a
/// STREAM's has two parts; the second may say that more follows, which means nothing);
/// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down;
/// [`MultipartAborted`](crate::ErrorKind::MultipartAborted) for a later part of a message whose peer is gone;
/// [`Forked`](crate::ErrorKind::Forked) in a child process; [`Interrupted`](crate::ErrorKind::Interrupted) if
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
    /// As for all [sending](#sending), with the message. [`WouldBlock`](crate::ErrorKind::WouldBlock) if the message is not taken in time.
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
    /// [`MultipartAborted`](crate::ErrorKind::MultipartAborted) (with libzmq alone it may seem to succeed), and the message has
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
    /// As for all [sending](#sending), with the whole message. [`WouldBlock`](crate::ErrorKind::WouldBlock) if the message is not taken in
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
