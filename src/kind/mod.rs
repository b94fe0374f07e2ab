//! Socket types. Their properties are in [one table](table).

mod behavior;
mod capability;
mod table;

use core::fmt;

pub(crate) use behavior::Addressing;
pub(crate) use capability::Ability;
pub use capability::{
    CanConflate, CanMatch, CanMultipart, CanNamePeers, CanProbe, CanPublish, CanRecv, CanSend, CanShare,
    CanSplit, CanSubscribe, HasFd, Is, ThreadSafe,
};
#[cfg(zmq_draft)]
pub use capability::{CanCountTopics, CanPassSubscriptions, CanRecvDisconnect, CanRecvHiccup, CanSendHello};

pub use table::*;

mod sealed {
    #[expect(unnameable_types, reason = "this seals the trait")]
    pub trait Sealed {}
}

/// A socket type: [`Req`], [`Pub`] and so on, or [`Any`] if the type is known only at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a socket type",
    note = "socket types are `Pair`, `Pub`, `Sub`, `Req`, `Rep`, `Dealer`, `Router`, `Pull`, `Push`, `XPub`, `XSub`, \
            `Stream` and `Any`; with the feature `draft` also `Server`, `Client`, `Radio`, `Dish`, `Gather`, `Scatter`, \
            `Dgram`, `Peer` and `Channel`"
)]
pub trait Kind: sealed::Sealed + Copy + fmt::Debug + Send + Sync + 'static {
    /// Returns the socket type as a value.
    fn kind(self) -> SocketKind;

    /// Returns this type if it can stand for `kind`.
    #[doc(hidden)]
    fn of(kind: SocketKind) -> Option<Self>;
}

/// A socket type that is known only at run time.
///
/// A `Socket<Any>` has most methods of all socket types. If its actual type does not support a call, the call
/// fails with [`Unsupported`](crate::ErrorKind::Unsupported). A `Socket<Any>` lacks a few methods that cannot
/// return an error, such as `as_fd` and the `split` of async sockets. To call them, convert the socket with
/// [`downcast`](crate::Socket::downcast).
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

impl SocketKind {
    /// Whether several threads can use a socket of this type at the same time.
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
    fn constants_convert_back_to_socket_types() {
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

    /// The socket types that a text names, in the order of the table.
    fn named(text: &str) -> Vec<SocketKind> {
        let is_named =
            |kind: &SocketKind| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == kind.name());
        SocketKind::ALL.iter().copied().filter(is_named).collect()
    }

    /// The socket types that a text lists, or all other types if the text lists exceptions.
    fn listed(text: &str) -> Vec<SocketKind> {
        let named = named(text);
        let is_exception = text.contains("all types");
        SocketKind::ALL.iter().copied().filter(|kind| named.contains(kind) != is_exception).collect()
    }

    #[test]
    fn texts_about_a_capability_list_the_types_that_have_it() {
        for &(ability, notes, documentation) in capability::TEXTS {
            let have: Vec<_> = SocketKind::ALL.iter().copied().filter(|kind| kind.has(ability)).collect();
            let clauses = notes.iter().map(|note| note.split(';').next().unwrap());
            let (summary, _) = documentation.split_once("r\"\"").unwrap_or((documentation, ""));
            let texts: Vec<_> = clauses.chain([summary]).filter(|text| !named(text).is_empty()).collect();
            // Stable builds have no draft types, which some texts list alone.
            assert!(!texts.is_empty() || cfg!(not(zmq_draft)), "{ability:?}");
            for text in texts {
                assert_eq!(listed(text), have, "{ability:?}: {text}");
            }
        }
    }

    #[test]
    fn the_note_of_kind_lists_all_types() {
        let source = include_str!("mod.rs");
        let (_, rest) = source.split_once("note = \"").unwrap();
        let (note, _) = rest.split_once(")]").unwrap();
        for &kind in SocketKind::ALL {
            assert!(note.contains(&format!("`{kind:?}`")), "{kind:?}");
        }
    }
}
