//! Sockets whose descriptors are registered with a tokio runtime.

use core::task::{Context, Poll, ready};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ::tokio::runtime::Handle;

use super::poller::OwnsSocket;
use crate::readiness::task::Source;
use crate::sys::fork::Origin;

/// The notification descriptor of a socket that somebody else owns.
struct Descriptor(RawFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

/// The registration of a descriptor with the runtime.
pub(crate) struct Registration {
    /// Taken when it is dropped.
    descriptor: Option<AsyncFd<Descriptor>>,
    origin: Origin,
}

impl Registration {
    /// Registers the descriptor with the runtime of the calling thread.
    ///
    /// The descriptor must stay open for as long as the registration lives.
    ///
    /// The error is of the kind `NotFound` if there is no runtime, and of the kind `Unsupported` if it has no I/O driver.
    fn new(descriptor: RawFd) -> io::Result<Registration> {
        Handle::try_current().map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        let register = || {
            // Sound because of what this function demands of its caller. Versions of tokio before 1.53 have no other function.
            #[allow(deprecated, reason = "the function that replaces it is missing in tokio 1.47")]
            AsyncFd::try_with_interest(Descriptor(descriptor), Interest::READABLE)
        };
        // It panics if the runtime has no I/O driver, and the runtime cannot be asked.
        match catch_unwind(AssertUnwindSafe(register)) {
            Ok(Ok(registered)) => Ok(Registration { descriptor: Some(registered), origin: Origin::here() }),
            Ok(Err(error)) => Err(error.into_parts().1),
            Err(_) => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }
}

impl Source for Registration {
    type Error = io::Error;

    #[inline]
    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(descriptor) = &self.descriptor else { return Poll::Pending };
        // Clears what was reported up to now, and nothing that comes later.
        ready!(descriptor.poll_read_ready(task))?.clear_ready();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let descriptor = self.descriptor.take();
        if !self.origin.is_here_exactly() {
            // A forked child shares the reactor's epoll with its parent, whose socket would hear of nothing any more.
            core::mem::forget(descriptor);
        }
    }
}

/// A socket whose descriptor is registered.
pub(crate) struct Registered<T> {
    /// Dropped before the socket that the descriptor belongs to.
    registration: Registration,
    owner: T,
}

impl<T: OwnsSocket> Registered<T> {
    /// Registers the socket with the runtime of the calling thread. `None` stands for a socket that has no descriptor.
    pub(crate) fn new(owner: T) -> Result<Registered<T>, (Option<io::Error>, T)> {
        let Some(descriptor) = owner.notification() else { return Err((None, owner)) };
        // The socket keeps the descriptor open, and is not dropped before the registration.
        match Registration::new(descriptor) {
            Ok(registration) => Ok(Registered { registration, owner }),
            Err(error) => Err((Some(error), owner)),
        }
    }
}

impl<T> Registered<T> {
    /// Where the edges of the descriptor are seen.
    pub(crate) fn source(&self) -> &Registration {
        &self.registration
    }

    /// The socket.
    pub(crate) fn owner(&self) -> &T {
        &self.owner
    }

    /// Ends the registration, and returns the socket.
    pub(crate) fn into_owner(self) -> T {
        let Registered { registration, owner } = self;
        drop(registration);
        owner
    }
}
