//! Sharing contexts and sockets with C code in the same process.

use core::ffi::c_void;
use core::ptr::NonNull;

use super::socket::Socket as RawSocket;
use super::{Errno, context};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::socket::{Core, Kind, Socket, SocketKind};

/// # Sharing with C code
///
/// The C code must use the very libzmq that this crate is linked to. What it does with the handles, the crate cannot see:
/// its guards against what libzmq would abort on cover only calls that come through it.
impl Context {
    /// The libzmq handle, which stays this context's: it is good until the last clone and socket are dropped.
    #[must_use]
    pub fn as_raw(&self) -> *mut c_void {
        self.inner().raw().handle().as_ptr()
    }

    /// Gives the libzmq handle up, for C code to terminate.
    ///
    /// # Errors
    ///
    /// The context itself, if clones or sockets of it are still there.
    pub fn into_raw(self) -> Result<*mut c_void, Context> {
        match self.into_inner().into_handle() {
            Ok(handle) => Ok(handle.as_ptr()),
            Err(inner) => Err(Context::from(inner)),
        }
    }

    /// Takes a libzmq context over: it is terminated when the last clone and socket are dropped.
    ///
    /// # Safety
    ///
    /// `handle` is a live context of this process, and nobody else terminates it. The sockets that C code made in it are
    /// closed by that code, or dropping the context waits for ever.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `handle` is null.
    pub unsafe fn from_raw(handle: *mut c_void) -> Result<Context> {
        let handle = not_null(handle)?;
        // SAFETY: by this function's contract.
        Ok(Context::from_raw_context(unsafe { context::Context::from_handle(handle, true) }))
    }

    /// Uses a libzmq context that C code owns: dropping it does nothing.
    ///
    /// # Safety
    ///
    /// `handle` is a live context of this process, and is not terminated before every clone and socket made from the
    /// result is dropped. (Waiting in `zmq_ctx_term` for that is fine.)
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `handle` is null.
    pub unsafe fn from_raw_borrowed(handle: *mut c_void) -> Result<Context> {
        let handle = not_null(handle)?;
        // SAFETY: by this function's contract.
        Ok(Context::from_raw_context(unsafe { context::Context::from_handle(handle, false) }))
    }
}

/// # Sharing with C code
impl<K: Kind> Socket<K> {
    /// The libzmq handle, which stays this socket's.
    ///
    /// C code may use it in this thread while the socket is not otherwise used, and must not close it. What it leaves
    /// half-done, such as a multipart message, the socket does not know of.
    #[must_use]
    pub fn as_raw(&self) -> *mut c_void {
        self.core().raw().as_ptr()
    }

    /// Gives the libzmq handle up, for C code to close.
    ///
    /// The context no longer knows of it: it must be closed before, or while, the context is dropped, which waits for it.
    #[must_use]
    pub fn into_raw(self) -> *mut c_void {
        self.into_core().disown().as_ptr()
    }

    /// Takes a libzmq socket over: it is closed when dropped.
    ///
    /// # Safety
    ///
    /// `handle` is a live socket, made in `context`, and nobody else uses or closes it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `handle` is null or not of kind `K`;
    /// [`Terminated`](ErrorKind::Terminated) if the context was shut down. In either case nothing was taken over.
    pub unsafe fn from_raw(handle: *mut c_void, context: &Context) -> Result<Socket<K>> {
        let handle = not_null(handle)?;
        // SAFETY: by this function's contract; not owned until all is known.
        let probe = unsafe { RawSocket::from_handle(handle, false) };
        let constant = probe.get(zmq_sys::ZMQ_TYPE).map_err(|errno| Error::new(Operation::Adopt, errno))?;
        let Some((kind, typed)) =
            SocketKind::from_constant(constant).and_then(|kind| Some((kind, K::of(kind)?)))
        else {
            return Err(Error::invalid(
                Operation::Adopt,
                format!("socket of type {constant}"),
                "of another kind",
            ));
        };
        let mut core = Core::adopt(probe, kind, context.inner().clone())?;
        // SAFETY: by this function's contract; nothing can fail any more.
        unsafe { core.raw_mut().own() };
        Ok(core.with_kind(typed))
    }
}

fn not_null(handle: *mut c_void) -> Result<NonNull<c_void>> {
    NonNull::new(handle).ok_or_else(|| {
        Error::new(Operation::Adopt, Errno(libc::EFAULT)).meaning(ErrorKind::InvalidInput, "a null pointer")
    })
}
