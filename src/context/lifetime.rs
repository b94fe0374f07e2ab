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

    /// A context with one I/O thread, which starts with the first socket.
    ///
    /// # Errors
    ///
    /// [`TooManyOpenFiles`](ErrorKind::TooManyOpenFiles) or [`OutOfMemory`](ErrorKind::OutOfMemory) if the system is
    /// short of either; [`IncompatibleLibrary`](ErrorKind::IncompatibleLibrary) if the linked libzmq has messages of
    /// another size than its header said.
    pub fn new() -> Result<Context> {
        let raw = raw::context::Context::new().map_err(|errno| Error::new(Operation::NewContext, errno))?;
        check_message_size(&raw)?;
        let context = Context::from_raw_context(raw);
        let max = context.inner.max_sockets.load(Ordering::Relaxed);
        options::reserve_socket(&context.inner.raw, max);
        Ok(context)
    }

    /// Makes every blocked call of the context's sockets return [`Terminated`](ErrorKind::Terminated), and every later
    /// one too.
    ///
    /// May be called from any thread, any number of times. The sockets still have to be dropped; messages already
    /// handed to them are delivered as far as [linger](crate::Socket::set_linger) allows. A thread that sends or receives
    /// without ever waiting may succeed for another millisecond, or a hundred messages.
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
    /// [`Forked`](ErrorKind::Forked) in a child of the process that made the context.
    ///
    /// Follows [zmq_ctx_shutdown(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_shutdown.html).
    #[doc(alias = "zmq_ctx_shutdown")]
    pub fn shutdown(&self) -> Result<()> {
        self.inner.check_process(Operation::Shutdown)?;
        self.inner.inproc.end();
        self.inner.raw.shutdown().map_err(|errno| Error::new(Operation::Shutdown, errno))
    }
}

/// The size of `zmq_msg_t` is part of the ABI, and the one thing a wrong library would corrupt memory with.
fn check_message_size(raw: &raw::context::Context) -> Result<()> {
    let ours = size_of::<zmq_sys::zmq_msg_t>();
    match raw.get(zmq_sys::ZMQ_MSG_T_SIZE) {
        Ok(theirs) if usize::try_from(theirs) != Ok(ours) => Err(Error::refused(
            Operation::NewContext,
            ErrorKind::IncompatibleLibrary,
            libc::EINVAL,
            "",
            format!("the linked libzmq has messages of {theirs} bytes, its header said {ours}"),
        )),
        _ => Ok(()),
    }
}
