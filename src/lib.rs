//! ZeroMQ for Rust: safe, typed bindings to [libzmq](https://libzmq.readthedocs.io).
//!
//! A C, C++ or Python program ports line for line: the same calls in the same order under the same words. What C leaves to
//! discipline, Rust checks. A PUB socket has no `recv`; a socket is not used by two threads at once; every failure is a
//! `Result`; nothing leaks.
//!
//! ```
//! use zmq::{Context, Rep, Req};
//!
//! # fn main() -> Result<(), zmq::Error> {
//! let context = Context::new()?;
//!
//! let responder = context.socket(Rep)?;
//! let endpoint = responder.bind("tcp://127.0.0.1:*")?; // any free port
//!
//! let requester = context.socket(Req)?;
//! requester.connect(&endpoint)?;
//!
//! requester.send("Hello")?;
//! assert_eq!(responder.recv()?, "Hello");
//! responder.send("World")?;
//! assert_eq!(requester.recv_string()?, "World");
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | to | look at |
//! |---|---|
//! | start | [`Context`] |
//! | send and receive | [`Socket`] |
//! | choose a pattern | the kinds below |
//! | build and read messages | [`Message`], [`MessageMut`], [`Multipart`] |
//! | wait for several sockets | [`poll()`], [`PollItem`]; [`Poller`], if they come and go; for one, [`Socket::poll`] |
//! | have something done at intervals | [`Timers`] |
//! | forward between sockets | [`proxy()`]; [`proxy::Proxy`], to copy the messages or control the proxy |
//! | watch connections come and go | [`Monitor`], [`monitor::Event`] |
//! | know who sent a message | [`Message::peer_address`], [`Message::user_id`] |
//! | handle failures | [`Error`], [`ErrorKind`], [`SendError`] |
//! | encrypt, and decide who may connect | [`security`], [`z85`] |
//! | know the linked libzmq | [`version()`], [`has`] |
//!
//! Searching these pages for a name of C, such as `zmq_ctx_term` or `ZMQ_RCVTIMEO`, finds what replaces it. For all names of C,
//! of cppzmq, of pyzmq and of the crate `zmq` 0.10, the repository has a guide each: `docs/porting-from-….md`.
//!
//! # Patterns
//!
//! | pattern | kinds |
//! |---|---|
//! | request and reply | [`Req`], [`Rep`]; [`Dealer`] and [`Router`] without the lock-step |
//! | publish and subscribe | [`Pub`], [`Sub`]; [`XPub`] and [`XSub`] for brokers |
//! | pipeline | [`Push`], [`Pull`] |
//! | one to one | [`Pair`] |
//! | plain TCP | [`Stream`] |
//! | known at run time | [`Any`] |
//!
#![cfg_attr(zmq_draft, doc = include_str!("draft_kinds.md"))]
//!
//! # When nothing arrives
//!
//! Connecting succeeds whether or not anybody is there, and some kinds drop what nobody takes. So look whether
//!
//! * a SUB has [subscribed](Socket::subscribe), if only to `""`, and early enough: a PUB drops what it sends before the
//!   subscription has reached it; an [`XPub`] can wait for one;
//! * the two kinds talk to each other at all: a PUSH is not heard by a SUB. The documentation of each kind says whom it talks to;
//! * both ends use the same context, if the transport is inproc;
//! * a [`Router`] has a peer of the id that it sends to: with [`set_router_mandatory`](Socket::set_router_mandatory) it tells;
//! * both sides have the same [`security`], and the server lets the client in.
//!
//! A [`Monitor`] shows what becomes of connections: tried again and again, ended by a handshake that failed, or, between kinds
//! that do not talk to each other, lost as soon as they are made.
//!
//! # When a program does not end
//!
//! Dropping the last handle to a context waits until all messages have been sent: for ever, if a peer never appears. That
//! is ZeroMQ's own default, kept so that a port loses nothing that the original delivered. [`Context`] tells the remedies, and
//! how a program ends at Ctrl-C.
//!
//! # Features
//!
//! * `curve` (default): CURVE encryption in the bundled libzmq, through libsodium.
//! * `system`: link the libzmq that pkg-config finds, instead of the bundled one.
//! * `draft`: the draft API, with the kinds SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, DGRAM, PEER and CHANNEL, which may
//!   still change in libzmq. A system's libzmq has to be built with it; the bundled one is.
//! * `bytes`: conversions between [`Message`] and `bytes::Bytes`.
//! * `pgm`, `norm`, `wss`, `gssapi`: those transports, and that authentication, in the bundled libzmq; each needs a library of
//!   the system. `wss` includes `draft`.
//! * `bindgen`: regenerate the raw bindings from the header in use; needs libclang.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

// rustdoc shows the methods of a type in the order of these lines, so what readers want first comes first. The blank lines
// keep rustfmt from sorting the modules.
mod socket;

mod context;

pub mod message;

mod poll;

pub mod security;

pub mod monitor;

#[cfg(not(zmq_draft))]
mod option;
#[cfg(zmq_draft)]
pub mod option;

#[allow(unsafe_code, reason = "takes handles of C code over")]
mod interop;

mod bits;
mod endpoint;
pub mod error;
mod events;
mod foreign;
mod kind;
pub mod proxy;
#[allow(unsafe_code, reason = "the calls of libzmq")]
mod raw;
mod readiness;
#[allow(unsafe_code, reason = "the calls of the operating system")]
mod sys;
mod timeout;
mod timers;
mod version;
mod wait;
mod waits;
pub mod z85;

pub use context::Context;
pub use endpoint::Endpoint;
#[doc(inline)]
pub use error::{Error, ErrorKind, Result, SendError};
pub use events::{POLLERR, POLLIN, POLLOUT, POLLPRI, PollEvents};
pub use kind::{Any, Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, SocketKind, Stream, Sub, XPub, XSub};
// The feature is in the attribute so that the compiler names it to a program that lacks it.
#[cfg(all(feature = "draft", zmq_draft))]
pub use kind::{Channel, Client, Dgram, Dish, Gather, Peer, Radio, Scatter, Server};
#[doc(inline)]
pub use message::{Message, MessageMut, Multipart};
#[doc(inline)]
pub use monitor::Monitor;
pub use poll::{PollItem, Poller, poll};
#[doc(inline)]
pub use proxy::proxy;
pub use socket::Socket;
pub use timers::{TimerId, Timers};
pub use version::{Feature, Version, has, version};

pub use zmq_sys;

/// What each socket type can do, as traits.
///
/// A method of [`Socket`] names in its `where` clause the trait that the socket type must have. Functions that work with
/// several socket types use these traits in the same way:
///
/// ```
/// use zmq::capability::CanSend;
/// use zmq::{Context, Push, SendError, Socket};
///
/// fn greet<K: CanSend>(socket: &Socket<K>) -> Result<(), SendError> {
///     socket.send("Hello")
/// }
///
/// let context = Context::new()?;
/// let socket = context.socket(Push)?;
/// socket.bind("inproc://greetings")?;
/// # let receiver = context.socket(zmq::Pull)?;
/// # receiver.connect("inproc://greetings")?;
/// greet(&socket)?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// [`Any`] implements most of these traits, because its socket type is known only at run time. A call that the socket type
/// does not have then fails with [`Unsupported`](ErrorKind::Unsupported).
pub mod capability {
    pub use crate::kind::{
        CanConflate, CanMatch, CanMultipart, CanNamePeers, CanProbe, CanPublish, CanReceiveSubscriptions,
        CanRecv, CanRequest, CanRoute, CanSend, CanStream, CanSubscribe, HasFd, Kind, ThreadSafe,
    };
    #[cfg(all(feature = "draft", zmq_draft))]
    pub use crate::kind::{
        CanConnectPeer, CanCountTopics, CanJoin, CanMulticast, CanPassSubscriptions, CanRecvDisconnect,
        CanRecvHiccup, CanSendHello, CanSendSubscriptions,
    };
    #[cfg(all(feature = "draft", zmq_draft))]
    pub use crate::socket::{CanRecvFrom, CanSendTo};
}

/// What calls take as a message, as the parts of a message, and as a timeout.
pub mod convert {
    pub use crate::message::into::{IntoMessage, IntoMultipart};
    pub use crate::timeout::IntoTimeout;
}

/// What a [`Poller`] can watch, and the events that it returns.
pub mod poller {
    pub use crate::poll::{Pollable, PollableFd, PollerEvents};
}

/// The code in the pages of the repository, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/porting-from-c.md")]
#[doc = include_str!("../docs/porting-from-cpp.md")]
#[doc = include_str!("../docs/porting-from-python.md")]
#[doc = include_str!("../docs/porting-from-rust-zmq.md")]
struct Pages;
