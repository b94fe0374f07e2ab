//! Groups: a RADIO sends to them, and a DISH joins them.

use super::addressed::CanSendTo;
use super::attach::AttachedTurn;
use super::{Core, Socket};
use crate::context::Turn;
use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::foreign;
use crate::kind::{Dish, Is, Kind, Radio};
use crate::message::{Message, check_group};
use crate::raw::{self, Errno};
use crate::timeout::Wait;

/// # Groups
impl<K: Kind> Socket<K> {
    /// Joins a group, so that the socket receives the messages that RADIO sockets send to exactly this group. The name of a
    /// group has up to 255 bytes, none of them NUL.
    ///
    /// The RADIO sockets are informed in the background. Messages that they send before that are not received.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `group` is not a valid name, or if the socket has already joined the group.
    ///
    /// Follows [zmq_join(3)](https://libzmq.readthedocs.io/en/latest/zmq_join.html).
    #[doc(alias = "zmq_join")]
    pub fn join(&self, group: impl AsRef<[u8]>) -> Result<()>
    where
        K: Is<Dish>,
    {
        self.core.join(Operation::Join, group.as_ref(), "the socket has already joined the group")
    }

    /// Leaves a group.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `group` is not a valid name, or if the socket has not joined the group.
    ///
    /// Follows [zmq_leave(3)](https://libzmq.readthedocs.io/en/latest/zmq_leave.html).
    #[doc(alias = "zmq_leave")]
    pub fn leave(&self, group: impl AsRef<[u8]>) -> Result<()>
    where
        K: Is<Dish>,
    {
        self.core.join(Operation::Leave, group.as_ref(), "the socket has not joined the group")
    }
}

impl<Group: AsRef<[u8]>> CanSendTo<Group> for Radio {
    fn send(socket: &Socket<Radio>, to: &Group, message: Message, wait: Wait) -> Result<(), SendError> {
        socket.core.send_to_group(to.as_ref(), message, wait)
    }
}

/// The maximum length of group and message over udp, where the length of the group takes one more byte (A4).
const LONGEST_RADIO_MESSAGE: usize = 8191;

impl Core {
    fn send_to_group(&self, group: &[u8], mut message: Message, wait: Wait) -> Result<(), SendError> {
        let group = match check_group(Operation::Send, group) {
            Ok(group) => group,
            Err(error) => return Err(SendError::new(error, message)),
        };
        let sent = match message.raw_mut().set_group(&group) {
            Ok(()) => self.send_to_its_group(message.raw_mut(), wait),
            Err(errno) => Err(Error::new(Operation::Send, errno)),
        };
        sent.map_err(|error| SendError::new(error, message))
    }

    pub(super) fn send_to_its_group(&self, message: &mut raw::message::Message, wait: Wait) -> Result<()> {
        let _not_connected_meanwhile = self.check_radio_message(message)?;
        self.send_addressed(message, wait)
    }

    /// Refuses a message for which libzmq would write beyond its buffer, or which the bundled libzmq would drop. With a libzmq
    /// other than the bundled one, the locks keep other threads from connecting over udp during the send.
    fn check_radio_message(
        &self,
        message: &raw::message::Message,
    ) -> Result<Option<(Turn<'_>, AttachedTurn<'_>)>> {
        let size = message.len().saturating_add(message.group().len());
        if size <= LONGEST_RADIO_MESSAGE {
            return Ok(None);
        }
        // The locks are always taken in this order. The destructor of a message that has no receiver may take them too.
        let turn = foreign::inproc::hold(&self.context);
        let attached = self.attached();
        if attached.over_udp() {
            let subject = format!("{size} bytes");
            let reason = "over udp, a message and its group have at most 8191 bytes";
            let kind = ErrorKind::MessageTooLarge;
            return Err(Error::refused(Operation::Send, kind, libc::EMSGSIZE, subject, reason));
        }
        Ok(turn.map(|turn| (turn, attached)))
    }

    fn join(&self, operation: Operation, group: &[u8], unless: &'static str) -> Result<()> {
        self.check_process(operation)?;
        let text = check_group(operation, group)?;
        let done = if operation == Operation::Join { self.raw.join(&text) } else { self.raw.leave(&text) };
        done.map_err(|errno| {
            let error = Error::new(operation, errno).on(format!("group \"{}\"", group.escape_ascii()));
            if errno == Errno(libc::EINVAL) { error.meaning(ErrorKind::InvalidInput, unless) } else { error }
        })
    }
}
