//! A descriptor that a tokio runtime watches, on Windows.

use core::task::{Context, Poll, ready};
use std::io::{self, ErrorKind};
use std::os::windows::io::AsSocket;

use ::tokio::io::Interest;
use ::tokio::net::TcpStream;

use crate::raw::registered::Descriptor;

pub(super) struct Watched {
    /// A second handle of the notification socket, because tokio watches only streams that it may close. The socket becomes readable
    /// for both handles at the same time. Nobody reads or writes through this handle.
    stream: TcpStream,
    descriptor: Descriptor,
}

impl Watched {
    /// Panics if the runtime has no I/O driver.
    pub(super) fn new(descriptor: Descriptor) -> io::Result<Watched> {
        let handle = descriptor.as_socket().try_clone_to_owned()?;
        Ok(Watched { stream: TcpStream::from_std(handle.into())?, descriptor })
    }

    #[inline]
    pub(super) fn poll_edge(&self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream.poll_read_ready(task))?;
        // tokio reports the next event only after a read that would block. If the socket is still readable, because libzmq has not
        // read its signal yet, the next event follows at once. So no signal is missed, and the task tries once too often at most.
        let cleared = self.stream.try_io(Interest::READABLE, || {
            self.descriptor.clear();
            Err::<(), _>(ErrorKind::WouldBlock.into())
        });
        match cleared {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}
