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

/// Receives the connection events of a socket. [`Socket::monitor`](crate::Socket::monitor) creates it.
///
/// A monitor can be used in another thread than its socket, and after the socket was dropped. Its last event is
/// [`MonitorStopped`](EventKind::MonitorStopped). This event occurs:
/// * when the socket is closed and has no more messages to send
/// * when [`Socket::stop_monitor`](crate::Socket::stop_monitor) is called
/// * when another monitor of the same socket is started
///
/// If the context is [shut down](crate::Context::shutdown), receiving fails with [`Terminated`](ErrorKind::Terminated) instead.
///
/// In async functions, use an async monitor, which `into_tokio` and `into_smol` create.
///
/// # Slow readers
///
/// A monitor that is not read never blocks its socket. Up to 10,000 events wait to be read, which takes about 2 MB. Further events are
/// lost, until about half of the waiting events were read. Then [`EventsLost`](EventKind::EventsLost) reports the number of missing events.
/// The last event is never lost.
/// * To keep the latest events instead of the oldest, call [`bounded`](Self::bounded).
/// * To miss no event, read the events in their own thread or with [`poll`](crate::poll()), or call
///   [`unbounded`](Self::unbounded).
///
/// Only the bundled libzmq has this limit. With another libzmq, all events are kept, because a full queue would block the
/// socket. Each event takes 200 bytes, and anybody who can connect to the socket can cause events. So with another libzmq, read
/// all events promptly, or call [`bounded`](Self::bounded).
///
/// Dropping a monitor does not stop monitoring immediately. Monitoring stops at the next bind, connect, disconnect or close of
/// the socket. Until then a background thread discards the events. [`Socket::stop_monitor`](crate::Socket::stop_monitor) stops
/// monitoring immediately.
///
/// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
#[doc(alias = "zmq_socket_monitor")]
pub struct Monitor {
    reader: Core,
    /// The slot of libzmq's end, or `None` once the reader was handed over.
    slots: Option<Slots>,
    abandoned: Abandoned,
    has_ended: Cell<bool>,
}

impl Monitor {
    /// Receives the next event. Waits until there is one.
    ///
    /// # Errors
    ///
    /// * [`NotConnected`](ErrorKind::NotConnected) after the last event
    /// * [`Terminated`](ErrorKind::Terminated) if the context is shut down
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
    /// * [`Interrupted`](ErrorKind::Interrupted) on a signal, if the context is
    ///   [interruptible](crate::Context::set_interruptible)
    pub fn recv(&self) -> Result<Event> {
        self.receive(Wait::AsSet)
    }

    /// Receives the next event. Waits up to `timeout` for one.
    ///
    /// # Errors
    ///
    /// See [`recv`](Self::recv) for the errors. In addition, the call fails with [`WouldBlock`](ErrorKind::WouldBlock) if no event
    /// arrives in time.
    #[doc(alias = "recv_timeout")]
    pub fn recv_within(&self, timeout: Duration) -> Result<Event> {
        self.receive(Wait::UpTo(timeout))
    }

    /// Receives the next event, without waiting.
    ///
    /// # Errors
    ///
    /// See [`recv`](Self::recv) for the errors. In addition, the call fails with [`WouldBlock`](ErrorKind::WouldBlock) if there is no
    /// event.
    pub fn try_recv(&self) -> Result<Event> {
        self.receive(Wait::Not)
    }

    /// Returns an iterator that waits for each event and ends after the last one. `for event in &monitor` does the same.
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

    /// Turns this monitor into a [`Bounded`], which keeps only the latest `limit` events. Memory use is limited, however late
    /// the events are read.
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
    /// println!("{} older events were lost", history.lost());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An error drops the monitor.
    /// * [`InvalidInput`](ErrorKind::InvalidInput) if `limit` is 0
    /// * [`NotConnected`](ErrorKind::NotConnected) if the last event was already received
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
    /// * the system's error, if the system cannot start another thread
    pub fn bounded(mut self, limit: usize) -> Result<Bounded> {
        let operation = Operation::Monitor;
        self.reader.check_process(operation)?;
        if limit == 0 {
            return Err(Error::invalid(operation, "bounded to 0 events", "the limit must be at least 1"));
        }
        let context = self.reader.context().clone();
        match self.hand_over() {
            Some(reader) if !self.has_ended.get() => {
                Bounded::new(reader, limit, self.abandoned.clone(), context)
            }
            _ => Err(has_stopped().within(operation)),
        }
    }

    /// Removes the limit of events that wait to be read. Each waiting event takes 200 bytes of memory.
    ///
    /// Anybody who can connect to the socket can cause many thousands of events per second. So use this method only if the program always
    /// reads the monitor, and only falls behind for a short time. It can be called at any time, but does not restore lost events.
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
    /// [`Terminated`](ErrorKind::Terminated) if the context is shut down; [`Forked`](ErrorKind::Forked) in a forked child
    /// process. An error drops the monitor.
    pub fn unbounded(self) -> Result<Monitor> {
        let operation = Operation::Monitor;
        self.reader.check_process(operation)?;
        let set = self.reader.raw().set(zmq_sys::ZMQ_RCVHWM, 0);
        set.map_err(|errno| Error::new(operation, errno))?;
        Ok(self)
    }

    /// The reading socket. It is not closed while the monitor exists.
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

    /// Hands the reader over to a thread that reads and closes it.
    fn hand_over(&mut self) -> Option<Reader> {
        let mut slots = self.slots.take()?;
        slots.grow();
        Some(Reader { raw: self.reader.take_raw(), _slots: slots })
    }

    /// Returns whether no more events can follow, as far as a limited number of attempts without waiting can find out.
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

#[cfg(any(feature = "smol", feature = "tokio"))]
impl crate::raw::poller::OwnsSocket for Monitor {
    fn raw(&self) -> &crate::raw::socket::Socket {
        self.reader.raw()
    }

    fn is_thread_safe(&self) -> bool {
        false
    }

    fn notification(&self) -> Option<crate::raw::poll::RawDescriptor> {
        self.reader.notification()
    }
}

/// The bundled libzmq's event for lost events.
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
    /// Returns a descriptor that becomes readable when there may be events.
    ///
    /// Only wait for the descriptor to become readable; never read from it. When it is readable, call
    /// [`try_recv`](Self::try_recv) until that returns `WouldBlock`, and only then wait again.
    #[doc(alias = "ZMQ_FD")]
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.reader.borrow_descriptor()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsSocket for Monitor {
    /// Returns a socket handle that becomes readable when there may be events.
    ///
    /// Only wait for the handle to become readable; never read from it. When it is readable, call [`try_recv`](Self::try_recv)
    /// until that returns `WouldBlock`, and only then wait again.
    #[doc(alias = "ZMQ_FD")]
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.reader.borrow_descriptor()
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
