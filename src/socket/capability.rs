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
    /// The kind that subscribes by an option: SUB. An XSUB socket sends a message for it.
    CanSubscribe, Subscribe, "`{Self}` sockets cannot subscribe",
        "SUB sockets can; an XSUB socket sends a message that begins with the byte 1";
    /// The kind that sends requests in turn with replies: REQ.
    CanRequest, Request, "`{Self}` sockets have no requests", "REQ sockets have";
    /// The kind that addresses its peers by routing id: ROUTER.
    CanRoute, Route, "`{Self}` sockets do not route by id", "ROUTER sockets do";
    /// The kinds that can announce themselves to a ROUTER: ROUTER, DEALER and REQ.
    CanProbe, Probe, "`{Self}` sockets cannot probe a ROUTER", "ROUTER, DEALER and REQ sockets can";
}
