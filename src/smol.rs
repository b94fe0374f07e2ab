//! Async sockets for [smol](https://docs.rs/smol) and any other executor, with the feature `smol`.
//!
//! The sockets use the reactor of smol, which is the crate [`async-io`](https://docs.rs/async-io). The reactor needs no runtime: the
//! first socket starts it in its own thread. So these sockets work in every executor, for example in `smol::block_on`, in the executors
//! of `futures`, or in an executor of your own. On Unix, the threads of the bundled libzmq call the wakers of the executor, so these
//! wakers must not block.
//!
//! Configure, bind and connect a [`zmq::Socket`](crate::Socket) as usual, then turn it into an async [`Socket`] with
//! [`into_smol`](crate::Socket::into_smol):
//!
//! ```
//! use zmq::{Context, Rep, Req};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! smol::block_on(async {
//!     let context = Context::new()?;
//!     let responder = context.socket(Rep)?;
//!     let endpoint = responder.bind("tcp://127.0.0.1:*")?;
//!     let mut responder = responder.into_smol()?;
//!
//!     let server = smol::spawn(async move {
//!         let request = responder.recv().await?;
//!         assert_eq!(request, "Hello");
//!         responder.send("World").await?;
//!         Ok::<(), zmq::Error>(())
//!     });
//!
//!     let requester = context.socket(Req)?;
//!     requester.connect(&endpoint)?;
//!     let mut requester = requester.into_smol()?;
//!     requester.send("Hello").await?;
//!     assert_eq!(requester.recv().await?, "World");
//!     server.await?;
//!     Ok(())
//! })
//! # }
//! ```
//!
//! The module [`aio`] describes cancel safety, time limits and dropping for all runtimes. To limit the time of a call, use
//! `smol::Timer`:
//!
//! ```
//! use std::time::Duration;
//! use smol::Timer;
//! use smol::future::or;
//! use zmq::{Message, Pull, Result};
//! use zmq::smol::Socket;
//!
//! /// Returns `None` if no message arrives within a second.
//! async fn next(receiver: &mut Socket<Pull>) -> Option<Result<Message>> {
//!     or(async { Some(receiver.recv().await) }, async {
//!         Timer::after(Duration::from_secs(1)).await;
//!         None
//!     })
//!     .await
//! }
//! ```

use std::io;

use crate::aio::{self, Reactor, Runtime};
use crate::error::{ConvertError, Operation, Result};
use crate::kind::Kind;
use crate::monitor;
use crate::raw::smol::SmolRegistration;
use crate::socket;

/// An async socket of type `K`, registered with the reactor of smol.
///
/// [`zmq::Socket::into_smol`](crate::Socket::into_smol) creates it. It works in every executor. [`aio::Socket`] lists its methods.
pub type Socket<K> = aio::Socket<K, Smol>;

/// Sends requests from any number of tasks over one socket, registered with the reactor of smol.
///
/// [`Socket::into_requester`](aio::Socket::into_requester) creates it. [`aio::Requester`] lists its methods.
pub type Requester = aio::Requester<Smol>;

/// The sending half of an async socket, which can be cloned and shared. [`aio::Sender`] lists its methods.
pub type Sender<K> = aio::Sender<K, Smol>;

/// The receiving half of an async socket. [`aio::Receiver`] lists its methods.
pub type Receiver<K> = aio::Receiver<K, Smol>;

/// An async monitor: receives the connection events of a socket, registered with the reactor of smol.
///
/// [`zmq::Monitor::into_smol`](crate::Monitor::into_smol) creates it. [`aio::Monitor`] lists its methods.
pub type Monitor = aio::Monitor<Smol>;

/// The reactor of smol.
#[derive(Debug)]
#[non_exhaustive]
pub struct Smol;

impl Reactor for Smol {}

impl Runtime for Smol {
    type Registration = SmolRegistration;

    const INTO: Operation = Operation::IntoSmol;

    // The reactor never ends before the process, so only a failure of the reactor leads to this error.
    const GONE: (&'static str, &'static str) =
        ("the reactor of smol failed", "call `into_inner`, and then `into_smol`");

    fn refusal(error: &io::Error) -> (String, Option<&'static str>) {
        match error.kind() {
            io::ErrorKind::Unsupported => (
                "the reactor of smol could not be started".to_owned(),
                Some("check the limits of open files and of threads"),
            ),
            _ => (error.to_string(), None),
        }
    }
}

/// # Async sockets for any executor
impl<K: Kind> socket::Socket<K> {
    /// Turns the socket into an async socket, registered with the reactor of smol. It works in every executor.
    ///
    /// The socket can already be bound or connected. [`aio::Socket::inner`] gives access to options, `bind` and `connect` later.
    ///
    /// # Errors
    ///
    /// Each error returns the socket.
    ///
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) for draft socket types that threads can share, with a libzmq that is not the
    ///   bundled one and does not use `eventfd`. On Linux, every libzmq uses `eventfd`.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) if the reactor cannot be started. The reactor then panics. This method catches the
    ///   panic, but the panic hook runs, and a program that is compiled with `panic = "abort"` aborts.
    /// * [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles), [`OutOfMemory`](crate::ErrorKind::OutOfMemory) or
    ///   [`Other`](crate::ErrorKind::Other) if the system refuses the registration.
    #[allow(clippy::result_large_err, reason = "the error holds the socket itself")]
    pub fn into_smol(self) -> Result<Socket<K>, ConvertError<socket::Socket<K>>> {
        Socket::register(self)
    }
}

/// # Async monitors for any executor
impl monitor::Monitor {
    /// Turns the monitor into an async monitor, registered with the reactor of smol. It works in every executor.
    ///
    /// # Errors
    ///
    /// See [`Socket::into_smol`](crate::Socket::into_smol) for the errors. Each error returns the monitor.
    #[allow(clippy::result_large_err, reason = "the error holds the monitor itself")]
    pub fn into_smol(self) -> Result<Monitor, ConvertError<monitor::Monitor>> {
        Monitor::register(self)
    }
}
