//! Peers that implement the protocol themselves, with a real ticket, so that they can violate it.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::common::zmtp::{COMMAND, command, connect, frame, read_frame, ready};
use super::ticket::Ticket;

/// Whether the other side closes the connection without sending anything.
pub(crate) fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0) | Err(_))
}

/// Whether the other side closes the connection, even if it sends something first.
pub(crate) fn ends(stream: &mut TcpStream) -> bool {
    while let Ok(1..) = stream.read(&mut [0; 1024]) {}
    is_closed(stream)
}

/// A length followed by the bytes, as in GSSAPI's tokens.
pub(crate) fn token(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The token in a command with this name.
pub(crate) fn token_in<'a>(body: &'a [u8], name: &str) -> &'a [u8] {
    let rest = &body[1 + name.len()..];
    assert_eq!(body[1..=name.len()], *name.as_bytes());
    assert_eq!(rest[..4], u32::try_from(rest.len() - 4).unwrap().to_be_bytes());
    &rest[4..]
}

/// The first command of a client.
pub(crate) fn initiate(bytes: &[u8]) -> Vec<u8> {
    command("INITIATE", &token(bytes))
}

/// A client that follows the protocol, and is accepted.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) ticket: Ticket,
}

impl Peer {
    /// A client with this socket type, at the server with the principal `zmq/localhost`.
    pub(crate) fn new(endpoint: impl AsRef<str>, kind: &str) -> Peer {
        let mut stream = connect(endpoint, 1, "GSSAPI");
        let (mut ticket, shown) = Ticket::for_service("zmq@localhost");
        stream.write_all(&initiate(&shown)).unwrap();
        let (flags, answer) = read_frame(&mut stream);
        assert_eq!(flags & COMMAND, COMMAND);
        ticket.confirm(token_in(&answer, "INITIATE"));
        stream.write_all(&frame(COMMAND, b"")).unwrap();
        let (_, theirs) = read_frame(&mut stream);
        let theirs = ticket.unwrap(token_in(&theirs, "MESSAGE"));
        assert_eq!(theirs[..7], *b"\0\x05READY");
        let mut peer = Peer { stream, ticket };
        // Here a frame begins with two additional bytes.
        peer.say(0, &ready(kind, b"")[2..]);
        peer
    }

    /// Sends a message, or a part, encrypted.
    pub(crate) fn say(&mut self, flags: u8, body: &[u8]) {
        let words = self.words(flags, body);
        self.stream.write_all(&words).unwrap();
    }

    /// The bytes that it would send.
    pub(crate) fn words(&self, flags: u8, body: &[u8]) -> Vec<u8> {
        frame(0, &self.message(&self.ticket.wrap(true, &[&[flags], body].concat())))
    }

    /// A message with this encrypted text.
    pub(crate) fn message(&self, wrapped: &[u8]) -> Vec<u8> {
        [b"\x07MESSAGE", &token(wrapped)[..]].concat()
    }
}
