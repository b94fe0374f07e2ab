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
/// The C code must use the same libzmq as this crate. The crate checks only calls through its own API, so calls of the C code can make
/// libzmq abort the process. A destructor of [`Message::from_owner`](crate::Message::from_owner) can run during a call of the C code. In
/// that case, it must not use the context.
impl Context {
    /// Returns the libzmq handle. The context still owns the handle, which is valid until the last clone and the last socket of the
    /// context are dropped.
    #[must_use]
    pub fn as_raw(&self) -> *mut c_void {
        self.inner().raw().handle().as_ptr()
    }

    /// Releases the libzmq handle. C code must then terminate it with `zmq_ctx_term`.
    ///
    /// # Errors
    ///
    /// Returns the context itself if it still has clones or sockets.
    pub fn into_raw(self) -> Result<*mut c_void, Context> {
        match self.into_inner().into_handle() {
            Ok(handle) => Ok(handle.as_ptr()),
            Err(inner) => Err(Context::from_inner(inner)),
        }
    }

    /// Takes ownership of a libzmq context. The context is terminated when its last clone and its last socket are dropped.
    ///
    /// # Safety
    ///
    /// `handle` must be a live context of this process, and nobody else may terminate it. C code must close the sockets that it
    /// creates in the context; otherwise dropping the context waits forever.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `handle` is null.
    pub unsafe fn from_raw(handle: *mut c_void) -> Result<Context> {
        let handle = not_null(handle)?;
        // SAFETY: by this function's contract.
        Ok(Context::from_raw_context(unsafe { context::Context::from_handle(handle, true) }))
    }

    /// Uses a libzmq context that C code owns. Dropping the result does not terminate it.
    ///
    /// # Safety
    ///
    /// `handle` must be a live context of this process, and must not be terminated before all clones and sockets of the result are
    /// dropped. C code may call `zmq_ctx_term` earlier, because `zmq_ctx_term` waits for these clones and sockets.
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
    /// Returns the libzmq handle. The socket still owns the handle.
    ///
    /// C code may use the handle in the same thread, while no other code uses the socket. It must not close the handle. The socket does
    /// not know about unfinished operations of the C code, such as a multipart message that is not sent completely.
    #[must_use]
    pub fn as_raw(&self) -> *mut c_void {
        self.core().raw().share().as_ptr()
    }

    /// Sets an option for which this crate has no method, for example an option of a newer libzmq. For an `int` in C, pass
    /// `value.to_ne_bytes()`.
    ///
    /// ```
    /// use zmq::{Context, Push, zmq_sys};
    ///
    /// let context = Context::new()?;
    /// let socket = context.socket(Push)?;
    /// // SAFETY: the option is an int, may be set at any time, and transfers no ownership.
    /// unsafe { socket.set_raw_option(zmq_sys::ZMQ_TOS, &0x28_i32.to_ne_bytes())? };
    /// assert_eq!(socket.tos()?, 0x28);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// * The option must not have a method in this crate, because the crate keeps the values of some options.
    /// * libzmq must handle this option with this value and length correctly at this time. Some values abort the process, some
    ///   options access freed memory if they are set at the wrong time, some do not check the length, and some take ownership
    ///   of a descriptor.
    ///
    /// # Errors
    ///
    /// * [`InvalidInput`](ErrorKind::InvalidInput), or another error of libzmq, for an unknown option or a wrong length or
    ///   value
    /// * [`Terminated`](ErrorKind::Terminated) if the context is shut down
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
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

    /// Reads an option for which this crate has no method into `value`. Returns the number of bytes written.
    ///
    /// An `int` in C has four bytes: convert them with `i32::from_ne_bytes`. Text ends with a zero byte.
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
    /// For this option, libzmq must not write more than `value.len()` bytes, and reading the option must have only documented effects.
    ///
    /// # Errors
    ///
    /// See [`set_raw_option`](Self::set_raw_option) for the errors. In addition, the call fails with
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `value` is too short.
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

    /// Releases the libzmq handle. C code must then close it with `zmq_close`.
    ///
    /// Dropping the last owner of the context waits until C code has closed the handle.
    #[must_use]
    pub fn into_raw(self) -> *mut c_void {
        self.into_core().disown().as_ptr()
    }

    /// Takes ownership of a libzmq socket. Dropping the result closes it.
    ///
    /// # Safety
    ///
    /// `handle` must be a live socket of `context`, and nobody else may use or close it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if `handle` is null or has another socket type than `K`;
    /// [`Terminated`](ErrorKind::Terminated) if the context is shut down. After an error, the caller still owns the handle.
    pub unsafe fn from_raw(handle: *mut c_void, context: &Context) -> Result<Socket<K>> {
        let handle = not_null(handle)?;
        // SAFETY: by this function's contract; not owned before all checks have passed.
        let probe = unsafe { RawSocket::from_handle(handle, false) };
        let constant = probe.get(zmq_sys::ZMQ_TYPE).map_err(|errno| Error::new(Operation::Adopt, errno))?;
        let Some((kind, typed)) =
            SocketKind::from_constant(constant).and_then(|kind| Some((kind, K::of(kind)?)))
        else {
            return Err(Error::invalid(
                Operation::Adopt,
                format!("socket of type {constant}"),
                "the socket has another type",
            ));
        };
        let mut core = Core::adopt(probe, kind, context.inner().clone())?;
        // SAFETY: by this function's contract; no step after this can fail.
        unsafe { core.raw_mut().own() };
        Ok(core.with_kind(typed))
    }
}

fn raw_option(operation: Operation, option: c_int, errno: Errno) -> Error {
    Error::new(operation, errno).on(format!("option {option}"))
}

fn not_null(handle: *mut c_void) -> Result<NonNull<c_void>> {
    NonNull::new(handle).ok_or_else(|| {
        Error::new(Operation::Adopt, Errno(libc::EFAULT))
            .meaning(ErrorKind::InvalidInput, "the handle is a null pointer")
    })
}
