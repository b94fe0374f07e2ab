//! Text from libzmq.

use core::ffi::{CStr, c_char, c_int};

/// Copies a C string that libzmq owns; invalid UTF-8 is replaced.
///
/// # Safety
///
/// `text` is null or points to a NUL-terminated string that stays in place during the call.
unsafe fn copy(text: *const c_char) -> String {
    // SAFETY: by this function's contract.
    let text = unsafe { borrow(text) };
    text.map(CStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// Looks at a C string that libzmq owns; `None` if there is none.
///
/// # Safety
///
/// `text` is null or points to a NUL-terminated string that stays in place, and as it is, for `'a`.
pub(super) unsafe fn borrow<'a>(text: *const c_char) -> Option<&'a CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by this function's contract.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads C strings")]
    Some(unsafe { CStr::from_ptr(text) })
}

/// libzmq's text for an error number.
pub(crate) fn error_text(errno: c_int) -> String {
    // SAFETY: any number is allowed; the result is a static text or the C library's own buffer, copied at once.
    let text = unsafe { zmq_sys::zmq_strerror(errno) };
    // SAFETY: a NUL-terminated string that nobody else touches before we return.
    unsafe { copy(text) }
}

/// The version of the linked library.
pub(crate) fn version() -> (c_int, c_int, c_int) {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three valid places to write to.
    unsafe { zmq_sys::zmq_version(&mut major, &mut minor, &mut patch) };
    (major, minor, patch)
}

/// Whether the linked library has a capability.
pub(crate) fn has(capability: &CStr) -> bool {
    // SAFETY: a NUL-terminated string, only read.
    unsafe { zmq_sys::zmq_has(capability.as_ptr()) == 1 }
}
