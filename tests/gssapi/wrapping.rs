//! Replaces the function with which libzmq encrypts a message, so that a test can make it fail.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

type Wrap =
    unsafe extern "C" fn(*mut u32, *mut c_void, c_int, u32, *mut c_void, *mut c_int, *mut c_void) -> u32;

const CONTEXT_EXPIRED: u32 = 12 << 16;

/// Whether the next call fails, as with an expired ticket in a library that checks that.
pub(crate) static FAILS: AtomicBool = AtomicBool::new(false);

/// # Safety
///
/// The same as for the function of GSSAPI.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn gss_wrap(
    minor: *mut u32,
    context: *mut c_void,
    encrypt: c_int,
    quality: u32,
    input: *mut c_void,
    encrypted: *mut c_int,
    output: *mut c_void,
) -> u32 {
    static REAL: OnceLock<Wrap> = OnceLock::new();
    if FAILS.swap(false, Ordering::Relaxed) {
        return CONTEXT_EXPIRED;
    }
    let real = REAL.get_or_init(|| {
        // SAFETY: a text with a NUL.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"gss_wrap".as_ptr()) };
        assert!(!found.is_null());
        // SAFETY: the function with this name has these parameters.
        unsafe { std::mem::transmute::<*mut c_void, Wrap>(found) }
    });
    // SAFETY: the caller's arguments.
    unsafe { real(minor, context, encrypt, quality, input, encrypted, output) }
}
