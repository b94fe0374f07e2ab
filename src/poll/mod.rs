//! Waiting for several sockets and descriptors at the same time.

mod pollable;
mod poller;

use core::ffi::{c_int, c_short};
use core::fmt;
use core::time::Duration;

use crate::context::any_interruptible;
use crate::error::{Error, Operation, Result};
use crate::events::{POLLERR, POLLIN, POLLOUT, PollEvents};
use crate::foreign;
use crate::kind::Kind;
use crate::monitor::Monitor;
use crate::raw::{self, Errno};
use crate::socket::{Core, Socket};
use crate::timeout::IntoTimeout;
use crate::wait::{Items, sleep, wait_for};

pub use crate::raw::poll::PollItem;
pub use pollable::{Pollable, PollableFd};
pub use poller::{Poller, PollerEvents};

impl<'a> PollItem<'a> {
    /// Creates an item that waits for `events` of a socket.
    #[must_use]
    #[inline]
    #[doc(alias = "as_poll_item")]
    pub fn new<K: Kind>(socket: &'a Socket<K>, events: PollEvents) -> PollItem<'a> {
        PollItem::of(socket.core(), events)
    }

    #[inline]
    pub(crate) fn of(socket: &'a Core, events: PollEvents) -> PollItem<'a> {
        let is_thread_safe = socket.socket_kind().is_thread_safe();
        PollItem::socket(socket.raw(), is_thread_safe, events.bits())
    }

    /// Creates an item that waits for events of a monitor. [`is_readable`](Self::is_readable) reports that there is an event to
    /// receive.
    #[must_use]
    pub fn from_monitor(monitor: &'a Monitor) -> PollItem<'a> {
        PollItem::of(monitor.core(), POLLIN)
    }

    /// Creates an item that waits for `events` of a file descriptor.
    #[cfg(unix)]
    #[must_use]
    #[inline]
    pub fn from_fd(fd: std::os::fd::BorrowedFd<'a>, events: PollEvents) -> PollItem<'a> {
        use std::os::fd::AsRawFd;
        PollItem::descriptor(fd.as_raw_fd(), events.bits())
    }

    /// Creates an item that waits for `events` of a system socket.
    #[cfg(windows)]
    #[must_use]
    pub fn from_socket(socket: std::os::windows::io::BorrowedSocket<'a>, events: PollEvents) -> PollItem<'a> {
        use std::os::windows::io::AsRawSocket;
        let socket = socket.as_raw_socket().try_into().unwrap_or_default();
        PollItem::descriptor(socket, events.bits())
    }

    /// Returns the events to wait for.
    #[must_use]
    #[inline]
    pub fn events(&self) -> PollEvents {
        PollEvents::from_bits(self.requested())
    }

    /// Sets the events to wait for. With [`PollEvents::NONE`] a socket is skipped. A descriptor still reports errors, which end
    /// the wait.
    #[inline]
    pub fn set_events(&mut self, events: PollEvents) {
        self.set_requested(events.bits());
    }

    /// Returns the events that the last [`poll`] found.
    #[must_use]
    #[inline]
    #[doc(alias = "revents")]
    pub fn returned_events(&self) -> PollEvents {
        PollEvents::from_bits(self.returned())
    }

    /// Returns whether the last [`poll`] found [`PollEvents::IN`]: a message can be received.
    #[must_use]
    #[inline]
    pub fn is_readable(&self) -> bool {
        self.returned_events().contains(POLLIN)
    }

    /// Returns whether the last [`poll`] found [`PollEvents::OUT`]: a message can be sent.
    #[must_use]
    #[inline]
    pub fn is_writable(&self) -> bool {
        self.returned_events().contains(POLLOUT)
    }

    /// Returns whether the last [`poll`] found [`PollEvents::ERR`]. Sockets never have this event, only descriptors.
    #[must_use]
    #[inline]
    pub fn is_error(&self) -> bool {
        self.returned_events().contains(POLLERR)
    }
}

impl fmt::Debug for PollItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollItem")
            .field("of", &if self.is_socket() { "socket" } else { "descriptor" })
            .field("events", &self.events())
            .field("returned_events", &self.returned_events())
            .finish()
    }
}

/// Waits until at least one of `items` has an event, or until `timeout` has passed. Returns the number of items with events.
///
/// `None` waits forever. A timeout of zero does not wait.
///
/// ```
/// use std::time::Duration;
/// use zmq::{Context, PollEvents, PollItem, Pull, Push};
///
/// let context = Context::new()?;
/// let (tasks, weather) = (context.socket(Pull)?, context.socket(Pull)?);
/// tasks.bind("inproc://tasks")?;
/// weather.bind("inproc://weather")?;
/// # let sender = context.socket(Push)?;
/// # sender.connect("inproc://weather")?;
/// # sender.send("sunny")?;
///
/// let mut items = [PollItem::new(&tasks, PollEvents::IN), PollItem::new(&weather, PollEvents::IN)];
/// zmq::poll(&mut items, Duration::from_secs(1))?;
/// if items[0].is_readable() {
///     println!("task: {:?}", tasks.recv()?);
/// }
/// if items[1].is_readable() {
///     println!("weather: {:?}", weather.recv()?);
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Waking a thread that polls
///
/// A thread that waits in `poll` cannot watch a channel or a flag at the same time. To wake it, add another socket to the list:
/// a PAIR socket, to which another thread sends a message. That thread owns the PAIR socket at the other end, because threads
/// cannot share a socket.
///
/// ```
/// use std::thread;
/// use zmq::{Context, Pair, PollEvents, PollItem, Pull};
///
/// let context = Context::new()?;
/// let (waker, woken) = (context.socket(Pair)?, context.socket(Pair)?);
/// woken.bind("inproc://wake")?;
/// waker.connect("inproc://wake")?;
///
/// let tasks = context.socket(Pull)?;
/// tasks.bind("tcp://127.0.0.1:*")?;
/// let worker = thread::spawn(move || -> zmq::Result<()> {
///     let mut items = [PollItem::new(&tasks, PollEvents::IN), PollItem::new(&woken, PollEvents::IN)];
///     loop {
///         zmq::poll(&mut items, None)?;
///         if items[0].is_readable() {
///             println!("task: {:?}", tasks.recv()?);
///         }
///         if items[1].is_readable() && woken.recv()? == "stop" {
///             return Ok(());
///         }
///     }
/// });
///
/// waker.send("stop")?;
/// worker.join().unwrap()?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// If the threads only have to end, call [`Context::shutdown`](crate::Context::shutdown). It wakes all threads of the context
/// with an error.
///
/// # Sockets in the list
///
/// Put each socket in the list only once, with all events to wait for. If a socket has two items with different events, libzmq
/// may report an event of one item late.
///
/// The list may contain [thread-safe](crate::capability::ThreadSafe) sockets, which belong to the draft API. In this case, each
/// call needs a descriptor and some memory. If the call reports a message, another thread may still receive it first. Lists
/// that contain both thread-safe sockets and other sockets require the bundled libzmq, because another libzmq aborts the
/// process if the context is shut down during the call.
///
/// # Errors
///
/// * [`Terminated`](crate::ErrorKind::Terminated) if the context of a socket is shut down
/// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are no items and no timeout, so that the call would never
///   return; also if there are more items than the process may have descriptors
/// * [`Forked`](crate::ErrorKind::Forked) in a forked child process
/// * [`Unsupported`](crate::ErrorKind::Unsupported) for a list that requires the bundled libzmq
/// * [`Interrupted`](crate::ErrorKind::Interrupted) on a signal, if a context is
///   [interruptible](crate::Context::set_interruptible)
///
/// Follows [zmq_poll(3)](https://libzmq.readthedocs.io/en/latest/zmq_poll.html).
#[doc(alias = "zmq_poll")]
pub fn poll(items: &mut [PollItem<'_>], timeout: impl IntoTimeout) -> Result<usize> {
    poll_until(items, timeout.into_timeout())
}

fn poll_until(items: &mut [PollItem<'_>], timeout: Option<Duration>) -> Result<usize> {
    if items.is_empty() {
        return sleep(timeout);
    }
    foreign::check_limit(items.len())?;
    wait_for(items, timeout, any_interruptible)
}

/// # Waiting
impl<K: Kind> Socket<K> {
    /// Waits until the socket has at least one of `events`, or until `timeout` has passed. Returns the events that the socket
    /// has, or an empty set after the timeout.
    ///
    /// `None` waits forever. A timeout of zero does not wait. To wait for several sockets, or for descriptors, use [`poll()`]
    /// or a [`Poller`](crate::Poller).
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, Pair, PollEvents};
    ///
    /// let context = Context::new()?;
    /// let (left, right) = (context.socket(Pair)?, context.socket(Pair)?);
    /// left.bind("inproc://waiting")?;
    /// right.connect("inproc://waiting")?;
    ///
    /// assert_eq!(left.poll(PollEvents::IN | PollEvents::OUT, None)?, PollEvents::OUT);
    /// assert!(left.poll(PollEvents::IN, Duration::from_millis(10))?.is_empty());
    /// right.send("Hello")?;
    /// assert_eq!(left.poll(PollEvents::IN, Duration::from_secs(1))?, PollEvents::IN);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// * [`Terminated`](crate::ErrorKind::Terminated) if the context is shut down
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no timeout, and `events` contains neither
    ///   [`PollEvents::IN`] nor [`PollEvents::OUT`], so that the call would never return
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process
    /// * [`Interrupted`](crate::ErrorKind::Interrupted) on a signal, if the context is
    ///   [interruptible](crate::Context::set_interruptible)
    ///
    /// Follows [zmq_poll(3)](https://libzmq.readthedocs.io/en/latest/zmq_poll.html).
    #[doc(alias = "zmq_poll")]
    pub fn poll(&self, events: PollEvents, timeout: impl IntoTimeout) -> Result<PollEvents> {
        self.core().poll(events, timeout.into_timeout())
    }
}

impl Core {
    /// Waits until the socket has one of `events`, and returns them. A signal ends the wait only if the socket's own context is
    /// interruptible.
    pub(crate) fn poll(&self, events: PollEvents, timeout: Option<Duration>) -> Result<PollEvents> {
        if timeout.is_none() && !events.intersects(POLLIN | POLLOUT) {
            let reason = "without a timeout, the call would never return";
            return Err(Error::invalid(Operation::Poll, format!("for {events:?}"), reason));
        }
        let is_thread_safe = self.socket_kind().is_thread_safe();
        if timeout == Some(Duration::ZERO) && !is_thread_safe && self.check_process(Operation::Poll).is_ok() {
            // `zmq_poll` checks the same value, but always makes a system call first. If this check fails, the call of
            // `zmq_poll` below reports the error.
            if let Ok(found) = self.raw().get::<c_int>(zmq_sys::ZMQ_EVENTS) {
                self.raw().note_use();
                return Ok(PollEvents::from_bits(c_short::try_from(found).unwrap_or_default()) & events);
            }
        }
        let mut items = [PollItem::noted(self.raw(), is_thread_safe, events.bits())];
        let waited = wait_for(items.as_mut_slice(), timeout, || self.context().is_interruptible());
        // During the wait, the destructor of a message may have waited for the same socket.
        self.raw().note_use();
        waited?;
        let [item] = items;
        Ok(item.returned_events())
    }
}

impl Items for [PollItem<'_>] {
    #[inline]
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        raw::poll::poll(self, milliseconds)
    }

    fn is_inherited(&mut self) -> bool {
        self.iter().any(|item| item.is_inherited())
    }

    fn clear(&mut self) {
        self.iter_mut().for_each(|item| item.clear());
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn is_mixed(&self) -> bool {
        raw::poll::is_mixed(self)
    }
}
