//! Forwarding messages between two sockets.
//!
//! [`proxy()`] forwards until the context is shut down. A [`Proxy`] can also send a copy of each message to a third socket,
//! and be paused, resumed and ended by a [`Handle`] or through a control socket.

mod builder;
mod capture;
mod control;
mod forward;
mod handle;
mod statistics;

pub use builder::Proxy;
pub use forward::Undelivered;
pub use handle::Handle;
pub use statistics::{Statistics, Traffic};

use crate::error::Result;
use crate::kind::Kind;
use crate::socket::Socket;

/// Forwards messages between `frontend` and `backend`, in both directions, until their context is shut down. Blocks the calling
/// thread.
///
/// | device | frontend | backend |
/// |---|---|---|
/// | queue of requests | ROUTER | DEALER |
/// | forwarder of publications | XSUB | XPUB |
/// | streamer of tasks | PULL | PUSH |
///
/// Run the proxy in its own thread, and end it with [`Context::shutdown`](crate::Context::shutdown). To copy the messages to a
/// third socket, or to control the proxy from another thread, use a [`Proxy`]. If `frontend` and `backend` are the same socket,
/// it sends back each message that it receives.
///
/// ```
/// use std::thread;
/// use zmq::{Context, Dealer, ErrorKind, Rep, Req, Router};
///
/// let context = Context::new()?;
/// let frontend = context.socket(Router)?;
/// let backend = context.socket(Dealer)?;
/// frontend.bind("inproc://clients")?;
/// backend.bind("inproc://workers")?;
/// let queue = thread::spawn(move || zmq::proxy(&frontend, &backend));
///
/// let (client, worker) = (context.socket(Req)?, context.socket(Rep)?);
/// client.connect("inproc://clients")?;
/// worker.connect("inproc://workers")?;
/// client.send("Hello")?;
/// assert_eq!(worker.recv()?, "Hello");
///
/// context.shutdown()?;
/// assert_eq!(queue.join().unwrap().unwrap_err().kind(), ErrorKind::Terminated);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Multipart messages are forwarded whole. While one socket has no room, messages for it wait in the queues of the other
/// socket, up to the high-water mark of the other socket. The proxy itself holds at most one message for each socket.
///
/// A message to a ROUTER or STREAM socket must begin with the routing id of a peer. If the message has only one part, or the
/// peer does not exist, a ROUTER socket drops the message. With a STREAM socket, the proxy ends with
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) or [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
///
/// Of the draft socket types, a DISH socket and a RADIO socket form a one-way forwarder, in which messages keep their group.
/// Over `udp`, a message that is too long for a datagram ends the proxy with
/// [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge). A SERVER socket cannot be used in a proxy, because replies from the
/// other socket do not name the client.
///
/// # Errors
///
/// The function returns only with an error.
/// * [`Terminated`](crate::ErrorKind::Terminated) if the context is shut down
/// * [`Interrupted`](crate::ErrorKind::Interrupted) on a signal, if the context is
///   [interruptible](crate::Context::set_interruptible). A signal never splits a message
/// * any other error of sending or receiving
///
/// A message that the proxy holds when the error occurs is dropped.
///
/// Follows [zmq_proxy(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
#[doc(alias = "zmq_proxy")]
#[doc(alias = "zmq_device")]
pub fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    Proxy::new(frontend, backend).run().map(drop)
}
