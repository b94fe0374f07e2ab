//! Waiting for sockets and descriptors that come and go.

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

/// A set of sockets and descriptors to wait for, each under a key of the user's own.
///
/// Unlike with [`poll()`](crate::poll()), they may be added, modified and removed at any time, also while the events of a
/// wait are gone through.
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
/// # What it keeps
///
/// A socket added as `&socket` stays borrowed for as long as the poller is used. One that is to be dropped earlier is added
/// as a share of it, `Rc::clone(&socket)`; the poller drops its share when the socket is removed:
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
/// A key is cloned for each event, so it is best a number, a small enum or a reference. Two sockets may have the same one.
///
/// # Many sockets
///
/// On Linux, Android, macOS, iOS and the BSDs the time of a wait depends on how many sockets have something to tell or were used,
/// and not on how many there are. For that, a poller of some sockets has one descriptor of its own. What it has to look at in each
/// wait are descriptors, sockets that threads share, and sockets that may be used without its knowledge: those that a
/// [`PollItem`](crate::PollItem) was made of or whose [handle](Socket::as_raw) was given to C code, at any time. Elsewhere it looks
/// at all of them.
///
/// Follows [zmq_poller(3)](https://libzmq.readthedocs.io/en/latest/zmq_poller.html), and needs no draft API.
#[doc(alias = "zmq_poller_new")]
#[doc(alias = "zmq_poller_destroy")]
#[doc(alias = "zmq_poller_event_t")]
pub struct Poller<'a, Key> {
    state: RefCell<State<'a, Key>>,
    len: Cell<usize>,
    /// Where the next wait begins, so that everybody comes first at some time.
    first: Cell<usize>,
}

struct State<'a, Key> {
    list: List<'a>,
    /// One for each place of the list.
    keys: Vec<Option<Key>>,
    /// How many waits there were: each makes the events of the last one stale.
    waits: u64,
}

impl<'a, Key: Clone> Poller<'a, Key> {
    /// A poller of nothing yet.
    #[must_use]
    pub fn new() -> Poller<'a, Key> {
        let state = State { list: List::new(), keys: Vec::new(), waits: 0 };
        Poller { state: RefCell::new(state), len: Cell::new(0), first: Cell::new(0) }
    }

    /// Adds a socket: as `&socket`, or as an `Rc` or `Arc` of it. With [no events](PollEvents::NONE) it is passed over
    /// until they are [modified](Self::modify).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it is there already, or `events` has others than [`PollEvents::IN`],
    /// [`PollEvents::OUT`], [`PollEvents::ERR`] and [`PollEvents::PRI`]; [`Forked`](ErrorKind::Forked) in a child process.
    #[doc(alias = "zmq_poller_add")]
    pub fn add(&self, socket: impl Pollable<'a>, key: Key, events: PollEvents) -> Result<()> {
        self.add_source(socket.into_source()?, key, events)
    }

    /// Adds a descriptor: a `BorrowedFd`, or anything that has one as a reference, an `Rc` or an `Arc` of it.
    ///
    /// # Errors
    ///
    /// As for [`add`](Self::add).
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
            return Err(refused(source.polled(), "it is in the poller already"));
        }
        state.add(source, key, events);
        self.len.set(state.list.len());
        Ok(())
    }

    /// Changes the events to wait for. Of those that the last wait saw and that are still to be gone through, the ones
    /// that are no longer waited for are left out.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the socket is not there, or as for [`add`](Self::add).
    #[doc(alias = "zmq_poller_modify")]
    pub fn modify<K: Kind>(&self, socket: &Socket<K>, events: PollEvents) -> Result<()> {
        self.modify_source(Polled::socket(socket), events)
    }

    /// As [`modify`](Self::modify), for a descriptor.
    ///
    /// # Errors
    ///
    /// As for [`modify`](Self::modify).
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

    /// Takes a socket out, and gives its key back. What the last wait saw of it is left out.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it is not there.
    #[doc(alias = "zmq_poller_remove")]
    pub fn remove<K: Kind>(&self, socket: &Socket<K>) -> Result<Key> {
        self.remove_source(Polled::socket(socket))
    }

    /// As [`remove`](Self::remove), for a descriptor.
    ///
    /// # Errors
    ///
    /// As for [`remove`](Self::remove).
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
        // What is dropped with it may be the last share of a socket, or code of the user.
        drop(source);
        key.ok_or_else(|| not_there(polled))
    }

    /// How many sockets and descriptors there are.
    #[must_use]
    #[doc(alias = "zmq_poller_size")]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until something has an event, or `timeout` has passed, and gives the events: of everything that has one, once.
    ///
    /// `None` waits for ever, zero not at all. If the timeout has passed, there are [no events](PollerEvents::is_empty), where C
    /// has `EAGAIN`. The next wait forgets events that were not taken; what they tell of, it tells again if it is still
    /// so. Each begins with another of those that are ready, so taking only the first event of each wait neglects nobody.
    ///
    /// Signals do not end it, unless any living context has [asked for](crate::Context::set_interruptible) that.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there is no timeout and nothing that could ever have an event, as
    /// there is nothing or all wait for no events; or if there is more than the process may have descriptors.
    /// [`Terminated`](ErrorKind::Terminated) once the context of a socket is shut down; [`Forked`](ErrorKind::Forked) in
    /// a child process; [`Interrupted`](ErrorKind::Interrupted) if asked for.
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

    /// Fails where a panic would come of code that runs while the poller is in use: the destructor of a message, say, that
    /// libzmq drops during the wait.
    fn state(&self) -> Result<RefMut<'_, State<'a, Key>>> {
        self.state.try_borrow_mut().map_err(|_| {
            let reason = "the poller is being waited on, further up in this thread";
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
            let reason = "none waits for an event, so without a timeout it would never return";
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
    Err(Error::invalid(Operation::Poll, format!("{events:?}"), "there are no such events"))
}

fn not_there(polled: Polled) -> Error {
    refused(polled, "it is not in the poller")
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

/// The events of one [`Poller::wait`]: an iterator of keys and what happened.
///
/// It shows what is so when the next event is taken: what was removed meanwhile, or is no longer waited for, does not come.
/// After a further wait it has ended.
#[must_use = "an event that is not taken is told again by the next wait"]
pub struct PollerEvents<'p, 'a, Key> {
    poller: &'p Poller<'a, Key>,
    /// Which wait it is of.
    wait: u64,
    /// How many of the places that had events are left.
    count: usize,
    /// The next of them.
    next: usize,
    is_first: bool,
}

impl<Key> PollerEvents<'_, '_, Key> {
    /// Whether no event is left; right after a wait, whether its time was over first.
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
