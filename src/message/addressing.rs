//! The routing id and the group of messages of the draft socket types.

use core::fmt;
use core::num::NonZeroU32;
use std::ffi::CString;

use super::Message;
use crate::error::{Error, Operation, Result};

/// The number that identifies one peer of a SERVER or PEER socket.
///
/// [`recv_from`](crate::Socket::recv_from) and [`connect_peer`](crate::Socket::connect_peer) return it, and
/// [`send_to`](crate::Socket::send_to) takes it. The number is valid for one connection: a peer that connects again gets
/// another number. Each socket numbers its peers independently.
///
/// Follows [zmq_msg_routing_id(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_routing_id.html).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RoutingId(NonZeroU32);

impl RoutingId {
    /// Creates an id from its number. Returns `None` for 0, which means "no id" in libzmq.
    #[must_use]
    pub const fn new(number: u32) -> Option<RoutingId> {
        match NonZeroU32::new(number) {
            Some(number) => Some(RoutingId(number)),
            None => None,
        }
    }

    /// Returns the number of the id.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for RoutingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// # Draft socket types
///
/// Clones have the same routing id and group.
impl Message {
    /// Returns the id of the peer that sent the message.
    ///
    /// Only messages received by a SERVER or PEER socket have an id; other messages return `None`.
    /// [`Socket::recv_from`](crate::Socket::recv_from) returns the id together with the message.
    ///
    /// Follows [zmq_msg_routing_id(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_routing_id.html).
    #[must_use]
    #[doc(alias = "zmq_msg_routing_id")]
    pub fn routing_id(&self) -> Option<RoutingId> {
        RoutingId::new(self.raw.routing_id())
    }

    /// Returns the group to which a RADIO socket sent the message that a DISH socket received.
    ///
    /// The group is empty for other messages.
    ///
    /// ```
    /// # use zmq::{Context, Dish, Radio};
    /// # let context = Context::new()?;
    /// # let (radio, dish) = (context.socket(Radio)?, context.socket(Dish)?);
    /// radio.bind("inproc://station")?;
    /// dish.join("weather")?;
    /// dish.connect("inproc://station")?;
    ///
    /// radio.send_to("weather", "sunny")?;
    /// let message = dish.recv()?;
    /// assert_eq!(message, "sunny");
    /// assert_eq!(message.group(), b"weather");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Follows [zmq_msg_group(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_group.html).
    #[must_use]
    #[doc(alias = "zmq_msg_group")]
    pub fn group(&self) -> &[u8] {
        self.raw.group()
    }
}

/// The maximum length of a group in bytes.
const LONGEST_GROUP: usize = 255;

/// Converts a group's name for libzmq, which truncates a name that is too long (M19) or contains a NUL.
pub(crate) fn check_group(operation: Operation, group: &[u8]) -> Result<CString> {
    let shown = || format!("group \"{}\"", group.escape_ascii());
    if group.len() > LONGEST_GROUP {
        return Err(Error::invalid(operation, shown(), "a group must have at most 255 bytes"));
    }
    CString::new(group).map_err(|_| Error::invalid(operation, shown(), "a group must not contain a NUL byte"))
}
