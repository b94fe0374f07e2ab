//! Events of a socket's connections.
//!
//! [`Socket::monitor`](crate::Socket::monitor) returns a [`Monitor`], which receives an [`Event`] for each of the requested
//! [`Events`]. [`EventKind`] lists what can happen.

mod bounded;
mod decode;
mod event;
mod iter;
mod mask;
mod protocol_error;
mod reader;
mod start;

use core::cell::Cell;
use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use crate::socket::Abandoned;
pub use bounded::Bounded;
pub use event::{Event, EventKind};
pub use iter::Iter;
pub use mask::Events;
pub use protocol_error::ProtocolError;
pub(crate) use reader::Reader;

use crate::context::{Inner, Slots};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::socket::Core;
use crate::timeout::Wait;

/// Reads what happens to a socket's connections: made by [`Socket::monitor`](crate::Socket::monitor).
///
/// A monitor stays useful when its socket is gone, and may be in another thread. It ends with
/// [`MonitorStopped`](EventKind::MonitorStopped): when the socket is closed and has nothing left to send, when
/// [`Socket::stop_monitor`](crate::Socket::stop_monitor) is called, or when another monitor takes its place. If the context is
/// [shut down](crate::Context::shutdown), it ends with [`Terminated`](ErrorKind::Terminated) instead.
///
/// # Reading too late, or not at all
///
/// A monitor that is not read never holds its socket up. Up to 10,000 events wait to be read, which takes some 2 MB. The next ones are
/// lost, until about half of these have been read; then [`EventsLost`](EventKind::EventsLost) tells how many. The last event is never lost.
/// To have the latest rather than the oldest, let [`bounded`](Self::bounded) keep them; to have all, read them in a thread of
/// their own or with [`poll`](crate::poll()), or ask for [`unbounded`](Self::unbounded).
///
/// That limit is the bundled libzmq's. Another one would wait for room, so with it all events are kept: whoever can reach the socket's port
/// can make events, and each takes 200 bytes until it is read. There, read all of them, or let [`bounded`](Self::bounded) keep the latest.
///
/// A dropped monitor is stopped the next time its socket is bound, connected, disconnected or closed; until then a
/// thread in the background discards the events. [`Socket::stop_monitor`](crate::Socket::stop_monitor) stops it at once.
///
/// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
#[doc(alias = "zmq_socket_monitor")]
pub struct Monitor {
    reader: Core,
    /// That of libzmq's end; none if the reader has changed hands.
    slots: Option<Slots>,
    abandoned: Abandoned,
    has_ended: Cell<bool>,
}

impl Monitor {
    /// Receives an event. Waits until there is one.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](ErrorKind::NotConnected) after the last event; [`Terminated`](ErrorKind::Terminated) once the
    /// context is shut down; [`Forked`](ErrorKind::Forked) in a child process;
    /// [`Interrupted`](ErrorKind::Interrupted) if [asked for](crate::Context::set_interruptible).
    pub fn recv(&self) -> Result<Event> {
        self.receive(Wait::AsSet)
    }

    /// Receives an event, waiting for it no longer than `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv); [`WouldBlock`](ErrorKind::WouldBlock) once the time is over.
    #[doc(alias = "recv_timeout")]
    pub fn recv_within(&self, timeout: Duration) -> Result<Event> {
        self.receive(Wait::UpTo(timeout))
    }

    /// Receives an event, if there is one.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv); [`WouldBlock`](ErrorKind::WouldBlock) if there is none.
    pub fn try_recv(&self) -> Result<Event> {
        self.receive(Wait::Not)
    }

    /// All events, waiting for each, to the last. So does `for event in &monitor`.
    ///
    /// ```
    /// use zmq::monitor::Events;
    /// use zmq::{Context, Pull};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Pull)?;
    /// let monitor = server.monitor(Events::ALL)?;
    /// let watcher = std::thread::spawn(move || {
    ///     for event in &monitor {
    ///         println!("{}", event?);
    ///     }
    ///     Ok::<(), zmq::Error>(())
    /// });
    ///
    /// server.bind("tcp://127.0.0.1:*")?;
    /// drop(server);
    /// watcher.join().unwrap()?; // it has printed LISTENING, CLOSED and MONITOR_STOPPED
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(Box::new(|| self.recv()))
    }

    /// A monitor that keeps only the latest `limit` events, and so takes no more memory than for these, however late it
    /// is read.
    ///
    /// ```
    /// use zmq::monitor::Events;
    /// use zmq::{Context, Pull};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Pull)?;
    /// let history = server.monitor(Events::ALL)?.bounded(1000)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// // … and much later:
    /// while let Ok(event) = history.try_recv() {
    ///     println!("{event}");
    /// }
    /// println!("{} older ones were lost", history.lost());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `limit` is 0; [`NotConnected`](ErrorKind::NotConnected) if the last
    /// event was received already; [`Forked`](ErrorKind::Forked) in a child process; the system's error if it has no
    /// thread left. The monitor is dropped then.
    pub fn bounded(mut self, limit: usize) -> Result<Bounded> {
        let operation = Operation::Monitor;
        self.reader.check_process(operation)?;
        if limit == 0 {
            return Err(Error::invalid(operation, "bounded to 0 events", "1 or more"));
        }
        let context = self.reader.context().clone();
        match self.hand_over() {
            Some(reader) if !self.has_ended.get() => {
                Bounded::new(reader, limit, self.abandoned.clone(), context)
            }
            _ => Err(has_stopped().within(operation)),
        }
    }

    /// Keeps all events until they are read, and so takes memory without a limit: 200 bytes for each.
    ///
    /// Whoever can reach the socket's port can make events, many thousands a second. So only for a monitor that is surely read, and whose
    /// events may come faster than that for a while. It may be asked for at any time; what was lost before stays so.
    ///
    /// ```
    /// use zmq::monitor::Events;
    /// use zmq::{Context, Pull};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Pull)?;
    /// let monitor = server.monitor(Events::ALL)?.unbounded()?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Terminated`](ErrorKind::Terminated) once the context is shut down; [`Forked`](ErrorKind::Forked) in a child process.
    /// The monitor is dropped then.
    pub fn unbounded(self) -> Result<Monitor> {
        let operation = Operation::Monitor;
        self.reader.check_process(operation)?;
        let set = self.reader.raw().set(zmq_sys::ZMQ_RCVHWM, 0);
        set.map_err(|errno| Error::new(operation, errno))?;
        Ok(self)
    }

    /// The reading socket.
    pub(crate) fn core(&self) -> &Core {
        &self.reader
    }

    fn receive(&self, wait: Wait) -> Result<Event> {
        if self.has_ended.get() {
            self.reader.check_process(Operation::Receive)?;
            return Err(has_stopped());
        }
        let event = Event::from_frames(&self.reader.recv_multipart(wait)?)?;
        self.has_ended.set(event.is_last());
        Ok(event)
    }

    /// The reader, for somebody else to read and close.
    fn hand_over(&mut self) -> Option<Reader> {
        let mut slots = self.slots.take()?;
        slots.grow();
        Some(Reader { raw: self.reader.take_raw(), _slots: slots })
    }

    /// Whether no event can come any more, as far as can be seen without waiting or much work.
    fn is_over(&self) -> bool {
        for _ in 0..1000 {
            match self.try_recv() {
                Err(error) if error.kind() == ErrorKind::Terminated => return true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                _ if self.has_ended.get() => return true,
                _ => {}
            }
        }
        false
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        if self.slots.is_none() || !self.reader.context().is_here_exactly() {
            return;
        }
        self.abandoned.set();
        if self.has_ended.get() || self.is_over() {
            return;
        }
        let context: Arc<Inner> = self.reader.context().clone();
        if let Some(reader) = self.hand_over() {
            reader.discard(&context);
        }
    }
}

/// The number of the bundled libzmq's event that tells how many others were lost.
const EVENTS_LOST: Events = Events::from_bits(0xFFFF);

/// The error after the last event.
fn has_stopped() -> Error {
    Error::refused(Operation::Receive, ErrorKind::NotConnected, libc::ENOTCONN, "", "the monitor has stopped")
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("has_ended", &self.has_ended.get()).finish_non_exhaustive()
    }
}

impl<'a> IntoIterator for &'a Monitor {
    type Item = Result<Event>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Monitor {
    /// A descriptor that becomes readable when there may be events.
    ///
    /// Only wait for it to become readable, and never read from it. Once it did, call
    /// [`try_recv`](Self::try_recv) until there is nothing more, and only then wait again.
    #[doc(alias = "ZMQ_FD")]
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsSocket for Monitor {
    /// As the `AsFd` of Unix.
    #[doc(alias = "ZMQ_FD")]
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.reader.as_socket()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Monitor {
    /// Returns the descriptor that [`as_fd`](std::os::fd::AsFd::as_fd) returns. It is open only as long as the monitor exists.
    #[doc(alias = "ZMQ_FD")]
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        std::os::fd::AsFd::as_fd(self).as_raw_fd()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsRawSocket for Monitor {
    /// Returns the socket that [`as_socket`](std::os::windows::io::AsSocket::as_socket) returns. It is open only as long as the monitor exists.
    #[doc(alias = "ZMQ_FD")]
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        std::os::windows::io::AsSocket::as_socket(self).as_raw_socket()
    }
}
