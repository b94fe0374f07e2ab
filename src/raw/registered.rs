//! Sockets whose descriptors are registered with a reactor.

use core::task::{Context, Poll, Waker};
use std::io;

#[cfg(zmq_draft)]
use super::Errno;
use super::poller::OwnsSocket;
#[cfg(zmq_draft)]
use super::signals::Signals;
use super::socket::Socket;
use crate::readiness::shared::Shared;
use crate::readiness::task::Source;
use crate::sys::descriptors::{self, BorrowedDescriptor, RawDescriptor};

/// A descriptor that becomes readable when a command arrives for a socket. The registration of the descriptor is dropped before the
/// socket.
pub(crate) enum Descriptor {
    /// The notification descriptor of the socket. Calls on the socket make it unreadable.
    OfSocket(RawDescriptor),
    /// The descriptor for a socket that threads may share. Only [`Descriptor::clear`] makes it unreadable.
    #[cfg(zmq_draft)]
    OfSignals(Signals),
}

impl Descriptor {
    /// The error is `None` if there is no descriptor that can be used.
    fn of(owner: &impl OwnsSocket) -> Result<Descriptor, Option<io::Error>> {
        if let Some(descriptor) = owner.notification() {
            return Ok(Descriptor::OfSocket(descriptor));
        }
        #[cfg(zmq_draft)]
        if owner.is_thread_safe() {
            let signals = Signals::of(owner.raw());
            return match signals.map_err(Errno::into_io)? {
                Some(signals) => Ok(Descriptor::OfSignals(signals)),
                None => Err(None),
            };
        }
        Err(None)
    }

    /// Takes the signals that have arrived, unless calls on the socket do this. Returns whether there was one, which is an edge. Must be
    /// followed by a check of the socket, which reads the commands whose signals were taken.
    #[inline]
    pub(super) fn clear(&self) -> bool {
        #[cfg(zmq_draft)]
        if let Descriptor::OfSignals(signals) = self {
            return signals.clear();
        }
        false
    }

    fn borrow(&self) -> BorrowedDescriptor<'_> {
        match self {
            // SAFETY: the socket keeps the descriptor open, and is dropped after the registration, which has the value.
            Descriptor::OfSocket(descriptor) => unsafe { descriptors::borrow(*descriptor) },
            #[cfg(zmq_draft)]
            Descriptor::OfSignals(signals) => signals.borrow(),
        }
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.borrow().as_raw_fd()
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Descriptor {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.borrow()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsSocket for Descriptor {
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.borrow()
    }
}

/// The registration of a descriptor with a reactor.
pub(crate) trait Register: Source<Error = io::Error> + Sized {
    /// Registers the descriptor.
    fn register(descriptor: Descriptor) -> io::Result<Self>;

    /// Runs one step of a call, unless the task has used up its budget. A socket that is always ready must not keep other tasks from
    /// running.
    fn within_budget<T>(
        &self,
        task: &mut Context<'_>,
        step: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T>;

    /// Makes a call that usually succeeds, unless the task must pay for previous calls first. Returns whether the call was made and
    /// succeeded.
    fn try_within_budget(&self, call: impl FnOnce() -> bool) -> bool;

    /// Polls on behalf of no task, so without taking from the budget of the task that runs. A poll that is refused for lack of budget may
    /// call the waker at once, again and again.
    fn beyond_budget<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>, waker: &Waker) -> Poll<T> {
        let mut poll = poll;
        poll(&mut Context::from_waker(waker))
    }

    /// Begins to use other ways in which a command for the socket can wake a task. The socket is dropped after the registration.
    fn attach(&mut self, _: &Socket) {}

    /// Ends the other ways, so that the descriptor announces all commands. The other ways begin again when a task waits.
    fn use_descriptor(&self) {}

    /// With `true`, ends the other ways until this function is called with `false`.
    fn use_only_descriptor(&self, _: bool) {}
}

/// A socket that is lent for calls that may wait for its descriptor, although tasks also wait for the descriptor.
pub(crate) struct Lent<'a, R: Register> {
    registration: &'a R,
}

impl<R: Register> Drop for Lent<'_, R> {
    fn drop(&mut self) {
        self.registration.use_only_descriptor(false);
    }
}

/// A socket whose descriptor is registered.
pub(crate) struct Registered<T, R> {
    /// Dropped before the socket that the descriptor belongs to.
    registration: R,
    owner: T,
}

impl<T: OwnsSocket, R: Register> Registered<T, R> {
    /// Registers the socket. The error is `None` if there is no descriptor that can be used.
    pub(crate) fn new(owner: T) -> Result<Registered<T, R>, (Option<io::Error>, T)> {
        let descriptor = match Descriptor::of(&owner) {
            Ok(descriptor) => descriptor,
            Err(error) => return Err((error, owner)),
        };
        // The socket is not dropped before the registration, which has the descriptor.
        match R::register(descriptor) {
            Ok(mut registration) => {
                registration.attach(owner.raw());
                Ok(Registered { registration, owner })
            }
            Err(error) => Err((Some(error), owner)),
        }
    }
}

impl<T, R: Register> Registered<T, R> {
    /// Returns the owner of the socket, for calls that may wait for its descriptor. No task waits meanwhile.
    pub(crate) fn inner(&self) -> &T {
        self.registration.use_descriptor();
        &self.owner
    }

    /// Marks the socket as lent.
    pub(crate) fn lend(&self) -> Lent<'_, R> {
        self.registration.use_only_descriptor(true);
        Lent { registration: &self.registration }
    }
}

impl<T, R> Registered<T, R> {
    /// Returns the source of the descriptor's edges.
    #[inline]
    pub(crate) fn source(&self) -> &R {
        &self.registration
    }

    /// Returns the owner of the socket.
    #[inline]
    pub(crate) fn owner(&self) -> &T {
        &self.owner
    }

    /// Ends the registration, and returns the socket.
    pub(crate) fn into_owner(self) -> T {
        let Registered { registration, owner } = self;
        drop(registration);
        owner
    }

    /// Moves the socket into another value, which must keep the socket open as long as it lives.
    pub(crate) fn into_part<U: From<T>>(self) -> Registered<U, R> {
        Registered { registration: self.registration, owner: U::from(self.owner) }
    }

    /// Lets tasks share the socket.
    pub(crate) fn into_shared(self) -> Registered<Shared<T>, R> {
        // The socket stays open, because `Shared` owns it.
        Registered { registration: self.registration, owner: Shared::new(self.owner) }
    }
}

impl<T, R> Registered<Shared<T>, R> {
    /// Ends the sharing.
    pub(crate) fn into_unshared(self) -> Registered<T, R> {
        Registered { registration: self.registration, owner: self.owner.into_port() }
    }
}
