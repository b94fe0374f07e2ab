//! What kinds of sockets can do.

use super::{Any, Kind};

/// Something that only some kinds of sockets can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(hidden)]
#[non_exhaustive]
pub enum Ability {
    Send,
    Receive,
    Multipart,
    Descriptor,
    Subscribe,
    Request,
    Route,
    Probe,
    NamePeers,
    Conflate,
    Publish,
    Match,
    ReceiveSubscriptions,
    Stream,
    #[cfg(zmq_draft)]
    PassSubscriptions,
    #[cfg(zmq_draft)]
    SendSubscriptions,
    #[cfg(zmq_draft)]
    CountTopics,
    ThreadSafe,
    #[cfg(zmq_draft)]
    Join,
    #[cfg(zmq_draft)]
    ConnectPeer,
    #[cfg(zmq_draft)]
    Multicast,
    #[cfg(zmq_draft)]
    SendHello,
    #[cfg(zmq_draft)]
    ReceiveDisconnect,
    #[cfg(zmq_draft)]
    ReceiveHiccup,
}

macro_rules! capabilities {
    ($($(#[cfg($gate:meta)])? $name:ident, $ability:ident, $cannot:literal, $($note:literal,)+ {$(#[$docs:meta])*}
        $(and $any:ident)?;)+) => {$(
        $(#[cfg($gate)])?
        $(#[$docs])*
        $(
            ///
            #[doc = concat!(
                "[`", stringify!($any), "`](crate::", stringify!($any), ") has it too: whether the socket's kind does is seen \
                 at run time."
            )]
        )?
        #[diagnostic::on_unimplemented(message = $cannot, label = $cannot, $(note = $note),+)]
        pub trait $name: Kind {
            #[doc(hidden)]
            const ABILITY: Ability = Ability::$ability;
        }

        $(#[cfg($gate)])?
        $(impl $name for $any {})?
    )+};
}

capabilities! {
    CanSend, Send, "`{Self}` sockets cannot send",
        "PUB, PUSH, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and of the draft kinds CLIENT, \
         SCATTER and CHANNEL; SERVER, PEER, RADIO and DGRAM say to whom, with `send_to`", {
        /// The kinds that send: all but SUB, PULL, DISH and GATHER, which only receive, and SERVER, PEER, RADIO and DGRAM,
        /// which [say to whom](crate::Socket::send).
    } and Any;
    CanRecv, Receive, "`{Self}` sockets cannot receive",
        "SUB, PULL, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and of the draft kinds CLIENT, DISH, \
         GATHER and CHANNEL; SERVER, PEER and DGRAM tell from whom, with `recv_from`", {
        /// The kinds that receive: all but PUB, PUSH, RADIO and SCATTER, which only send, and SERVER, PEER and DGRAM, which
        /// tell from whom.
    } and Any;
    CanMultipart, Multipart, "`{Self}` sockets have no multipart messages",
        "only PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH, XPUB, XSUB and STREAM sockets have", {
        /// The kinds whose messages may have several parts: all but the draft ones.
    } and Any;
    HasFd, Descriptor, "`{Self}` sockets have no notification descriptor",
        "all have but SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, PEER and CHANNEL; a `Socket<Any>` can be `downcast`", {
        /// The kinds with a notification descriptor: all but the draft ones that threads may share.
        ///
        /// [`Any`](crate::Any) has it not, as its kind may be one of those.
    };
    CanSubscribe, Subscribe, "`{Self}` sockets cannot subscribe",
        "SUB sockets can, and XPUB sockets for their peers; an XSUB socket sends a message that begins with the byte 1", {
        /// The kinds that subscribe by an option: SUB, and for its peers XPUB if it is
        /// [manual](crate::Socket::set_xpub_manual). An XSUB socket sends a message for it.
    } and Any;
    CanRequest, Request, "`{Self}` sockets have no requests", "REQ sockets have", {
        /// The kind that sends requests in turn with replies: REQ.
    } and Any;
    CanRoute, Route, "`{Self}` sockets do not route by id", "ROUTER sockets do", {
        /// The kind that addresses its peers by routing id: ROUTER.
    } and Any;
    CanProbe, Probe, "`{Self}` sockets cannot probe a ROUTER", "ROUTER, DEALER and REQ sockets can", {
        /// The kinds that can announce themselves to a ROUTER: ROUTER, DEALER and REQ.
    } and Any;
    CanNamePeers, NamePeers, "`{Self}` sockets do not give their peers routing ids",
        "ROUTER and STREAM sockets do", {
        /// The kinds that can say what a peer's routing id is to be when they connect to it: ROUTER and STREAM.
    } and Any;
    CanConflate, Conflate, "`{Self}` sockets cannot conflate",
        "DEALER, PUSH, PULL, PUB and SUB sockets can", {
        /// The kinds that can keep the latest message alone: DEALER, PUSH, PULL, PUB and SUB.
    } and Any;
    CanPublish, Publish, "`{Self}` sockets do not publish",
        "PUB and XPUB sockets do", {
        /// The kinds that send to whoever has subscribed: PUB and XPUB.
    } and Any;
    CanMatch, Match, "`{Self}` sockets do not match messages with subscriptions",
        "PUB, XPUB and SUB sockets do", {
        /// The kinds that compare messages with subscriptions: PUB, XPUB and SUB.
    } and Any;
    CanReceiveSubscriptions, ReceiveSubscriptions, "`{Self}` sockets do not receive subscriptions",
        "XPUB sockets do", {
        /// The kind that receives its peers' subscriptions: XPUB.
    } and Any;
    CanStream, Stream, "`{Self}` sockets do not talk to plain TCP peers",
        "STREAM sockets do", {
        /// The kind that talks to plain TCP peers: STREAM.
    } and Any;
    #[cfg(zmq_draft)]
    CanPassSubscriptions, PassSubscriptions, "`{Self}` sockets have no messages that are subscriptions",
        "XPUB and XSUB sockets have", {
        /// The kinds whose subscriptions are messages: XPUB and XSUB.
    } and Any;
    #[cfg(zmq_draft)]
    CanSendSubscriptions, SendSubscriptions, "`{Self}` sockets do not send subscriptions",
        "XSUB sockets do", {
        /// The kind that sends its subscriptions as messages: XSUB.
    } and Any;
    #[cfg(zmq_draft)]
    CanCountTopics, CountTopics, "`{Self}` sockets have no topics",
        "PUB, XPUB, SUB and XSUB sockets have", {
        /// The kinds that have subscriptions to count: PUB, XPUB, SUB and XSUB.
    } and Any;
    ThreadSafe, ThreadSafe, "`{Self}` sockets cannot be shared between threads",
        "give each thread a socket of its own: move a clone of the `Context` into the thread, and make the socket there",
        "for several threads to use one connection, let one thread own its socket, and send to that thread over inproc",
        "an async function can take the socket by value or as `&mut Socket`, but not as `&Socket`",
        "of the draft socket types, SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, PEER and CHANNEL can be shared", {
        /// The socket types whose sockets several threads may use at once: with the feature `draft` SERVER, CLIENT, RADIO,
        /// DISH, GATHER, SCATTER, PEER and CHANNEL; without this feature, no socket type. A `Socket` of such a type is
        /// [`Sync`].
        ///
        /// [`Any`](crate::Any) does not have this capability, because it can stand for a socket type that lacks it.
        #[doc(alias = "ZMQ_THREAD_SAFE")]
    };
    #[cfg(zmq_draft)]
    CanJoin, Join, "`{Self}` sockets do not join groups", "DISH sockets do", {
        /// The kind that joins groups: DISH.
    } and Any;
    #[cfg(zmq_draft)]
    CanConnectPeer, ConnectPeer, "`{Self}` sockets do not tell the routing id of a connection", "PEER sockets do", {
        /// The kind that knows the routing id of what it connects to: PEER.
    } and Any;
    #[cfg(zmq_draft)]
    CanMulticast, Multicast, "`{Self}` sockets do not multicast over udp", "RADIO sockets do", {
        /// The kind that multicasts over udp: RADIO.
    } and Any;
    #[cfg(zmq_draft)]
    CanSendHello, SendHello, "`{Self}` sockets do not greet their peers",
        "ROUTER, DEALER, SERVER, CLIENT and PEER sockets can", {
        /// The kinds that can greet every new peer: ROUTER, DEALER, SERVER, CLIENT and PEER.
    } and Any;
    #[cfg(zmq_draft)]
    CanRecvDisconnect, ReceiveDisconnect, "`{Self}` sockets receive no message when a peer leaves",
        "ROUTER, SERVER and PEER sockets can", {
        /// The kinds that can receive a message when a peer leaves: ROUTER, SERVER and PEER.
    } and Any;
    #[cfg(zmq_draft)]
    CanRecvHiccup, ReceiveHiccup, "`{Self}` sockets receive no message when a connection is lost",
        "DEALER, CLIENT and PEER sockets can", {
        /// The kinds that can receive a message when a connection they made is lost: DEALER, CLIENT and PEER.
    } and Any;
}
