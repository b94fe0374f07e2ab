//! Hostile peers that wait for answers. They follow NULL, PLAIN or CURVE up to some point. A peer that sends everything
//! at once does not get far, because a message before the server's READY is an error.

use super::common::random::Random;
use super::common::zmtp::{COMMAND, LARGE, MORE, command, frame, greeting};
use super::connection::Connection;
use super::inputs::{
    COMMANDS, Input, Target, Transport, change, enormous, frames, in_some_manner, message, metadata,
};
#[cfg(zmq_curve)]
use super::mechanism;
use super::mechanism::Mechanism;
use super::websocket;

/// Bytes that were sent on other connections, and are sent again.
#[derive(Default)]
pub(crate) struct Past {
    initiate: Vec<u8>,
    message: Vec<u8>,
}

/// Talks to the server as long as everything is valid, and returns the bytes to send after that.
pub(crate) fn talk(
    random: &mut Random,
    target: Target,
    connection: &mut Connection,
    past: &mut Past,
) -> Input {
    let peer = Peer::new(random, target.mechanism);
    let answers = Answers { connection, buffer: Vec::new(), target };
    let bytes = Talk { random, target, peer, answers, past }.until_it_goes_wrong();
    in_some_manner(random, bytes)
}

struct Talk<'a> {
    random: &'a mut Random,
    target: Target,
    peer: Peer,
    answers: Answers<'a>,
    past: &'a mut Past,
}

impl Talk<'_> {
    /// Returns the bytes that follow.
    fn until_it_goes_wrong(&mut self) -> Vec<u8> {
        let step = self.random.below(8);
        let greeting = match self.target.transport {
            Transport::WebSocket => websocket::upgrade(&format!("ZWS2.0/{}", self.target.mechanism.name())),
            _ => greeting(u8::from(self.random.once_in(2)), self.target.mechanism.name()),
        };
        self.answers.connection.write(&greeting);
        if self.answers.greeting().is_none() {
            return Vec::new();
        }
        let mut metadata = metadata(self.random, self.target);
        if self.random.once_in(8) {
            change(self.random, &mut metadata);
        }
        if self.target.mechanism == Mechanism::Null {
            let ready = self.command("READY", &metadata);
            if step == 0 {
                return self.changed(ready);
            }
            self.answers.connection.write(&ready);
            return self.after_ready();
        }
        let hello = self.peer.hello();
        let hello = self.command("HELLO", &hello);
        if step == 0 {
            return self.changed(hello);
        }
        self.answers.connection.write(&hello);
        let Some(welcome) = self.answers.command() else { return Vec::new() };
        let Some(welcome) = welcome.strip_prefix(b"\x07WELCOME") else { return self.noise() };
        let Some(initiate) = self.peer.initiate(welcome, &metadata) else { return self.noise() };
        let initiate = self.command("INITIATE", &initiate);
        match step {
            1 => return self.changed(initiate),
            2 => return self.in_a_wrong_order(hello, initiate),
            _ => {}
        }
        self.past.initiate.clone_from(&initiate);
        self.answers.connection.write(&initiate);
        self.after_ready()
    }

    /// Returns what to send once the server has sent READY, or something else.
    fn after_ready(&mut self) -> Vec<u8> {
        match self.answers.command() {
            Some(ready) if ready.starts_with(b"\x05READY") => self.messages(),
            Some(_) => self.noise(),
            None => Vec::new(),
        }
    }

    /// A command in the form of the transport.
    fn command(&mut self, name: &str, body: &[u8]) -> Vec<u8> {
        let len = u8::try_from(name.len()).unwrap();
        let body = [&[len], name.as_bytes(), body].concat();
        self.frame(COMMAND, &body)
    }

    /// A frame in the form of the transport.
    fn frame(&mut self, flags: u8, body: &[u8]) -> Vec<u8> {
        if self.target.transport == Transport::WebSocket {
            let flags = flags & MORE | if flags & COMMAND == 0 { 0 } else { 2 };
            return websocket::right_frame(self.random, &[&[flags], body].concat());
        }
        frame(flags, body)
    }

    fn changed(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.random.pick(&[&1, &1, &2, &4]).to_owned() {
            change(self.random, &mut bytes);
        }
        if self.random.once_in(2) {
            bytes.extend(self.noise());
        }
        bytes
    }

    /// Commands that are sent twice, too early, or from other connections.
    fn in_a_wrong_order(&mut self, hello: Vec<u8>, initiate: Vec<u8>) -> Vec<u8> {
        let message = self.messages();
        match self.random.below(5) {
            0 => [initiate.clone(), initiate].concat(),
            1 => [initiate, message].concat(),
            2 => [message, initiate].concat(),
            3 => [hello, initiate].concat(),
            _ => self.past.initiate.clone(),
        }
    }

    /// Bytes that answer nothing.
    fn noise(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        frames(self.random, self.target, &mut bytes);
        bytes
    }

    /// Messages, valid and invalid.
    fn messages(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut last = Vec::new();
        for _ in 0..=self.random.below(6) {
            let said = match self.random.below(16) {
                0 => self.noise(),
                1 => last.clone(),
                2 => self.past.message.clone(),
                3 => enormous(self.random),
                4 => {
                    self.peer.set_nonce([0, 1, u64::MAX - 1, u64::MAX][self.random.below(4)]);
                    self.message(0, b"out of turn")
                }
                5 => {
                    let (flags, len) = (self.random.byte(), self.random.len());
                    let body = self.random.bytes(len);
                    self.message(flags, &body)
                }
                6 | 7 => {
                    let (name, body) = COMMANDS[self.random.below(COMMANDS.len())];
                    let named = command(name, body);
                    self.message(COMMAND, &named[2..])
                }
                8 => {
                    let mut message = self.message(0, b"a message that is changed on its way");
                    change(self.random, &mut message);
                    message
                }
                _ => {
                    let message = message(self.random, self.target);
                    split(&message).into_iter().flat_map(|(flags, body)| self.message(flags, body)).collect()
                }
            };
            bytes.extend(&said);
            last = said;
        }
        self.past.message = last;
        bytes
    }

    /// A frame of a message or a command, in the form of the mechanism.
    fn message(&mut self, flags: u8, body: &[u8]) -> Vec<u8> {
        match self.peer.message(flags, body) {
            Some(body) => {
                let outer = if self.random.once_in(8) { COMMAND } else { 0 };
                self.frame(outer, &[b"\x07MESSAGE", &body[..]].concat())
            }
            None => self.frame(flags & (MORE | COMMAND), body),
        }
    }
}

/// The role of a hostile peer.
enum Peer {
    Plain {
        password: &'static [u8],
    },
    #[cfg(zmq_curve)]
    Curve(super::common::curve::Client),
}

impl Peer {
    /// A peer that is accepted, in most cases.
    fn new(random: &mut Random, mechanism: Mechanism) -> Peer {
        match mechanism {
            Mechanism::Null | Mechanism::Plain => {
                Peer::Plain { password: if random.once_in(8) { b"\x05wrong" } else { b"\x06secret" } }
            }
            #[cfg(zmq_curve)]
            Mechanism::Curve => {
                let short: [u8; 32] = random.bytes(32).try_into().unwrap();
                Peer::Curve(if random.once_in(8) {
                    let server = super::common::curve::public_key(&mechanism::KEYS[0]);
                    super::common::curve::Client::new(server, [9; 32], short)
                } else {
                    mechanism::hostile_client(short)
                })
            }
        }
    }

    fn hello(&mut self) -> Vec<u8> {
        match self {
            Peer::Plain { password } => [b"\x05admin", *password].concat(),
            #[cfg(zmq_curve)]
            Peer::Curve(client) => client.hello(),
        }
    }

    fn initiate(&mut self, welcome: &[u8], metadata: &[u8]) -> Option<Vec<u8>> {
        match self {
            Peer::Plain { .. } => welcome.is_empty().then(|| metadata.to_vec()),
            #[cfg(zmq_curve)]
            Peer::Curve(client) => client.initiate(welcome, metadata),
        }
    }

    /// The body of a MESSAGE, if the mechanism has such a command.
    #[cfg(zmq_curve)]
    fn message(&mut self, flags: u8, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Peer::Plain { .. } => None,
            Peer::Curve(client) => Some(client.message(flags, body)),
        }
    }

    #[cfg(not(zmq_curve))]
    fn message(&mut self, _: u8, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// The counter that prevents replays.
    #[cfg(zmq_curve)]
    fn set_nonce(&mut self, nonce: u64) {
        if let Peer::Curve(client) = self {
            client.nonce = nonce;
        }
    }

    #[cfg(not(zmq_curve))]
    fn set_nonce(&mut self, _: u64) {}
}

/// Splits bytes into whole frames.
fn split(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut frames = Vec::new();
    while let [flags, rest @ ..] = bytes {
        let (len, rest) = if flags & LARGE == 0 {
            (usize::from(rest[0]), &rest[1..])
        } else {
            let (len, rest) = rest.split_first_chunk().unwrap();
            (usize::try_from(u64::from_be_bytes(*len)).unwrap(), rest)
        };
        let (body, rest) = rest.split_at(len);
        frames.push((flags & !LARGE, body));
        bytes = rest;
    }
    frames
}

/// The answers of the server.
struct Answers<'a> {
    connection: &'a mut Connection,
    buffer: Vec<u8>,
    target: Target,
}

impl Answers<'_> {
    /// Returns the next bytes, or `None` if there are no more, or not soon.
    fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < len {
            self.connection.read_more(&mut self.buffer)?;
        }
        let rest = self.buffer.split_off(len);
        Some(std::mem::replace(&mut self.buffer, rest))
    }

    fn number(&mut self, len: usize) -> Option<usize> {
        Some(self.take(len)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }

    /// Skips the greeting.
    fn greeting(&mut self) -> Option<()> {
        if self.target.transport == Transport::WebSocket {
            while !self.buffer.windows(4).any(|end| end == b"\r\n\r\n") {
                self.connection.read_more(&mut self.buffer)?;
            }
            let end = self.buffer.windows(4).position(|end| end == b"\r\n\r\n")?;
            return self.take(end + 4).map(drop);
        }
        self.take(64).map(drop)
    }

    /// Returns the next command, with its name.
    fn command(&mut self) -> Option<Vec<u8>> {
        let body = if self.target.transport == Transport::WebSocket {
            self.take(1)?;
            let len = match self.number(1)? & 0x7f {
                126 => self.number(2)?,
                127 => self.number(8)?,
                len => len,
            };
            self.take(len)?.split_off(1)
        } else {
            let flags = self.number(1)?;
            let len = self.number(if flags & usize::from(LARGE) == 0 { 1 } else { 8 })?;
            self.take(len)?
        };
        Some(body)
    }
}
