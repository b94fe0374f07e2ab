//! The CURVE protocol for peers that do not use libzmq, with the cryptography of the libsodium that the bundled libzmq
//! is linked to. [RFC 26](https://rfc.zeromq.org/spec/26/).

use std::ffi::{c_int, c_ulonglong};

unsafe extern "C" {
    fn crypto_scalarmult_base(public: *mut u8, secret: *const u8) -> c_int;
    fn crypto_box_beforenm(key: *mut u8, public: *const u8, secret: *const u8) -> c_int;
    fn crypto_box_easy_afternm(
        sealed: *mut u8,
        text: *const u8,
        len: c_ulonglong,
        nonce: *const u8,
        key: *const u8,
    ) -> c_int;
    fn crypto_box_open_easy_afternm(
        text: *mut u8,
        sealed: *const u8,
        len: c_ulonglong,
        nonce: *const u8,
        key: *const u8,
    ) -> c_int;
}

pub(crate) type Key = [u8; 32];

/// The number of bytes that sealing adds to a text.
const SEAL: usize = 16;

/// The public key that belongs to a secret key.
pub(crate) fn public_key(secret: &Key) -> Key {
    let mut public = [0; 32];
    // SAFETY: 32 bytes each, of which the first are written and the second read.
    assert_eq!(unsafe { crypto_scalarmult_base(public.as_mut_ptr(), secret.as_ptr()) }, 0);
    public
}

/// The key that the owners of two key pairs share.
pub(crate) fn common_key(public: &Key, secret: &Key) -> Key {
    let mut key = [0; 32];
    // SAFETY: 32 bytes each, of which the first are written and the others read.
    assert_eq!(unsafe { crypto_box_beforenm(key.as_mut_ptr(), public.as_ptr(), secret.as_ptr()) }, 0);
    key
}

/// Encrypts a text. The nonce is given in two parts, of 24 bytes together.
pub(crate) fn seal(key: &Key, nonce: (&[u8], &[u8]), text: &[u8]) -> Vec<u8> {
    let nonce: [u8; 24] = [nonce.0, nonce.1].concat().try_into().unwrap();
    let mut sealed = vec![0; text.len() + SEAL];
    let len = c_ulonglong::try_from(text.len()).unwrap();
    // SAFETY: `sealed` has 16 bytes more than the text; a nonce of 24 bytes and a key of 32 are only read.
    let rc = unsafe {
        crypto_box_easy_afternm(sealed.as_mut_ptr(), text.as_ptr(), len, nonce.as_ptr(), key.as_ptr())
    };
    assert_eq!(rc, 0);
    sealed
}

/// Decrypts a text, if it was encrypted with this key and nonce.
pub(crate) fn open(key: &Key, nonce: (&[u8], &[u8]), sealed: &[u8]) -> Option<Vec<u8>> {
    let nonce: [u8; 24] = [nonce.0, nonce.1].concat().try_into().unwrap();
    let mut text = vec![0; sealed.len().checked_sub(SEAL)?];
    let len = c_ulonglong::try_from(sealed.len()).unwrap();
    // SAFETY: `text` has 16 bytes less than what is sealed; a nonce of 24 bytes and a key of 32 are only read.
    let rc = unsafe {
        crypto_box_open_easy_afternm(text.as_mut_ptr(), sealed.as_ptr(), len, nonce.as_ptr(), key.as_ptr())
    };
    (rc == 0).then_some(text)
}

/// The client's side of a connection.
pub(crate) struct Client {
    server: Key,
    secret: Key,
    short_secret: Key,
    /// The key for encryption once the server's short-term key is known.
    key: Key,
    /// The last nonce.
    pub(crate) nonce: u64,
}

impl Client {
    /// A client with this secret key and this short-term key, for a server with this public key.
    pub(crate) fn new(server: Key, secret: Key, short_secret: Key) -> Client {
        Client { server, secret, short_secret, key: [0; 32], nonce: 0 }
    }

    fn next_nonce(&mut self) -> [u8; 8] {
        self.nonce = self.nonce.wrapping_add(1);
        self.nonce.to_be_bytes()
    }

    /// The body of HELLO, after the name.
    pub(crate) fn hello(&mut self) -> Vec<u8> {
        let key = common_key(&self.server, &self.short_secret);
        let nonce = self.next_nonce();
        let signature = seal(&key, (b"CurveZMQHELLO---", &nonce), &[0; 64]);
        [&[1, 0][..], &[0; 72], &public_key(&self.short_secret), &nonce, &signature].concat()
    }

    /// The body of INITIATE, after the name, in answer to the body of a WELCOME. `None` if that WELCOME is not for this
    /// client.
    pub(crate) fn initiate(&mut self, welcome: &[u8], metadata: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = welcome.split_at_checked(16)?;
        let text = open(&common_key(&self.server, &self.short_secret), (b"WELCOME-", nonce), sealed)?;
        let (server, cookie) = text.split_first_chunk::<32>()?;
        self.key = common_key(server, &self.short_secret);
        let voucher = [public_key(&self.short_secret), self.server].concat();
        let vouch_nonce = [7; 16];
        let vouch = seal(&common_key(server, &self.secret), (b"VOUCH---", &vouch_nonce), &voucher);
        let text = [&public_key(&self.secret)[..], &vouch_nonce, &vouch, metadata].concat();
        let nonce = self.next_nonce();
        let sealed = seal(&self.key, (b"CurveZMQINITIATE", &nonce), &text);
        Some([cookie, &nonce, &sealed].concat())
    }

    /// The body of a MESSAGE, after the name: a frame with these flags.
    pub(crate) fn message(&mut self, flags: u8, body: &[u8]) -> Vec<u8> {
        let nonce = self.next_nonce();
        let sealed = seal(&self.key, (b"CurveZMQMESSAGEC", &nonce), &[&[flags], body].concat());
        [&nonce[..], &sealed].concat()
    }
}
