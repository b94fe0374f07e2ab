//! Capabilities: what only some socket types can do.

use super::{Any, Kind, SocketKind};

/// A capability, as a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(hidden)]
#[non_exhaustive]
pub enum Ability {
    /// The socket type is this one.
    Is(SocketKind),
    Send,
    Receive,
    Multipart,
    Split,
    Share,
    Descriptor,
    Subscribe,
    Probe,
    NamePeers,
    Conflate,
    Publish,
    Match,
    #[cfg(zmq_draft)]
    PassSubscriptions,
    #[cfg(zmq_draft)]
    CountTopics,
    ThreadSafe,
    #[cfg(zmq_draft)]
    SendHello,
    #[cfg(zmq_draft)]
    ReceiveDisconnect,
    #[cfg(zmq_draft)]
    ReceiveHiccup,
}

/// The socket type `T`.
///
/// This trait is the bound of calls for sockets of one type. [`Any`](crate::Any) implements it for every
/// `T`, and the socket type is checked at run time.
#[diagnostic::on_unimplemented(
    message = "this call is for `{T}` sockets, not `{Self}`",
    label = "this call is for `{T}` sockets, not `{Self}`",
    note = "a `Socket<Any>` can make this call if its socket type is `{T}`"
)]
pub trait Is<T: Kind>: Kind {
    #[doc(hidden)]
    const ABILITY: Ability;
}

macro_rules! capabilities {
    ($($(#[cfg($gate:meta)])? $name:ident, $ability:ident, $cannot:literal, $($note:literal,)+ {$(#[$docs:meta])*}
        $(and $any:ident)?;)+) => {$(
        $(
            #[cfg($gate)]
            #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
        )?
        $(#[$docs])*
        $(
            ///
            #[doc = concat!(
                "[`", stringify!($any), "`](crate::", stringify!($any), ") has this capability as well. Whether the actual type of \
                 the socket has the capability is checked at run time."
            )]
        )?
        #[diagnostic::on_unimplemented(message = $cannot, label = $cannot, $(note = $note),+)]
        pub trait $name: Kind {
            #[doc(hidden)]
            const ABILITY: Ability = Ability::$ability;
        }

        $(#[cfg($gate)])?
        $(impl $name for $any {})?
    )+

        /// The texts about each capability: the compiler's notes and the documentation.
        #[cfg(test)]
        pub(super) const TEXTS: &[(Ability, &[&str], &str)] = &[$(
            $(#[cfg($gate)])?
            (Ability::$ability, &[$($note),+], concat!($(stringify!($docs), "\n"),*)),
        )+];
    };
}

capabilities! {
    CanSend, Send, "`{Self}` sockets cannot send",
        "PUB, PUSH, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and so can the draft types CLIENT, \
         SCATTER and CHANNEL; SERVER, PEER, RADIO and DGRAM sockets name the receiver with `send_to`", {
        /// Socket types that can send without a receiver's address: all types except SUB, PULL, DISH, GATHER,
        /// SERVER, PEER, RADIO and DGRAM.
        ///
        /// SUB, PULL, DISH and GATHER sockets only receive. SERVER, PEER, RADIO and DGRAM sockets name the
        /// receiver with `send_to`.
    } and Any;
    CanRecv, Receive, "`{Self}` sockets cannot receive",
        "SUB, PULL, PAIR, REQ, REP, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and so can the draft types CLIENT, DISH, \
         GATHER and CHANNEL; SERVER, PEER and DGRAM sockets also return the sender, with `recv_from`", {
        /// Socket types that can receive without a sender's address: all types except PUB, PUSH, RADIO,
        /// SCATTER, SERVER, PEER and DGRAM.
        ///
        /// PUB, PUSH, RADIO and SCATTER sockets only send. SERVER, PEER and DGRAM sockets receive with
        /// `recv_from`, which also returns the sender.
    } and Any;
    CanMultipart, Multipart, "`{Self}` sockets have no multipart messages",
        "only PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH, XPUB, XSUB and STREAM sockets have them", {
        /// Socket types with multipart messages: all types except the draft types.
    } and Any;
    CanSplit, Split, "`{Self}` sockets cannot be split into halves",
        "PAIR, DEALER, ROUTER, XPUB, XSUB and STREAM sockets can, and so can the draft types SERVER, CLIENT, DGRAM, PEER and \
         CHANNEL; REQ and REP sockets send and receive in turn, and other types do only one of the two; a `Socket<Any>` can be \
         `downcast`", {
        /// Socket types that send and receive independently: PAIR, DEALER, ROUTER, XPUB, XSUB and STREAM, and the draft types
        /// SERVER, CLIENT, DGRAM, PEER and CHANNEL.
        ///
        /// [Async sockets](https://docs.rs/zmq/latest/zmq/aio/) of these types can be split into halves.
        ///
        /// [`Any`](crate::Any) does not have this capability, because its actual type may not have it. To split a `Socket<Any>`, convert it
        /// with [`downcast`](crate::Socket::downcast) first.
    };
    CanShare, Share, "tasks cannot share `{Self}` sockets to send",
        "they can share PAIR, PUB, PUSH, DEALER, ROUTER, XPUB, XSUB and STREAM sockets, and the draft types SERVER, CLIENT, RADIO, \
         SCATTER, DGRAM, PEER and CHANNEL; REQ and REP sockets send and receive in turn; a `Socket<Any>` can be `downcast`", {
        /// Socket types that can send several messages in a row: PAIR, PUB, PUSH, DEALER, ROUTER, XPUB, XSUB
        /// and STREAM, and the draft types SERVER, CLIENT, RADIO, SCATTER, DGRAM, PEER and CHANNEL.
        ///
        /// Tasks can share [async sockets](https://docs.rs/zmq/latest/zmq/aio/) of these types to send.
        ///
        /// [`Any`](crate::Any) does not have this capability, because its actual type may not have it. To share a `Socket<Any>`, convert it
        /// with [`downcast`](crate::Socket::downcast) first.
    };
    HasFd, Descriptor, "`{Self}` sockets have no notification descriptor",
        "all types have one except SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, PEER and CHANNEL; a `Socket<Any>` can be `downcast`", {
        /// Socket types with a notification descriptor: all types except the draft types that threads can
        /// share.
        ///
        /// [`Any`](crate::Any) does not have this capability, because its actual type may lack a descriptor.
    };
    CanSubscribe, Subscribe, "`{Self}` sockets cannot subscribe",
        "SUB sockets can, and XPUB sockets for their peers; an XSUB socket sends a message that begins with the byte 1", {
        /// Socket types with the method `subscribe`: SUB and XPUB.
        ///
        /// An XPUB socket subscribes for its peers if it is [manual](crate::Socket::set_xpub_manual). An XSUB
        /// socket subscribes by sending a message.
    } and Any;
    CanProbe, Probe, "`{Self}` sockets cannot probe a ROUTER", "ROUTER, DEALER and REQ sockets can", {
        /// Socket types that can announce themselves to a ROUTER: ROUTER, DEALER and REQ.
    } and Any;
    CanNamePeers, NamePeers, "`{Self}` sockets do not give their peers routing ids",
        "ROUTER and STREAM sockets do", {
        /// Socket types that can choose the routing id of a peer when they connect to it: ROUTER and STREAM.
    } and Any;
    CanConflate, Conflate, "`{Self}` sockets cannot conflate",
        "DEALER, PUSH, PULL, PUB and SUB sockets can", {
        /// Socket types that can keep only the latest message: DEALER, PUSH, PULL, PUB and SUB.
    } and Any;
    CanPublish, Publish, "`{Self}` sockets do not publish",
        "PUB and XPUB sockets do", {
        /// Socket types that send to all subscribers: PUB and XPUB.
    } and Any;
    CanMatch, Match, "`{Self}` sockets do not match messages with subscriptions",
        "PUB, XPUB and SUB sockets do", {
        /// Socket types that compare messages with subscriptions: PUB, XPUB and SUB.
    } and Any;
    #[cfg(zmq_draft)]
    CanPassSubscriptions, PassSubscriptions, "`{Self}` sockets have no messages that are subscriptions",
        "XPUB and XSUB sockets have them", {
        /// Socket types that send or receive subscriptions as messages: XPUB and XSUB.
    } and Any;
    #[cfg(zmq_draft)]
    CanCountTopics, CountTopics, "`{Self}` sockets have no topics",
        "PUB, XPUB, SUB and XSUB sockets have them", {
        /// Socket types that can count subscriptions: PUB, XPUB, SUB and XSUB.
    } and Any;
    ThreadSafe, ThreadSafe, "`{Self}` sockets cannot be shared between threads",
        "give each thread a socket of its own: move a clone of the `Context` into the thread, and create the socket there",
        "for several threads to send requests over one connection, use a `Requester`",
        "for several threads to use one connection in another way, let one thread own its socket, and send to that thread over inproc",
        "an async function can take the socket by value or as `&mut Socket`, but not as `&Socket`",
        "of the draft socket types, SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, PEER and CHANNEL can be shared", {
        /// Socket types whose sockets several threads can use at the same time: SERVER, CLIENT, RADIO, DISH,
        /// GATHER, SCATTER, PEER and CHANNEL.
        ///
        /// A `Socket` of such a type is [`Sync`]. [`Any`](crate::Any) does not have this capability, because
        /// its actual type may not have it.
        #[doc(alias = "ZMQ_THREAD_SAFE")]
    };
    #[cfg(zmq_draft)]
    CanSendHello, SendHello, "`{Self}` sockets do not greet their peers",
        "ROUTER, DEALER, SERVER, CLIENT and PEER sockets can", {
        /// Socket types that can greet every new peer: ROUTER, DEALER, SERVER, CLIENT and PEER.
    } and Any;
    #[cfg(zmq_draft)]
    CanRecvDisconnect, ReceiveDisconnect, "`{Self}` sockets receive no message when a peer disconnects",
        "ROUTER, SERVER and PEER sockets can", {
        /// Socket types that can receive a message when a peer disconnects: ROUTER, SERVER and PEER.
    } and Any;
    #[cfg(zmq_draft)]
    CanRecvHiccup, ReceiveHiccup, "`{Self}` sockets receive no message when a connection is lost",
        "DEALER, CLIENT and PEER sockets can", {
        /// Socket types that can receive a message when a connection that they made is lost: DEALER, CLIENT
        /// and PEER.
    } and Any;
}
