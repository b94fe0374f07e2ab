//! The reading end of a monitor, which must be read even after the program stops reading.
//!
//! libzmq sends events in the thread where they happen, while it holds a lock. A libzmq other than the bundled one blocks
//! there while the queue is full. Without a reader, the next event blocks forever, in `bind` or in the I/O thread, and the
//! whole context stops (N3). So a reader is closed only after it has received the last event, or once the context is shut
//! down. Until then, some thread must read it, because unread events fill the memory: up to a limit with the bundled libzmq
//! (A182), and without a limit otherwise.
//!
//! When a monitor is dropped, another thread may be using the monitored socket. So dropping cannot stop the monitor in
//! libzmq. Instead, a thread takes over the reader and discards the events. When the socket is next bound, connected or
//! closed, it finds that its monitor was abandoned, and stops the monitor. Sending and receiving do not check this.

use std::sync::{Arc, Mutex, PoisonError};

use super::Event;
use crate::context::{Inner, Slots};
use crate::error::{Error, Operation, Result};
use crate::message::Message;
use crate::raw::{self, Errno};
use crate::sys::signals::without_signals;

/// A monitor's reader that was handed over. It does not keep its context alive, because the termination of the context waits
/// for it.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) raw: raw::socket::Socket,
    /// The slots of the reader and of libzmq's end.
    pub(super) _slots: Slots,
}

impl Reader {
    /// Receives events until the last one, or until the context is shut down.
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
                // The other frames of the message have already arrived, so receiving continues.
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

    /// Reads in a new thread. If the thread cannot be started, returns the reader.
    pub(super) fn read_in_background(
        self,
        each: impl FnMut(Result<Event>) + Send + 'static,
    ) -> Result<(), (std::io::Error, Reader)> {
        // If the thread does not start, the closure is dropped, along with what it owns.
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

    /// Discards the events in a new thread. If no thread can be started, the context keeps the reader.
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

    /// Simulates a system that cannot start a thread. The socket emits events until its linger period has passed.
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

    /// C code would terminate the context, and wait for a reader that does not exist.
    #[test]
    fn a_context_with_such_a_reader_cannot_be_released() {
        let context = Context::new().unwrap();
        let socket = context.socket(Push).unwrap();
        let mut monitor = socket.monitor(Events::ALL).unwrap();
        context.inner().keep_unread(Box::new(monitor.hand_over().unwrap()));
        drop((monitor, socket));
        assert!(context.into_raw().is_err());
    }
}
