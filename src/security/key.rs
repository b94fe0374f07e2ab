//! CURVE keys.

use core::fmt;
use core::str::FromStr;

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::curve::{self, TEXT_LEN};
use crate::sys::secret::Secret;
use crate::version::{Feature, has};
use crate::z85::{self, DecodeError};

/// The length of a key in bytes.
const LEN: usize = 32;

/// The public half of a [`KeyPair`]: what its owner's peers know it by.
///
/// Its text is 40 characters of [Z85](crate::z85), as other languages write keys too.
///
/// ```
/// use zmq::security::PublicKey;
///
/// let key: PublicKey = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID".parse()?;
/// assert_eq!(PublicKey::from_bytes(*key.as_bytes()), key);
/// assert_eq!(key.to_string(), "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
///
/// let error = "Yne@$w-vo".parse::<PublicKey>().unwrap_err();
/// assert_eq!(error.to_string(), "a key is 40 characters of Z85, not 9");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; LEN]);

/// The secret half of a [`KeyPair`].
///
/// Nothing shows it by accident: there is no `Display`, and `Debug` leaves it out. It is erased from memory when dropped, and
/// compared in constant time as far as the compiler allows it. libzmq keeps a copy of its own for each socket, which it does not erase.
///
/// ```
/// use zmq::security::{PublicKey, SecretKey};
///
/// let secret: SecretKey = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs".parse()?;
/// assert_eq!(format!("{secret:?}"), "SecretKey([redacted])");
/// # if !zmq::has(zmq::Feature::Curve) { return Ok(()) }
/// assert_eq!(secret.public_key()?.to_string(), "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// A secret key cannot be printed:
///
/// ```compile_fail,E0277
/// # let keys = zmq::security::KeyPair::generate()?;
/// println!("{}", keys.secret_key());
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Secret<LEN>);

/// A public and a secret key that belong together: a long-term identity of CURVE.
///
/// ```
/// use zmq::security::KeyPair;
///
/// # if !zmq::has(zmq::Feature::Curve) { return Ok(()) }
/// let keys = KeyPair::generate()?;
/// assert_eq!(KeyPair::from_secret_key(keys.secret_key().clone())?, keys);
/// println!("give this to your peers: {}", keys.public_key());
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    public: PublicKey,
    secret: SecretKey,
}

/// Why a text is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It does not have 40 characters.
    #[error("a key is 40 characters of Z85, not {len}")]
    #[non_exhaustive]
    Length {
        /// How many bytes it has.
        len: usize,
    },
    /// It is not Z85.
    #[error(transparent)]
    Text(#[from] DecodeError),
}

/// Reads the text of a key into `bytes`.
fn parse(text: &str, bytes: &mut [u8; LEN]) -> Result<(), KeyError> {
    if text.len() != TEXT_LEN {
        return Err(KeyError::Length { len: text.len() });
    }
    let mut places = bytes.as_chunks_mut::<4>().0.iter_mut();
    z85::decode_to(text.as_bytes(), |group| {
        if let Some(place) = places.next() {
            *place = group;
        }
    })?;
    Ok(())
}

/// The characters of a key.
fn characters(bytes: &[u8; LEN]) -> impl Iterator<Item = char> {
    bytes.as_chunks::<4>().0.iter().copied().flat_map(z85::encode_group)
}

impl PublicKey {
    /// The key with these bytes; any 32 are one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; LEN]) -> PublicKey {
        PublicKey(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LEN] {
        &self.0
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<PublicKey, KeyError> {
        let mut bytes = [0; LEN];
        parse(text, &mut bytes)?;
        Ok(PublicKey(bytes))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&characters(&self.0).collect::<String>())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl SecretKey {
    /// The key with these bytes; any 32 are one. The array it was made of is not erased.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LEN]) -> SecretKey {
        let mut secret = Secret::zeroed();
        *secret.expose_mut() = bytes;
        SecretKey(secret)
    }

    /// The 32 bytes, for those who have to see them.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; LEN] {
        self.0.expose()
    }

    /// The 40 characters of [Z85](crate::z85), for those who have to see them. The text is not erased when dropped.
    #[must_use]
    pub fn expose_z85(&self) -> String {
        // As long as it will be, so that it is not moved.
        let mut text = String::with_capacity(TEXT_LEN);
        text.extend(characters(self.0.expose()));
        text
    }

    /// The public key that belongs to it.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq has no CURVE.
    ///
    /// Follows [zmq_curve_public(3)](https://libzmq.readthedocs.io/en/latest/zmq_curve_public.html).
    #[doc(alias = "zmq_curve_public")]
    pub fn public_key(&self) -> Result<PublicKey> {
        require_curve(Operation::Key, "")?;
        let mut text = Secret::zeroed();
        for (place, character) in text.expose_mut().iter_mut().zip(characters(self.0.expose())) {
            *place = u8::try_from(character).unwrap_or_default();
        }
        read_public(curve::public(&text))
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<SecretKey, KeyError> {
        let mut secret = Secret::zeroed();
        parse(text, secret.expose_mut())?;
        Ok(SecretKey(secret))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({:?})", self.0)
    }
}

impl AsRef<SecretKey> for SecretKey {
    fn as_ref(&self) -> &SecretKey {
        self
    }
}

impl KeyPair {
    /// A new key pair, from the system's source of randomness.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq has no CURVE.
    ///
    /// Follows [zmq_curve_keypair(3)](https://libzmq.readthedocs.io/en/latest/zmq_curve_keypair.html).
    #[doc(alias = "zmq_curve_keypair")]
    pub fn generate() -> Result<KeyPair> {
        require_curve(Operation::Key, "")?;
        let (public, text) = curve::keypair().map_err(|errno| Error::new(Operation::Key, errno))?;
        let mut secret = Secret::zeroed();
        parse(core::str::from_utf8(text.expose()).unwrap_or_default(), secret.expose_mut())?;
        Ok(KeyPair { public: read_public(Ok(public))?, secret: SecretKey(secret) })
    }

    /// The key pair that a secret key belongs to.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq has no CURVE.
    #[doc(alias = "zmq_curve_public")]
    pub fn from_secret_key(secret: SecretKey) -> Result<KeyPair> {
        Ok(KeyPair { public: secret.public_key()?, secret })
    }

    /// The public key, to be given to peers.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// The secret key, to be kept.
    #[must_use]
    pub fn secret_key(&self) -> &SecretKey {
        &self.secret
    }
}

impl AsRef<SecretKey> for KeyPair {
    fn as_ref(&self) -> &SecretKey {
        &self.secret
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

/// A public key as libzmq gives it.
fn read_public(text: Result<[u8; TEXT_LEN], crate::raw::Errno>) -> Result<PublicKey> {
    let text = text.map_err(|errno| Error::new(Operation::Key, errno))?;
    Ok(core::str::from_utf8(&text).unwrap_or_default().parse::<PublicKey>()?)
}

/// Says what to do if the linked libzmq has no CURVE: its own EINVAL does not.
pub(super) fn require_curve(operation: Operation, subject: &str) -> Result<()> {
    if has(Feature::Curve) {
        return Ok(());
    }
    let reason = "the linked libzmq is built without CURVE";
    Err(Error::refused(operation, ErrorKind::Unsupported, libc::ENOTSUP, subject, reason)
        .hint("enable the feature `curve`, and link the bundled libzmq, which has it then"))
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Error {
        Error::invalid(Operation::Key, "", error.to_string())
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Error {
        Error::invalid(Operation::Z85, "", error.to_string())
    }
}

impl From<z85::EncodeError> for Error {
    fn from(error: z85::EncodeError) -> Error {
        Error::invalid(Operation::Z85, "", error.to_string())
    }
}
