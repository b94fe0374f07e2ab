//! What a message of the draft kinds bears beside its bytes: a routing id, or a group.

use core::fmt;
use core::num::NonZeroU32;
use std::ffi::CString;

use super::Message;
use crate::error::{Error, Operation, Result};

/// The number by which a SERVER or PEER socket knows one of its peers.
///
/// [`recv_from`](crate::Socket::recv_from) and [`connect_peer`](crate::Socket::connect_peer) give it, and
/// [`send_to`](crate::Socket::send_to) takes it. It stands for one connection: a peer that connects again gets another one. Two
/// sockets number their peers independently.
///
/// Follows [zmq_msg_routing_id(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_routing_id.html).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RoutingId(NonZeroU32);

impl RoutingId {
    /// The id of this number; `None` for 0, which libzmq has for "no id".
    #[must_use]
    pub const fn new(number: u32) -> Option<RoutingId> {
        match NonZeroU32::new(number) {
            Some(number) => Some(RoutingId(number)),
            None => None,
        }
    }

    /// The number of the id.
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

/// # Draft kinds
///
/// Clones bear the same routing id and group.
impl Message {
    /// By what number the SERVER or PEER socket that received the message knows its sender.
    ///
    /// `None` for messages that no such socket received. [`Socket::recv_from`](crate::Socket::recv_from) gives it along.
    ///
    /// Follows [zmq_msg_routing_id(3)](https://libzmq.readthedocs.io/en/latest/zmq_msg_routing_id.html).
    #[must_use]
    #[doc(alias = "zmq_msg_routing_id")]
    pub fn routing_id(&self) -> Option<RoutingId> {
        RoutingId::new(self.raw.routing_id())
    }

    /// The group that a RADIO sent the message to, as a DISH receives it.
    ///
    /// Empty if there is none.
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

/// The most that a group may have.
const LONGEST_GROUP: usize = 255;

/// A group's name as libzmq takes it: it would cut one that is longer (M19), or that holds a NUL.
pub(crate) fn check_group(operation: Operation, group: &[u8]) -> Result<CString> {
    let shown = || format!("group \"{}\"", group.escape_ascii());
    if group.len() > LONGEST_GROUP {
        return Err(Error::invalid(operation, shown(), "a group has at most 255 bytes"));
    }
    CString::new(group).map_err(|_| Error::invalid(operation, shown(), "a group cannot contain a NUL"))
}
