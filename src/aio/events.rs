//! The events of a monitor as a stream.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::Reactor;
use super::monitor::{InFuture, Monitor};
use super::stream::is_final;
use crate::error::{Error, ErrorKind, Result};
use crate::monitor::Event;

/// # Streams
///
/// These methods need the feature `futures`. The trait
/// [`StreamExt`](https://docs.rs/futures/0.3/futures/stream/trait.StreamExt.html) provides the methods of streams.
impl<R: Reactor> Monitor<R> {
    /// Returns a stream of the events. The stream borrows the monitor.
    ///
    /// The stream ends after the last event, [`MonitorStopped`](crate::monitor::EventKind::MonitorStopped), which occurs when the socket is
    /// closed. It also ends when the context is shut down. Other errors are items of the stream. After
    /// [`NoRuntime`](ErrorKind::NoRuntime) and [`Forked`](ErrorKind::Forked), the stream ends, because each later receive would fail in the
    /// same way.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use zmq::Result;
    /// use zmq::aio::{Monitor, Reactor};
    /// use zmq::monitor::EventKind;
    ///
    /// async fn count_connections<R: Reactor>(monitor: &mut Monitor<R>) -> Result<usize> {
    ///     let mut count = 0;
    ///     let mut events = monitor.stream();
    ///     while let Some(event) = events.try_next().await? {
    ///         count += usize::from(matches!(event.kind(), EventKind::HandshakeSucceeded));
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream, or a future that waits for its next item, loses no event.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn stream(&mut self) -> MonitorStream<'_, R> {
        MonitorStream { monitor: InFuture(self), is_ended: false }
    }

    /// Turns the monitor into a stream of the events, like the stream of [`stream`](Self::stream).
    /// [`MonitorIntoStream::into_inner`] returns the monitor.
    #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
    pub fn into_stream(self) -> MonitorIntoStream<R> {
        MonitorIntoStream { monitor: self, is_ended: false }
    }
}

/// Returns the next item. A stream that has ended returns no more items.
fn poll_next<R: Reactor>(
    monitor: &mut Monitor<R>,
    is_ended: &mut bool,
    task: &mut Context<'_>,
) -> Poll<Option<Result<Event>>> {
    if *is_ended {
        return Poll::Ready(None);
    }
    let event = ready!(monitor.poll_recv(task));
    let kind = event.as_ref().err().map(Error::kind);
    let is_over = matches!(kind, Some(ErrorKind::NotConnected | ErrorKind::Terminated));
    *is_ended = is_over || kind.is_some_and(is_final);
    Poll::Ready(if is_over { None } else { Some(event) })
}

/// The stream that [`Monitor::stream`] returns.
#[must_use = "a stream does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct MonitorStream<'a, R: Reactor> {
    monitor: InFuture<'a, R>,
    is_ended: bool,
}

impl<R: Reactor> Stream for MonitorStream<'_, R> {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let MonitorStream { monitor, is_ended } = self.get_mut();
        poll_next(monitor.0, is_ended, task)
    }
}

impl<R: Reactor> FusedStream for MonitorStream<'_, R> {
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

impl<R: Reactor> fmt::Debug for MonitorStream<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorStream").field("is_ended", &self.is_ended).finish_non_exhaustive()
    }
}

/// The stream that [`Monitor::into_stream`] returns.
#[must_use = "a stream does nothing unless it is polled"]
#[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
pub struct MonitorIntoStream<R: Reactor> {
    monitor: Monitor<R>,
    is_ended: bool,
}

impl<R: Reactor> MonitorIntoStream<R> {
    /// Returns a reference to the monitor.
    pub fn get_mut(&mut self) -> &mut Monitor<R> {
        &mut self.monitor
    }

    /// Returns the monitor.
    #[must_use]
    pub fn into_inner(self) -> Monitor<R> {
        self.monitor
    }
}

impl<R: Reactor> Stream for MonitorIntoStream<R> {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let MonitorIntoStream { monitor, is_ended } = self.get_mut();
        poll_next(monitor, is_ended, task)
    }
}

impl<R: Reactor> FusedStream for MonitorIntoStream<R> {
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

impl<R: Reactor> fmt::Debug for MonitorIntoStream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorIntoStream").field("monitor", &self.monitor).finish_non_exhaustive()
    }
}
