//! Memory that is erased before it is given back.

use core::fmt;
use core::hint::black_box;
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};

/// Bytes that nobody else is to see: on the heap, so that moving leaves no copy behind, and erased on drop.
#[derive(Clone)]
pub(crate) struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    pub(crate) fn zeroed() -> Secret<N> {
        Secret(Box::new([0; N]))
    }

    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Secret<N>) -> bool {
        equal(self.expose(), other.expose())
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        erase(self.expose_mut());
    }
}

/// Compares in a time that tells nothing but how long they are.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    let mut difference = 0;
    for (left, right) in left.iter().zip(right) {
        // Opaque to the optimiser, so that it cannot leave the loop at the first difference.
        difference = black_box(difference | (left ^ right));
    }
    (difference == 0) & (left.len() == right.len())
}

/// Writes zeros that the optimiser may not leave out.
pub(crate) fn erase(bytes: &mut [u8]) {
    for byte in bytes {
        // SAFETY: a valid place for a byte, of which we are the only user.
        unsafe { ptr::write_volatile(byte, 0) };
    }
    compiler_fence(Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erased_bytes_are_zero() {
        let mut bytes = *b"secret";
        erase(&mut bytes);
        assert_eq!(bytes, [0; 6]);
    }

    #[test]
    fn every_difference_counts() {
        for index in 0..40 {
            let mut other = [7; 40];
            other[index] = 8;
            assert!(!equal(&[7; 40], &other));
        }
        assert!(equal(&[7; 40], &[7; 40]));
        for other in [&[7; 39][..], &[7; 41], &[]] {
            assert!(!equal(&[7; 40], other) && !equal(other, &[7; 40]));
        }
        assert!(equal(&[], &[]));
    }

    #[test]
    fn moving_a_secret_does_not_move_its_bytes() {
        let secret = Secret::<32>::zeroed();
        let place = secret.expose().as_ptr();
        let moved = Box::new(secret);
        assert_eq!(moved.expose().as_ptr(), place);
        assert_eq!(format!("{moved:?}"), "[redacted]");
    }
}
