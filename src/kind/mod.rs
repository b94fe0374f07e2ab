//! The kinds of sockets: one table.

mod behavior;
mod capability;

use core::ffi::c_int;
use core::fmt;

use crate::foreign;

pub(crate) use behavior::Addressing;
use behavior::Behavior;
pub(crate) use capability::Ability;
pub use capability::{
    CanConflate, CanMatch, CanMultipart, CanNamePeers, CanProbe, CanPublish, CanReceiveSubscriptions,
    CanRecv, CanRequest, CanRoute, CanSend, CanStream, CanSubscribe, HasFd, ThreadSafe,
};
#[cfg(zmq_draft)]
pub use capability::{
    CanConnectPeer, CanCountTopics, CanJoin, CanMulticast, CanPassSubscriptions, CanRecvDisconnect,
    CanRecvHiccup, CanSendHello, CanSendSubscriptions,
};

mod sealed {
    #[expect(unnameable_types, reason = "what seals the trait")]
    pub trait Sealed {}
}

/// A kind of socket: [`Req`], [`Pub`] and so on, or [`Any`] where it is known only at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of socket",
    note = "kinds are `Pair`, `Pub`, `Sub`, `Req`, `Rep`, `Dealer`, `Router`, `Pull`, `Push`, `XPub`, `XSub`, \
            `Stream` and `Any`; with the feature `draft` also `Server`, `Client`, `Radio`, `Dish`, `Gather`, `Scatter`, \
            `Dgram`, `Peer` and `Channel`"
)]
pub trait Kind: sealed::Sealed + Copy + fmt::Debug + Send + Sync + 'static {
    /// The kind as a value.
    fn kind(self) -> SocketKind;

    /// The type for a value, if it stands for that.
    #[doc(hidden)]
    fn of(kind: SocketKind) -> Option<Self>;
}

/// A kind of socket that is known only at run time.
///
/// A `Socket<Any>` can be asked for everything; what its kind cannot do, it refuses with an error.
///
/// ```
/// use zmq::{Any, Context, ErrorKind, SocketKind};
///
/// let context = Context::new()?;
/// let socket = context.socket(Any(SocketKind::Pub))?;
/// assert_eq!(socket.try_recv().unwrap_err().kind(), ErrorKind::Unsupported);
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Any(pub SocketKind);

impl sealed::Sealed for Any {}

impl Kind for Any {
    fn kind(self) -> SocketKind {
        self.0
    }

    fn of(kind: SocketKind) -> Option<Any> {
        Some(Any(kind))
    }
}

macro_rules! kinds {
    ($(
        $(#[$docs:meta])*
        $kind:ident $(if $gate:ident)? = $constant:ident $alias:literal, $name:literal: $($capability:ident)*
            $(, if $draft:ident $($draft_capability:ident)+)?
        {$(#[$details:meta])*}
        talks to [$($peer:ident)*] $(, $field:ident: $value:expr)*;
    )+) => {
        $(
            $(#[$docs])*
            ///
            $(#[$details])*
            ///
            /// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
            $(#[cfg($gate)])?
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
            #[doc(alias = $name)]
            #[doc(alias = $alias)]
            pub struct $kind;

            $(#[cfg($gate)])?
            impl sealed::Sealed for $kind {}

            $(#[cfg($gate)])?
            impl Kind for $kind {
                #[inline]
                fn kind(self) -> SocketKind {
                    SocketKind::$kind
                }

                fn of(kind: SocketKind) -> Option<$kind> {
                    if kind == SocketKind::$kind { Some($kind) } else { None }
                }
            }

            gated! { $($gate)? $(impl $capability for $kind {})* }
            $(gated! { $draft $(impl $draft_capability for $kind {})+ })?
        )+

        /// A kind of socket, as a value.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        #[doc(alias = "ZMQ_TYPE")]
        pub enum SocketKind {
            $($(#[$docs])* $(#[cfg($gate)])? $kind,)+
        }

        impl SocketKind {
            /// All kinds that this crate knows.
            pub const ALL: &[SocketKind] = &[$($(#[cfg($gate)])? SocketKind::$kind),+];

            /// ZeroMQ's name of it, such as `REQ`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $($(#[cfg($gate)])? SocketKind::$kind => $name,)+
                }
            }

            pub(crate) fn constant(self) -> c_int {
                match self {
                    $($(#[cfg($gate)])? SocketKind::$kind => zmq_sys::$constant,)+
                }
            }

            pub(crate) fn from_constant(constant: c_int) -> Option<SocketKind> {
                match constant {
                    $($(#[cfg($gate)])? zmq_sys::$constant => Some(SocketKind::$kind),)+
                    _ => None,
                }
            }

            /// What sockets of this type do in their own way.
            #[inline]
            pub(crate) fn behavior(self) -> &'static Behavior {
                match self {
                    $($(#[cfg($gate)])? SocketKind::$kind => &Behavior {
                        peers: &[$(SocketKind::$peer),*],
                        $($field: $value,)*
                        ..Behavior::PLAIN
                    },)+
                }
            }

            /// Whether the type belongs to the draft API.
            #[cfg(zmq_draft)]
            pub(crate) fn is_draft(self) -> bool {
                match self {
                    $(SocketKind::$kind => !stringify!($($gate)?).is_empty(),)+
                }
            }

            pub(crate) fn has(self, ability: Ability) -> bool {
                let abilities: &[Ability] = match self {
                    $($(#[cfg($gate)])? SocketKind::$kind => &[
                        $(<$kind as $capability>::ABILITY,)*
                        $($(#[cfg($draft)] <$kind as $draft_capability>::ABILITY,)+)?
                    ],)+
                };
                abilities.contains(&ability)
            }
        }
    };
}

/// Items that are there always, or with a cfg only.
macro_rules! gated {
    ($(impl $capability:ident for $kind:ident {})*) => {
        $(impl $capability for $kind {})*
    };
    ($gate:ident $(impl $capability:ident for $kind:ident {})*) => {
        $(#[cfg($gate)] impl $capability for $kind {})*
    };
}

kinds! {
    /// One peer, both ways: two threads, say.
    Pair = ZMQ_PAIR "ZMQ_PAIR", "PAIR": CanSend CanRecv CanMultipart HasFd {
        /// Talks to PAIR. Further peers are turned away: with the bundled libzmq one that connected from elsewhere is hung up on, and tries
        /// again until there is room. Sending waits while there is no peer, or it cannot keep up.
        ///
        /// It is meant for inproc: over a network a peer that comes back may be taken for a second one, and a peer replaced
        /// while the parts of a message are being sent gets its later parts as a message of their own.
    } talks to [Pair], drops_rest: foreign::DROPS_REST_OF_PAIR, binds_for_one: true;
    /// Sends to every subscriber; those who cannot keep up miss messages.
    Pub = ZMQ_PUB "ZMQ_PUB", "PUB":
        CanSend CanPublish CanMatch CanConflate CanMultipart HasFd, if zmq_draft CanCountTopics {
        /// Talks to SUB and XSUB. Sending never waits: a message goes to the subscribers there are, and a subscriber whose
        /// queue is at the high-water mark does not get it. One that has only just connected has not subscribed yet, and
        /// misses what is sent meanwhile; an [`XPub`] can wait for its subscription.
    } talks to [Sub XSub], refuses_first_only: true;
    /// Receives what it [subscribed](crate::Socket::subscribe) to.
    Sub = ZMQ_SUB "ZMQ_SUB", "SUB":
        CanRecv CanSubscribe CanMatch CanConflate CanMultipart HasFd, if zmq_draft CanCountTopics {
        /// Talks to PUB and XPUB. Without a subscription it receives nothing; a subscription is to a prefix of the first
        /// frame.
    } talks to [Pub XPub];
    /// Sends a request, then receives its reply. Requests go to the connected peers in turn.
    Req = ZMQ_REQ "ZMQ_REQ", "REQ": CanSend CanRecv CanRequest CanProbe CanMultipart HasFd {
        /// Talks to REP and ROUTER. It sends and receives strictly in turn; out of turn it is
        /// [`WrongState`](crate::ErrorKind::WrongState). Sending waits while there is no peer. The peer sees an empty frame
        /// in front of the request.
        ///
        /// If the peer dies with the request, no reply ever comes. A client that is to survive that sets a
        /// [receive timeout](crate::Socket::set_recv_timeout), [relaxed](crate::Socket::set_req_relaxed) and
        /// [correlate](crate::Socket::set_req_correlate), and asks again.
    } talks to [Rep Router], drops_rest: true;
    /// Receives a request, then sends its reply.
    Rep = ZMQ_REP "ZMQ_REP", "REP": CanSend CanRecv CanMultipart HasFd {
        /// Talks to REQ and DEALER. It receives from its peers in turn, and sends to the one whose request it received; out
        /// of turn it is [`WrongState`](crate::ErrorKind::WrongState). A reply to a peer that is gone is dropped, and so is
        /// a request that has no empty frame after its envelope.
    } talks to [Req Dealer], handles_zap: true;
    /// Sends to its peers in turn and receives from all: a REQ without the lock-step.
    Dealer = ZMQ_DEALER "ZMQ_DEALER", "DEALER":
        CanSend CanRecv CanProbe CanConflate CanMultipart HasFd, if zmq_draft CanSendHello CanRecvHiccup {
        /// Talks to ROUTER, REP and DEALER. Sending waits while there is no peer, or none can keep up. To talk to a REP it
        /// puts an empty frame in front, as REQ does.
    } talks to [Router Rep Dealer], drops_rest: true;
    /// Receives each message with its sender's routing id in front, and sends to the peer named by the first frame.
    Router = ZMQ_ROUTER "ZMQ_ROUTER", "ROUTER":
        CanSend CanRecv CanRoute CanProbe CanNamePeers CanMultipart HasFd, if zmq_draft CanSendHello
        CanRecvDisconnect {
        /// Talks to DEALER, REQ and ROUTER. The first frame of a message names the peer, and is not sent to it. A message that has only
        /// this frame has no content: sending it fails with [`InvalidInput`](crate::ErrorKind::InvalidInput). A message to a peer that is
        /// unknown or cannot keep up is dropped, unless the socket is [mandatory](crate::Socket::set_router_mandatory). If a peer goes away
        /// while the parts of a message are being sent, the rest of that message is dropped.
        ///
        /// A peer's id is what it [set](crate::Socket::set_routing_id), or 5 bytes, the first of them zero, that the ROUTER
        /// made up; they are no secret. Of two peers that set the same id, the second is ignored without a word.
    } talks to [Dealer Req Router], addressing: Addressing::FirstPart, refuses_first_only: true, handles_zap: true;
    /// Receives from all its peers.
    Pull = ZMQ_PULL "ZMQ_PULL", "PULL": CanRecv CanConflate CanMultipart HasFd {
        /// Talks to PUSH.
    } talks to [Push];
    /// Sends to its peers in turn.
    Push = ZMQ_PUSH "ZMQ_PUSH", "PUSH": CanSend CanConflate CanMultipart HasFd {
        /// Talks to PULL. Sending waits while there is no peer, or none can keep up; nothing is dropped but what is on its
        /// way to a peer that goes away.
    } talks to [Pull], drops_rest: true;
    /// As PUB, and receives the subscriptions as messages.
    XPub = ZMQ_XPUB "ZMQ_XPUB", "XPUB":
        CanSend CanRecv CanSubscribe CanPublish CanMatch CanReceiveSubscriptions CanMultipart HasFd, if
        zmq_draft CanPassSubscriptions CanCountTopics {
        /// Talks to SUB and XSUB. A subscription is received as a frame of the byte 1 and the prefix, the end of one as the
        /// byte 0 and the prefix; a frame that begins with any other byte is a message of an XSUB. Only the first
        /// subscription to a prefix and the end of the last one are reported.
        ///
        /// So it can wait for a subscriber, who then misses nothing:
        ///
        /// ```
        /// use zmq::{Context, Sub, XPub};
        ///
        /// let context = Context::new()?;
        /// let publisher = context.socket(XPub)?;
        /// let endpoint = publisher.bind("tcp://127.0.0.1:*")?;
        /// let subscriber = context.socket(Sub)?;
        /// subscriber.subscribe("news")?;
        /// subscriber.connect(&endpoint)?;
        ///
        /// assert_eq!(publisher.recv()?, b"\x01news");
        /// publisher.send("news of the day")?;
        /// assert_eq!(subscriber.recv_string()?, "news of the day");
        /// # Ok::<(), zmq::Error>(())
        /// ```
    } talks to [Sub XSub], refuses_first_only: true;
    /// As SUB, and subscribes by sending messages.
    XSub = ZMQ_XSUB "ZMQ_XSUB", "XSUB":
        CanSend CanRecv CanMultipart HasFd, if zmq_draft CanPassSubscriptions CanSendSubscriptions
        CanCountTopics {
        /// Talks to PUB and XPUB. It sends the byte 1 and a prefix to subscribe, the byte 0 and the prefix to take that back;
        /// any other frame goes to the publishers as a message. Subscriptions do not count against the high-water mark (with
        /// another libzmq than the bundled one they do, and one for which there is no room is lost). One to more than
        /// 16 KiB needs the bundled libzmq, and is [`InvalidInput`](crate::ErrorKind::InvalidInput) with another.
    } talks to [Pub XPub];
    /// Talks to plain TCP peers: frames of routing id and bytes.
    Stream = ZMQ_STREAM "ZMQ_STREAM", "STREAM": CanSend CanRecv CanStream CanNamePeers CanMultipart HasFd {
        /// What it receives and sends are pairs of frames: the routing id of a connection, and some bytes. TCP keeps no
        /// boundaries, so bytes may arrive in other pieces than they were sent. An empty second frame means that the
        /// connection was made or has ended; sending one ends it. An id that is unknown is
        /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
        ///
        /// It does not talk over inproc.
    } talks to [], addressing: Addressing::FirstPart, sends_pairs: true;
    /// Answers any number of clients, and knows each by a number. (Draft.)
    Server if zmq_draft = ZMQ_SERVER "ZMQ_SERVER", "SERVER": ThreadSafe CanSendHello CanRecvDisconnect {
        /// Talks to CLIENT. It [receives](crate::Socket::recv_from) each message with the [`RoutingId`](crate::message::RoutingId) of
        /// its sender, and [sends](crate::Socket::send_to) to one. Sending waits while that peer cannot keep up; an id that is
        /// unknown is [`HostUnreachable`](crate::ErrorKind::HostUnreachable). Messages have one part; one of several that a
        /// foreign peer sends is dropped. Several threads may use the socket at once.
    } talks to [Client], addressing: Addressing::RoutingId;
    /// Talks with servers without the lock-step of REQ. (Draft.)
    Client if zmq_draft = ZMQ_CLIENT "ZMQ_CLIENT", "CLIENT": CanSend CanRecv ThreadSafe CanSendHello CanRecvHiccup {
        /// Talks to SERVER. It sends to its peers in turn and receives from all; sending waits while there is no peer, or none
        /// can keep up. Messages have one part. Several threads may use the socket at once.
    } talks to [Server];
    /// Sends to all who have joined a group; those who cannot keep up miss messages. (Draft.)
    Radio if zmq_draft = ZMQ_RADIO "ZMQ_RADIO", "RADIO": ThreadSafe CanMulticast {
        /// Talks to DISH. It [sends to a group](crate::Socket::send_to), and never waits: a DISH that has not joined, or whose
        /// queue is at the high-water mark, does not get the message. Over udp, where it connects to an address (of a
        /// multicast group, say) and does not bind, everybody gets everything, and sorts it out; message and group together
        /// can have 8191 bytes there. Messages have one part. Several threads may use the socket at once.
    } talks to [Dish], addressing: Addressing::Group;
    /// Receives what is sent to the groups it [joined](crate::Socket::join). (Draft.)
    Dish if zmq_draft = ZMQ_DISH "ZMQ_DISH", "DISH": CanRecv CanJoin ThreadSafe {
        /// Talks to RADIO. A group matches as a whole, not by prefix; [`Message::group`](crate::Message::group) tells it. Over
        /// udp it binds, and does not connect. Messages have one part. Several threads may use the socket at once.
    } talks to [Radio];
    /// Receives from all its peers, as PULL does. (Draft.)
    Gather if zmq_draft = ZMQ_GATHER "ZMQ_GATHER", "GATHER": CanRecv ThreadSafe {
        /// Talks to SCATTER. Messages have one part. Several threads may use the socket at once.
    } talks to [Scatter];
    /// Sends to its peers in turn, as PUSH does. (Draft.)
    Scatter if zmq_draft = ZMQ_SCATTER "ZMQ_SCATTER", "SCATTER": CanSend ThreadSafe {
        /// Talks to GATHER. Sending waits while there is no peer, or none can keep up. Messages have one part. Several threads
        /// may use the socket at once.
    } talks to [Gather];
    /// Sends and receives UDP datagrams. (Draft.)
    Dgram if zmq_draft = ZMQ_DGRAM "ZMQ_DGRAM", "DGRAM": HasFd {
        /// Talks to any program that does UDP. It binds, once, to an IPv4 address as in `udp://127.0.0.1:5555`, and does not
        /// connect; then it [sends to an address](crate::Socket::send_to), and [receives](crate::Socket::recv_from) each
        /// datagram with its sender's. Datagrams have up to 8192 bytes, longer ones are cut on receiving. As always with UDP
        /// they may get lost, and it is no error if nobody is there.
    } talks to [], addressing: Addressing::Datagram;
    /// Talks with other PEERs, and knows each by a number. (Draft.)
    Peer if zmq_draft = ZMQ_PEER "ZMQ_PEER", "PEER": ThreadSafe CanConnectPeer CanSendHello CanRecvDisconnect CanRecvHiccup {
        /// Talks to PEER. As [`Server`], and it can [connect](crate::Socket::connect_peer) to a peer and be told its
        /// [`RoutingId`](crate::message::RoutingId), so as to speak first.
    } talks to [Peer], addressing: Addressing::RoutingId;
    /// One peer, both ways: a PAIR that threads may share. (Draft.)
    Channel if zmq_draft = ZMQ_CHANNEL "ZMQ_CHANNEL", "CHANNEL": CanSend CanRecv ThreadSafe {
        /// Talks to CHANNEL. Further peers are turned away. Sending waits while there is no peer, or it cannot keep up. Messages
        /// have one part. Several threads may use the socket at once.
    } talks to [Channel];
}

impl SocketKind {
    /// Whether several threads may use such a socket at once.
    #[inline]
    pub(crate) fn is_thread_safe(self) -> bool {
        #[cfg(zmq_draft)]
        return self.has(Ability::ThreadSafe);
        #[cfg(not(zmq_draft))]
        false
    }
}

impl SocketKind {
    /// The names of the socket types that this type talks to, for the text of an error.
    pub(crate) fn peers(self) -> String {
        let names: Vec<_> = self.behavior().peers.iter().map(|peer| peer.name()).collect();
        names.join(", ")
    }
}

impl fmt::Display for SocketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_come_back_as_kinds() {
        for &kind in SocketKind::ALL {
            assert_eq!(SocketKind::from_constant(kind.constant()), Some(kind));
            assert!(kind.has(Ability::Descriptor) != kind.is_thread_safe(), "{kind}");
        }
        assert_eq!(SocketKind::from_constant(-1), None);
        assert_eq!(SocketKind::from_constant(21), None);
    }

    #[test]
    fn a_peer_of_a_type_has_that_type_as_a_peer() {
        for &kind in SocketKind::ALL {
            for peer in kind.behavior().peers {
                assert!(peer.behavior().peers.contains(&kind), "{kind} and {peer}");
            }
        }
    }

    #[test]
    #[cfg(zmq_draft)]
    fn draft_types_have_no_multipart_messages() {
        for &kind in SocketKind::ALL {
            assert_eq!(kind.is_draft(), !kind.has(Ability::Multipart), "{kind}");
        }
    }
}
