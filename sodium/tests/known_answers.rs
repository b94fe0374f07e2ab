//! The linked libsodium computes the same results as every other libsodium, with the instructions that this processor has.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::ffi::{c_int, c_ulonglong};

use zmq_sodium_sys as _;

unsafe extern "C" {
    fn sodium_init() -> c_int;
    fn crypto_scalarmult_base(public: *mut u8, secret: *const u8) -> c_int;
    fn crypto_scalarmult(common: *mut u8, secret: *const u8, public: *const u8) -> c_int;
    fn crypto_box_beforenm(key: *mut u8, public: *const u8, secret: *const u8) -> c_int;
    fn crypto_secretbox_easy(
        sealed: *mut u8,
        text: *const u8,
        len: c_ulonglong,
        nonce: *const u8,
        key: *const u8,
    ) -> c_int;
    fn crypto_secretbox_open_easy(
        text: *mut u8,
        sealed: *const u8,
        len: c_ulonglong,
        nonce: *const u8,
        key: *const u8,
    ) -> c_int;
}

const NONCE: [u8; 24] = [0; 24];
const SEAL: usize = 16;

fn init() {
    // SAFETY: has no preconditions. It may be called several times and from any thread.
    assert!(unsafe { sodium_init() } >= 0);
}

fn key(hex: &str) -> [u8; 32] {
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

fn seal(text: &[u8], key: &[u8; 32]) -> Vec<u8> {
    let mut sealed = vec![0; text.len() + SEAL];
    let len = c_ulonglong::try_from(text.len()).unwrap();
    // SAFETY: `sealed` has 16 bytes more than `text`. The nonce has 24 bytes and the key has 32.
    let rc = unsafe {
        crypto_secretbox_easy(sealed.as_mut_ptr(), text.as_ptr(), len, NONCE.as_ptr(), key.as_ptr())
    };
    assert_eq!(rc, 0);
    sealed
}

fn open(sealed: &[u8], key: &[u8; 32]) -> Option<Vec<u8>> {
    let mut text = vec![0; sealed.len() - SEAL];
    let len = c_ulonglong::try_from(sealed.len()).unwrap();
    // SAFETY: `text` has 16 bytes less than `sealed`. The nonce has 24 bytes and the key has 32.
    let rc = unsafe {
        crypto_secretbox_open_easy(text.as_mut_ptr(), sealed.as_ptr(), len, NONCE.as_ptr(), key.as_ptr())
    };
    (rc == 0).then_some(text)
}

/// RFC 7748, section 6.1: Bob's key pair, and the shared secret of Bob and Alice.
#[test]
fn keys_equal_the_keys_of_rfc_7748() {
    init();
    let secret = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let alices = key("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let (mut public, mut common) = ([0; 32], [0; 32]);
    // SAFETY: each buffer has 32 bytes.
    assert_eq!(unsafe { crypto_scalarmult_base(public.as_mut_ptr(), secret.as_ptr()) }, 0);
    assert_eq!(public, key("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    // SAFETY: each buffer has 32 bytes.
    assert_eq!(unsafe { crypto_scalarmult(common.as_mut_ptr(), secret.as_ptr(), alices.as_ptr()) }, 0);
    assert_eq!(common, key("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
}

#[test]
fn every_processor_encrypts_a_text_to_the_same_bytes() {
    init();
    let mut secrets = [[0; 32]; 2];
    for (index, byte) in (0_u8..32).enumerate() {
        secrets[0][index] = byte;
        secrets[1][index] = byte * 3 + 1;
    }
    let (mut public, mut common) = ([0; 32], [0; 32]);
    // SAFETY: each buffer has 32 bytes.
    assert_eq!(unsafe { crypto_scalarmult_base(public.as_mut_ptr(), secrets[0].as_ptr()) }, 0);
    // SAFETY: each buffer has 32 bytes.
    assert_eq!(unsafe { crypto_box_beforenm(common.as_mut_ptr(), public.as_ptr(), secrets[1].as_ptr()) }, 0);
    let text: Vec<u8> = (0_u32..5000).map(|index| (index * 7).to_le_bytes()[0]).collect();
    let sum = seal(&text, &common)
        .iter()
        .fold(0_u32, |sum, &byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    // The result of libsodium's own build, also on 32 bits, ARM and a big-endian processor.
    assert_eq!(sum, 0x7c46_d759);
}

#[test]
fn texts_of_all_lengths_can_be_decrypted_and_damaged_texts_cannot() {
    init();
    let key = [7; 32];
    for len in (0..1100).chain([4095, 4096, 4097, 70_000]) {
        let text = vec![9; len];
        let mut sealed = seal(&text, &key);
        assert_eq!(open(&sealed, &key).as_ref(), Some(&text), "{len}");
        let middle = sealed.len() / 2;
        sealed[middle] ^= 1;
        assert_eq!(open(&sealed, &key), None, "{len}");
    }
}
