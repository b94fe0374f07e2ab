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

/// The public half of a [`KeyPair`], which identifies its owner to peers.
///
/// As text, a key is 40 characters of [Z85](crate::z85), as in other ZeroMQ bindings.
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
/// The type prevents accidental disclosure: it has no `Display`, and `Debug` omits the key. Dropping the key erases it from
/// memory. `==` compares keys in constant time, as far as the compiler allows it. libzmq keeps its own copy for each socket,
/// and does not erase this copy.
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

/// A public key and the secret key that belongs to it: a long-term CURVE identity.
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

/// The reason why a text is not a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text does not have 40 characters.
    #[error("a key is 40 characters of Z85, not {len}")]
    #[non_exhaustive]
    Length {
        /// The length of the text in bytes.
        len: usize,
    },
    /// The text is not Z85.
    #[error(transparent)]
    Text(#[from] DecodeError),
}

/// Reads the text of a key into `bytes`.
fn parse(text: &str, bytes: &mut [u8; LEN]) -> Result<(), KeyError> {
    if text.len() != TEXT_LEN {
        return Err(KeyError::Length { len: text.len() });
    }
    let mut places = bytes.iter_mut();
    z85::decode_to(text.as_bytes(), |group| {
        for (byte, place) in group.into_iter().zip(&mut places) {
            *place = byte;
        }
    })?;
    Ok(())
}

/// The characters of a key.
fn characters(bytes: &[u8; LEN]) -> impl Iterator<Item = char> {
    bytes.chunks_exact(4).flat_map(z85::encode_group)
}

impl PublicKey {
    /// Creates a key from its bytes. Any 32 bytes form a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; LEN]) -> PublicKey {
        PublicKey(bytes)
    }

    /// Returns the 32 bytes of the key.
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
    /// Creates a key from its bytes. Any 32 bytes form a key. The array passed to this function is not erased.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LEN]) -> SecretKey {
        let mut secret = Secret::zeroed();
        *secret.expose_mut() = bytes;
        SecretKey(secret)
    }

    /// Exposes the 32 bytes of the key.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; LEN] {
        self.0.expose()
    }

    /// Exposes the key as 40 characters of [Z85](crate::z85). Dropping the text does not erase it.
    #[must_use]
    pub fn expose_z85(&self) -> String {
        // Allocated at its final size, so that growing does not leave a copy behind.
        let mut text = String::with_capacity(TEXT_LEN);
        text.extend(characters(self.0.expose()));
        text
    }

    /// Computes the public key that belongs to this secret key.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq does not support CURVE.
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
    /// Generates a new key pair from the system's random number generator.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq does not support CURVE.
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

    /// Computes the key pair that a secret key belongs to.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) if the linked libzmq does not support CURVE.
    #[doc(alias = "zmq_curve_public")]
    pub fn from_secret_key(secret: SecretKey) -> Result<KeyPair> {
        Ok(KeyPair { public: secret.public_key()?, secret })
    }

    /// Returns the public key. Give it to peers.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Returns the secret key. Keep it secret.
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

/// Reads a public key from the text that libzmq returned.
fn read_public(text: Result<[u8; TEXT_LEN], crate::raw::Errno>) -> Result<PublicKey> {
    let text = text.map_err(|errno| Error::new(Operation::Key, errno))?;
    Ok(core::str::from_utf8(&text).unwrap_or_default().parse::<PublicKey>()?)
}

/// Fails with a remedy if the linked libzmq does not support CURVE. libzmq itself only reports EINVAL.
pub(super) fn require_curve(operation: Operation, subject: &str) -> Result<()> {
    if has(Feature::Curve) {
        return Ok(());
    }
    let reason = "the linked libzmq is built without CURVE";
    Err(Error::refused(operation, ErrorKind::Unsupported, libc::ENOTSUP, subject, reason)
        .hint("enable the feature `curve`, and link the bundled libzmq"))
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
