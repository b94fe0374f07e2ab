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

/// Forwards messages between `frontend` and `backend`, both ways, until their context is shut down.
///
/// A queue of requests is a ROUTER and a DEALER, a forwarder an XSUB and an XPUB, a streamer a PULL and a PUSH. One socket
/// for both gets back what it receives. It takes the calling thread over; run it in one of its own, and end it with
/// [`Context::shutdown`](crate::Context::shutdown). To copy the messages to a third socket, or to control the proxy from
/// another thread, use a [`Proxy`].
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
/// Messages are passed on whole. While a side has no room for more, what is for it waits in the queues of the other, up to
/// their high-water marks; the proxy itself holds one message at most for each side.
///
/// A ROUTER gets what has the peer's id in front; a message of one part, which has none, is dropped, as is one for a peer that is
/// not there. To a STREAM such messages end the proxy, with [`InvalidInput`](crate::ErrorKind::InvalidInput) and
/// [`HostUnreachable`](crate::ErrorKind::HostUnreachable).
///
/// Messages of the draft kinds keep their group: a DISH and a RADIO make a forwarder of one way. Over udp, a message that is too
/// long for that ends it with [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge). A SERVER has no place here, as the replies do
/// not tell to whom they go.
///
/// # Errors
///
/// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down; it never returns without an error. Any other
/// error of a send or receive ends it, too. Signals do not end it, unless
/// [asked for](crate::Context::set_interruptible), and never tear a message. A message that the proxy holds when it ends
/// with an error is dropped.
///
/// Follows [zmq_proxy(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
#[doc(alias = "zmq_proxy")]
#[doc(alias = "zmq_device")]
pub fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    Proxy::new(frontend, backend).run().map(drop)
}
