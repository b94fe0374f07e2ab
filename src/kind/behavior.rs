//! How a socket type behaves, besides its capabilities.

use super::SocketKind;

/// How a socket of this type finds the peer that a message goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Addressing {
    /// The type decides: it sends to all peers, or to one peer after the other.
    Automatic,
    /// The first part of each message is the routing id of the peer.
    FirstPart,
    /// The program names a routing id with each message.
    #[cfg(zmq_draft)]
    RoutingId,
    /// The program names a group with each message.
    #[cfg(zmq_draft)]
    Group,
    /// The program names an IP address and a port with each message.
    #[cfg(zmq_draft)]
    Datagram,
}

/// The part of a row of the table of socket types that is not a capability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behavior {
    pub(crate) addressing: Addressing,
    /// The socket types at the other end of a connection.
    pub(crate) peers: &'static [SocketKind],
    /// A message consists of a routing id and some bytes. libzmq sends a third part as the next message.
    pub(crate) sends_pairs: bool,
    /// After libzmq has refused a later part of a message, it drops the parts that follow (S8).
    pub(crate) drops_rest: bool,
    /// libzmq can refuse the first part of a message, but never a later one (S10).
    pub(crate) refuses_first_only: bool,
    /// The socket can bind the name of the ZAP handler (A14).
    pub(crate) handles_zap: bool,
    /// The socket receives nothing until it has subscribed.
    pub(crate) needs_subscription: bool,
    /// The socket cannot bind an inproc name to which several sockets have connected (A45).
    pub(crate) binds_for_one: bool,
}

impl Behavior {
    /// The behavior of a type whose row gives no other values.
    pub(super) const PLAIN: Behavior = Behavior {
        addressing: Addressing::Automatic,
        peers: &[],
        sends_pairs: false,
        drops_rest: false,
        refuses_first_only: false,
        handles_zap: false,
        needs_subscription: false,
        binds_for_one: false,
    };
}
