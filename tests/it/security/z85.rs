//! Z85: the crate decodes and encodes as libzmq does, and reports errors.

use std::ffi::{CString, c_char};
use std::ops::AddAssign;

use zmq::z85::{self, DecodeError};
use zmq::zmq_sys;

const ALPHABET: &str =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// Random bytes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap() % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next() & 0xff).unwrap()
    }
}

fn encoded_by_libzmq(bytes: &[u8]) -> Option<String> {
    let mut text = vec![0_u8; bytes.len() * 5 / 4 + 1];
    // SAFETY: the text has room for five characters for every four bytes, and for the NUL.
    let end =
        unsafe { zmq_sys::zmq_z85_encode(text.as_mut_ptr().cast::<c_char>(), bytes.as_ptr(), bytes.len()) };
    (!end.is_null()).then(|| {
        text.pop();
        String::from_utf8(text).unwrap()
    })
}

fn decoded_by_libzmq(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; text.len() * 4 / 5 + 4];
    let text = CString::new(text).unwrap();
    // SAFETY: a NUL-terminated text, and more room than the result can need.
    let end = unsafe { zmq_sys::zmq_z85_decode(bytes.as_mut_ptr(), text.as_ptr()) };
    (!end.is_null()).then(|| {
        bytes.truncate(text.as_bytes().len() / 5 * 4);
        bytes
    })
}

/// Conformance: SE-1.
#[test]
fn the_example_of_the_specification_is_encoded_and_decoded() {
    let bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
    assert_eq!(z85::encode(bytes).unwrap(), "HelloWorld");
    assert_eq!(z85::decode("HelloWorld").unwrap(), bytes);
}

/// Conformance: SE-1.
#[test]
fn the_least_and_greatest_values_are_encoded_and_decoded() {
    for bytes in [vec![0; 32], vec![0xff; 32], vec![], vec![0, 0, 0, 1]] {
        assert_eq!(z85::decode(z85::encode(&bytes).unwrap()).unwrap(), bytes);
    }
    let key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    assert_eq!(z85::encode(z85::decode(key).unwrap()).unwrap(), key);
}

/// Conformance: SE-1.
#[test]
fn every_wrong_length_is_reported() {
    for len in (0..100).filter(|len| len % 4 != 0) {
        let error = z85::encode(vec![1; len]).unwrap_err();
        assert_eq!(error.len, len);
        assert_eq!(error.to_string(), format!("Z85 takes a multiple of 4 bytes, not {len}"));
    }
    for len in (0..100).filter(|len| len % 5 != 0) {
        let error = z85::decode("0".repeat(len)).unwrap_err();
        assert!(matches!(error, DecodeError::Length { len: told, .. } if told == len), "{error:?}");
    }
}

/// Conformance: SE-1.
#[test]
fn every_wrong_byte_is_reported_with_its_position() {
    for byte in 0..=u8::MAX {
        for place in 0..10 {
            let mut text = *b"0000000000";
            text[place] = byte;
            match z85::decode(text) {
                Ok(_) => assert!(ALPHABET.as_bytes().contains(&byte)),
                Err(DecodeError::Byte { byte: told, position, .. }) => {
                    assert!(!ALPHABET.as_bytes().contains(&byte));
                    assert_eq!((told, position), (byte, place));
                }
                // The first of the five characters has the greatest weight.
                Err(DecodeError::Overflow { position, .. }) => {
                    assert!(place % 5 == 0 && position == place && ALPHABET.as_bytes()[82..].contains(&byte));
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

/// Conformance: SE-1.
#[test]
fn a_group_beyond_four_bytes_is_reported() {
    assert_eq!(z85::decode("%nSc0").unwrap(), [0xff; 4]);
    for text in ["#####", "%nSc1"] {
        let error = z85::decode(format!("00000{text}")).unwrap_err();
        assert!(matches!(error, DecodeError::Overflow { position: 5, .. }), "{error:?}");
        assert_eq!(error.to_string(), "the five characters at position 5 are too large for four bytes");
    }
}

#[test]
fn random_bytes_are_encoded_as_libzmq_encodes_them() {
    let mut random = Random(1);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..4 * random.below(20)).map(|_| random.byte()).collect();
        let text = z85::encode(&bytes).unwrap();
        assert_eq!(Some(&text), encoded_by_libzmq(&bytes).as_ref());
        assert_eq!(z85::decode(&text).unwrap(), bytes);
    }
}

#[test]
fn random_texts_are_decoded_as_libzmq_decodes_them() {
    let mut random = Random(2);
    let (mut good, mut bad) = (0, 0);
    for turn in 0..40_000 {
        // Mostly characters of the alphabet, because few texts of random bytes are valid.
        let text: Vec<u8> = (0..random.below(26))
            .map(|_| if turn % 4 == 0 { random.byte().max(1) } else { ALPHABET.as_bytes()[random.below(85)] })
            .collect();
        // The only difference: here an empty text is valid, and means no bytes.
        let theirs = if text.is_empty() { Some(Vec::new()) } else { decoded_by_libzmq(&text) };
        let ours = z85::decode(&text).ok();
        if ours.is_some() { &mut good } else { &mut bad }.add_assign(1);
        assert_eq!(ours, theirs, "{:?}", text.escape_ascii().to_string());
    }
    assert!(good > 1000 && bad > 1000, "{good} texts were valid and {bad} were invalid");
}
