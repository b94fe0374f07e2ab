//! Forwarding between two sockets.

use crate::error::{Error, ErrorKind, Operation, Result, SendError};
use crate::message::{Message, Multipart};
use crate::poll::{POLLIN, POLLOUT, PollEvents, PollItem, poll};
use crate::socket::{Core, Kind, Socket};

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
/// Messages of the draft kinds keep their group: a DISH and a RADIO make a forwarder of one way. A SERVER has no place here, as
/// the replies do not tell to whom they go.
///
/// # Errors
///
/// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down; it never returns without an error. A socket
/// that cannot do its part ends it with the error of that send or receive. Signals do not end it, unless
/// [asked for](crate::Context::set_interruptible), and never tear a message.
///
/// Follows [zmq_proxy(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
#[doc(alias = "zmq_proxy")]
#[doc(alias = "zmq_device")]
pub fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    let (front, back) = (frontend.core(), backend.core());
    front.check_process(Operation::Proxy)?;
    back.check_process(Operation::Proxy)?;
    forward_until_failure(frontend, backend).map_err(|error| error.within(Operation::Proxy))
}

fn forward_until_failure<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    let (front, back) = (frontend.core(), backend.core());
    let is_one_socket = std::ptr::eq(front, back);
    let (mut there, mut here) = (Way::default(), Way::default());
    loop {
        let mut items = [
            PollItem::new(frontend, there.wants_from() | here.wants_to()),
            PollItem::new(backend, here.wants_from() | there.wants_to()),
        ];
        poll(&mut items, None)?;
        let [at_front, at_back] = items.map(|item| item.returned_events());
        there.forward((front, at_front), (back, at_back))?;
        if !is_one_socket {
            here.forward((back, at_back), (front, at_front))?;
        }
    }
}

/// How many messages go one way before the other has its turn.
const BURST: usize = 1000;

/// One of the two ways through a proxy.
#[derive(Default)]
struct Way {
    /// A message received that cannot be sent yet. While there is one, nothing is received.
    held: Option<Multipart>,
}

impl Way {
    fn wants_from(&self) -> PollEvents {
        if self.held.is_some() { PollEvents::NONE } else { POLLIN }
    }

    fn wants_to(&self) -> PollEvents {
        if self.held.is_some() { POLLOUT } else { PollEvents::NONE }
    }

    fn forward(&mut self, from: (&Core, PollEvents), to: (&Core, PollEvents)) -> Result<()> {
        let ((from, at_from), (to, at_to)) = (from, to);
        match self.held.take() {
            Some(message) if at_to.contains(POLLOUT) => {
                // It has room, or is of a kind that always says so and has to be waited for.
                to.send_all(message)?;
            }
            Some(message) => {
                self.held = Some(message);
                return Ok(());
            }
            None if !at_from.contains(POLLIN) => return Ok(()),
            None => {}
        }
        for _ in 0..BURST {
            match from.try_recv() {
                Ok(first) => self.pass(first, from, to)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            if self.held.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends a message on, or holds it.
    fn pass(&mut self, first: Message, from: &Core, to: &Core) -> Result<()> {
        let (error, message) = if first.has_more() {
            match to.try_send_all(from.recv_rest(first)?) {
                Ok(()) => return Ok(()),
                Err(failure) => failure.into_parts(),
            }
        } else {
            match to.try_send(first).map_err(SendError::into_parts) {
                Ok(()) => return Ok(()),
                Err((error, message)) => (error, Multipart::new(message)),
            }
        };
        self.hold(error, message)
    }

    fn hold(&mut self, error: Error, message: Multipart) -> Result<()> {
        if error.kind() != ErrorKind::WouldBlock {
            return Err(error);
        }
        self.held = Some(message);
        Ok(())
    }
}
