//! Waiting for several sockets and descriptors at once.

use core::ffi::{c_int, c_short};
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use crate::bits::bit_set;
use crate::context::{any_interruptible, forked};
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::monitor::Monitor;
use crate::raw::fork;
use crate::raw::{self, Errno, descriptors};
use crate::socket::{Core, Kind, Socket};
use crate::timeout::{Deadline, milliseconds_or_forever};

/// A set of events: [`POLLIN`], [`POLLOUT`], [`POLLERR`], [`POLLPRI`].
///
/// ```
/// use zmq::{POLLIN, POLLOUT, PollEvents};
///
/// let both = POLLIN | POLLOUT;
/// assert!(both.contains(POLLIN));
/// assert!(PollEvents::NONE.is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct PollEvents(c_short);

/// A message can be received, or a descriptor read.
#[doc(alias = "ZMQ_POLLIN")]
pub const POLLIN: PollEvents = PollEvents(1);
/// A message can be sent, or a descriptor written.
#[doc(alias = "ZMQ_POLLOUT")]
pub const POLLOUT: PollEvents = PollEvents(2);
/// A descriptor has an error condition, or is not open.
#[doc(alias = "ZMQ_POLLERR")]
pub const POLLERR: PollEvents = PollEvents(4);
/// A descriptor has urgent data.
#[doc(alias = "ZMQ_POLLPRI")]
pub const POLLPRI: PollEvents = PollEvents(8);

bit_set!(PollEvents: c_short, &[(POLLIN, "POLLIN"), (POLLOUT, "POLLOUT"), (POLLERR, "POLLERR"), (POLLPRI, "POLLPRI")]);

/// A socket or descriptor to [`poll`], and what happened to it.
///
/// It is a `zmq_pollitem_t`, so a slice of them goes to libzmq as it is. What it polls stays borrowed:
///
/// ```compile_fail,E0505
/// # use zmq::{Context, POLLIN, PollItem, Pull};
/// # let context = Context::new()?;
/// let socket = context.socket(Pull)?;
/// let mut items = [PollItem::new(&socket, POLLIN)];
/// drop(socket);
/// zmq::poll(&mut items, None)?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Sockets are borrowed only for sharing, so they can be used while the items live; see [`poll`].
#[doc(alias = "zmq_pollitem_t")]
#[repr(transparent)]
pub struct PollItem<'a> {
    raw: raw::poll::Item,
    polled: PhantomData<&'a ()>,
}

impl<'a> PollItem<'a> {
    /// An item that waits for `events` of a socket.
    #[must_use]
    #[inline]
    pub fn new<K: Kind>(socket: &'a Socket<K>, events: PollEvents) -> PollItem<'a> {
        PollItem::of(socket.core(), events)
    }

    #[inline]
    pub(crate) fn of(socket: &'a Core, events: PollEvents) -> PollItem<'a> {
        let is_thread_safe = socket.socket_kind().is_thread_safe();
        PollItem { raw: raw::poll::Item::socket(socket.raw(), is_thread_safe, events.0), polled: PhantomData }
    }

    /// An item that waits for events of a monitor: [`is_readable`](Self::is_readable) tells that there is one to receive.
    #[must_use]
    pub fn from_monitor(monitor: &'a Monitor) -> PollItem<'a> {
        PollItem::of(monitor.core(), POLLIN)
    }

    /// An item that waits for `events` of a descriptor.
    #[cfg(unix)]
    #[must_use]
    #[inline]
    pub fn from_fd(fd: std::os::fd::BorrowedFd<'a>, events: PollEvents) -> PollItem<'a> {
        use std::os::fd::AsRawFd;
        PollItem { raw: raw::poll::Item::descriptor(fd.as_raw_fd(), events.0), polled: PhantomData }
    }

    /// An item that waits for `events` of a system socket.
    #[cfg(windows)]
    #[must_use]
    pub fn from_socket(socket: std::os::windows::io::BorrowedSocket<'a>, events: PollEvents) -> PollItem<'a> {
        use std::os::windows::io::AsRawSocket;
        let socket = socket.as_raw_socket().try_into().unwrap_or_default();
        PollItem { raw: raw::poll::Item::descriptor(socket, events.0), polled: PhantomData }
    }

    /// The events to wait for.
    #[must_use]
    #[inline]
    pub fn events(&self) -> PollEvents {
        PollEvents(self.raw.events())
    }

    /// Sets the events to wait for; with [none](PollEvents::NONE) the item is passed over.
    #[inline]
    pub fn set_events(&mut self, events: PollEvents) {
        self.raw.set_events(events.0);
    }

    /// The events that the last [`poll`] saw.
    #[must_use]
    #[inline]
    #[doc(alias = "revents")]
    pub fn returned_events(&self) -> PollEvents {
        PollEvents(self.raw.returned_events())
    }

    /// Whether the last [`poll`] saw [`POLLIN`].
    #[must_use]
    #[inline]
    pub fn is_readable(&self) -> bool {
        self.returned_events().contains(POLLIN)
    }

    /// Whether the last [`poll`] saw [`POLLOUT`].
    #[must_use]
    #[inline]
    pub fn is_writable(&self) -> bool {
        self.returned_events().contains(POLLOUT)
    }

    /// Whether the last [`poll`] saw [`POLLERR`].
    #[must_use]
    #[inline]
    pub fn is_error(&self) -> bool {
        self.returned_events().contains(POLLERR)
    }
}

impl fmt::Debug for PollItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollItem")
            .field("of", &if self.raw.is_socket() { "socket" } else { "descriptor" })
            .field("events", &self.events())
            .field("returned_events", &self.returned_events())
            .finish()
    }
}

/// A list so short that it is not worth asking for the limit of descriptors: the process has as many open already, as a
/// context with one socket has more.
pub(crate) const SURELY_WITHIN_LIMIT: usize = 5;

/// Waits until one of `items` has an event, or `timeout` has passed; tells how many have.
///
/// `None` waits for ever, zero not at all.
///
/// ```
/// use std::time::Duration;
/// use zmq::{Context, POLLIN, PollItem, Pull, Push};
///
/// let context = Context::new()?;
/// let (tasks, weather) = (context.socket(Pull)?, context.socket(Pull)?);
/// tasks.bind("inproc://tasks")?;
/// weather.bind("inproc://weather")?;
/// # let sender = context.socket(Push)?;
/// # sender.connect("inproc://weather")?;
/// # sender.send("sunny")?;
///
/// let mut items = [PollItem::new(&tasks, POLLIN), PollItem::new(&weather, POLLIN)];
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
/// Put a socket in the list once, with all the events it is to wait for: of two items with different events, libzmq may
/// miss what happens to one until something else happens.
///
/// Among the items may be sockets of the draft kinds that threads share. Then each call costs a descriptor and some memory; and
/// that a message is there does not mean that another thread has not received it first. Along with sockets of other kinds, only
/// the bundled libzmq polls them; another one would abort if the context were shut down meanwhile.
///
/// # Errors
///
/// [`Terminated`](crate::ErrorKind::Terminated) once the context of a socket is shut down;
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are no items and no timeout, so that it would never return, or more
/// items than the process may have descriptors; [`Forked`](crate::ErrorKind::Forked) in a child process;
/// [`Unsupported`](crate::ErrorKind::Unsupported) for what only the bundled libzmq polls;
/// [`Interrupted`](crate::ErrorKind::Interrupted) if [asked for](crate::Context::set_interruptible).
///
/// Follows [zmq_poll(3)](https://libzmq.readthedocs.io/en/latest/zmq_poll.html).
#[doc(alias = "zmq_poll")]
pub fn poll(items: &mut [PollItem<'_>], timeout: impl Into<Option<Duration>>) -> Result<usize> {
    poll_until(items, timeout.into())
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
    /// Waits until the socket has one of `events`, or `timeout` has passed, and tells which of them it has: none if the time was
    /// over first.
    ///
    /// `None` waits for ever, zero not at all. To wait for several sockets, or for descriptors, there are [`poll()`] and
    /// [`Poller`](crate::Poller).
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, POLLIN, POLLOUT, Pair};
    ///
    /// let context = Context::new()?;
    /// let (left, right) = (context.socket(Pair)?, context.socket(Pair)?);
    /// left.bind("inproc://waiting")?;
    /// right.connect("inproc://waiting")?;
    ///
    /// assert_eq!(left.poll(POLLIN | POLLOUT, None)?, POLLOUT);
    /// assert!(left.poll(POLLIN, Duration::from_millis(10))?.is_empty());
    /// right.send("Hello")?;
    /// assert_eq!(left.poll(POLLIN, Duration::from_secs(1))?, POLLIN);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no timeout, and `events` has neither [`POLLIN`] nor
    /// [`POLLOUT`], so that it would never return; [`Forked`](crate::ErrorKind::Forked) in a child process;
    /// [`Interrupted`](crate::ErrorKind::Interrupted) if [asked for](crate::Context::set_interruptible).
    ///
    /// Follows [zmq_poll(3)](https://libzmq.readthedocs.io/en/latest/zmq_poll.html).
    #[doc(alias = "zmq_poll")]
    pub fn poll(&self, events: PollEvents, timeout: impl Into<Option<Duration>>) -> Result<PollEvents> {
        self.core().poll(events, timeout.into())
    }
}

impl Core {
    /// Waits until the socket has one of `events`, and tells which; a signal matters if its own context says so.
    pub(crate) fn poll(&self, events: PollEvents, timeout: Option<Duration>) -> Result<PollEvents> {
        if timeout.is_none() && !events.intersects(POLLIN | POLLOUT) {
            let reason = "without a timeout it would never return";
            return Err(Error::invalid(Operation::Poll, format!("for {events:?}"), reason));
        }
        let is_thread_safe = self.socket_kind().is_thread_safe();
        let raw = raw::poll::Item::noted(self.raw(), is_thread_safe, events.0);
        let mut items = [PollItem { raw, polled: PhantomData }];
        let waited = wait_for(items.as_mut_slice(), timeout, || self.context().is_interruptible());
        // Between two looks of one wait, a message's destructor may have waited for it as well.
        self.raw().note_use();
        waited?;
        let [item] = items;
        Ok(item.returned_events())
    }
}

/// What [`wait_for`] waits for: a list of items, not empty and not longer than [`check_limit`](foreign::check_limit) allows.
pub(crate) trait Items {
    /// Waits for so many milliseconds at most, and tells how many have events.
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno>;

    /// Whether, in a forked child, one of them is a socket of the parent.
    fn is_inherited(&mut self) -> bool;

    /// Forgets what is left in them of an earlier call.
    fn clear(&mut self);

    /// How many there are.
    fn count(&self) -> usize;

    /// Whether there are both sockets that threads may share and others.
    fn is_mixed(&self) -> bool;
}

impl Items for [PollItem<'_>] {
    #[inline]
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        raw::poll::poll(self, milliseconds)
    }

    fn is_inherited(&mut self) -> bool {
        self.iter().any(|item| item.raw.is_inherited())
    }

    fn clear(&mut self) {
        self.iter_mut().for_each(|item| item.raw.clear());
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn is_mixed(&self) -> bool {
        raw::poll::is_mixed(self.iter().map(|item| &item.raw))
    }
}

/// Polls until something has an event or the time is over, whatever signals come, unless those are to be told of.
pub(crate) fn wait_for(
    items: &mut (impl Items + ?Sized),
    timeout: Option<Duration>,
    is_interruptible: impl Fn() -> bool,
) -> Result<usize> {
    if fork::is_child() && items.is_inherited() {
        return Err(forked(Operation::Poll));
    }
    foreign::check_sorts(items)?;
    let mut milliseconds = milliseconds_or_forever(timeout);
    let is_cut = milliseconds == c_int::MAX;
    // The clock is not read before there is need to: a signal, or a wait of more than 24 days.
    let mut deadline = is_cut.then(|| Deadline::after(timeout));
    loop {
        match items.poll(milliseconds) {
            Ok(0) if milliseconds == c_int::MAX => {}
            Ok(count) => return Ok(usize::try_from(count).unwrap_or(0)),
            Err(Errno(libc::EINTR)) if !is_interruptible() => {}
            Err(errno) => {
                items.clear();
                if errno == Errno(libc::EINVAL) {
                    is_within_limit(items.count())?;
                }
                return Err(Error::new(Operation::Poll, errno));
            }
        }
        milliseconds = deadline.get_or_insert_with(|| Deadline::after(timeout)).milliseconds_left();
    }
}

/// libzmq's wait on an empty list overflows, and does not know "for ever" (L7).
pub(crate) fn sleep(timeout: Option<Duration>) -> Result<usize> {
    match timeout {
        Some(timeout) => {
            std::thread::sleep(timeout);
            Ok(0)
        }
        None => Err(Error::invalid(Operation::Poll, "no items", "without a timeout it would never return")),
    }
}

/// Whether the system takes a list of so many items.
pub(crate) fn is_within_limit(count: usize) -> Result<()> {
    let limit = descriptors::limit();
    if count <= limit {
        return Ok(());
    }
    Err(Error::invalid(
        Operation::Poll,
        format!("{count} items"),
        format!("the process may have {limit} descriptors open, and not poll more items"),
    ))
}
