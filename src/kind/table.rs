//! The table of socket types: one row per type.

use core::ffi::c_int;

use super::behavior::{Addressing, Behavior};
use super::capability::*;
use super::{Ability, Any, Kind, sealed};
use crate::foreign;

macro_rules! kinds {
    ($(
        $(#[$docs:meta])*
        $kind:ident $(if $gate:ident)? = $constant:ident $alias:literal, $name:literal: $($capability:ident)*
            $(, if $draft:ident $($draft_capability:ident)+)?
        {$(#[$details:meta])*}
        talks to [$($first:ident $($peer:ident)*)?] $(, $field:ident: $value:expr)*;
    )+) => {
        $(
            $(#[$docs])*
            $(
                ///
                #[doc = concat!(
                    "Compatible peers: [`", stringify!($first), "`](crate::", stringify!($first), ")"
                    $(, ", [`", stringify!($peer), "`](crate::", stringify!($peer), ")")*, "."
                )]
            )?
            ///
            $(#[$details])*
            ///
            /// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
            $(
                #[cfg($gate)]
                #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
            )?
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

            $(#[cfg($gate)])?
            impl Is<$kind> for $kind {
                const ABILITY: Ability = Ability::Is(SocketKind::$kind);
            }

            $(#[cfg($gate)])?
            impl Is<$kind> for Any {
                const ABILITY: Ability = Ability::Is(SocketKind::$kind);
            }

            gated! { $($gate)? $(impl $capability for $kind {})* }
            $(gated! { $draft $(impl $draft_capability for $kind {})+ })?
        )+

        /// A socket type, as a value.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        #[doc(alias = "ZMQ_TYPE")]
        #[doc(alias = "SocketType")]
        pub enum SocketKind {
            $(
                $(#[$docs])*
                $(
                    #[cfg($gate)]
                    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
                )?
                $kind,
            )+
        }

        impl SocketKind {
            /// All socket types that this crate supports.
            pub const ALL: &[SocketKind] = &[$($(#[cfg($gate)])? SocketKind::$kind),+];

            /// Returns the name of the type in ZeroMQ, such as `REQ`.
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

            /// The behavior of sockets of this type.
            #[inline]
            pub(crate) fn behavior(self) -> &'static Behavior {
                match self {
                    $($(#[cfg($gate)])? SocketKind::$kind => &Behavior {
                        peers: &[$(SocketKind::$first $(, SocketKind::$peer)*)?],
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
                if let Ability::Is(kind) = ability {
                    return self == kind;
                }
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

/// Items with or without a `cfg`.
macro_rules! gated {
    ($(impl $capability:ident for $kind:ident {})*) => {
        $(impl $capability for $kind {})*
    };
    ($gate:ident $(impl $capability:ident for $kind:ident {})*) => {
        $(#[cfg($gate)] impl $capability for $kind {})*
    };
}

kinds! {
    /// Connects two sockets, both of which can send and receive. For example, it connects two threads.
    Pair = ZMQ_PAIR "ZMQ_PAIR", "PAIR": CanSend CanRecv CanMultipart CanSplit CanShare HasFd {
        /// A PAIR socket has one peer at a time. Further peers are rejected. With the bundled libzmq, a
        /// peer that is rejected over a transport other than inproc is disconnected, and tries again until
        /// it is accepted. Sending waits while there is no peer, or while the queue of the peer is full.
        ///
        /// PAIR is meant for inproc. Over a network, a peer that reconnects may be rejected as a second
        /// peer. If the peer is replaced while the parts of a message are being sent, the new peer receives
        /// the later parts as a separate message.
    } talks to [Pair], drops_rest: foreign::DROPS_REST_OF_PAIR, binds_for_one: true;
    /// Sends messages to all subscribers. A subscriber that cannot keep up misses messages.
    Pub = ZMQ_PUB "ZMQ_PUB", "PUB":
        CanSend CanPublish CanMatch CanConflate CanMultipart CanShare HasFd, if zmq_draft CanCountTopics {
        /// Sending never waits. A message goes to the peers that have subscribed to it. A peer whose queue
        /// has reached the high-water mark does not receive the message. A peer that has just connected has
        /// not subscribed yet, and misses the messages that are sent before its subscription arrives. An
        /// [`XPub`](crate::XPub) socket can wait for the subscription.
    } talks to [Sub XSub], refuses_first_only: true;
    /// Receives the messages that it has [subscribed](crate::Socket::subscribe) to.
    Sub = ZMQ_SUB "ZMQ_SUB", "SUB":
        CanRecv CanSubscribe CanMatch CanConflate CanMultipart HasFd, if zmq_draft CanCountTopics {
        /// Without a subscription, the socket receives nothing. A subscription is a prefix of the first frame
        /// of a message.
    } talks to [Pub XPub], needs_subscription: true;
    /// Sends a request to each of its peers in turn, and receives the reply before the next request.
    Req = ZMQ_REQ "ZMQ_REQ", "REQ": CanSend CanRecv CanProbe CanMultipart HasFd {
        /// Sending and receiving alternate strictly. A call out of turn fails with
        /// [`WrongState`](crate::ErrorKind::WrongState). Sending waits while there is no peer. The peer
        /// receives an empty frame before the request.
        ///
        /// If the peer fails before it replies, no reply arrives. To continue after such a failure, a
        /// client sets a [receive timeout](crate::Socket::set_recv_timeout) and the options
        /// [relaxed](crate::Socket::set_req_relaxed) and [correlate](crate::Socket::set_req_correlate).
        /// After a timeout, it sends the request again.
    } talks to [Rep Router], drops_rest: true;
    /// Receives a request, and then sends the reply.
    Rep = ZMQ_REP "ZMQ_REP", "REP": CanSend CanRecv CanMultipart HasFd {
        /// The socket receives from each of its peers in turn, and sends the reply to the peer that sent the
        /// request. Receiving and sending alternate strictly. A call out of turn fails with
        /// [`WrongState`](crate::ErrorKind::WrongState). If the peer is gone, the reply is dropped. A request
        /// without an empty frame after its envelope is dropped as well.
    } talks to [Req Dealer], handles_zap: true;
    /// Sends to each of its peers in turn, and receives from all of them. Unlike REQ, it can send and receive
    /// in any order.
    Dealer = ZMQ_DEALER "ZMQ_DEALER", "DEALER":
        CanSend CanRecv CanProbe CanConflate CanMultipart CanSplit CanShare HasFd, if zmq_draft CanSendHello
        CanRecvHiccup {
        /// Sending waits while there is no peer, or while the queues of all peers are full. A message to a
        /// REP peer must begin with an empty frame, which a REQ socket adds by itself.
    } talks to [Router Rep Dealer], drops_rest: true;
    /// Receives each message with the routing id of its sender, and sends each message to the peer with the
    /// given routing id.
    Router = ZMQ_ROUTER "ZMQ_ROUTER", "ROUTER":
        CanSend CanRecv CanProbe CanNamePeers CanMultipart CanSplit CanShare HasFd, if zmq_draft CanSendHello
        CanRecvDisconnect {
        /// The first frame of a received message is the routing id of the sender. The first frame of a sent
        /// message is the routing id of the receiver, and is not transmitted. Sending a message that consists
        /// only of this frame fails with [`InvalidInput`](crate::ErrorKind::InvalidInput). A message is
        /// dropped if the peer is unknown or its queue is full, unless the socket is
        /// [mandatory](crate::Socket::set_router_mandatory). If the peer disconnects while the parts of a
        /// message are being sent, the rest of the message is dropped.
        ///
        /// A peer can [choose its routing id](crate::Socket::set_routing_id). Otherwise, the ROUTER generates
        /// an id of 5 bytes, of which the first is zero. Generated ids can be guessed. If two peers choose
        /// the same id, the second peer is silently ignored.
    } talks to [Dealer Req Router], addressing: Addressing::FirstPart, refuses_first_only: true, handles_zap: true;
    /// Receives messages from all its peers.
    Pull = ZMQ_PULL "ZMQ_PULL", "PULL": CanRecv CanConflate CanMultipart HasFd {
    } talks to [Push];
    /// Sends messages to each of its peers in turn.
    Push = ZMQ_PUSH "ZMQ_PUSH", "PUSH": CanSend CanConflate CanMultipart CanShare HasFd {
        /// Sending waits while there is no peer, or while the queues of all peers are full. The socket does
        /// not drop messages. However, messages that are on their way to a peer are lost if the peer
        /// disconnects.
    } talks to [Pull], drops_rest: true;
    /// Sends messages to all subscribers like PUB, and receives their subscriptions as messages.
    XPub = ZMQ_XPUB "ZMQ_XPUB", "XPUB":
        CanSend CanRecv CanSubscribe CanPublish CanMatch CanMultipart CanSplit CanShare HasFd, if
        zmq_draft CanPassSubscriptions CanCountTopics {
        /// A subscription is a frame of the byte 1 and the prefix. An unsubscription is a frame of the byte
        /// 0 and the prefix. A frame that begins with another byte is a message from an XSUB peer. By
        /// default, the socket receives only the first subscription to each prefix, and the last
        /// unsubscription from it.
        ///
        /// A publisher can wait for a subscriber, so that the subscriber misses nothing:
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
    /// Receives messages like SUB, and subscribes by sending messages.
    XSub = ZMQ_XSUB "ZMQ_XSUB", "XSUB":
        CanSend CanRecv CanMultipart CanSplit CanShare HasFd, if zmq_draft CanPassSubscriptions
        CanCountTopics {
        /// To subscribe, send the byte 1 and a prefix in one frame. To unsubscribe, send the byte 0 and the
        /// prefix. Other frames go to the publishers as messages. Subscriptions do not count against the
        /// high-water mark.
        ///
        /// With a libzmq other than the bundled one, subscriptions do count, and a subscription is lost if
        /// the queue is full. With such a libzmq, a prefix of more than 16 KiB fails with
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    } talks to [Pub XPub];
    /// Exchanges bytes with TCP peers that do not speak ZeroMQ.
    Stream = ZMQ_STREAM "ZMQ_STREAM", "STREAM": CanSend CanRecv CanNamePeers CanMultipart CanSplit CanShare HasFd {
        /// Each message has two frames: the routing id of a connection, and some bytes. TCP has no message
        /// boundaries, so received pieces can differ from sent pieces. A received message with an empty
        /// second frame means that the connection was made or has ended. Sending an empty second frame ends
        /// the connection. If the id is unknown, sending fails with
        /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
        ///
        /// STREAM sockets do not support inproc.
    } talks to [], addressing: Addressing::FirstPart, sends_pairs: true;
    /// Exchanges messages with any number of clients. Each client has a number.
    Server if zmq_draft = ZMQ_SERVER "ZMQ_SERVER", "SERVER": CanSplit CanShare ThreadSafe CanSendHello CanRecvDisconnect {
        /// The socket [receives](crate::Socket::recv_from) each message with the routing id of its sender,
        /// which is a number. It [sends](crate::Socket::send_to) each message to the client with the given
        /// id. Sending waits while the queue of this client is full. If the id is unknown, sending fails with
        /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
        ///
        /// Messages have one part. A message of several parts, which a peer other than libzmq may send, is
        /// dropped. Several threads can use the socket at the same time.
    } talks to [Client], addressing: Addressing::RoutingId;
    /// Exchanges messages with servers. Unlike REQ, it can send and receive in any order.
    Client if zmq_draft = ZMQ_CLIENT "ZMQ_CLIENT", "CLIENT": CanSend CanRecv CanSplit CanShare ThreadSafe CanSendHello CanRecvHiccup {
        /// The socket sends to each of its peers in turn, and receives from all of them. Sending waits while
        /// there is no peer, or while the queues of all peers are full. Messages have one part. Several
        /// threads can use the socket at the same time.
    } talks to [Server];
    /// Sends messages to all sockets that have joined a group. A socket that cannot keep up misses messages.
    Radio if zmq_draft = ZMQ_RADIO "ZMQ_RADIO", "RADIO": CanShare ThreadSafe {
        /// The socket [sends each message to a group](crate::Socket::send_to), and never waits. A DISH
        /// socket does not receive the message if it has not joined the group, or if its queue has reached
        /// the high-water mark. Messages have one part. Several threads can use the socket at the same
        /// time.
        ///
        /// Over udp, a RADIO socket connects to an address, for example to the address of a multicast
        /// group. It cannot bind. Every message reaches every receiver, and the receiver filters by group.
        /// A message and its group together have at most 8191 bytes.
    } talks to [Dish], addressing: Addressing::Group;
    /// Receives the messages of the groups that it has [joined](crate::Socket::join).
    Dish if zmq_draft = ZMQ_DISH "ZMQ_DISH", "DISH": CanRecv ThreadSafe {
        /// A group matches only as a whole, not by prefix. [`Message::group`](crate::Message::group) returns
        /// the group of a message. Over udp, a DISH socket binds, and cannot connect. Messages have one part.
        /// Several threads can use the socket at the same time.
    } talks to [Radio];
    /// Receives messages from all its peers, like PULL.
    Gather if zmq_draft = ZMQ_GATHER "ZMQ_GATHER", "GATHER": CanRecv ThreadSafe {
        /// Messages have one part. Several threads can use the socket at the same time.
    } talks to [Scatter];
    /// Sends messages to each of its peers in turn, like PUSH.
    Scatter if zmq_draft = ZMQ_SCATTER "ZMQ_SCATTER", "SCATTER": CanSend CanShare ThreadSafe {
        /// Sending waits while there is no peer, or while the queues of all peers are full. Messages have one
        /// part. Several threads can use the socket at the same time.
    } talks to [Gather];
    /// Sends and receives UDP datagrams.
    Dgram if zmq_draft = ZMQ_DGRAM "ZMQ_DGRAM", "DGRAM": CanSplit CanShare HasFd {
        /// The peers are programs that use plain UDP. The socket binds once, to an IPv4 address such as
        /// `udp://127.0.0.1:5555`, and cannot connect. It [sends each datagram to an
        /// address](crate::Socket::send_to), and [receives](crate::Socket::recv_from) each datagram with
        /// the address of its sender.
        ///
        /// A datagram has up to 8192 bytes. A longer datagram is truncated when it is received. As always
        /// with UDP, datagrams can get lost, and sending succeeds even if no program receives the datagram.
    } talks to [], addressing: Addressing::Datagram;
    /// Exchanges messages with other PEER sockets. Each peer has a number.
    Peer if zmq_draft = ZMQ_PEER "ZMQ_PEER", "PEER": CanSplit CanShare ThreadSafe CanSendHello CanRecvDisconnect CanRecvHiccup {
        /// A PEER socket behaves like [`Server`](crate::Server). In addition, it can [connect to a
        /// peer](crate::Socket::connect_peer) and learn the routing id of that peer. So it can send the first
        /// message.
    } talks to [Peer], addressing: Addressing::RoutingId;
    /// Connects two sockets, both of which can send and receive. Unlike PAIR, several threads can share it.
    Channel if zmq_draft = ZMQ_CHANNEL "ZMQ_CHANNEL", "CHANNEL": CanSend CanRecv CanSplit CanShare ThreadSafe {
        /// The socket has one peer at a time. Further peers are rejected. Sending waits while there is no
        /// peer, or while the queue of the peer is full. Messages have one part. Several threads can use the
        /// socket at the same time.
    } talks to [Channel];
}
