//! Reading and writing socket options.

use core::ffi::{c_int, c_void};

use super::socket::Socket;
use super::{Errno, callback, cvt};

mod sealed {
    /// A C type for which every bit pattern is a valid value.
    ///
    /// # Safety
    ///
    /// Implemented for plain integers only.
    pub(crate) unsafe trait Plain: Copy + Default {}
    // SAFETY: plain integers.
    unsafe impl Plain for core::ffi::c_int {}
    // SAFETY: as above.
    unsafe impl Plain for i64 {}
    // SAFETY: as above.
    unsafe impl Plain for u64 {}
    // SAFETY: as above.
    unsafe impl Plain for usize {}
}
use sealed::Plain;

impl Socket {
    /// Reads an option of the exact C type that libzmq demands (O2).
    pub(crate) fn get<T: Plain>(&self, option: c_int) -> Result<T, Errno> {
        let mut value = T::default();
        let mut len = size_of::<T>();
        let read = || {
            // SAFETY: a live socket; `value` has room for `len` bytes, and any bytes are a valid value.
            cvt(unsafe {
                zmq_sys::zmq_getsockopt(
                    self.as_ptr(),
                    option,
                    (&raw mut value).cast::<c_void>(),
                    &raw mut len,
                )
            })
        };
        callback::within(read)?;
        Ok(value)
    }

    /// Writes an option of the exact C type that libzmq demands (O1).
    pub(crate) fn set<T: Plain>(&self, option: c_int, value: T) -> Result<(), Errno> {
        let written = || {
            // SAFETY: a live socket; `value` is read during the call only.
            cvt(unsafe {
                zmq_sys::zmq_setsockopt(
                    self.as_ptr(),
                    option,
                    (&raw const value).cast::<c_void>(),
                    size_of::<T>(),
                )
            })
        };
        callback::within(written)?;
        Ok(())
    }

    /// Reads a text or binary option into `buffer`, and returns the number of bytes that libzmq reports.
    pub(crate) fn get_bytes(&self, option: c_int, buffer: &mut [u8]) -> Result<usize, Errno> {
        let mut len = buffer.len();
        let read = || {
            // SAFETY: a live socket; `buffer` has room for `len` bytes.
            cvt(unsafe {
                zmq_sys::zmq_getsockopt(
                    self.as_ptr(),
                    option,
                    buffer.as_mut_ptr().cast::<c_void>(),
                    &raw mut len,
                )
            })
        };
        callback::within(read)?;
        Ok(len.min(buffer.len()))
    }

    /// Unsets an option: libzmq expects a null pointer and the length 0.
    pub(crate) fn set_nothing(&self, option: c_int) -> Result<(), Errno> {
        // SAFETY: a live socket; nothing is read from a value of no bytes.
        let unset = || cvt(unsafe { zmq_sys::zmq_setsockopt(self.as_ptr(), option, core::ptr::null(), 0) });
        callback::within(unset)?;
        Ok(())
    }

    /// Writes a text or binary option; the pointer is never null (A42).
    pub(crate) fn set_bytes(&self, option: c_int, value: &[u8]) -> Result<(), Errno> {
        let written = || {
            // SAFETY: a live socket; `value` is read during the call only.
            cvt(unsafe {
                zmq_sys::zmq_setsockopt(self.as_ptr(), option, value.as_ptr().cast::<c_void>(), value.len())
            })
        };
        callback::within(written)?;
        Ok(())
    }
}
