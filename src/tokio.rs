//! Async sockets for the runtime [tokio](https://docs.rs/tokio), with the feature `tokio`.
//!
//! Configure, bind and connect a [`zmq::Socket`](crate::Socket) as usual, then turn it into an async [`Socket`] with
//! [`into_tokio`](crate::Socket::into_tokio):
//!
//! ```
//! use zmq::{Context, Rep, Req};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
//! # runtime.block_on(async {
//! let context = Context::new()?;
//! let responder = context.socket(Rep)?;
//! let endpoint = responder.bind("tcp://127.0.0.1:*")?;
//! let mut responder = responder.into_tokio()?;
//!
//! let server = tokio::spawn(async move {
//!     let request = responder.recv().await?;
//!     assert_eq!(request, "Hello");
//!     responder.send("World").await?;
//!     Ok::<(), zmq::Error>(())
//! });
//!
//! let requester = context.socket(Req)?;
//! requester.connect(&endpoint)?;
//! let mut requester = requester.into_tokio()?;
//! requester.send("Hello").await?;
//! assert_eq!(requester.recv().await?, "World");
//! server.await??;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! The module [`aio`] describes cancel safety, time limits and dropping for all runtimes. To limit the time of a call, use
//! `tokio::time::timeout`.
//!
//! [docs/async.md](https://docs.rs/crate/zmq/latest/source/docs/async.md) describes more: which calls block, pitfalls, and the reasons
//! for the design of the API.

use std::io;

use crate::aio::{self, Reactor, Runtime};
use crate::error::{ConvertError, Operation, Result};
use crate::kind::Kind;
use crate::monitor;
use crate::raw::tokio::TokioRegistration;
use crate::socket;

/// An async socket of type `K`, registered with a tokio runtime.
///
/// [`zmq::Socket::into_tokio`](crate::Socket::into_tokio) creates it. It works in the current-thread and in the multi-thread runtime.
/// [`aio::Socket`] lists its methods.
pub type Socket<K> = aio::Socket<K, Tokio>;

/// Sends requests from any number of tasks over one socket, registered with a tokio runtime.
///
/// [`Socket::into_requester`](aio::Socket::into_requester) creates it. [`aio::Requester`] lists its methods.
pub type Requester = aio::Requester<Tokio>;

/// The sending half of an async socket, which can be cloned and shared. [`aio::Sender`] lists its methods.
pub type Sender<K> = aio::Sender<K, Tokio>;

/// The receiving half of an async socket. [`aio::Receiver`] lists its methods.
pub type Receiver<K> = aio::Receiver<K, Tokio>;

/// An async monitor: receives the connection events of a socket, registered with a tokio runtime.
///
/// [`zmq::Monitor::into_tokio`](crate::Monitor::into_tokio) creates it. [`aio::Monitor`] lists its methods.
pub type Monitor = aio::Monitor<Tokio>;

/// The reactor of a tokio runtime.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tokio;

impl Reactor for Tokio {}

impl Runtime for Tokio {
    type Registration = TokioRegistration;

    const INTO: Operation = Operation::IntoTokio;

    const GONE: (&'static str, &'static str) = (
        "the tokio runtime that the socket is registered with has ended",
        "call `into_inner`, and then `into_tokio` in another runtime",
    );

    fn refusal(error: &io::Error) -> (String, Option<&'static str>) {
        match error.kind() {
            io::ErrorKind::NotFound => (
                "there is no tokio runtime here".to_owned(),
                Some(
                    "call `into_tokio` in a task of a tokio runtime that was built with `enable_io` or `enable_all`",
                ),
            ),
            io::ErrorKind::Unsupported => (
                "the tokio runtime has no I/O driver".to_owned(),
                Some("build the runtime with `enable_io` or `enable_all`"),
            ),
            _ => (error.to_string(), None),
        }
    }
}

/// # Async sockets
impl<K: Kind> socket::Socket<K> {
    /// Turns the socket into an async socket, registered with the tokio runtime of the calling task.
    ///
    /// The socket can already be bound or connected. [`aio::Socket::inner`] gives access to options, `bind` and `connect` later.
    ///
    /// # Errors
    ///
    /// Each error returns the socket.
    ///
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) outside of a tokio runtime, or in a tokio runtime without an I/O driver. Build the
    ///   runtime with `enable_io` or `enable_all`. Without an I/O driver, tokio panics. This method catches the panic, but the panic
    ///   hook runs, and a program that is compiled with `panic = "abort"` aborts.
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) for draft socket types that threads can share, with a libzmq that is not the
    ///   bundled one and does not use `eventfd`. On Linux, every libzmq uses `eventfd`.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    /// * [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles), [`OutOfMemory`](crate::ErrorKind::OutOfMemory) or
    ///   [`Other`](crate::ErrorKind::Other) if the system refuses the registration.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub fn into_tokio(self) -> Result<Socket<K>, ConvertError<socket::Socket<K>>> {
        Socket::register(self)
    }
}

/// # Async monitors
impl monitor::Monitor {
    /// Turns the monitor into an async monitor, registered with the tokio runtime of the calling task.
    ///
    /// # Errors
    ///
    /// See [`Socket::into_tokio`](crate::Socket::into_tokio) for the errors. Each error returns the monitor.
    #[allow(clippy::result_large_err, reason = "the error holds the monitor itself")]
    pub fn into_tokio(self) -> Result<Monitor, ConvertError<monitor::Monitor>> {
        Monitor::register(self)
    }
}
