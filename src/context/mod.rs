//! Contexts, in which sockets are created.

// rustdoc shows the methods of a context in the order of these lines. The blank lines keep rustfmt from sorting them.
mod lifetime;

mod close;

mod options;

mod builder;
mod ending;
mod slots;
mod turns;

use core::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use builder::ContextBuilder;
pub use close::Closed;
#[cfg(any(feature = "smol", feature = "tokio"))]
pub(crate) use ending::EndsInThread;
pub(crate) use slots::Slots;
pub(crate) use turns::{Turn, Turns};

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
#[cfg(zmq_draft)]
use crate::kind::SocketKind;
use crate::raw::{self, Errno};
use crate::sys::scheduling::Scheduling;
#[cfg(zmq_draft)]
use crate::version::{Feature, has};

/// The number of live interruptible contexts; see [`Context::set_interruptible`].
static INTERRUPTIBLE: AtomicUsize = AtomicUsize::new(0);

/// A context: the container of a program's sockets, and the owner of the I/O threads.
///
/// Most programs create one context. It can be used from any thread. A clone is another handle to the same context.
///
/// ```
/// use zmq::{Context, Rep, Req};
///
/// let context = Context::new()?;
/// let responder = context.socket(Rep)?;
/// responder.bind("inproc://hello")?;
///
/// let requester = context.socket(Req)?;
/// requester.connect("inproc://hello")?;
/// requester.send("Hello")?;
/// assert_eq!(responder.recv_string()?, "Hello");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Dropping a context
///
/// Every socket keeps its context alive, so contexts and sockets can be dropped in any order. Dropping the last of them
/// terminates the context, and **waits until all unsent messages are sent**. As in C, it waits forever by default, so a message
/// to a peer that never appears keeps the program from ending. To limit the wait:
///
/// * Set a time limit for a socket, with [`Socket::set_linger`](crate::Socket::set_linger) or
///   [`Socket::close`](crate::Socket::close).
/// * Call [`Context::set_blocky`]`(false)` before creating sockets. Then the context does not wait for their messages.
///
/// [`Context::shutdown`] does not limit the wait: it ends blocked calls, but does not discard messages.
///
/// A message whose [owner](crate::Message::from_owner) contains a context or a socket also keeps the context alive. If such
/// a message is sent in the same context and no socket receives it, the message and the context keep each other alive
/// forever. So do not put contexts or sockets into the owners of messages.
///
/// In an async program, do not drop the last owner of a context in a task, because it blocks the thread of the runtime.
/// Call [`close`](Self::close) instead, which does not block.
///
/// In an async program, a blocked call also keeps the program from ending. `timeout(…, spawn_blocking(…))` abandons the call
/// but does not end it: the thread waits in `recv`, and the runtime waits for the thread. Receive with
/// [`recv_within`](crate::Socket::recv_within) or call [`set_recv_timeout`](crate::Socket::set_recv_timeout) instead, or call
/// `shutdown` before the runtime ends.
///
/// In a child process created by `fork`, all calls on the parent's contexts and sockets fail with [`ErrorKind::Forked`].
/// Dropping them there has no effect.
///
/// On Windows, do not leave the last owner of a context in a thread-local variable. Windows runs the destructors of these
/// variables while it lets no other thread end, and the end of a context waits for threads to end. So the program would hang.
///
/// # Ctrl-C
///
/// The crate does not handle signals, so Ctrl-C ends a program immediately, and unsent messages are lost. For a clean
/// shutdown, use the sockets in other threads, and let `main` wait for the signal. For example, let a handler of the crate
/// `ctrlc` send to a channel:
///
/// ```
/// use std::sync::mpsc;
/// use std::thread;
/// use zmq::{Context, ErrorKind, Rep};
///
/// fn serve(context: &Context) -> zmq::Result<()> {
///     let responder = context.socket(Rep)?;
///     responder.bind("tcp://127.0.0.1:*")?;
///     loop {
///         let request = responder.recv()?;
///         responder.send(request)?;
///     }
/// }
///
/// let (sender, interrupted) = mpsc::channel();
/// // ctrlc::set_handler(move || sender.send(()).unwrap())?;
/// # sender.send(())?;
///
/// let context = Context::new()?;
/// let server = thread::spawn({
///     let context = context.clone();
///     move || serve(&context)
/// });
/// interrupted.recv()?;
/// context.shutdown()?; // all calls of the server fail from now on
/// match server.join().unwrap() {
///     Err(error) if error.kind() == ErrorKind::Terminated => {}
///     result => result?,
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `shutdown` also makes `send` fail. So a server that is working on a request at this moment cannot send its reply, and
/// the client waits in vain. If each request must get its reply, do not call `shutdown`. Let the server wait with
/// [`recv_within`](crate::Socket::recv_within), and check between two requests whether it has to end. It ends by returning:
/// dropping the socket loses no reply. Do not call [`unbind`](crate::Socket::unbind) before the last reply, because it
/// disconnects the clients.
///
/// Do not put a clone of the context into the handler. The handler would keep the context alive until the process ends, so
/// nothing would wait for unsent messages. In a program with one thread, let the handler write to a pipe, and
/// [poll](crate::poll()) the pipe together with the sockets.
///
/// Follows [zmq_ctx_new(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_new.html) and
/// [zmq_ctx_term(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_term.html).
#[derive(Clone)]
#[doc(alias = "zmq_ctx_new")]
#[doc(alias = "zmq_ctx_term")]
#[doc(alias = "zmq_ctx_destroy")]
#[doc(alias = "zmq_init")]
#[doc(alias = "zmq_term")]
pub struct Context {
    inner: Arc<Inner>,
}

/// The state that the handles and sockets of one context share.
pub(crate) struct Inner {
    /// Whether a socket was created, which fixes the thread options (C8).
    started: AtomicBool,
    interruptible: AtomicBool,
    /// The number of open sockets, and its limit.
    sockets: Arc<AtomicUsize>,
    max_sockets: AtomicUsize,
    scheduling: OnceLock<Scheduling>,
    /// May contain a socket, so it must be dropped before the context.
    inproc: foreign::inproc::OfContext,
    /// Readers of dropped monitors for which no thread could be started.
    unread: Mutex<Vec<Box<dyn Send>>>,
    /// For the futures of [`Context::close`].
    ending: OnceLock<Arc<ending::Ending>>,
    raw: raw::context::Context,
}

impl Context {
    pub(crate) fn from_raw_context(raw: raw::context::Context) -> Context {
        let max_sockets = raw.get(zmq_sys::ZMQ_MAX_SOCKETS).ok().and_then(|max| usize::try_from(max).ok());
        Context {
            inner: Arc::new(Inner {
                started: AtomicBool::new(false),
                interruptible: AtomicBool::new(false),
                sockets: Arc::default(),
                max_sockets: AtomicUsize::new(max_sockets.unwrap_or(1023)),
                scheduling: OnceLock::new(),
                inproc: foreign::inproc::OfContext::default(),
                unread: Mutex::default(),
                ending: OnceLock::new(),
                raw,
            }),
        }
    }

    pub(crate) fn from_inner(inner: Arc<Inner>) -> Context {
        Context { inner }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub(crate) fn into_inner(self) -> Arc<Inner> {
        self.inner
    }
}

/// A libzmq without the draft API still creates such a socket, and aborts when it connects to a peer (A13).
#[cfg(zmq_draft)]
pub(crate) fn check_draft(kind: SocketKind) -> Result<()> {
    static HAS_DRAFT: OnceLock<bool> = OnceLock::new();
    if !kind.is_draft() || *HAS_DRAFT.get_or_init(|| has(Feature::Draft)) {
        return Ok(());
    }
    let reason = "the linked libzmq was built without its draft API";
    Err(Error::refused(Operation::NewSocket, ErrorKind::Unsupported, libc::ENOTSUP, kind.name(), reason)
        .hint("link the libzmq that the program was compiled with, or the bundled libzmq"))
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("sockets", &self.inner.sockets.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn raw(&self) -> &raw::context::Context {
        &self.raw
    }

    /// Releases the raw context, if this is its last owner.
    pub(crate) fn into_handle(self: Arc<Self>) -> Result<core::ptr::NonNull<core::ffi::c_void>, Arc<Self>> {
        if !self.unread().is_empty() {
            // Readers that are closed before the context ends would block its threads (N3).
            return Err(self);
        }
        let mut inner = Arc::try_unwrap(self)?;
        inner.finish();
        Ok(inner.raw.disown())
    }

    pub(crate) fn check_process(&self, operation: Operation) -> Result<()> {
        if self.raw.origin().is_here() { Ok(()) } else { Err(forked(operation)) }
    }

    /// Like [`check_process`](Self::check_process), but also detects a child that was created without the C library's `fork`.
    pub(crate) fn is_here_exactly(&self) -> bool {
        self.raw.origin().is_here_exactly()
    }

    /// Whether a signal ends blocking calls.
    pub(crate) fn is_interruptible(&self) -> bool {
        self.interruptible.load(Ordering::Relaxed)
    }

    #[cfg(not(zmq_vendored))]
    pub(crate) fn inproc(&self) -> &foreign::inproc::OfContext {
        &self.inproc
    }

    pub(crate) fn new_socket(&self, kind: core::ffi::c_int) -> Result<raw::socket::Socket> {
        self.check_process(Operation::NewSocket)?;
        if !self.started.load(Ordering::Relaxed) {
            foreign::check_descriptors(&self.raw)?;
            foreign::check_threads(&self.raw)?;
            options::check_scheduling(self)?;
        }
        self.count_socket()?;
        match self.raw.socket(kind) {
            Ok(socket) => {
                self.started.store(true, Ordering::Relaxed);
                Ok(socket)
            }
            Err(errno) => {
                self.sockets.fetch_sub(1, Ordering::Relaxed);
                Err(self.no_socket(Operation::NewSocket, errno))
            }
        }
    }

    /// Counts another socket, if the limit allows it.
    fn count_socket(&self) -> Result<()> {
        let max = self.max_sockets.load(Ordering::Relaxed);
        let below = |open: usize| if open < max { Some(open + 1) } else { None };
        match self.sockets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below) {
            Ok(_) => Ok(()),
            Err(_) => Err(too_many_sockets(max, None)),
        }
    }

    /// Reserves a place for a socket that libzmq creates by itself.
    pub(crate) fn slot(&self) -> Result<Slots> {
        self.count_socket()?;
        Ok(Slots::counted(self.sockets.clone()))
    }

    /// Converts libzmq's error for a socket that it could not create.
    pub(crate) fn no_socket(&self, operation: Operation, errno: Errno) -> Error {
        // The limit includes sockets that are closed but not yet destroyed. libzmq reports EMFILE for both limits.
        if errno == Errno(libc::EMFILE) && can_open(self.needed_descriptors()) {
            let open = self.sockets.load(Ordering::Relaxed);
            return too_many_sockets(self.max_sockets.load(Ordering::Relaxed), Some(open)).within(operation);
        }
        if errno == Errno(libc::EAGAIN) {
            return no_thread(operation, errno);
        }
        Error::new(operation, errno)
    }

    /// The number of descriptors that the next socket takes.
    fn needed_descriptors(&self) -> usize {
        if self.started.load(Ordering::Relaxed) {
            return 1;
        }
        // Each I/O thread and the reaper have a mailbox and a poller.
        let threads = self.raw.get(zmq_sys::ZMQ_IO_THREADS).unwrap_or(1);
        2 * (usize::try_from(threads).unwrap_or_default() + 1) + 1
    }

    /// Keeps the reader of a monitor until the context ends.
    pub(crate) fn keep_unread(&self, reader: Box<dyn Send>) {
        self.unread().push(reader);
    }

    fn unread(&self) -> MutexGuard<'_, Vec<Box<dyn Send>>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called just before a socket is closed.
    pub(crate) fn release_socket(&self) {
        self.sockets.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn adopt_socket(&self) {
        self.started.store(true, Ordering::Relaxed);
        self.sockets.fetch_add(1, Ordering::Relaxed);
    }

    /// The cleanup before the context is terminated or released.
    fn finish(&mut self) {
        if self.interruptible.swap(false, Ordering::Relaxed) {
            INTERRUPTIBLE.fetch_sub(1, Ordering::Relaxed);
        }
        if self.raw.origin().is_here_exactly() {
            self.inproc.end();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.finish();
        let unread = self.unread.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !unread.is_empty() && self.raw.is_owned() && self.raw.origin().is_here_exactly() {
            // Termination begins with a shutdown anyway. After it, no event waits for a reader, so the readers can be closed.
            let _ = self.raw.shutdown();
        }
        if let Some(ending) = self.ending.take() {
            self.raw.set_witness(ending);
        }
    }
}

/// Whether any context is interruptible.
pub(crate) fn any_interruptible() -> bool {
    INTERRUPTIBLE.load(Ordering::Relaxed) != 0
}

/// The error of every call in a forked child.
#[cold]
pub(crate) fn forked(operation: Operation) -> Error {
    Error::new(operation, Errno(libc::EPERM)).meaning(
        ErrorKind::Forked,
        "the context was created by the parent process; create a new one after the fork",
    )
}

/// The error if the system cannot start a thread.
#[cold]
pub(crate) fn no_thread(operation: Operation, errno: Errno) -> Error {
    let error = Error::new(operation, errno);
    if errno == Errno(libc::EAGAIN) {
        error.meaning(ErrorKind::WouldBlock, "the system cannot start another thread")
    } else {
        error
    }
}

/// `open` is the number of open sockets, or `None` if it has reached the limit.
fn too_many_sockets(max: usize, open: Option<usize>) -> Error {
    let closed = open.map_or(0, |open| max.saturating_sub(open));
    let hint = if closed == 0 {
        format!("its limit is {max}; see ContextBuilder::max_sockets")
    } else {
        format!(
            "its limit is {max}, and {closed} of these sockets are closed but not yet destroyed, for example because their \
             messages wait for a peer or for an inproc name to be bound; see ContextBuilder::max_sockets"
        )
    };
    Error::new(Operation::NewSocket, Errno(libc::EMFILE))
        .meaning(ErrorKind::TooManySockets, "the context has no room for another socket")
        .hint(hint)
}

/// Whether the process can open this many more descriptors.
#[cfg(unix)]
pub(crate) fn can_open(count: usize) -> bool {
    let mut opened = Vec::with_capacity(count);
    for _ in 0..count {
        match std::fs::File::open("/dev/null") {
            Ok(file) => opened.push(file),
            Err(error) => return !matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)),
        }
    }
    true
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub(crate) fn can_open(_count: usize) -> bool {
    true
}
