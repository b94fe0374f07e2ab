//! The reading end of a monitor, and what becomes of it when the user reads no more.
//!
//! libzmq sends events in the thread where they happen, holding a lock. Another libzmq than the bundled one waits there for room: once
//! the reader is gone, the next event waits forever, in `bind` or in the I/O thread, and nothing of the context moves (N3). So a reader
//! is closed only after it has received the last event, or once the context is shut down. Until then it is read: what nobody reads
//! fills the memory, up to a limit with the bundled libzmq (A182) and without one with another.
//!
//! The monitored socket may be in use by another thread at the time, so the one who drops a monitor cannot tell libzmq
//! to stop it. A thread takes over, and discards what comes. The socket sees that its monitor was abandoned, and
//! stops it, the next time it is bound, connected or closed; sending and receiving do not look.

use std::sync::{Arc, Mutex, PoisonError};

use super::Event;
use crate::context::{Inner, Slots};
use crate::error::{Error, Operation, Result};
use crate::message::Message;
use crate::raw::{self, Errno};
use crate::sys::signals::without_signals;

/// A monitor's reader that has changed hands. It does not keep its context alive, whose termination waits for it.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) raw: raw::socket::Socket,
    /// Those of the reader and of libzmq's end.
    pub(super) _slots: Slots,
}

impl Reader {
    /// Receives events until the last, or until the context is shut down.
    fn read(&self, mut each: impl FnMut(Result<Event>)) {
        loop {
            let event = match self.recv() {
                Ok(frames) => Event::from_frames(&frames),
                Err(Errno(libc::EINTR)) => continue,
                Err(errno) => return each(Err(Error::new(Operation::Receive, errno))),
            };
            let is_last = event.as_ref().is_ok_and(Event::is_last);
            each(event);
            if is_last {
                return;
            }
        }
    }

    fn recv(&self) -> Result<Vec<Message>, Errno> {
        let mut frames = Vec::with_capacity(2);
        loop {
            let mut frame = Message::new();
            match self.raw.recv(frame.raw_mut(), 0) {
                Ok(_) => {}
                // Between two frames there is nothing to wait for, and nothing to go back to.
                Err(Errno(libc::EINTR)) if !frames.is_empty() => continue,
                Err(errno) => return Err(errno),
            }
            let more = frame.has_more();
            frames.push(frame);
            if !more {
                return Ok(frames);
            }
        }
    }

    /// Reads in a thread of its own. If there can be none, the reader comes back.
    pub(super) fn read_in_background(
        self,
        each: impl FnMut(Result<Event>) + Send + 'static,
    ) -> Result<(), (std::io::Error, Reader)> {
        // A closure that does not become a thread is dropped, and what it owns with it.
        let place = Arc::new(Mutex::new(Some(self)));
        let taken = place.clone();
        let thread = std::thread::Builder::new().name("zmq-monitor".to_owned());
        let spawned = without_signals(|| {
            thread.spawn(move || {
                if let Some(reader) = take(&taken) {
                    reader.read(each);
                }
            })
        });
        match spawned {
            Ok(_) => Ok(()),
            Err(error) => match take(&place) {
                Some(reader) => Err((error, reader)),
                None => Ok(()),
            },
        }
    }

    /// Discards what comes, in a thread if there can be one.
    pub(super) fn discard(self, context: &Inner) {
        if let Err((_, reader)) = self.read_in_background(drop) {
            context.keep_unread(Box::new(reader));
        }
    }
}

fn take(place: &Mutex<Option<Reader>>) -> Option<Reader> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use crate::monitor::Events;
    use crate::{Context, Push};

    /// As if the system had no thread to give. The socket goes on having events until its linger is over.
    #[test]
    fn a_reader_that_nobody_reads_is_closed_with_its_context() {
        for is_closed_first in [true, false] {
            let context = Context::new().unwrap();
            let socket = context.socket(Push).unwrap();
            socket.set_linger(Duration::from_millis(50)).unwrap();
            socket.set_reconnect_interval(Duration::from_millis(1)).unwrap();
            let mut monitor = socket.monitor(Events::ALL).unwrap();
            socket.connect("tcp://127.0.0.1:1").unwrap();
            socket.send("to nobody").unwrap();
            let mut socket = Some(socket);
            if is_closed_first {
                socket = None;
            }
            context.inner().keep_unread(Box::new(monitor.hand_over().unwrap()));
            drop((monitor, socket, context));
        }
    }

    /// C code would end the context, and wait for a reader that is not there.
    #[test]
    fn a_context_with_such_a_reader_is_not_given_up() {
        let context = Context::new().unwrap();
        let socket = context.socket(Push).unwrap();
        let mut monitor = socket.monitor(Events::ALL).unwrap();
        context.inner().keep_unread(Box::new(monitor.hand_over().unwrap()));
        drop((monitor, socket));
        assert!(context.into_raw().is_err());
    }
}
