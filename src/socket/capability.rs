//! What kinds of sockets can do.

use super::kind::Kind;

/// Something that only some kinds of sockets can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(hidden)]
#[non_exhaustive]
pub enum Ability {
    Send,
    Receive,
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
}

macro_rules! capabilities {
    ($($(#[$docs:meta])* $name:ident, $ability:ident, $cannot:literal, $note:literal;)+) => {$(
        $(#[$docs])*
        ///
        /// [`Any`](crate::Any) has it too: whether the socket's kind does is seen at run time.
        #[diagnostic::on_unimplemented(message = $cannot, label = $cannot, note = $note)]
        pub trait $name: Kind {
            #[doc(hidden)]
            const ABILITY: Ability = Ability::$ability;
        }
    )+};
}

capabilities! {
    /// The kinds that can send: all but SUB and PULL.
    CanSend, Send, "`{Self}` sockets cannot send",
        "PUB, PUSH, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can";
    /// The kinds that can receive: all but PUB and PUSH.
    CanRecv, Receive, "`{Self}` sockets cannot receive",
        "SUB, PULL, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can";
    /// The kinds that subscribe by an option: SUB, and for its peers XPUB if it is
    /// [manual](crate::Socket::set_xpub_manual). An XSUB socket sends a message for it.
    CanSubscribe, Subscribe, "`{Self}` sockets cannot subscribe",
        "SUB sockets can, and XPUB sockets for their peers; an XSUB socket sends a message that begins with the byte 1";
    /// The kind that sends requests in turn with replies: REQ.
    CanRequest, Request, "`{Self}` sockets have no requests", "REQ sockets have";
    /// The kind that addresses its peers by routing id: ROUTER.
    CanRoute, Route, "`{Self}` sockets do not route by id", "ROUTER sockets do";
    /// The kinds that can announce themselves to a ROUTER: ROUTER, DEALER and REQ.
    CanProbe, Probe, "`{Self}` sockets cannot probe a ROUTER", "ROUTER, DEALER and REQ sockets can";
    /// The kinds that can say what a peer's routing id is to be when they connect to it: ROUTER and STREAM.
    CanNamePeers, NamePeers, "`{Self}` sockets do not give their peers routing ids", "ROUTER and STREAM sockets do";
    /// The kinds that can keep the latest message alone: DEALER, PUSH, PULL, PUB and SUB.
    CanConflate, Conflate, "`{Self}` sockets cannot conflate", "DEALER, PUSH, PULL, PUB and SUB sockets can";
    /// The kinds that send to whoever has subscribed: PUB and XPUB.
    CanPublish, Publish, "`{Self}` sockets do not publish", "PUB and XPUB sockets do";
    /// The kinds that compare messages with subscriptions: PUB, XPUB and SUB.
    CanMatch, Match, "`{Self}` sockets do not match messages with subscriptions", "PUB, XPUB and SUB sockets do";
    /// The kind that receives its peers' subscriptions: XPUB.
    CanReceiveSubscriptions, ReceiveSubscriptions, "`{Self}` sockets do not receive subscriptions", "XPUB sockets do";
    /// The kind that talks to plain TCP peers: STREAM.
    CanStream, Stream, "`{Self}` sockets do not talk to plain TCP peers", "STREAM sockets do";
}

#[cfg(zmq_draft)]
capabilities! {
    /// The kinds whose subscriptions are messages: XPUB and XSUB.
    CanPassSubscriptions, PassSubscriptions, "`{Self}` sockets have no messages that are subscriptions",
        "XPUB and XSUB sockets have";
    /// The kind that sends its subscriptions as messages: XSUB.
    CanSendSubscriptions, SendSubscriptions, "`{Self}` sockets do not send subscriptions", "XSUB sockets do";
    /// The kinds that have subscriptions to count: PUB, XPUB, SUB and XSUB.
    CanCountTopics, CountTopics, "`{Self}` sockets have no topics", "PUB, XPUB, SUB and XSUB sockets have";
}
