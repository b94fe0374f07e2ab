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
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}

/// Returns the bytes of a C string, without the NUL, or `None` if the pointer is null.
///
/// # Safety
///
/// `text` is null or points to a NUL-terminated string that stays in place, unchanged, for as long as the result is used.
pub(super) unsafe fn borrow<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by this function's contract.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads C strings")]
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_bytes())
}

/// Returns libzmq's text for an error number.
///
/// For numbers that are not its own, libzmq calls `strerror`, which on some systems has one buffer for all threads. The
/// standard library has the same texts without this problem.
pub(crate) fn error_text(errno: c_int) -> String {
    if cfg!(unix) && !has_text_of_libzmq(errno) {
        let text = std::io::Error::from_raw_os_error(errno).to_string();
        return match text.rsplit_once(" (os error ") {
            Some((text, _)) => text.to_owned(),
            None => text,
        };
    }
    // SAFETY: any number is allowed; the result is a static text, because other numbers are not asked for here, or, on
    // Windows, text in a buffer of this thread.
    let text = unsafe { zmq_sys::zmq_strerror(errno) };
    // SAFETY: a NUL-terminated string that nobody else changes before we return.
    unsafe { copy(text) }
}

/// Whether libzmq has its own text for an error number.
fn has_text_of_libzmq(errno: c_int) -> bool {
    use zmq_sys::{EFSM, EMTHREAD, ENOCOMPATPROTO, ETERM};
    matches!(errno, EFSM | EMTHREAD | ENOCOMPATPROTO | ETERM | libc::EHOSTUNREACH)
}

/// The version of the linked library.
pub(crate) fn version() -> (c_int, c_int, c_int) {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three valid places to write to.
    unsafe { zmq_sys::zmq_version(&mut major, &mut minor, &mut patch) };
    (major, minor, patch)
}

/// Whether the linked library has a feature.
pub(crate) fn has(capability: &CStr) -> bool {
    // SAFETY: a NUL-terminated string, only read.
    unsafe { zmq_sys::zmq_has(capability.as_ptr()) == 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_texts_are_the_same_as_in_libzmq() {
        for errno in (-1..4096).chain(156_384_700..156_384_800) {
            // SAFETY: any number is allowed.
            let expected = unsafe { zmq_sys::zmq_strerror(errno) };
            // SAFETY: a NUL-terminated string that belongs to this thread, or never changes.
            let expected = unsafe { copy(expected) };
            assert_eq!(error_text(errno), expected, "{errno}");
        }
    }
}
