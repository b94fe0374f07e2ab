//! Encoding a multipart message as bytes, in the format of CZMQ.

use super::{Message, Multipart};
use crate::error::{Error, ErrorKind, Operation, Result};

/// The first byte of a frame with a long length, after which four bytes of length follow. A smaller byte is the length itself.
const LONG: u8 = 0xFF;

impl Multipart {
    /// Returns the frames as one sequence of bytes, for example to store the message in a file or a database.
    ///
    /// CZMQ's `zmsg_encode` uses the same format. Each frame is encoded as its length, followed by its bytes. A length
    /// below 255 is one byte. Any other length is the byte 255, followed by four bytes in big-endian order.
    ///
    /// ```
    /// use zmq::Multipart;
    ///
    /// let stored = Multipart::from(["client", "", "Hello"]).encode()?;
    /// assert_eq!(stored, b"\x06client\x00\x05Hello");
    /// assert_eq!(Multipart::decode(&stored)?, ["client", "", "Hello"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if a frame has 4 GiB or more; [`OutOfMemory`](ErrorKind::OutOfMemory) if
    /// there is no memory for the bytes.
    #[doc(alias = "zmsg_encode")]
    #[doc(alias = "to_bytes")]
    #[doc(alias = "serialize")]
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let size =
            self.iter().fold(0_usize, |size, frame| size.saturating_add(frame.len()).saturating_add(5));
        bytes.try_reserve_exact(size).map_err(|_| no_memory(size))?;
        for frame in self {
            match u8::try_from(frame.len()) {
                Ok(length) if length < LONG => bytes.push(length),
                _ => {
                    let length = u32::try_from(frame.len()).map_err(|_| too_long(frame))?;
                    bytes.push(LONG);
                    bytes.extend_from_slice(&length.to_be_bytes());
                }
            }
            bytes.extend_from_slice(frame);
        }
        Ok(bytes)
    }

    /// Decodes a message from bytes that [`encode`](Self::encode), or `zmsg_encode` in CZMQ, has returned.
    ///
    /// The frames are copies. Each frame takes at least 64 bytes of memory, even if it is empty. So limit the number of bytes
    /// if they come from an untrusted source.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if there is no frame, or if the bytes end within a frame;
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if there is no memory for the frames.
    #[doc(alias = "zmsg_decode")]
    #[doc(alias = "from_bytes")]
    #[doc(alias = "deserialize")]
    pub fn decode(bytes: &[u8]) -> Result<Multipart> {
        let mut frames = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (frame, behind) = split_frame(rest).ok_or_else(|| {
                let at = bytes.len() - rest.len();
                invalid(bytes, format!("the bytes end within the frame that starts at byte {at}"))
            })?;
            frames.try_reserve(1).map_err(|_| no_memory(size_of::<Message>()))?;
            frames.push(Message::try_from_slice(frame)?);
            rest = behind;
        }
        Multipart::from_frames(frames).ok_or_else(|| invalid(bytes, "a message has at least one frame"))
    }
}

/// Splits the bytes into the content of the first frame and the bytes after the frame.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes.split_first()? {
        (&LONG, rest) => {
            let (length, rest) = rest.split_first_chunk()?;
            rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
        }
        (&length, rest) => rest.split_at_checked(usize::from(length)),
    }
}

fn invalid(bytes: &[u8], reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    let subject = format!("{} bytes to a multipart message", bytes.len());
    Error::refused(Operation::Convert, ErrorKind::InvalidData, libc::EINVAL, subject, reason)
}

#[cold]
fn too_long(frame: &Message) -> Error {
    Error::invalid(
        Operation::Convert,
        format!("a frame of {} bytes", frame.len()),
        "an encoded frame must be smaller than 4 GiB",
    )
}

#[cold]
fn no_memory(len: usize) -> Error {
    Error::new(Operation::Convert, crate::raw::Errno(libc::ENOMEM)).on(format!("{len} bytes"))
}
