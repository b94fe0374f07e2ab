//! The builder of a proxy.

use core::fmt;
use std::sync::Arc;

use super::capture::Capture;
use super::control::Steering;
use super::forward::{Forwarder, Undelivered};
use super::handle::Handle;
use crate::context::Context;
use crate::error::{Operation, Result};
use crate::kind::{CanRecv, CanSend, Kind};
use crate::socket::{Core, Socket};

/// A proxy that can copy messages to a third socket, and that another thread can control.
///
/// If you need neither, call [`proxy()`](crate::proxy()), which forwards messages in the same way.
///
/// ```
/// use std::thread;
/// use zmq::proxy::{Handle, Proxy};
/// use zmq::{Context, Pull, Push};
///
/// let context = Context::new()?;
/// let (frontend, backend, capture) = (context.socket(Pull)?, context.socket(Push)?, context.socket(Push)?);
/// frontend.bind("inproc://frontend")?;
/// backend.bind("inproc://backend")?;
/// capture.bind("inproc://capture")?;
/// let (source, sink, log) = (context.socket(Push)?, context.socket(Pull)?, context.socket(Pull)?);
/// source.connect("inproc://frontend")?;
/// sink.connect("inproc://backend")?;
/// log.connect("inproc://capture")?;
///
/// let handle = Handle::new();
/// let control = handle.clone();
/// let streamer =
///     thread::spawn(move || Proxy::new(&frontend, &backend).capture(&capture).control(&control).run());
///
/// source.send("Hello")?;
/// assert_eq!(sink.recv()?, "Hello");
/// assert_eq!(log.recv()?, "Hello");
/// handle.pause()?;
/// assert_eq!(handle.statistics()?.backend.messages_sent, 1);
/// handle.terminate()?;
/// assert!(streamer.join().unwrap()?.is_empty());
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_proxy_steerable(3)](https://libzmq.readthedocs.io/en/latest/zmq_proxy_steerable.html).
#[must_use = "a proxy forwards nothing until `run` is called"]
#[doc(alias = "zmq_proxy_steerable")]
#[doc(alias = "zmq_proxy")]
pub struct Proxy<'a> {
    frontend: &'a Core,
    backend: &'a Core,
    capture: Option<Capture<'a>>,
    control: Control<'a>,
}

/// The value that controls a proxy.
enum Control<'a> {
    None,
    Handle(&'a Handle),
    Socket(&'a Core),
}

impl<'a> Proxy<'a> {
    /// Creates a proxy between two sockets. It forwards in both directions, as far as the socket types can receive and send.
    pub fn new<F: Kind, B: Kind>(frontend: &'a Socket<F>, backend: &'a Socket<B>) -> Proxy<'a> {
        Proxy { frontend: frontend.core(), backend: backend.core(), capture: None, control: Control::None }
    }

    /// Sends a copy of each message, in both directions, to `capture`. Usually, `capture` is a PUB, PUSH, DEALER or PAIR socket.
    ///
    /// The copies never delay the messages: the proxy skips a copy that `capture` cannot take immediately, and counts it in
    /// [`Statistics::uncaptured`](crate::proxy::Statistics::uncaptured). (In C, the proxy waits.)
    pub fn capture<K: CanSend>(mut self, capture: &'a Socket<K>) -> Proxy<'a> {
        self.capture = Some(Capture::new(capture.core()));
        self
    }

    /// Lets `handle` pause, resume and terminate the proxy, and ask for its statistics.
    ///
    /// This replaces an earlier handle or [control socket](Self::control_socket).
    pub fn control(mut self, handle: &'a Handle) -> Proxy<'a> {
        self.control = Control::Handle(handle);
        self
    }

    /// Lets `socket` receive commands for the proxy. The commands are the same as in C, so a program in any language can control the
    /// proxy.
    ///
    /// Usually, `socket` is a PAIR socket, or a REP socket to which a REQ socket sends the commands.
    ///
    /// | command | reply | effect |
    /// |---|---|---|
    /// | `PAUSE` | empty | stops forwarding |
    /// | `RESUME` | empty | continues forwarding |
    /// | `TERMINATE` | empty | ends the proxy |
    /// | `STATISTICS` | eight frames | none. Each frame is a `u64` in native byte order: see [`Statistics`](crate::proxy::Statistics) |
    /// | anything else | empty | none |
    ///
    /// In libzmq 4.3.5, `PAUSE` resumes the proxy, and `RESUME` pauses it. Here, both commands have the effects in this table. A
    /// control socket that cannot send, such as a SUB socket, sends no replies. If a message has several frames, the last frame is the
    /// command. The reply starts with the other frames, as a ROUTER socket requires.
    ///
    /// This replaces an earlier control socket or [handle](Self::control).
    ///
    /// ```
    /// use std::thread;
    /// use zmq::proxy::{Proxy, Statistics};
    /// use zmq::{Context, Pull, Push, Rep, Req};
    ///
    /// let context = Context::new()?;
    /// let (frontend, backend) = (context.socket(Pull)?, context.socket(Push)?);
    /// frontend.bind("inproc://frontend")?;
    /// backend.bind("inproc://backend")?;
    /// let control = context.socket(Rep)?;
    /// control.bind("inproc://control")?;
    /// let streamer = thread::spawn(move || Proxy::new(&frontend, &backend).control_socket(&control).run());
    ///
    /// let commands = context.socket(Req)?;
    /// commands.connect("inproc://control")?;
    /// commands.send("STATISTICS")?;
    /// let statistics = Statistics::try_from(commands.recv_multipart()?)?;
    /// assert_eq!(statistics.frontend.messages_received, 0);
    /// commands.send("TERMINATE")?;
    /// commands.recv()?;
    /// streamer.join().unwrap()?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn control_socket<K: CanRecv>(mut self, socket: &'a Socket<K>) -> Proxy<'a> {
        self.control = Control::Socket(socket.core());
        self
    }

    /// Forwards messages until the proxy is terminated or the context is shut down. Blocks the calling thread.
    ///
    /// While the proxy is paused, messages wait in the queues of the sockets. Shutting down the context also ends a paused
    /// proxy.
    ///
    /// Returns the messages that the proxy had received but not yet sent when it was terminated: see [`Undelivered`].
    ///
    /// # Errors
    ///
    /// See [`proxy()`](crate::proxy()) for the errors. With a handle, the call also fails with
    /// [`WrongState`](crate::ErrorKind::WrongState) if the handle already controls a proxy, and with
    /// [`TooManySockets`](crate::ErrorKind::TooManySockets) or another error of [`Context::socket`](crate::Context::socket) if the
    /// two sockets through which the handle wakes the proxy cannot be created.
    pub fn run(self) -> Result<Undelivered> {
        let Proxy { frontend, backend, capture, control } = self;
        let captures = capture.as_ref().map(|capture| capture.socket);
        let steering = match control {
            Control::None => Steering::NONE,
            Control::Socket(socket) => Steering::by_socket(socket),
            Control::Handle(handle) => {
                let context = Context::from_inner(Arc::clone(frontend.context()));
                Steering::by_handle(handle, &context).map_err(|error| error.within(Operation::Proxy))?
            }
        };
        for socket in [Some(frontend), Some(backend), captures, steering.socket()].into_iter().flatten() {
            socket.check_process(Operation::Proxy)?;
        }
        Forwarder::new(frontend, backend, capture, steering)
            .run()
            .map_err(|error| error.within(Operation::Proxy))
    }
}

impl fmt::Debug for Proxy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("frontend", &self.frontend.socket_kind())
            .field("backend", &self.backend.socket_kind())
            .finish_non_exhaustive()
    }
}
