//! Forwarding between two sockets.

mod capture;
mod control;
mod forward;
mod handle;
mod statistics;

pub use capture::ProxyCapture;
pub use control::ProxyControl;
pub use forward::Undelivered;
pub use handle::ProxyHandle;
pub use statistics::{ProxyStatistics, ProxyTraffic};

use self::capture::Capture;
use self::control::Steering;
use self::forward::Proxy;
use crate::error::{Operation, Result};
use crate::kind::{CanSend, Kind};
use crate::socket::{Core, Socket};

/// Forwards messages between `frontend` and `backend`, both ways, until their context is shut down.
///
/// A queue of requests is a ROUTER and a DEALER, a forwarder an XSUB and an XPUB, a streamer a PULL and a PUSH. One socket
/// for both gets back what it receives. It takes the calling thread over; run it in one of its own, and end it with
/// [`Context::shutdown`](crate::Context::shutdown):
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
    run(frontend.core(), backend.core(), None, Steering::NONE).map(drop)
}

/// As [`proxy()`], and sends a copy of every message, of both ways, to `capture`: a PUB, PUSH, DEALER or PAIR socket.
///
/// The copies never hold the messages up: one that `capture` cannot take at once is left out. (In C, the proxy waits.) The
/// [statistics](ProxyStatistics::uncaptured) count those.
///
/// ```
/// use std::thread;
/// use zmq::{Context, Pull, Push};
///
/// let context = Context::new()?;
/// let (frontend, backend, capture) = (context.socket(Pull)?, context.socket(Push)?, context.socket(Push)?);
/// frontend.bind("inproc://frontend")?;
/// backend.bind("inproc://backend")?;
/// capture.bind("inproc://capture")?;
/// let (log, sink) = (context.socket(Pull)?, context.socket(Pull)?);
/// log.connect("inproc://capture")?;
/// sink.connect("inproc://backend")?;
/// let streamer = thread::spawn(move || zmq::proxy_with_capture(&frontend, &backend, &capture));
///
/// let source = context.socket(Push)?;
/// source.connect("inproc://frontend")?;
/// source.send("Hello")?;
/// assert_eq!(sink.recv()?, "Hello");
/// assert_eq!(log.recv()?, "Hello");
/// # context.shutdown()?;
/// # drop(streamer.join());
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Errors
///
/// As for [`proxy()`].
///
/// Follows [zmq_proxy(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
#[doc(alias = "zmq_proxy")]
pub fn proxy_with_capture<F: Kind, B: Kind, C: CanSend>(
    frontend: &Socket<F>,
    backend: &Socket<B>,
    capture: &Socket<C>,
) -> Result<()> {
    run(frontend.core(), backend.core(), Some(Capture::new(capture.core())), Steering::NONE).map(drop)
}

/// As [`proxy()`], and can be paused, resumed, ended and asked for its statistics, by a [`ProxyHandle`] or over a control
/// socket.
///
/// ```
/// use std::thread;
/// use zmq::{Context, ProxyHandle, Pull, Push};
///
/// let context = Context::new()?;
/// let (frontend, backend) = (context.socket(Pull)?, context.socket(Push)?);
/// frontend.bind("inproc://frontend")?;
/// backend.bind("inproc://backend")?;
/// # let (source, sink) = (context.socket(Push)?, context.socket(Pull)?);
/// # source.connect("inproc://frontend")?;
/// # sink.connect("inproc://backend")?;
///
/// let handle = ProxyHandle::new();
/// let control = handle.clone();
/// let streamer = thread::spawn(move || zmq::proxy_steerable(&frontend, &backend, None, &control));
///
/// source.send("Hello")?;
/// assert_eq!(sink.recv()?, "Hello");
/// handle.pause()?;
/// assert_eq!(handle.statistics()?.backend.messages_sent, 1);
/// handle.terminate()?;
/// assert!(streamer.join().unwrap()?.is_empty());
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// `capture` is `None`, or `Some(&socket)` as in [`proxy_with_capture`]. `control` is a [`ProxyHandle`], or a socket that
/// receives the commands of C: see [`ProxyControl`].
///
/// While it is paused nothing is forwarded, and what arrives waits in the queues of the sockets. A shutdown of the context
/// ends it all the same.
///
/// Gives back what it held when it was ended: see [`Undelivered`].
///
/// # Errors
///
/// As for [`proxy()`], and those of making the two sockets through which a handle wakes the proxy, such as
/// [`TooManySockets`](crate::ErrorKind::TooManySockets); [`WrongState`](crate::ErrorKind::WrongState) if the handle has a
/// proxy already.
///
/// Follows [zmq_proxy_steerable(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy_steerable.html).
#[doc(alias = "zmq_proxy_steerable")]
pub fn proxy_steerable<F: Kind, B: Kind>(
    frontend: &Socket<F>,
    backend: &Socket<B>,
    capture: Option<&dyn ProxyCapture>,
    control: &dyn ProxyControl,
) -> Result<Undelivered> {
    let steering = control.steer(&frontend.context()).map_err(|error| error.within(Operation::Proxy))?;
    run(frontend.core(), backend.core(), capture.map(|socket| socket.capture()), steering)
}

fn run(
    front: &Core,
    back: &Core,
    capture: Option<Capture<'_>>,
    steering: Steering<'_>,
) -> Result<Undelivered> {
    for socket in [Some(front), Some(back), capture.as_ref().map(|capture| capture.socket), steering.socket()]
        .into_iter()
        .flatten()
    {
        socket.check_process(Operation::Proxy)?;
    }
    let mut proxy = Proxy::new(front, back, capture, steering);
    proxy.run().map_err(|error| error.within(Operation::Proxy))
}
