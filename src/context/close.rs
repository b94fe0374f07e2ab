//! Waiting for the end of a context in a task.

use core::fmt;
use core::pin::Pin;
use core::task::{self, Poll};
use std::sync::Arc;

use super::ending::{Ending, EndsInThread};
use super::{Context, forked, no_thread};
use crate::error::{Operation, Result};
use crate::sys::fork::Origin;

impl Context {
    /// Drops this handle without blocking, and returns a future that waits until the context has ended.
    ///
    /// The future is ready when all clones and all sockets of the context are dropped, and all messages are sent, or
    /// discarded after the [linger](crate::Socket::set_linger) period of their sockets. It works in every executor, and
    /// needs no feature of this crate.
    ///
    /// The future does not drop the other owners of the context: its clones, its sockets, and values that contain a socket,
    /// such as a [`Monitor`](crate::Monitor). Drop these owners first, or let the tasks and threads that hold them end.
    /// [`shutdown`](Self::shutdown) ends blocked calls of these tasks and threads:
    ///
    /// ```
    /// use zmq::{Context, ErrorKind, Pull};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// # runtime.block_on(async {
    /// let context = Context::new()?;
    /// let worker = context.socket(Pull)?;
    /// worker.bind("inproc://work")?;
    /// let thread = std::thread::spawn(move || worker.recv().map(drop));
    ///
    /// context.shutdown()?;
    /// context.close().await?;
    /// assert_eq!(thread.join().unwrap().unwrap_err().kind(), ErrorKind::Terminated);
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// The handle is dropped when `close` is called, even if the future is never polled. If the handle is the last owner of
    /// the context, a thread named `zmq-end` ends the context. If another owner is dropped last, this owner determines how
    /// the context ends: a clone or a blocking socket [blocks the thread that drops it](Self#dropping-a-context), and an
    /// async socket does not.
    ///
    /// Several clones can be closed. All their futures become ready.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If the future is dropped, the context still ends. To wait again, close another clone. If
    /// the process ends first, unsent messages are lost.
    ///
    /// # Errors
    ///
    /// * [`Forked`](crate::ErrorKind::Forked) in a child of the process that created the context
    /// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if the system cannot start a thread. The context then exists until
    ///   the process ends, and continues to send its messages
    ///
    /// Follows [zmq_ctx_term(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_term.html).
    #[doc(alias = "zmq_ctx_term")]
    #[doc(alias = "zmq_ctx_destroy")]
    pub fn close(self) -> Closed {
        let inner = self.into_inner();
        let origin = inner.raw().origin();
        // A thread of the parent process may have been creating `ending` during the fork.
        let wait = origin.is_here_exactly().then(|| {
            let ending = Arc::clone(inner.ending.get_or_init(Arc::default));
            Wait { ticket: ending.ticket(), ending, origin }
        });
        drop(EndsInThread::new(inner));
        Closed { wait }
    }
}

/// The future of [`Context::close`], which waits until the context has ended.
///
/// After it is ready, each further poll returns the same result.
#[must_use = "the context also ends without this future, but only `.await` waits for the end"]
pub struct Closed {
    /// `None` in a forked child.
    wait: Option<Wait>,
}

struct Wait {
    ending: Arc<Ending>,
    ticket: u64,
    origin: Origin,
}

impl Future for Closed {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<Result<()>> {
        // In a forked child, a thread that does not exist there may hold the lock.
        let Some(wait) = self.wait.as_ref().filter(|wait| wait.origin.is_here_exactly()) else {
            return Poll::Ready(Err(forked(Operation::CloseContext)));
        };
        let ended = wait.ending.poll(wait.ticket, task.waker());
        ended.map_err(|errno| no_thread(Operation::CloseContext, errno))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.origin.is_here_exactly() {
            self.ending.leave(self.ticket);
        }
    }
}

impl fmt::Debug for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}
