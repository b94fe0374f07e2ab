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
/// Each call takes any value that converts into a [`Message`](crate::Message). If the message cannot be sent, the error
/// returns it. In a function that returns [`zmq::Error`](crate::Error), `?` drops the message and keeps the error.
///
/// A call succeeds as soon as libzmq has taken the message. libzmq sends it in the background, once there is a peer. If
/// there is no peer, or the peer cannot keep up, the socket type decides: PUB drops the message, PUSH and DEALER wait, and
/// ROUTER drops the message unless it is [mandatory](Self::set_router_mandatory).
///
/// # Errors
///
/// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if the message was not taken in time: at once for the `try_` calls,
///   within `timeout` for the `_within` calls, and within the [send timeout](Self::set_send_timeout) for the others.
/// * [`WrongState`](crate::ErrorKind::WrongState) if a REQ or REP socket must receive a message first.
/// * [`HostUnreachable`](crate::ErrorKind::HostUnreachable) if a mandatory ROUTER or a STREAM has no peer with the given
///   routing id.
/// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if a ROUTER or a STREAM sends a message that is not the id of a peer
///   followed by content. A message of a STREAM has exactly two parts. The second part is the last one, even if it is sent
///   with [`send_more`](Self::send_more).
/// * [`MultipartAborted`](crate::ErrorKind::MultipartAborted) for a later part of a message whose peer is gone.
/// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
/// * [`Interrupted`](crate::ErrorKind::Interrupted) if a signal arrives and the context is
///   [interruptible](crate::Context::set_interruptible).
/// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
///
/// Follows [zmq_msg_send(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_send.html).
impl<K: Kind> Socket<K> {
    /// Sends a message of one part, or the last part of a longer message. Waits until the message is taken.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # context.set_blocky(false)?;
    /// let sender = context.socket(zmq::Push)?;
    /// sender.connect("inproc://sink")?;
    /// sender.send("Hello")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Socket types that cannot send do not have this method:
    ///
    /// ```compile_fail,E0277
    /// # let context = zmq::Context::new()?;
    /// context.socket(zmq::Pull)?.send("Hello")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[doc(alias = "zmq_send")]
    #[doc(alias = "zmq_msg_send")]
    #[doc(alias = "send_str")]
    #[doc(alias = "send_string")]
    #[inline]
    pub fn send(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::AsSet)
    }

    /// Sends a message of one part, or the last part of a longer message, without waiting.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "DONTWAIT")]
    #[doc(alias = "NOBLOCK")]
    #[inline]
    pub fn try_send(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::Not)
    }

    /// Sends a message of one part, or the last part of a longer message. Waits up to `timeout` until the message is taken,
    /// regardless of the [send timeout](Self::set_send_timeout).
    ///
    /// `timeout` is rounded up to whole milliseconds. With zero, the call does not wait, like [`try_send`](Self::try_send).
    /// Sending a part that follows another part never waits.
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
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[doc(alias = "send_timeout")]
    #[doc(alias = "ZMQ_SNDTIMEO")]
    pub fn send_within(&self, message: impl IntoMessage, timeout: Duration) -> Result<(), SendError>
    where
        K: CanSend,
    {
        self.core.send(message.into_message(), Then::End, Wait::UpTo(timeout))
    }

    /// Sends a part of a message that has more parts. The peer receives nothing until the last part is sent.
    ///
    /// If the peer is lost between two parts, the next part fails with
    /// [`MultipartAborted`](crate::ErrorKind::MultipartAborted). Then send the message again from its first part.
    /// [`send_multipart`](Self::send_multipart) does this by itself. With a libzmq other than the bundled one, the rest of
    /// the message can be lost silently if the program makes a call such as [`events`](Self::events) between two parts.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[doc(alias = "ZMQ_SNDMORE")]
    #[doc(alias = "SNDMORE")]
    #[inline]
    pub fn send_more(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send(message.into_message(), Then::More, Wait::AsSet)
    }

    /// Sends a part of a message that has more parts, without waiting.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the message.
    #[doc(alias = "ZMQ_SNDMORE")]
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[inline]
    pub fn try_send_more(&self, message: impl IntoMessage) -> Result<(), SendError>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send(message.into_message(), Then::More, Wait::Not)
    }

    /// Sends all parts of a message, or none. Waits until the message is taken.
    ///
    /// The call can wait only before the first part is taken. If the peer is lost before the last part is taken, the whole
    /// message goes to another peer, or waits for another peer.
    ///
    /// Pass an array if all parts have the same type, and a tuple if they have different types. If the number of parts is
    /// known only at run time, make a [`Multipart`] with `Multipart::try_from(vec)?`, which fails for an empty `Vec`.
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
    /// See [sending](#sending) for the errors. Each error returns the whole message.
    pub fn send_multipart(&self, message: impl IntoMultipart) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send_multipart(message.into_multipart(), Wait::AsSet)
    }

    /// Sends all parts of a message, or none, without waiting.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the whole message.
    pub fn try_send_multipart(&self, message: impl IntoMultipart) -> Result<(), SendError<Multipart>>
    where
        K: CanSend + CanMultipart,
    {
        self.core.send_multipart(message.into_multipart(), Wait::Not)
    }

    /// Sends all parts of a message, or none. Waits up to `timeout` until the message is taken, regardless of the [send
    /// timeout](Self::set_send_timeout).
    ///
    /// `timeout` is rounded up to whole milliseconds. The call can wait only before the first part is taken. If the peer is
    /// lost before the last part is taken, the whole message goes to another peer, or waits for another peer until the
    /// timeout ends.
    ///
    /// # Errors
    ///
    /// See [sending](#sending) for the errors. Each error returns the whole message.
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
