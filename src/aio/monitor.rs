//! Receiving the events of a socket's connections in a task.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Register;
use super::reactor::{Edges, Reactor, register};
use super::recv::received;
use crate::context::EndsInThread;
use crate::error::exclusive::Exclusive;
use crate::error::{ConvertError, Operation, Result};
use crate::monitor;
use crate::monitor::Event;
use crate::raw::registered::Registered;
use crate::readiness::task::Parked;

/// An async monitor: receives the connection events of a socket, registered with the reactor `R`.
///
/// `into_tokio` and `into_smol` of a [`zmq::Monitor`](crate::Monitor) create it. A task with the monitor can be spawned, and needs no
/// access to the socket.
///
/// ```
/// use zmq::monitor::Events;
/// use zmq::{Context, Pull, Push};
///
/// # #[cfg(not(feature = "tokio"))]
/// # fn main() {}
/// # #[cfg(feature = "tokio")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let context = Context::new()?;
/// let server = context.socket(Pull)?;
/// let mut monitor = server.monitor(Events::ALL)?.into_tokio()?;
/// let logger = tokio::spawn(async move {
///     // Ends after the last event, MONITOR_STOPPED.
///     while let Ok(event) = monitor.recv().await {
///         println!("{event}");
///     }
/// });
///
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
/// let client = context.socket(Push)?;
/// client.connect(&endpoint)?;
/// client.into_tokio()?.send("Hello").await?;
/// let mut server = server.into_tokio()?;
/// assert_eq!(server.recv().await?, "Hello");
/// drop(server);
/// logger.await?;
/// # Ok(())
/// # })
/// # }
/// ```
///
/// The last event is [`MonitorStopped`](crate::monitor::EventKind::MonitorStopped). [`zmq::Monitor`](crate::Monitor) describes when it
/// occurs, and what happens to a monitor that is not read.
///
/// Dropping the monitor never blocks, as with an async [`Socket`](super::Socket).
pub struct Monitor<R: Reactor> {
    parked: Parked,
    /// Dropped before `_context`.
    registered: Exclusive<Registered<monitor::Monitor, R::Registration>>,
    _context: EndsInThread,
}

impl<R: Reactor> Monitor<R> {
    /// Registers a monitor with the reactor.
    #[allow(clippy::result_large_err, reason = "the error holds the monitor itself")]
    pub(crate) fn register(monitor: monitor::Monitor) -> Result<Self, ConvertError<monitor::Monitor>> {
        let (registered, _context) = register::<_, R>(monitor, monitor::Monitor::core, "a monitor")?;
        Ok(Monitor { parked: Parked::default(), registered, _context })
    }

    /// Receives the next event. Waits until there is one.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If its future is dropped before it is ready, no event was received.
    ///
    /// # Errors
    ///
    /// * [`NotConnected`](crate::ErrorKind::NotConnected) after the last event.
    /// * [`Terminated`](crate::ErrorKind::Terminated) after the context was shut down.
    /// * [`NoRuntime`](crate::ErrorKind::NoRuntime) if the call has to wait and the runtime of the monitor has ended.
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    /// * [`Interrupted`](crate::ErrorKind::Interrupted) on a signal, if the context is
    ///   [interruptible](crate::Context::set_interruptible).
    pub fn recv(&mut self) -> MonitorRecvFuture<'_, R> {
        MonitorRecvFuture { monitor: InFuture(self) }
    }

    /// Returns a reference to the blocking monitor, for example to receive without waiting.
    ///
    /// The reference is not [`Send`], so a spawned task cannot hold it across an `.await`. Do not call its methods `recv`, `recv_within`
    /// and `iter`, because they block the thread of the runtime.
    pub fn inner(&mut self) -> &monitor::Monitor {
        self.registered.get_mut().inner()
    }

    /// Ends the registration with the runtime, and returns the blocking monitor.
    #[must_use]
    pub fn into_inner(self) -> monitor::Monitor {
        self.registered.into_inner().into_owner()
    }

    /// Runs one step of a call, within the budget of the task.
    pub(super) fn poll_recv(&mut self, task: &mut Context<'_>) -> Poll<Result<Event>> {
        let operation = Operation::Receive;
        let registered = self.registered.get_mut();
        // In a forked child process, a lock of the reactor may be held forever by a thread that exists only in the parent.
        registered.owner().core().check_process(operation)?;
        let edges = Edges::<R>::new(registered.source(), operation);
        registered.source().within_budget(task, |task| {
            self.parked.poll_recv(&edges, task, || received(registered.owner().try_recv()))
        })
    }
}

impl<R: Reactor> fmt::Debug for Monitor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("is_parked", &self.parked.is_parked()).finish_non_exhaustive()
    }
}

/// The monitor of one future. Dropping it before the future is ready ends the wait.
pub(super) struct InFuture<'a, R: Reactor>(pub(super) &'a mut Monitor<R>);

impl<R: Reactor> Drop for InFuture<'_, R> {
    fn drop(&mut self) {
        let Monitor { parked, registered, .. } = &mut *self.0;
        let registered = registered.get_mut();
        // `Monitor::poll_recv` makes the same check.
        if parked.is_parked() && registered.owner().core().check_process(Operation::Receive).is_ok() {
            parked.give_up(registered.source());
        }
    }
}

/// The future that [`Monitor::recv`] returns.
#[must_use = "a future does nothing unless it is awaited"]
pub struct MonitorRecvFuture<'a, R: Reactor> {
    monitor: InFuture<'a, R>,
}

impl<R: Reactor> Future for MonitorRecvFuture<'_, R> {
    type Output = Result<Event>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<Event>> {
        self.get_mut().monitor.0.poll_recv(task)
    }
}

impl<R: Reactor> fmt::Debug for MonitorRecvFuture<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorRecvFuture").finish_non_exhaustive()
    }
}
