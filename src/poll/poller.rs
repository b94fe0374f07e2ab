//! Waiting for a changing set of sockets and descriptors.

use core::cell::{Cell, RefCell, RefMut};
use core::ffi::c_int;
use core::fmt;
use core::iter::FusedIterator;
use core::time::Duration;

use super::pollable::{Pollable, PollableFd};
use crate::context::any_interruptible;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::events::{POLLERR, POLLIN, POLLOUT, POLLPRI, PollEvents};
use crate::foreign;
use crate::kind::Kind;
use crate::raw::Errno;
use crate::raw::poller::{AsDescriptor, List, Polled, Source};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;
use crate::wait::{Items, sleep, wait_for};

/// A set of sockets and descriptors to wait for. Each has a key, which identifies it in the results.
///
/// Unlike the list of [`poll()`](crate::poll()), the set can change at any time, even while the program iterates over the
/// events of a wait.
///
/// ```
/// use zmq::{Context, PollEvents, Poller, Pull, Push};
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// enum Source {
///     Tasks,
///     Weather,
/// }
///
/// let context = Context::new()?;
/// let (tasks, weather) = (context.socket(Pull)?, context.socket(Pull)?);
/// tasks.bind("inproc://tasks")?;
/// weather.bind("inproc://weather")?;
/// # let sender = context.socket(Push)?;
/// # sender.connect("inproc://weather")?;
/// # sender.send("sunny")?;
///
/// let poller = Poller::new();
/// poller.add(&tasks, Source::Tasks, PollEvents::IN)?;
/// poller.add(&weather, Source::Weather, PollEvents::IN)?;
/// for (source, events) in poller.wait(None)? {
///     assert_eq!((source, events), (Source::Weather, PollEvents::IN));
///     println!("weather: {:?}", weather.recv()?);
///     poller.remove(&tasks)?;
/// }
/// # assert_eq!(poller.len(), 1);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Borrowed and shared sockets
///
/// A socket that is added as `&socket` stays borrowed until the poller is no longer used. To drop a socket earlier, add it as
/// `Rc::clone(&socket)`. The poller drops its `Rc` when the socket is removed:
///
/// ```
/// # use std::rc::Rc;
/// # use zmq::{Context, PollEvents, Poller, Pull};
/// # let context = Context::new()?;
/// # let poller = Poller::new();
/// let socket = Rc::new(context.socket(Pull)?);
/// poller.add(Rc::clone(&socket), 1, PollEvents::IN)?;
/// poller.remove(&socket)?;
/// drop(socket); // closed now
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// ```compile_fail,E0505
/// # use zmq::{Context, PollEvents, Poller, Pull};
/// # let context = Context::new()?;
/// # let poller = Poller::new();
/// let socket = context.socket(Pull)?;
/// poller.add(&socket, 1, PollEvents::IN)?;
/// drop(socket);
/// poller.wait(None)?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Keys
///
/// The key is cloned for each event, so use a number, a small enum or a reference. Two sockets may have the same key.
///
/// # Many sockets
///
/// On Linux, Android, macOS, iOS and the BSDs, the time of a wait depends on the number of sockets that have events or were
/// used since the last wait. It does not depend on the number of sockets in the set. For this purpose, a poller with more than
/// a few sockets opens one descriptor.
///
/// The poller still checks these sources in each wait:
/// * descriptors
/// * [thread-safe](crate::capability::ThreadSafe) sockets
/// * sockets that were ever used in a [`PollItem`](crate::PollItem), or whose [handle](Socket::as_raw) was ever given to C code
///
/// On other systems it checks all sources in each wait.
///
/// Follows [zmq_poller(3)](https://libzmq.readthedocs.io/en/latest/zmq_poller.html), but does not require the draft API.
#[doc(alias = "zmq_poller_new")]
#[doc(alias = "zmq_poller_destroy")]
#[doc(alias = "zmq_poller_event_t")]
pub struct Poller<'a, Key> {
    state: RefCell<State<'a, Key>>,
    len: Cell<usize>,
    /// The position at which the next wait begins, so that each source comes first at some time.
    first: Cell<usize>,
}

struct State<'a, Key> {
    list: List<'a>,
    /// One for each position of the list.
    keys: Vec<Option<Key>>,
    /// The number of waits. Each wait invalidates the events of the previous one.
    waits: u64,
}

impl<'a, Key: Clone> Poller<'a, Key> {
    /// Creates an empty poller.
    #[must_use]
    pub fn new() -> Poller<'a, Key> {
        let state = State { list: List::new(), keys: Vec::new(), waits: 0 };
        Poller { state: RefCell::new(state), len: Cell::new(0), first: Cell::new(0) }
    }

    /// Adds a socket, as `&Socket`, `Rc<Socket>` or `Arc<Socket>`. With [`PollEvents::NONE`], the socket is skipped until
    /// [`modify`](Self::modify) sets other events.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the source is already in the poller, or if `events` contains an event other
    /// than [`PollEvents::IN`], [`PollEvents::OUT`], [`PollEvents::ERR`] and [`PollEvents::PRI`]; [`Forked`](ErrorKind::Forked)
    /// in a forked child process.
    #[doc(alias = "zmq_poller_add")]
    pub fn add(&self, socket: impl Pollable<'a>, key: Key, events: PollEvents) -> Result<()> {
        self.add_source(socket.into_source()?, key, events)
    }

    /// Adds a descriptor, as a `BorrowedFd`, or as `&T`, `Rc<T>` or `Arc<T>` of a type with a descriptor.
    ///
    /// # Errors
    ///
    /// See [`add`](Self::add) for the errors.
    ///
    /// ```
    /// # #[cfg(unix)] {
    /// use std::io::Write;
    /// use std::os::unix::net::UnixStream;
    /// use std::time::Duration;
    /// use zmq::{PollEvents, Poller};
    ///
    /// let (mut left, right) = UnixStream::pair()?;
    /// let poller = Poller::new();
    /// poller.add_fd(&right, "right", PollEvents::IN)?;
    /// left.write_all(b"Hello")?;
    /// let (key, events) = poller.wait(Duration::from_secs(1))?.next().unwrap();
    /// assert_eq!((key, events), ("right", PollEvents::IN));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "zmq_poller_add_fd")]
    pub fn add_fd(&self, fd: impl PollableFd<'a>, key: Key, events: PollEvents) -> Result<()> {
        self.add_source(fd.into_source(), key, events)
    }

    fn add_source(&self, source: Source<'a>, key: Key, events: PollEvents) -> Result<()> {
        check_events(events)?;
        let mut state = self.state()?;
        if state.list.find(source.polled()).is_some() {
            return Err(refused(source.polled(), "already in the poller"));
        }
        state.add(source, key, events);
        self.len.set(state.list.len());
        Ok(())
    }

    /// Changes the events to wait for. An iterator over the events of the last wait skips events that are no longer requested.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the source is not in the poller. See [`add`](Self::add) for the other
    /// errors.
    #[doc(alias = "zmq_poller_modify")]
    pub fn modify<K: Kind>(&self, socket: &Socket<K>, events: PollEvents) -> Result<()> {
        self.modify_source(Polled::socket(socket), events)
    }

    /// Changes the events to wait for on a descriptor. See [`modify`](Self::modify).
    ///
    /// # Errors
    ///
    /// See [`modify`](Self::modify) for the errors.
    #[doc(alias = "zmq_poller_modify_fd")]
    pub fn modify_fd(&self, fd: impl AsDescriptor, events: PollEvents) -> Result<()> {
        self.modify_source(Polled::descriptor(&fd), events)
    }

    fn modify_source(&self, polled: Polled, events: PollEvents) -> Result<()> {
        check_events(events)?;
        let mut state = self.state()?;
        let place = state.find(polled)?;
        state.list.modify(place, events.bits());
        Ok(())
    }

    /// Removes a socket, and returns its key. An iterator over the events of the last wait skips its events.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the source is not in the poller.
    #[doc(alias = "zmq_poller_remove")]
    pub fn remove<K: Kind>(&self, socket: &Socket<K>) -> Result<Key> {
        self.remove_source(Polled::socket(socket))
    }

    /// Removes a descriptor, and returns its key. See [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// See [`remove`](Self::remove) for the errors.
    #[doc(alias = "zmq_poller_remove_fd")]
    pub fn remove_fd(&self, fd: impl AsDescriptor) -> Result<Key> {
        self.remove_source(Polled::descriptor(&fd))
    }

    fn remove_source(&self, polled: Polled) -> Result<Key> {
        let mut state = self.state()?;
        let place = state.find(polled)?;
        let source = state.list.remove(place);
        let key = state.keys.get_mut(place).and_then(Option::take);
        self.len.set(state.list.len());
        drop(state);
        // The entry may own the last `Rc` of a socket, or run code of the user when it is dropped.
        drop(source);
        key.ok_or_else(|| not_there(polled))
    }

    /// Returns the number of sockets and descriptors in the poller.
    #[must_use]
    #[doc(alias = "zmq_poller_size")]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Returns whether the poller has no sockets and no descriptors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until at least one source has an event, or until `timeout` has passed. Returns one item for each source with
    /// events.
    ///
    /// `None` waits forever. A timeout of zero does not wait. After the timeout, the result is [empty](PollerEvents::is_empty);
    /// C returns `EAGAIN` in this case.
    ///
    /// The program need not take all events of a wait. The next wait discards the rest, and reports them again if they still
    /// apply. Each wait begins with another source, so a program that only takes the first event of each wait still serves all
    /// sources.
    ///
    /// Signals do not end the wait, unless any context of the process is [interruptible](crate::Context::set_interruptible).
    ///
    /// # Errors
    ///
    /// * [`InvalidInput`](ErrorKind::InvalidInput) if there is no timeout and no source waits for an event, so that the call
    ///   would never return; also if there are more sources than the process may have descriptors
    /// * [`Terminated`](ErrorKind::Terminated) if the context of a socket is shut down
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
    /// * [`Interrupted`](ErrorKind::Interrupted) on a signal, if a context is interruptible
    #[doc(alias = "zmq_poller_wait")]
    #[doc(alias = "zmq_poller_wait_all")]
    pub fn wait(&self, timeout: impl IntoTimeout) -> Result<PollerEvents<'_, 'a, Key>> {
        let mut state = self.state()?;
        state.wait(timeout.into_timeout())?;
        Ok(PollerEvents {
            poller: self,
            wait: state.waits,
            count: state.list.ready(),
            next: state.list.ready_from(self.first.get()),
            is_first: true,
        })
    }

    /// Fails instead of panicking if code runs while the poller is in use, for example the destructor of a message that libzmq
    /// drops during the wait.
    fn state(&self) -> Result<RefMut<'_, State<'a, Key>>> {
        self.state.try_borrow_mut().map_err(|_| {
            let reason = "the poller is in use by a `wait` of the same thread";
            Error::refused(Operation::Poll, ErrorKind::WrongState, zmq_sys::EFSM, "", reason)
        })
    }
}

impl<'a, Key> State<'a, Key> {
    fn find(&self, polled: Polled) -> Result<usize> {
        self.list.find(polled).ok_or_else(|| not_there(polled))
    }

    fn add(&mut self, source: Source<'a>, key: Key, events: PollEvents) {
        let place = self.list.add(source, events.bits());
        match self.keys.get_mut(place) {
            Some(free) => *free = Some(key),
            None => self.keys.push(Some(key)),
        }
    }

    fn wait(&mut self, timeout: Option<Duration>) -> Result<usize> {
        self.waits += 1;
        if self.list.prepare() {
            self.keys.retain(Option::is_some);
        }
        if self.list.len() == 0 {
            return sleep(timeout);
        }
        if timeout.is_none() && !self.list.can_have_events() {
            let reason = "no item waits for an event; without a timeout, the call would never return";
            return Err(Error::invalid(Operation::Poll, format!("{} items", self.list.len()), reason));
        }
        foreign::check_limit(self.list.count())?;
        wait_for(&mut self.list, timeout, any_interruptible)
    }
}

impl Items for List<'_> {
    #[inline]
    fn poll(&mut self, milliseconds: c_int) -> Result<c_int, Errno> {
        List::poll(self, milliseconds)
    }

    fn is_inherited(&mut self) -> bool {
        List::is_inherited(self)
    }

    fn clear(&mut self) {
        List::clear(self);
    }

    fn count(&self) -> usize {
        List::count(self)
    }

    fn is_mixed(&self) -> bool {
        List::is_mixed(self)
    }
}

fn check_events(events: PollEvents) -> Result<()> {
    if (POLLIN | POLLOUT | POLLERR | POLLPRI).contains(events) {
        return Ok(());
    }
    Err(Error::invalid(
        Operation::Poll,
        format!("{events:?}"),
        "a poller waits only for IN, OUT, ERR and PRI",
    ))
}

fn not_there(polled: Polled) -> Error {
    refused(polled, "not in the poller")
}

fn refused(polled: Polled, reason: &'static str) -> Error {
    let subject = match polled {
        Polled::Socket(..) => "a socket".to_owned(),
        Polled::Descriptor(descriptor) => format!("descriptor {descriptor}"),
    };
    Error::invalid(Operation::Poll, subject, reason)
}

impl<Key: Clone> Default for Poller<'_, Key> {
    fn default() -> Self {
        Poller::new()
    }
}

impl<Key: Clone> fmt::Debug for Poller<'_, Key> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The events of one [`Poller::wait`]: an iterator over keys and events.
///
/// The iterator skips sources that were removed since the wait, and events that are no longer requested. It ends when the
/// poller waits again.
#[must_use = "events that are not taken are reported again by the next wait"]
pub struct PollerEvents<'p, 'a, Key> {
    poller: &'p Poller<'a, Key>,
    /// The number of the wait.
    wait: u64,
    /// The number of remaining sources with events.
    count: usize,
    /// The position of the next source.
    next: usize,
    is_first: bool,
}

impl<Key> PollerEvents<'_, '_, Key> {
    /// Returns whether no event is left. Right after a wait, this means that the timeout has passed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<Key: Clone> Iterator for PollerEvents<'_, '_, Key> {
    type Item = (Key, PollEvents);

    #[inline]
    fn next(&mut self) -> Option<(Key, PollEvents)> {
        while self.count > 0 {
            let state = self.poller.state.try_borrow().ok()?;
            if state.waits != self.wait {
                break;
            }
            if self.next >= state.list.ready() {
                self.next = 0;
            }
            let Some((place, events)) = state.list.seen(self.next) else { break };
            self.count -= 1;
            self.next += 1;
            if events == 0 {
                continue;
            }
            if core::mem::take(&mut self.is_first) {
                self.poller.first.set(place + 1);
            }
            if let Some(Some(key)) = state.keys.get(place) {
                return Some((key.clone(), PollEvents::from_bits(events)));
            }
        }
        self.count = 0;
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.count))
    }
}

impl<Key: Clone> FusedIterator for PollerEvents<'_, '_, Key> {}

impl<Key> fmt::Debug for PollerEvents<'_, '_, Key> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollerEvents").field("count", &self.count).finish_non_exhaustive()
    }
}
