//! Going through a monitor's events.

use core::fmt;

use super::MonitorEvent;
use crate::error::{ErrorKind, Result};

/// The events of a [`Monitor`](crate::Monitor) or [`BoundedMonitor`](crate::BoundedMonitor), to the last.
///
/// It ends after [`MonitorStopped`](crate::EventKind::MonitorStopped), or after the error
/// [`Terminated`](ErrorKind::Terminated) or [`Forked`](ErrorKind::Forked).
pub struct MonitorIter<'a> {
    recv: Box<dyn Fn() -> Result<MonitorEvent> + 'a>,
    has_ended: bool,
}

impl<'a> MonitorIter<'a> {
    pub(super) fn new(recv: Box<dyn Fn() -> Result<MonitorEvent> + 'a>) -> MonitorIter<'a> {
        MonitorIter { recv, has_ended: false }
    }
}

impl Iterator for MonitorIter<'_> {
    type Item = Result<MonitorEvent>;

    fn next(&mut self) -> Option<Result<MonitorEvent>> {
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

impl fmt::Debug for MonitorIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorIter").field("has_ended", &self.has_ended).finish_non_exhaustive()
    }
}
