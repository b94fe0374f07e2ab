//! Z85: an encoding of bytes as printable text, defined by [RFC 32](https://rfc.zeromq.org/spec/32/).
//!
//! Four bytes become five characters. CURVE keys are usually written in Z85, as 40 characters.
//! [`PublicKey`](crate::security::PublicKey) and [`SecretKey`](crate::security::SecretKey) parse and print this text without
//! this module.
//!
//! ```
//! use zmq::z85;
//!
//! let bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
//! assert_eq!(z85::encode(bytes)?, "HelloWorld");
//! assert_eq!(z85::decode("HelloWorld")?, bytes);
//! # Ok::<(), zmq::Error>(())
//! ```

/// The 85 characters, by their values.
const ALPHABET: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// The value of a byte that is not one of the characters.
const NONE: u8 = u8::MAX;

/// The value of each byte.
const VALUES: [u8; 256] = values();

#[expect(clippy::as_conversions, clippy::indexing_slicing, reason = "evaluated by the compiler")]
#[expect(clippy::cast_possible_truncation, reason = "85 fits")]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// The error for bytes that Z85 cannot encode, because their number is not a multiple of 4.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("Z85 takes a multiple of 4 bytes, not {len}")]
#[non_exhaustive]
pub struct EncodeError {
    /// The number of bytes.
    pub len: usize,
}

/// The reason why a text is not valid Z85.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The length is not a multiple of 5.
    #[error("Z85 text has a multiple of 5 characters, not {len}")]
    #[non_exhaustive]
    Length {
        /// The length of the text in bytes.
        len: usize,
    },
    /// A byte is not one of the 85 characters.
    #[error("'{}' at position {position} is not a Z85 character", byte.escape_ascii())]
    #[non_exhaustive]
    Byte {
        /// The invalid byte.
        byte: u8,
        /// Its position in the text, starting at 0.
        position: usize,
    },
    /// The value of five characters is too large for four bytes.
    #[error("the five characters at position {position} are too large for four bytes")]
    #[non_exhaustive]
    Overflow {
        /// The position of the first of the five characters in the text, starting at 0.
        position: usize,
    },
}

/// Encodes bytes as text. Four bytes become five characters. The text for no bytes is empty.
///
/// # Errors
///
/// [`EncodeError`] if the number of bytes is not a multiple of 4.
///
/// Follows [zmq_z85_encode(3)](https://libzmq.readthedocs.io/en/latest/zmq_z85_encode.html).
#[doc(alias = "zmq_z85_encode")]
pub fn encode(bytes: impl AsRef<[u8]>) -> Result<String, EncodeError> {
    let bytes = bytes.as_ref();
    let groups = bytes.chunks_exact(4);
    if !groups.remainder().is_empty() {
        return Err(EncodeError { len: bytes.len() });
    }
    Ok(groups.flat_map(encode_group).collect())
}

/// Returns the five characters for four bytes.
pub(crate) fn encode_group(bytes: &[u8]) -> [char; 5] {
    let mut value = bytes.iter().fold(0, |value: u32, &byte| value << 8 | u32::from(byte));
    let mut text = ['0'; 5];
    for character in text.iter_mut().rev() {
        let digit = usize::try_from(value % 85).unwrap_or_default();
        *character = ALPHABET.get(digit).copied().map_or('0', char::from);
        value /= 85;
    }
    text
}

/// Decodes bytes from text.
///
/// An empty text decodes to no bytes; in C it is an error.
///
/// # Errors
///
/// [`DecodeError`] with the first problem in the text and its position.
///
/// ```
/// use zmq::z85;
///
/// let error = z85::decode("Hello orld").unwrap_err();
/// assert_eq!(error.to_string(), "' ' at position 5 is not a Z85 character");
/// ```
///
/// Follows [zmq_z85_decode(3)](https://libzmq.readthedocs.io/en/latest/zmq_z85_decode.html).
#[doc(alias = "zmq_z85_decode")]
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, DecodeError> {
    let text = text.as_ref();
    let mut bytes = Vec::with_capacity(text.len() / 5 * 4);
    decode_to(text, |group| bytes.extend(group))?;
    Ok(bytes)
}

/// Decodes the text, and passes each group of four bytes to `take`.
pub(crate) fn decode_to(text: &[u8], mut take: impl FnMut([u8; 4])) -> Result<(), DecodeError> {
    let groups = text.chunks_exact(5);
    if !groups.remainder().is_empty() {
        return Err(DecodeError::Length { len: text.len() });
    }
    let mut position = 0;
    for group in groups {
        let mut value = 0_u64;
        for (offset, &byte) in group.iter().enumerate() {
            match VALUES.get(usize::from(byte)) {
                Some(&digit) if digit != NONE => value = value * 85 + u64::from(digit),
                _ => return Err(DecodeError::Byte { byte, position: position + offset }),
            }
        }
        take(u32::try_from(value).map_err(|_| DecodeError::Overflow { position })?.to_be_bytes());
        position += group.len();
    }
    Ok(())
}
