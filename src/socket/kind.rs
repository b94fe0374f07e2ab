//! The kinds of sockets: one table.

use core::ffi::c_int;
use core::fmt;

use super::capability::{Ability, CanProbe, CanRecv, CanRequest, CanRoute, CanSend, CanSubscribe};

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

macro_rules! kinds {
    ($($(#[$docs:meta])* $kind:ident = $constant:ident $alias:literal, $name:literal: $($capability:ident)+;)+) => {
        $(
            $(#[$docs])*
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
                    $(SocketKind::$kind => &[$(<$kind as $capability>::ABILITY),+],)+
                };
                abilities.contains(&ability)
            }
        }
    };
}

kinds! {
    /// One peer, both ways: two threads, say.
    Pair = ZMQ_PAIR "ZMQ_PAIR", "PAIR": CanSend CanRecv;
    /// Sends to every subscriber; those who cannot keep up miss messages.
    Pub = ZMQ_PUB "ZMQ_PUB", "PUB": CanSend;
    /// Receives what it [subscribed](crate::Socket::subscribe) to.
    Sub = ZMQ_SUB "ZMQ_SUB", "SUB": CanRecv CanSubscribe;
    /// Sends a request, then receives its reply. Requests go to the connected peers in turn.
    Req = ZMQ_REQ "ZMQ_REQ", "REQ": CanSend CanRecv CanRequest CanProbe;
    /// Receives a request, then sends its reply.
    Rep = ZMQ_REP "ZMQ_REP", "REP": CanSend CanRecv;
    /// Sends to its peers in turn and receives from all: a REQ without the lock-step.
    Dealer = ZMQ_DEALER "ZMQ_DEALER", "DEALER": CanSend CanRecv CanProbe;
    /// Receives each message with its sender's routing id in front, and sends to the peer named by the first frame.
    Router = ZMQ_ROUTER "ZMQ_ROUTER", "ROUTER": CanSend CanRecv CanRoute CanProbe;
    /// Receives from all its peers.
    Pull = ZMQ_PULL "ZMQ_PULL", "PULL": CanRecv;
    /// Sends to its peers in turn.
    Push = ZMQ_PUSH "ZMQ_PUSH", "PUSH": CanSend;
    /// As PUB, and receives the subscriptions as messages.
    XPub = ZMQ_XPUB "ZMQ_XPUB", "XPUB": CanSend CanRecv;
    /// As SUB, and subscribes by sending messages.
    XSub = ZMQ_XSUB "ZMQ_XSUB", "XSUB": CanSend CanRecv;
    /// Talks to plain TCP peers: frames of routing id and bytes.
    Stream = ZMQ_STREAM "ZMQ_STREAM", "STREAM": CanSend CanRecv;
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
