//! Memory that is erased before it is freed.

use core::fmt;
use core::hint::black_box;

use zeroize::Zeroizing;

/// Bytes that must stay secret. They lie on the heap, so that moving the value leaves no copy behind, and are erased on
/// drop.
pub(crate) struct Secret<const N: usize>(Box<Zeroizing<[u8; N]>>);

impl<const N: usize> Secret<N> {
    pub(crate) fn zeroed() -> Secret<N> {
        Secret(Box::new(Zeroizing::new([0; N])))
    }

    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Clone for Secret<N> {
    /// Copies from heap to heap. The derived implementation might leave a copy on the stack.
    fn clone(&self) -> Secret<N> {
        let mut copy = Secret::zeroed();
        copy.expose_mut().copy_from_slice(self.expose());
        copy
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

/// Compares in a time that reveals only the lengths.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    let mut difference = 0;
    for (left, right) in left.iter().zip(right) {
        // Opaque to the optimiser, so that it cannot end the loop at the first difference.
        difference = black_box(difference | (left ^ right));
    }
    (difference == 0) & (left.len() == right.len())
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroize;

    use super::*;

    #[test]
    fn secrets_are_erased_on_drop() {
        fn erased_on_drop<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let mut secret = Secret::<32>::zeroed();
        erased_on_drop(&*secret.0);
        secret.expose_mut().fill(7);
        secret.0.zeroize();
        assert_eq!(secret.expose(), &[0; 32]);
    }

    #[test]
    fn a_clone_has_its_own_memory() {
        let mut secret = Secret::<32>::zeroed();
        secret.expose_mut().fill(7);
        let clone = secret.clone();
        assert_eq!(clone, secret);
        assert_ne!(clone.expose().as_ptr(), secret.expose().as_ptr());
        drop(secret);
        assert_eq!(clone.expose(), &[7; 32]);
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
