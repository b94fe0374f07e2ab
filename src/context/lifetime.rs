//! The beginning and the end of a context.

use std::sync::atomic::Ordering;

use super::{Context, ContextBuilder, options};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw;

impl Context {
    /// Returns a builder, for options that must be set before the first socket is created.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// Creates a context with one I/O thread, which starts with the first socket.
    ///
    /// # Errors
    ///
    /// * [`TooManyOpenFiles`](ErrorKind::TooManyOpenFiles) if the process has no file descriptor left
    /// * [`OutOfMemory`](ErrorKind::OutOfMemory) if there is no memory
    /// * [`IncompatibleLibrary`](ErrorKind::IncompatibleLibrary) if the linked libzmq does not match the header that this crate
    ///   was compiled with
    pub fn new() -> Result<Context> {
        let raw = raw::context::Context::new().map_err(|errno| Error::new(Operation::NewContext, errno))?;
        check_message_size(&raw)?;
        let context = Context::from_raw_context(raw);
        let max = context.inner.max_sockets.load(Ordering::Relaxed);
        options::reserve_socket(&context.inner.raw, max);
        Ok(context)
    }

    /// Makes all blocked and all later calls on the context's sockets return [`Terminated`](ErrorKind::Terminated).
    ///
    /// It can be called from any thread, and several times. The sockets must still be dropped. Messages that were already
    /// passed to them are delivered if their [linger](crate::Socket::set_linger) period allows it. A thread that sends or
    /// receives without blocking may still succeed for about a millisecond or a hundred messages.
    ///
    /// ```
    /// use std::thread;
    /// use zmq::{Context, ErrorKind, Pull};
    ///
    /// let context = Context::new()?;
    /// let worker = context.socket(Pull)?;
    /// worker.bind("inproc://work")?;
    /// let thread = thread::spawn(move || worker.recv().map(drop));
    ///
    /// context.shutdown()?;
    /// let end = thread.join().unwrap().unwrap_err();
    /// assert_eq!(end.kind(), ErrorKind::Terminated);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child of the process that created the context.
    ///
    /// Follows [zmq_ctx_shutdown(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_shutdown.html).
    #[doc(alias = "zmq_ctx_shutdown")]
    pub fn shutdown(&self) -> Result<()> {
        self.inner.check_process(Operation::Shutdown)?;
        self.inner.inproc.end();
        self.inner.raw.shutdown().map_err(|errno| Error::new(Operation::Shutdown, errno))
    }
}

/// The size of `zmq_msg_t` is the only part of the ABI that lets a wrong library corrupt memory.
fn check_message_size(raw: &raw::context::Context) -> Result<()> {
    let ours = size_of::<zmq_sys::zmq_msg_t>();
    match raw.get(zmq_sys::ZMQ_MSG_T_SIZE) {
        Ok(theirs) if usize::try_from(theirs) != Ok(ours) => Err(Error::refused(
            Operation::NewContext,
            ErrorKind::IncompatibleLibrary,
            libc::EINVAL,
            "",
            format!(
                "a `zmq_msg_t` has {theirs} bytes in the linked libzmq, but {ours} bytes in the header that the program was compiled with"
            ),
        )),
        _ => Ok(()),
    }
}
