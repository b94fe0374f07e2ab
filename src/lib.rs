//! Safe, typed bindings to [libzmq](https://libzmq.readthedocs.io), the C++ library of [ZeroMQ](https://zeromq.org).
//!
//! ZeroMQ sockets carry whole messages over TCP, IPC, in-process queues and multicast, in patterns such as request–reply,
//! publish–subscribe and pipelines.
//!
//! The API follows libzmq call for call, so C, C++ and Python programs can be ported line by line. The compiler checks
//! rules that C programmers must follow by themselves. For example, a PUB socket has no `recv`, and two threads cannot use
//! one socket at the same time. Every call that can fail returns a `Result`.
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
//! With the feature `tokio` or `smol`, sockets also work in async functions:
//!
//! ```
//! # #[cfg(not(feature = "tokio"))]
//! # fn main() {}
//! # #[cfg(feature = "tokio")]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use zmq::{Context, Rep, Req};
//!
//! let context = Context::new()?;
//! let responder = context.socket(Rep)?;
//! let endpoint = responder.bind("tcp://127.0.0.1:*")?;
//! let mut responder = responder.into_tokio()?;
//! tokio::spawn(async move {
//!     let request = responder.recv().await?;
//!     responder.send(request).await?;
//!     Ok::<(), zmq::Error>(())
//! });
//!
//! let requester = context.socket(Req)?;
//! requester.connect(&endpoint)?;
//! let mut requester = requester.into_tokio()?;
//! requester.send("Hello").await?;
//! assert_eq!(requester.recv().await?, "Hello");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to find what
//!
//! | to do this | see |
//! |---|---|
//! | start | [`Context`] |
//! | send and receive | [`Socket`] |
//! | send requests from several threads over one socket | [`Requester`]; from several tasks, [`aio::Requester`](https://docs.rs/zmq/latest/zmq/aio/struct.Requester.html) |
//! | choose a socket type | the [patterns](#patterns) below |
//! | write functions for several socket types | [`capability`] |
//! | build and read messages | [`Message`], [`MessageMut`], [`Multipart`] |
//! | wait for one socket | [`Socket::poll`] |
//! | wait for several sockets | [`poll()`], [`PollItem`] |
//! | wait for a set of sockets that changes | [`Poller`] |
//! | call functions at intervals | [`Timers`] |
//! | send and receive in async functions | [`Socket::into_tokio`](https://docs.rs/zmq/latest/zmq/tokio/), [`Socket::into_smol`](https://docs.rs/zmq/latest/zmq/smol/), with the features `tokio` and `smol` |
//! | forward messages between sockets | [`proxy()`] |
//! | also copy the forwarded messages, or pause the proxy | [`proxy::Proxy`] |
//! | watch connections | [`Monitor`] |
//! | find out who sent a message | [`Message::peer_address`], [`Message::user_id`] |
//! | handle errors | [`Error`], [`ErrorKind`], [`SendError`] |
//! | encrypt, and decide who may connect | [`security`] |
//! | encode keys as text | [`z85`] |
//! | inspect the linked libzmq | [`version()`], [`has`] |
//! | set socket options | the methods of [`Socket`], by topic |
//! | receive messages earlier, at the cost of processor time | [`Socket::set_spin_time`], [`option::ContextBuilder::spin_time`] |
//!
//! The search box of these pages also finds the names of the C API, such as `zmq_ctx_term` or `ZMQ_RCVTIMEO`.
//!
//! There is a porting guide for each of these APIs:
//! [C](https://docs.rs/crate/zmq/latest/source/docs/porting-from-c.md),
//! [C++ (cppzmq)](https://docs.rs/crate/zmq/latest/source/docs/porting-from-cpp.md),
//! [Python (pyzmq)](https://docs.rs/crate/zmq/latest/source/docs/porting-from-python.md) and
//! [the crate `zmq` 0.10](https://docs.rs/crate/zmq/latest/source/docs/porting-from-rust-zmq.md).
//! The [examples](https://docs.rs/crate/zmq/latest/source/examples/) follow chapters of the
//! [ZeroMQ Guide](https://zguide.zeromq.org).
//! [docs/performance.md](https://docs.rs/crate/zmq/latest/source/docs/performance.md) shows how fast the crate is, and how to tune
//! a program.
//!
//! # Patterns
//!
//! | pattern | socket types |
//! |---|---|
//! | request and reply | [`Req`], [`Rep`] |
//! | request and reply, in any order | [`Dealer`], [`Router`] |
//! | publish and subscribe | [`Pub`], [`Sub`] |
//! | publish and subscribe, for brokers | [`XPub`], [`XSub`] |
//! | pipeline | [`Push`], [`Pull`] |
//! | one to one | [`Pair`] |
//! | plain TCP | [`Stream`] |
//! | a socket type chosen at run time | [`Any`] |
//!
#![cfg_attr(zmq_draft, doc = include_str!("draft_kinds.md"))]
//!
//! # When nothing arrives
//!
//! `connect` succeeds even if there is no peer, and some socket types drop messages that no peer takes. Check the following:
//!
//! * A SUB socket receives nothing until it [subscribes](Socket::subscribe). To receive everything, subscribe to `""`. A
//!   PUB socket drops the messages that it sends before the subscription arrives. An [`XPub`] socket can wait for the
//!   subscription.
//! * The socket types of both sides must match. For example, a SUB socket receives nothing from a PUSH socket. The page of
//!   each socket type lists its compatible peers.
//! * With the transport inproc, both sockets must belong to the same context.
//! * A [`Router`] socket drops a message if no peer has the routing id in its first frame. With
//!   [`set_router_mandatory`](Socket::set_router_mandatory), an unknown routing id is an error.
//! * Both sides must use the same [`security`] mechanism, and the server must accept the client.
//!
//! A [`Monitor`] reports what happens to connections: each attempt, failed handshakes and disconnections. If the socket
//! types do not match, the monitor reports that each new connection ends immediately.
//!
//! # When a program does not end
//!
//! When the last handle of a context is dropped, the program waits until all messages are sent. If a peer never appears,
//! the wait never ends. This is the default of ZeroMQ, so a ported program loses no messages that the original delivered.
//! See [`Context`] for ways to limit the wait, and for a clean shutdown on Ctrl-C.
//!
//! # Features
//!
//! * `curve` (default): CURVE encryption in the bundled libzmq, with libsodium.
//! * `system`: links the libzmq that pkg-config finds instead of the bundled one.
//! * `draft`: the draft API with the socket types SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, DGRAM, PEER and CHANNEL.
//!   The draft API may still change in libzmq. The bundled libzmq includes it. A system libzmq must be built with the draft
//!   API.
//! * `bytes`: conversions between [`Message`] and `bytes::Bytes`.
//! * `tokio`: async sockets for the runtime tokio.
//! * `smol`: async sockets for smol and every other executor.
//! * `futures`: streams and sinks of async sockets.
//! * `pgm`, `norm`, `wss`, `gssapi`: optional transports, and GSSAPI authentication, in the bundled libzmq. Each needs a system
//!   library. `wss` implies `draft`.
//! * `bindgen`: regenerates the raw bindings from the installed header. It needs libclang.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Programs enable the feature `draft`, not the `cfg` that it turns on, so the pages name only the feature.
#![cfg_attr(docsrs, doc(auto_cfg(hide(zmq_draft))))]
#![deny(unsafe_code)]

// rustdoc shows the methods of a type in the order of these lines, so the most important ones come first. The blank
// lines keep rustfmt from sorting the modules.
mod socket;

mod context;

pub mod message;

mod requester;

mod poll;

pub mod security;

pub mod monitor;

#[cfg(any(feature = "smol", feature = "tokio"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "smol", feature = "tokio"))))]
pub mod aio;

#[cfg(feature = "smol")]
#[cfg_attr(docsrs, doc(cfg(feature = "smol")))]
pub mod smol;

#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod tokio;

pub mod option;

#[allow(unsafe_code, reason = "takes over handles of C code")]
mod interop;

mod bits;
mod endpoint;
pub mod error;
mod events;
mod foreign;
mod kind;
mod panics;
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

pub use context::{Closed, Context};
pub use endpoint::Endpoint;
#[doc(inline)]
pub use error::{Error, ErrorKind, Result, SendError};
pub use events::{POLLERR, POLLIN, POLLOUT, POLLPRI, PollEvents};
pub use kind::{Any, Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, SocketKind, Stream, Sub, XPub, XSub};
// The attribute names the feature, so that the compiler suggests it to a program that does not enable it.
#[cfg(all(feature = "draft", zmq_draft))]
pub use kind::{Channel, Client, Dgram, Dish, Gather, Peer, Radio, Scatter, Server};
#[doc(inline)]
pub use message::{Message, MessageMut, Multipart};
#[doc(inline)]
pub use monitor::Monitor;
pub use poll::{PollItem, Poller, poll};
#[doc(inline)]
pub use proxy::proxy;
pub use requester::Requester;
pub use socket::Socket;
pub use timers::{TimerId, Timers};
pub use version::{Feature, Version, has, version};

pub use zmq_sys;

/// Traits for what each socket type can do.
///
/// The `where` clause of a method of [`Socket`] names the trait that the socket type must implement. A function for several
/// socket types uses these traits in the same way:
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
/// [`Any`] implements most of these traits, because its socket type is known only at run time. A call that the actual
/// socket type does not support fails with [`Unsupported`](ErrorKind::Unsupported).
pub mod capability {
    pub use crate::kind::{
        CanConflate, CanMatch, CanMultipart, CanNamePeers, CanProbe, CanPublish, CanRecv, CanSend, CanShare,
        CanSplit, CanSubscribe, HasFd, Is, Kind, ThreadSafe,
    };
    #[cfg(all(feature = "draft", zmq_draft))]
    pub use crate::kind::{
        CanCountTopics, CanPassSubscriptions, CanRecvDisconnect, CanRecvHiccup, CanSendHello,
    };
    #[cfg(all(feature = "draft", zmq_draft))]
    pub use crate::socket::{CanRecvFrom, CanSendTo};
}

/// The argument types of calls that take a message, a multipart message or a timeout.
pub mod convert {
    pub use crate::message::into::{IntoMessage, IntoMultipart};
    pub use crate::timeout::IntoTimeout;
}

/// The types that a [`Poller`] can watch, and the events that it returns.
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
#[cfg_attr(all(feature = "smol", feature = "tokio"), doc = include_str!("../docs/async.md"))]
struct Pages;
