//! Iterating over the events of a monitor.

use core::fmt;

use super::Event;
use crate::error::{ErrorKind, Result};

/// An iterator over the events of a [`Monitor`](crate::Monitor) or [`Bounded`](crate::monitor::Bounded). `next` waits for an
/// event.
///
/// The iterator ends after [`MonitorStopped`](crate::monitor::EventKind::MonitorStopped), or after the error
/// [`Terminated`](ErrorKind::Terminated) or [`Forked`](ErrorKind::Forked).
pub struct Iter<'a> {
    recv: Box<dyn Fn() -> Result<Event> + 'a>,
    has_ended: bool,
}

impl<'a> Iter<'a> {
    pub(super) fn new(recv: Box<dyn Fn() -> Result<Event> + 'a>) -> Iter<'a> {
        Iter { recv, has_ended: false }
    }
}

impl Iterator for Iter<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Result<Event>> {
        if self.has_ended {
            return None;
        }
        let event = (self.recv)();
        self.has_ended = match &event {
            Ok(event) => event.is_last(),
            Err(error) => {
                matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::Terminated | ErrorKind::Forked)
            }
        };
        match event {
            Err(error) if error.kind() == ErrorKind::NotConnected => None,
            event => Some(event),
        }
    }
}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("has_ended", &self.has_ended).finish_non_exhaustive()
    }
}
