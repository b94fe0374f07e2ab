//! A descriptor that a tokio runtime watches, on Unix.

use core::task::{Context, Poll, ready};
use std::io;

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;

use crate::raw::registered::Descriptor;

pub(super) struct Watched(AsyncFd<Descriptor>);

impl Watched {
    /// Panics if the runtime has no I/O driver.
    pub(super) fn new(descriptor: Descriptor) -> io::Result<Watched> {
        // Sound because the descriptor stays open for as long as the registration lives. Versions of tokio before 1.53 have no
        // other function.
        #[allow(deprecated, reason = "the function that replaces it is missing in tokio 1.47")]
        let watched = AsyncFd::try_with_interest(descriptor, Interest::READABLE);
        match watched {
            Ok(watched) => Ok(Watched(watched)),
            Err(error) => Err(error.into_parts().1),
        }
    }

    #[inline]
    pub(super) fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Clears the events that were reported up to now, and no later event.
        ready!(self.0.poll_read_ready(task))?.clear_ready();
        self.0.get_ref().clear();
        Poll::Ready(Ok(()))
    }
}
