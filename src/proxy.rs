//! Forwarding between two sockets.

use crate::context::any_interruptible;
use crate::error::{Error, Operation, Result};
use crate::raw::{self, Errno};
use crate::socket::{Kind, Socket};

/// Forwards messages between `frontend` and `backend`, both ways, until their context is shut down.
///
/// A queue of requests is a ROUTER and a DEALER, a forwarder an XSUB and an XPUB, a streamer a PULL and a PUSH. It takes
/// the calling thread over; run it in one of its own, and end it with [`Context::shutdown`](crate::Context::shutdown):
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
/// # Errors
///
/// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down; it never returns without an error. A socket
/// that cannot do its part ends it with the error of that send or receive.
///
/// Follows [zmq_proxy(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
#[doc(alias = "zmq_proxy")]
#[doc(alias = "zmq_device")]
pub fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    frontend.core().check_process(Operation::Proxy)?;
    backend.core().check_process(Operation::Proxy)?;
    loop {
        match raw::proxy::proxy(frontend.core().raw(), backend.core().raw(), None) {
            // libzmq's loop ends also when a socket was ready for nothing (X2).
            Err(Errno(libc::EAGAIN)) => {}
            Err(Errno(libc::EINTR)) if !any_interruptible() => {}
            result => return result.map_err(|errno| Error::new(Operation::Proxy, errno)),
        }
    }
}
