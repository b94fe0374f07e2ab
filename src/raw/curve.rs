//! Creates CURVE keys.

use core::ffi::{CStr, c_char};

use super::{Errno, cvt};
use crate::sys::secret::Secret;

/// The length of a key as text.
pub(crate) const TEXT_LEN: usize = 40;

/// A key as text, followed by a NUL.
type Text = [u8; TEXT_LEN + 1];

/// Returns a new public key and its secret key, as texts.
pub(crate) fn keypair() -> Result<([u8; TEXT_LEN], Secret<TEXT_LEN>), Errno> {
    let (mut public, mut secret): (Text, Secret<{ TEXT_LEN + 1 }>) = ([0; TEXT_LEN + 1], Secret::zeroed());
    // SAFETY: two buffers of 41 bytes each, which is what the call writes (Z6).
    cvt(unsafe {
        zmq_sys::zmq_curve_keypair(
            public.as_mut_ptr().cast::<c_char>(),
            secret.expose_mut().as_mut_ptr().cast::<c_char>(),
        )
    })?;
    let mut text = Secret::zeroed();
    text.expose_mut().copy_from_slice(secret.expose().first_chunk::<TEXT_LEN>().unwrap_or(&[0; TEXT_LEN]));
    Ok((without_nul(&public), text))
}

/// Returns the public key that belongs to a secret key, as text. The secret key must be valid Z85.
pub(crate) fn public(secret: &Secret<TEXT_LEN>) -> Result<[u8; TEXT_LEN], Errno> {
    let mut terminated: Secret<{ TEXT_LEN + 1 }> = Secret::zeroed();
    for (to, from) in terminated.expose_mut().iter_mut().zip(secret.expose()) {
        *to = *from;
    }
    let mut public: Text = [0; TEXT_LEN + 1];
    let text = CStr::from_bytes_with_nul(terminated.expose()).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: a text of exactly 40 characters and its NUL, which `from_bytes_with_nul` has checked (Z4), and a buffer
    // of 41 bytes, which is what the call writes (Z6).
    cvt(unsafe { zmq_sys::zmq_curve_public(public.as_mut_ptr().cast::<c_char>(), text.as_ptr()) })?;
    Ok(without_nul(&public))
}

fn without_nul(text: &Text) -> [u8; TEXT_LEN] {
    text.first_chunk::<TEXT_LEN>().copied().unwrap_or([0; TEXT_LEN])
}
