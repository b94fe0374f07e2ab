//! Wakes a thread that watches a descriptor.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use crate::sys::descriptors::RawDescriptor;

#[cfg(unix)]
type Stream = std::os::unix::net::UnixStream;
#[cfg(windows)]
type Stream = std::net::TcpStream;

/// The two ends of a stream. The watching thread also waits for a byte from this stream.
#[derive(Debug)]
pub(super) struct Interrupter {
    reader: Stream,
    writer: Stream,
    /// Whether a byte is in the stream, or is about to be written.
    is_signalled: AtomicBool,
}

impl Interrupter {
    pub(super) fn new() -> io::Result<Interrupter> {
        let (reader, writer) = pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Interrupter { reader, writer, is_signalled: AtomicBool::new(false) })
    }

    /// The descriptor that becomes readable.
    #[cfg(unix)]
    pub(super) fn descriptor(&self) -> RawDescriptor {
        std::os::fd::AsRawFd::as_raw_fd(&self.reader)
    }

    /// The socket that becomes readable.
    #[cfg(windows)]
    pub(super) fn descriptor(&self) -> RawDescriptor {
        let socket = std::os::windows::io::AsRawSocket::as_raw_socket(&self.reader);
        socket.try_into().unwrap_or_default()
    }

    /// Removes the signal. The caller must check afterwards why it was woken.
    ///
    /// Call this only if the descriptor is readable. Otherwise, the byte may be written after this call.
    pub(super) fn clear(&self) {
        let mut bytes = [0; 16];
        loop {
            match (&self.reader).read(&mut bytes) {
                Ok(count) if count == bytes.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.is_signalled.store(false, Ordering::Release);
    }
}

impl Wake for Interrupter {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_signalled.swap(true, Ordering::AcqRel) {
            return;
        }
        // The stream has room: it contains at most one byte, or two in a race.
        while matches!((&self.writer).write(&[0]), Err(error) if error.kind() == ErrorKind::Interrupted) {}
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Stream, Stream)> {
    Stream::pair()
}

#[cfg(windows)]
fn pair() -> io::Result<(Stream, Stream)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let writer = Stream::connect(listener.local_addr()?)?;
    writer.set_nodelay(true)?;
    loop {
        // Another program may have connected first.
        let (reader, peer) = listener.accept()?;
        if peer == writer.local_addr()? {
            return Ok((reader, writer));
        }
    }
}
