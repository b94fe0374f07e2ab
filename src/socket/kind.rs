//! The kinds of sockets: one table.

use core::ffi::c_int;
use core::fmt;

use super::capability::{
    Ability, CanConflate, CanMatch, CanNamePeers, CanProbe, CanPublish, CanReceiveSubscriptions, CanRecv,
    CanRequest, CanRoute, CanSend, CanStream, CanSubscribe,
};
#[cfg(zmq_draft)]
use super::capability::{CanCountTopics, CanPassSubscriptions, CanSendSubscriptions};

mod sealed {
    #[expect(unnameable_types, reason = "what seals the trait")]
    pub trait Sealed {}
}

/// A kind of socket: [`Req`], [`Pub`] and so on, or [`Any`] where it is known only at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of socket",
    note = "kinds are `Pair`, `Pub`, `Sub`, `Req`, `Rep`, `Dealer`, `Router`, `Pull`, `Push`, `XPub`, `XSub`, \
            `Stream` and `Any`"
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

impl CanSend for Any {}
impl CanRecv for Any {}
impl CanSubscribe for Any {}
impl CanRequest for Any {}
impl CanRoute for Any {}
impl CanProbe for Any {}
impl CanNamePeers for Any {}
impl CanConflate for Any {}
impl CanPublish for Any {}
impl CanMatch for Any {}
impl CanReceiveSubscriptions for Any {}
impl CanStream for Any {}
#[cfg(zmq_draft)]
impl CanPassSubscriptions for Any {}
#[cfg(zmq_draft)]
impl CanSendSubscriptions for Any {}
#[cfg(zmq_draft)]
impl CanCountTopics for Any {}

macro_rules! kinds {
    ($($(#[$docs:meta])* $kind:ident = $constant:ident $alias:literal, $name:literal:
        $($capability:ident)+ $(, draft $($draft:ident)+)? {$(#[$details:meta])*})+) => {
        $(
            $(#[$docs])*
            ///
            $(#[$details])*
            ///
            /// Follows [zmq_socket(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
            #[doc(alias = $name)]
            #[doc(alias = $alias)]
            pub struct $kind;

            impl sealed::Sealed for $kind {}

            impl Kind for $kind {
                #[inline]
                fn kind(self) -> SocketKind {
                    SocketKind::$kind
                }

                fn of(kind: SocketKind) -> Option<$kind> {
                    if kind == SocketKind::$kind { Some($kind) } else { None }
                }
            }

            $(impl $capability for $kind {})+
            $($(
                #[cfg(zmq_draft)]
                impl $draft for $kind {}
            )+)?
        )+

        /// A kind of socket, as a value.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        #[doc(alias = "ZMQ_TYPE")]
        pub enum SocketKind {
            $($(#[$docs])* $kind,)+
        }

        impl SocketKind {
            /// All kinds that this crate knows.
            pub const ALL: &[SocketKind] = &[$(SocketKind::$kind),+];

            /// ZeroMQ's name of it, such as `REQ`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(SocketKind::$kind => $name,)+
                }
            }

            pub(crate) fn constant(self) -> c_int {
                match self {
                    $(SocketKind::$kind => zmq_sys::$constant,)+
                }
            }

            pub(crate) fn from_constant(constant: c_int) -> Option<SocketKind> {
                match constant {
                    $(zmq_sys::$constant => Some(SocketKind::$kind),)+
                    _ => None,
                }
            }

            pub(crate) fn has(self, ability: Ability) -> bool {
                let abilities: &[Ability] = match self {
                    $(SocketKind::$kind => &[
                        $(<$kind as $capability>::ABILITY,)+
                        $($(
                            #[cfg(zmq_draft)]
                            <$kind as $draft>::ABILITY,
                        )+)?
                    ],)+
                };
                abilities.contains(&ability)
            }
        }
    };
}

kinds! {
    /// One peer, both ways: two threads, say.
    Pair = ZMQ_PAIR "ZMQ_PAIR", "PAIR": CanSend CanRecv {
        /// Talks to PAIR. Further peers are turned away. Sending waits while there is no peer, or it cannot keep up.
        ///
        /// It is meant for inproc: over a network a peer that comes back may be taken for a second one, and a peer replaced
        /// while the parts of a message are being sent gets its later parts as a message of their own.
    }
    /// Sends to every subscriber; those who cannot keep up miss messages.
    Pub = ZMQ_PUB "ZMQ_PUB", "PUB": CanSend CanPublish CanMatch CanConflate, draft CanCountTopics {
        /// Talks to SUB and XSUB. Sending never waits: a message goes to the subscribers there are, and a subscriber whose
        /// queue is at the high-water mark does not get it. One that has only just connected has not subscribed yet, and
        /// misses what is sent meanwhile; an [`XPub`] can wait for its subscription.
    }
    /// Receives what it [subscribed](crate::Socket::subscribe) to.
    Sub = ZMQ_SUB "ZMQ_SUB", "SUB": CanRecv CanSubscribe CanMatch CanConflate, draft CanCountTopics {
        /// Talks to PUB and XPUB. Without a subscription it receives nothing; a subscription is to a prefix of the first
        /// frame.
    }
    /// Sends a request, then receives its reply. Requests go to the connected peers in turn.
    Req = ZMQ_REQ "ZMQ_REQ", "REQ": CanSend CanRecv CanRequest CanProbe {
        /// Talks to REP and ROUTER. It sends and receives strictly in turn; out of turn it is
        /// [`WrongState`](crate::ErrorKind::WrongState). Sending waits while there is no peer. The peer sees an empty frame
        /// in front of the request.
        ///
        /// If the peer dies with the request, no reply ever comes. A client that is to survive that sets a
        /// [receive timeout](crate::Socket::set_receive_timeout), [relaxed](crate::Socket::set_req_relaxed) and
        /// [correlate](crate::Socket::set_req_correlate), and asks again.
    }
    /// Receives a request, then sends its reply.
    Rep = ZMQ_REP "ZMQ_REP", "REP": CanSend CanRecv {
        /// Talks to REQ and DEALER. It receives from its peers in turn, and sends to the one whose request it received; out
        /// of turn it is [`WrongState`](crate::ErrorKind::WrongState). A reply to a peer that is gone is dropped, and so is
        /// a request that has no empty frame after its envelope.
    }
    /// Sends to its peers in turn and receives from all: a REQ without the lock-step.
    Dealer = ZMQ_DEALER "ZMQ_DEALER", "DEALER": CanSend CanRecv CanProbe CanConflate {
        /// Talks to ROUTER, REP and DEALER. Sending waits while there is no peer, or none can keep up. To talk to a REP it
        /// puts an empty frame in front, as REQ does.
    }
    /// Receives each message with its sender's routing id in front, and sends to the peer named by the first frame.
    Router = ZMQ_ROUTER "ZMQ_ROUTER", "ROUTER": CanSend CanRecv CanRoute CanProbe CanNamePeers {
        /// Talks to DEALER, REQ and ROUTER. The first frame of what it sends is not sent but names the peer; a message of
        /// that frame alone is dropped. So is a message to a peer that is unknown or cannot keep up, unless the socket is
        /// [mandatory](crate::Socket::set_router_mandatory). The rest of a message whose peer goes away while its parts are
        /// being sent is dropped, too.
        ///
        /// A peer's id is what it [set](crate::Socket::set_routing_id), or 5 bytes, the first of them zero, that the ROUTER
        /// made up; they are no secret. Of two peers that set the same id, the second is ignored without a word.
    }
    /// Receives from all its peers.
    Pull = ZMQ_PULL "ZMQ_PULL", "PULL": CanRecv CanConflate {
        /// Talks to PUSH.
    }
    /// Sends to its peers in turn.
    Push = ZMQ_PUSH "ZMQ_PUSH", "PUSH": CanSend CanConflate {
        /// Talks to PULL. Sending waits while there is no peer, or none can keep up; nothing is dropped but what is on its
        /// way to a peer that goes away.
    }
    /// As PUB, and receives the subscriptions as messages.
    XPub = ZMQ_XPUB "ZMQ_XPUB", "XPUB":
        CanSend CanRecv CanSubscribe CanPublish CanMatch CanReceiveSubscriptions, draft CanPassSubscriptions CanCountTopics {
        /// Talks to SUB and XSUB. A subscription is received as a frame of the byte 1 and the prefix, the end of one as the
        /// byte 0 and the prefix; a frame that begins with any other byte is a message of an XSUB. Only the first
        /// subscription to a prefix and the end of the last one are reported.
    }
    /// As SUB, and subscribes by sending messages.
    XSub = ZMQ_XSUB "ZMQ_XSUB", "XSUB":
        CanSend CanRecv, draft CanPassSubscriptions CanSendSubscriptions CanCountTopics {
        /// Talks to PUB and XPUB. It sends the byte 1 and a prefix to subscribe, the byte 0 and the prefix to take that back;
        /// any other frame goes to the publishers as a message. A subscription is lost if the queue to a publisher is at
        /// the high-water mark.
    }
    /// Talks to plain TCP peers: frames of routing id and bytes.
    Stream = ZMQ_STREAM "ZMQ_STREAM", "STREAM": CanSend CanRecv CanStream CanNamePeers {
        /// What it receives and sends are pairs of frames: the routing id of a connection, and some bytes. TCP keeps no
        /// boundaries, so bytes may arrive in other pieces than they were sent. An empty second frame means that the
        /// connection was made or has ended; sending one ends it. An id that is unknown is
        /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
        ///
        /// It does not talk over inproc.
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
            assert!(kind.has(Ability::Send) || kind.has(Ability::Receive), "{kind}");
        }
        assert_eq!(SocketKind::from_constant(-1), None);
        assert_eq!(SocketKind::from_constant(12), None);
    }
}
