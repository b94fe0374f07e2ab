//! The envelope of a request: a frame with the number of the request, and an empty frame.

use core::task::Poll;
use std::hash::{BuildHasher, RandomState};

use crate::error::{Error, ErrorKind, Result};
use crate::kind::Dealer;
use crate::message::{Message, Multipart};
use crate::readiness::exchange::{Look, Port, Received};
use crate::socket::Socket;

/// The number of the first request of a socket. It is random. So if a server still has replies for an earlier client, the next
/// client does not take them for its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start(u64);

impl Start {
    pub(crate) fn random() -> Start {
        Start(RandomState::new().hash_one(std::process::id()))
    }

    /// Writes the number of a request into its envelope.
    pub(crate) fn number(self, mut request: Multipart, number: u64) -> Multipart {
        if let Some(frame) = request.first_mut() {
            *frame = Message::from(self.0.wrapping_add(number).to_be_bytes());
        }
        request
    }

    /// Takes a reply out of its envelope, and returns the number of its request and the reply. Returns `None` if the message
    /// has no such envelope.
    pub(crate) fn open(self, message: Multipart) -> Option<(u64, Multipart)> {
        let ([number, delimiter], content) = message.split_first_chunk().ok()?;
        let number = u64::from_be_bytes(number.try_into().ok()?);
        if !delimiter.is_empty() {
            return None;
        }
        Some((number.wrapping_sub(self.0), content?))
    }
}

/// Puts a request into an envelope without a number.
pub(crate) fn wrap(mut request: Multipart) -> Multipart {
    request.wrap(Multipart::from([Message::new(), Message::new()]));
    request
}

/// A DEALER socket that carries requests.
pub(crate) struct Requests<'a> {
    pub(crate) socket: &'a Socket<Dealer>,
    pub(crate) start: Start,
}

impl Port for Requests<'_> {
    type Message = Multipart;
    type Error = Error;

    fn try_send(&mut self, request: &mut Option<Multipart>) -> Poll<Result<()>> {
        while let Some(message) = request.take() {
            let Err(failure) = self.socket.core().try_send_all(message) else { break };
            let (error, message) = failure.into_parts();
            match error.kind() {
                ErrorKind::WouldBlock => {
                    *request = Some(message);
                    return Poll::Pending;
                }
                // Signals do not end requests.
                ErrorKind::Interrupted => *request = Some(message),
                _ => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn try_recv(&mut self) -> Poll<Result<Received<Multipart>>> {
        loop {
            match self.socket.core().try_recv_all() {
                Ok(message) => {
                    let opened = self.start.open(message);
                    let received =
                        opened.map_or(Received::Other, |(number, reply)| Received::Reply(number, reply));
                    return Poll::Ready(Ok(received));
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Poll::Pending,
                    ErrorKind::Interrupted => {}
                    _ => return Poll::Ready(Err(error)),
                },
            }
        }
    }

    fn look(&mut self) -> Result<Look> {
        self.socket.core().look()
    }
}
