//! The reactor that a socket uses to wait.

use core::task::{Context, Poll};
use std::io;
use std::sync::Arc;

use super::error;
use crate::context::EndsInThread;
use crate::error::exclusive::Exclusive;
use crate::error::{ConvertError, Error, Operation, Result};
use crate::raw::poller::OwnsSocket;
use crate::raw::registered::{Register, Registered};
use crate::readiness::task::Source;
use crate::socket::Core;

/// The reactor of an async runtime, which wakes tasks that wait for a socket.
///
/// This trait is sealed. The types that implement it are
/// [`zmq::tokio::Tokio`](https://docs.rs/zmq/latest/zmq/tokio/struct.Tokio.html) and
/// [`zmq::smol::Smol`](https://docs.rs/zmq/latest/zmq/smol/struct.Smol.html).
#[allow(private_bounds, reason = "the trait is sealed")]
pub trait Reactor: Runtime {}

/// The differences between the runtimes.
pub(crate) trait Runtime: Send + Sync + 'static {
    type Registration: Register + Send + Sync + Unpin;

    /// The operation that registers a socket.
    const INTO: Operation;

    /// The reason and the hint of the error if a call has to wait and the runtime has ended.
    const GONE: (&'static str, &'static str);

    /// Returns the reason and the hint of the error if the runtime refuses a registration.
    fn refusal(error: &io::Error) -> (String, Option<&'static str>);
}

/// The edges that the reactor reports, with the operation that errors name.
pub(super) struct Edges<'a, R: Runtime> {
    registration: &'a R::Registration,
    operation: Operation,
}

impl<'a, R: Runtime> Edges<'a, R> {
    #[inline]
    pub(super) fn new(registration: &'a R::Registration, operation: Operation) -> Self {
        Edges { registration, operation }
    }
}

impl<R: Runtime> Source for Edges<'_, R> {
    type Error = Error;

    #[inline]
    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.registration.poll_edge(task).map_err(|error| error::failed::<R>(self.operation, &error))
    }

    #[inline]
    fn take_edge(&self, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.registration.take_edge(task).map_err(|error| error::failed::<R>(self.operation, &error))
    }
}

/// A registered owner of a socket, and its context, which must be dropped after the owner.
pub(super) type WithContext<T, R> = (Exclusive<Registered<T, <R as Runtime>::Registration>>, EndsInThread);

/// Registers an owner of a socket with the reactor. Errors contain `name`.
#[allow(clippy::result_large_err, reason = "the error holds the owner itself")]
pub(super) fn register<T: OwnsSocket, R: Runtime>(
    owner: T,
    core: fn(&T) -> &Core,
    name: &'static str,
) -> Result<WithContext<T, R>, ConvertError<T>> {
    if let Err(error) = core(&owner).check_process(R::INTO) {
        return Err(ConvertError::new(error, owner));
    }
    let context = EndsInThread::new(Arc::clone(core(&owner).context()));
    match Registered::new(owner) {
        Ok(registered) => Ok((Exclusive::new(registered), context)),
        Err((error, owner)) => Err(ConvertError::new(error::refused::<R>(error.as_ref(), name), owner)),
    }
}
