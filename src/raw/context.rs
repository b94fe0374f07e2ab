//! The libzmq context.

use core::ffi::{c_int, c_void};
use core::fmt::Debug;
use core::ptr::NonNull;
use std::sync::Arc;

use super::socket::Socket;
use super::{Errno, callback, cvt};
use crate::sys::fork::Origin;
use crate::sys::signals::without_signals;
use crate::sys::threads::refusal;

/// A libzmq context. Terminated on drop, unless it is only borrowed or this is a forked child.
#[derive(Debug)]
pub(crate) struct Context {
    handle: NonNull<c_void>,
    owned: bool,
    origin: Origin,
    witness: Option<Arc<dyn Witness>>,
}

/// The receiver of the notice that a context has ended.
pub(crate) trait Witness: Debug + Send + Sync {
    /// Called once, after the context was terminated or released, or with the error if the system starts no thread to terminate it.
    fn ended(&self, outcome: Result<(), Errno>);
}

// SAFETY: libzmq locks inside every context call (T1); only termination needs exclusivity, and `drop` has it.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    pub(crate) fn new() -> Result<Context, Errno> {
        callback::calling();
        // SAFETY: no arguments.
        let handle = unsafe { zmq_sys::zmq_ctx_new() };
        match NonNull::new(handle) {
            Some(handle) => Ok(Context { handle, owned: true, origin: Origin::here(), witness: None }),
            None => Err(super::last_errno()),
        }
    }

    /// Wraps a context that other code created.
    ///
    /// # Safety
    ///
    /// `handle` is a live libzmq context of this process. If `owned`, nobody else terminates it; if not, it outlives
    /// the value and every socket made through it.
    pub(crate) unsafe fn from_handle(handle: NonNull<c_void>, owned: bool) -> Context {
        Context { handle, owned, origin: Origin::here(), witness: None }
    }

    /// Releases the handle without terminating the context.
    pub(crate) fn disown(&mut self) -> NonNull<c_void> {
        self.owned = false;
        self.handle
    }

    /// Sets the witness. It is called after this value was dropped and the context has ended, except in a forked child.
    pub(crate) fn set_witness(&mut self, witness: Arc<dyn Witness>) {
        self.witness = Some(witness);
    }

    pub(crate) fn is_owned(&self) -> bool {
        self.owned
    }

    pub(crate) fn handle(&self) -> NonNull<c_void> {
        self.handle
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn set(&self, option: c_int, value: c_int) -> Result<(), Errno> {
        // SAFETY: a live context.
        cvt(unsafe { zmq_sys::zmq_ctx_set(self.handle.as_ptr(), option, value) })?;
        Ok(())
    }

    pub(crate) fn get(&self, option: c_int) -> Result<c_int, Errno> {
        // SAFETY: a live context.
        cvt(unsafe { zmq_sys::zmq_ctx_get(self.handle.as_ptr(), option) })
    }

    /// Sets an option to bytes.
    #[cfg(zmq_draft)]
    pub(crate) fn set_bytes(&self, option: c_int, value: &[u8]) -> Result<(), Errno> {
        // SAFETY: a live context; the bytes are only read, during the call.
        cvt(unsafe {
            zmq_sys::zmq_ctx_set_ext(
                self.handle.as_ptr(),
                option,
                value.as_ptr().cast::<c_void>(),
                value.len(),
            )
        })?;
        Ok(())
    }

    /// Reads an option into `buffer`. libzmq does not report how many bytes it wrote.
    #[cfg(zmq_draft)]
    pub(crate) fn get_bytes(&self, option: c_int, buffer: &mut [u8]) -> Result<(), Errno> {
        let mut len = buffer.len();
        // SAFETY: a live context; the buffer has `len` writable bytes, and both are used only during the call.
        cvt(unsafe {
            zmq_sys::zmq_ctx_get_ext(
                self.handle.as_ptr(),
                option,
                buffer.as_mut_ptr().cast::<c_void>(),
                &raw mut len,
            )
        })?;
        Ok(())
    }

    /// Wakes every blocked call of the context's sockets; may be called from any thread, any number of times (C3).
    pub(crate) fn shutdown(&self) -> Result<(), Errno> {
        // SAFETY: a live context.
        callback::within(|| cvt(unsafe { zmq_sys::zmq_ctx_shutdown(self.handle.as_ptr()) }))?;
        Ok(())
    }

    /// Creates a socket. The caller must keep this context alive for as long as the socket lives.
    pub(crate) fn socket(&self, kind: c_int) -> Result<Socket, Errno> {
        callback::calling();
        // SAFETY: a live context; an unknown socket type is an error (EINVAL).
        let handle = unsafe { zmq_sys::zmq_socket(self.handle.as_ptr(), kind) };
        match NonNull::new(handle) {
            // SAFETY: a new socket that nobody else has.
            Some(handle) => Ok(unsafe { Socket::from_handle(handle, true) }),
            None => Err(super::last_errno()),
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if !self.origin.is_here_exactly() {
            return;
        }
        let witness = self.witness.take();
        let outcome = if !self.owned {
            Ok(())
        } else if callback::may_be_libzmq() {
            // Termination waits for libzmq's threads, and this thread may be one of them, so another thread does it. If
            // that thread cannot be started, the context stays.
            let mut context =
                Context { handle: self.handle, owned: false, origin: self.origin, witness: None };
            let told = witness.clone();
            let terminate = move || {
                context.owned = true;
                context.witness = told;
                drop(context);
            };
            match without_signals(|| std::thread::Builder::new().spawn(terminate)) {
                Ok(_) => return,
                Err(error) => Err(refusal(&error)),
            }
        } else {
            self.terminate();
            Ok(())
        };
        if let Some(witness) = witness {
            witness.ended(outcome);
        }
    }
}

impl Context {
    /// Called only once, by `drop`.
    fn terminate(&mut self) {
        loop {
            // SAFETY: a live context of this process. This is its last owner: the sockets, which keep it alive, are
            // closed. It is terminated again only after EINTR, which leaves it alive (C2).
            let terminated = cvt(unsafe { zmq_sys::zmq_ctx_term(self.handle.as_ptr()) });
            if terminated != Err(Errno(libc::EINTR)) {
                return;
            }
        }
    }
}
