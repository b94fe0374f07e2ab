//! Sharing contexts and sockets with C code in the same process.

use core::ffi::{c_int, c_void};
use core::ptr::NonNull;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::{Kind, SocketKind};
use crate::raw::socket::Socket as RawSocket;
use crate::raw::{Errno, context};
use crate::socket::{Core, Socket};

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
            Err(inner) => Err(Context::from_inner(inner)),
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
        self.core().raw().share().as_ptr()
    }

    /// Sets an option that has no method: one of a newer libzmq, say. What C passes as an `int` is `value.to_ne_bytes()`.
    ///
    /// ```
    /// use zmq::{Context, Push, zmq_sys};
    ///
    /// let context = Context::new()?;
    /// let socket = context.socket(Push)?;
    /// // SAFETY: the option is an int, at any time, and nothing goes over with it.
    /// unsafe { socket.set_raw_option(zmq_sys::ZMQ_TOS, &0x28_i32.to_ne_bytes())? };
    /// assert_eq!(socket.tos()?, 0x28);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// The option is one that has no method here: the socket remembers some of those, and would not know. libzmq does
    /// with this option, value and length what it says, at this time: for some values it ends the process, at a wrong
    /// time it uses memory that is free, not every option's length is checked, and some take a descriptor over.
    ///
    /// # Errors
    ///
    /// What libzmq says, such as [`InvalidInput`](ErrorKind::InvalidInput) for an option, a length or a value that it does not
    /// know; [`Terminated`](ErrorKind::Terminated) once the context is shut down; [`Forked`](ErrorKind::Forked) in a child
    /// process.
    ///
    /// Follows [zmq_setsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html).
    #[doc(alias = "zmq_setsockopt")]
    pub unsafe fn set_raw_option(&self, option: c_int, value: &[u8]) -> Result<()> {
        self.core().check_process(Operation::SetOption)?;
        self.core()
            .raw()
            .set_bytes(option, value)
            .map_err(|errno| raw_option(Operation::SetOption, option, errno))
    }

    /// Reads an option that has no method into `value`, and says how many bytes of it were written. What C reads as an `int`
    /// is four bytes, for `i32::from_ne_bytes`; text comes with a zero byte at its end.
    ///
    /// ```
    /// use zmq::{Context, Push, zmq_sys};
    ///
    /// let context = Context::new()?;
    /// let socket = context.socket(Push)?;
    /// let mut tos = [0; 4];
    /// // SAFETY: the option is an int, and reading it changes nothing.
    /// let len = unsafe { socket.raw_option(zmq_sys::ZMQ_TOS, &mut tos)? };
    /// assert_eq!((len, i32::from_ne_bytes(tos)), (4, 0));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// libzmq writes no more than it was given room for when it reads this option, and what reading it does to the socket is
    /// what its manual says.
    ///
    /// # Errors
    ///
    /// As for [`set_raw_option`](Self::set_raw_option). Too little room is [`InvalidInput`](ErrorKind::InvalidInput).
    ///
    /// Follows [zmq_getsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html).
    #[doc(alias = "zmq_getsockopt")]
    pub unsafe fn raw_option(&self, option: c_int, value: &mut [u8]) -> Result<usize> {
        self.core().check_process(Operation::GetOption)?;
        self.core()
            .raw()
            .get_bytes(option, value)
            .map_err(|errno| raw_option(Operation::GetOption, option, errno))
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

fn raw_option(operation: Operation, option: c_int, errno: Errno) -> Error {
    Error::new(operation, errno).on(format!("option {option}"))
}

fn not_null(handle: *mut c_void) -> Result<NonNull<c_void>> {
    NonNull::new(handle).ok_or_else(|| {
        Error::new(Operation::Adopt, Errno(libc::EFAULT)).meaning(ErrorKind::InvalidInput, "a null pointer")
    })
}
