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
//! | wait for several sockets | [`poll()`], [`PollItem`] |
//! | forward between sockets | [`proxy()`] |
//! | handle failures | [`Error`], [`ErrorKind`], [`SendError`] |
//! | encrypt, and decide who may connect | [`security`], [`z85`] |
//! | know the linked libzmq | [`version()`], [`has`] |
//!
//! Searching these pages for a name of C, such as `zmq_ctx_term` or `ZMQ_RCVTIMEO`, finds what replaces it.
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
//! # When a program does not end
//!
//! Dropping the last handle to a context waits until all messages have been sent: for ever, if a peer never appears. That
//! is ZeroMQ's own default, kept so that a port loses nothing that the original delivered. [`Context`] tells the remedies.
//!
//! # Features
//!
//! * `curve` (default): CURVE encryption in the bundled libzmq, through libsodium.
//! * `vendored`: use the bundled libzmq even where the system has one.
//! * `draft`: build the bundled libzmq with its draft API.
//! * `bytes`: conversions between [`Message`] and `bytes::Bytes`.
//! * `bindgen`: regenerate the raw bindings from the header in use; needs libclang.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod context;
mod endpoint;
mod error;
#[cfg(unix)]
mod ipc;
mod message;
mod option;
mod poll;
mod proxy;
#[allow(unsafe_code, reason = "the only place for it")]
mod raw;
pub mod security;
mod socket;
mod timeout;
mod version;
pub mod z85;

pub use context::Context;
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind, Result, SendError, StringError};
pub use message::{FrameCountError, Message, MessageMut, Multipart};
pub use poll::{POLLERR, POLLIN, POLLOUT, POLLPRI, PollEvents, PollItem, poll};
pub use proxy::proxy;
pub use socket::{
    Any, CanProbe, CanRecv, CanRequest, CanRoute, CanSend, CanSubscribe, Dealer, Kind, Pair, Pub, Pull, Push,
    Received, Rep, Req, Router, Socket, SocketKind, Stream, Sub, XPub, XSub,
};
pub use version::{Capability, Version, has, version};

pub use zmq_sys;

/// The code in the pages of the repository, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/porting-from-c.md")]
struct Pages;
