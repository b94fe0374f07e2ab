//! What hostile peers send: valid conversations of a peer of the right type, and changes to them.

use super::common::random::Random;
use super::common::zmtp::{
    COMMAND, LARGE, MORE, command, frame, frame_1, greeting, greeting_2, property, ready,
};
use super::mechanism::Mechanism;
use super::websocket;

const KINDS: &[&str] = &[
    "PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM",
    "SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "DGRAM", "PEER", "CHANNEL",
];

const MECHANISMS: &[&str] = &["NULL", "PLAIN", "CURVE", "GSSAPI", "null", "NULL\0X", "UNHEARD-OF"];

/// The names of commands, and how their bodies begin.
pub(crate) const COMMANDS: &[(&str, &[u8])] = &[
    ("READY", b""),
    ("ERROR", b"\x03400"),
    ("ERROR", b"\xff400"),
    ("PING", b"\0\x10"),
    ("PING", b"\0\0context"),
    ("PING", b"\0"),
    ("PING", b""),
    ("PONG", b""),
    ("SUBSCRIBE", b"topic"),
    ("SUBSCRIBE", b""),
    ("CANCEL", b"topic"),
    ("CANCEL", b""),
    ("JOIN", b"group"),
    ("LEAVE", b"group"),
    ("HELLO", b"\x05admin\x06secret"),
    ("WELCOME", b""),
    ("INITIATE", b""),
    ("MESSAGE", b""),
    ("", b""),
];

/// Lengths that announce more bytes than anybody will send.
pub(crate) const ENORMOUS: [u64; 8] =
    [1 << 63, u64::MAX, u64::MAX >> 1, u64::MAX - 63, 1 << 40, 1 << 32, (1 << 31) - 1, 3 << 30];

/// How the bytes are sent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Manner {
    /// All at once; then the connection is closed.
    AtOnce,
    /// All at once; then the connection is reset.
    Reset,
    /// Only the first part of them.
    Cut,
    /// In pieces, at once.
    Pieces,
    /// In pieces, with other peers in between.
    Slow,
    /// All at once; then nothing more, but the connection stays open.
    HalfOpen,
}

#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) bytes: Vec<u8>,
    pub(crate) manner: Manner,
}

/// The target of an attack.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// The name of the peer's socket type that the socket expects.
    pub(crate) peer: &'static str,
    pub(crate) transport: Transport,
    /// The mechanism that the socket requires.
    pub(crate) mechanism: Mechanism,
}

impl Target {
    /// Whether there are handshakes.
    pub(crate) fn speaks_zmtp(self) -> bool {
        self.peer != "STREAM" && self.transport != Transport::Datagrams
    }
}

/// How bytes are transported.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Transport {
    /// The bytes as a plain stream.
    Stream,
    /// In WebSocket frames.
    WebSocket,
    /// Each write as a datagram.
    Datagrams,
}

/// An input for `target`.
pub(crate) fn input(random: &mut Random, target: Target) -> Input {
    let mut bytes = conversation(random, target);
    // A third stays unchanged, because valid inputs reach deeper than inputs with an early error.
    if !random.once_in(3) {
        for _ in 0..random.pick(&[&1, &1, &2, &3, &8]).to_owned() {
            change(random, &mut bytes);
        }
    }
    in_some_manner(random, bytes)
}

/// An input with these bytes, sent in a random manner.
pub(crate) fn in_some_manner(random: &mut Random, mut bytes: Vec<u8>) -> Input {
    let manner = match random.below(12) {
        0..3 => Manner::AtOnce,
        3..6 => Manner::Reset,
        6 | 7 => Manner::Cut,
        8 => Manner::Pieces,
        9 | 10 => Manner::Slow,
        _ => Manner::HalfOpen,
    };
    if manner == Manner::Cut {
        bytes.truncate(random.below(bytes.len() + 1));
    }
    Input { bytes, manner }
}

/// A valid conversation. Each prefix of it is an input too. With a mechanism, it goes as far as possible without an
/// answer.
pub(crate) fn plain_conversation(target: Target) -> Vec<u8> {
    let mut random = Random::new(1, 1);
    let own_name = property("Identity", b"somebody");
    match target.transport {
        Transport::Datagrams => b"\x05groupand a message".to_vec(),
        Transport::WebSocket => {
            let protocol = format!("ZWS2.0/{}", target.mechanism.name());
            let first = target.mechanism.hello().unwrap_or_else(|| ready(target.peer, &own_name));
            let mut frame = |body: &[u8]| websocket::right_frame(&mut random, body);
            [websocket::upgrade(&protocol), frame(&[&[2], &first[2..]].concat()), frame(b"\0message")]
                .concat()
        }
        Transport::Stream => {
            let mut bytes = greeting(1, target.mechanism.name());
            bytes.extend(target.mechanism.hello().unwrap_or_default());
            bytes.extend(ready(target.peer, &own_name));
            bytes.extend(message(&mut random, target));
            bytes.extend(command("PING", b"\0\x10context"));
            bytes
        }
    }
}

fn conversation(random: &mut Random, target: Target) -> Vec<u8> {
    if random.once_in(16) {
        let len = random.len();
        return random.bytes(len);
    }
    match target.transport {
        Transport::Datagrams => return datagram(random),
        Transport::WebSocket if !random.once_in(16) => return websocket::conversation(random, target),
        _ => {}
    }
    match random.below(8) {
        0 => version_1(random, target),
        1 => version_2(random, target),
        _ => version_3(random, target),
    }
}

fn version_1(random: &mut Random, target: Target) -> Vec<u8> {
    let mut bytes = Vec::new();
    if random.once_in(3) {
        // A peer with a version that turns out to be an old one.
        bytes.extend([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0]);
    }
    let name = name(random);
    let flags = if random.once_in(8) { MORE } else { 0 };
    bytes.extend(frame_1(flags, &name));
    for _ in 0..random.below(6) {
        let (flags, body) = part(random, target);
        bytes.extend(frame_1(flags, &body));
    }
    bytes
}

fn version_2(random: &mut Random, target: Target) -> Vec<u8> {
    let kind = KINDS.iter().position(|&kind| kind == target.peer).unwrap();
    let mut bytes = greeting_2(u8::try_from(kind).unwrap());
    let flags = [0, 0, 0, MORE, COMMAND][random.below(5)];
    bytes.extend(frame(flags, &name(random)));
    frames(random, target, &mut bytes);
    bytes
}

fn version_3(random: &mut Random, target: Target) -> Vec<u8> {
    let minor = if random.once_in(3) { 0 } else { 1 };
    let own = target.mechanism.name();
    let mechanism = if random.once_in(8) { random.pick(MECHANISMS) } else { own };
    let mut bytes = greeting(minor, mechanism);
    match mechanism {
        mechanism if mechanism == own && !random.once_in(4) => {
            bytes.extend(target.mechanism.hello().unwrap_or_default());
        }
        "PLAIN" => bytes.extend(command("HELLO", b"\x05admin\x06secret")),
        "CURVE" => {
            let hello = [&[1, 0][..], &[0; 72], &random.bytes(32 + 8 + 80)].concat();
            bytes.extend(command("HELLO", &hello));
            bytes.extend(command("INITIATE", &random.bytes(96 + 8 + 144)));
        }
        _ => {}
    }
    bytes.extend(handshake(random, target));
    frames(random, target, &mut bytes);
    bytes
}

pub(crate) fn handshake(random: &mut Random, target: Target) -> Vec<u8> {
    command("READY", &metadata(random, target))
}

/// The metadata of a peer.
pub(crate) fn metadata(random: &mut Random, target: Target) -> Vec<u8> {
    let kind = if random.once_in(16) { random.pick(KINDS) } else { target.peer };
    let mut properties = property("Socket-Type", kind.as_bytes());
    if random.once_in(2) {
        properties.extend(property("Identity", &name(random)));
    }
    if random.once_in(8) {
        let len = random.len();
        properties
            .extend(property(random.pick(&["X-key", "Identity", "Socket-Type", ""]), &random.bytes(len)));
    }
    properties
}

/// The routing id of a peer.
pub(crate) fn name(random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => Vec::new(),
        // Like the ids that a ROUTER generates.
        1 => [&[0], &random.bytes(4)[..]].concat(),
        // An id that another peer may already have.
        2 => b"somebody".to_vec(),
        _ => {
            let len = random.len();
            random.bytes(len)
        }
    }
}

/// Messages and commands.
pub(crate) fn frames(random: &mut Random, target: Target, bytes: &mut Vec<u8>) {
    for _ in 0..random.below(8) {
        match random.below(8) {
            0 => {
                let (name, body) = COMMANDS[random.below(COMMANDS.len())];
                let len = if random.once_in(4) { random.len().min(1000) } else { 0 };
                bytes.extend(command(name, &[body, &random.bytes(len)].concat()));
            }
            1 => {
                // The same bytes as a message, or as a command without a name.
                let (_, body) = COMMANDS[random.below(COMMANDS.len())];
                bytes.extend(frame(random.byte() & (MORE | COMMAND), body));
            }
            2 => bytes.extend(enormous(random)),
            3 => {
                let (flags, body) = part(random, target);
                bytes.extend(frame(flags, &body));
            }
            _ => bytes.extend(message(random, target)),
        }
    }
}

/// A message of the form that the target expects.
pub(crate) fn message(random: &mut Random, target: Target) -> Vec<u8> {
    let len = random.len();
    let body = random.bytes(len);
    match target.peer {
        "REQ" | "REP" => [frame(MORE, b""), frame(0, &body)].concat(),
        "SUB" | "XSUB" => {
            let topic = &body[..body.len().min(1000)];
            let subscribe = !random.once_in(4);
            match random.below(3) {
                0 => command(if subscribe { "SUBSCRIBE" } else { "CANCEL" }, topic),
                _ => frame(0, &[&[u8::from(subscribe)], topic].concat()),
            }
        }
        // To a group that was joined or not: from a RADIO, or from its DISHes.
        "RADIO" => [frame(MORE, &body[..body.len().min(random.len())]), frame(0, &body)].concat(),
        "DISH" => {
            let group = if random.once_in(3) { b"well-behaved" } else { &body[..body.len().min(300)] };
            command(if random.once_in(4) { "LEAVE" } else { "JOIN" }, group)
        }
        _ => frame(0, &body),
    }
}

/// A datagram for a DISH, or for any socket.
fn datagram(random: &mut Random) -> Vec<u8> {
    let (group, body) = (random.len(), random.len());
    let claimed = if random.once_in(4) { random.byte() } else { u8::try_from(group).unwrap_or(u8::MAX) };
    [&[claimed], &random.bytes(group)[..], &random.bytes(body)].concat()
}

/// A frame of any message.
pub(crate) fn part(random: &mut Random, target: Target) -> (u8, Vec<u8>) {
    let len = random.len();
    let mut body = random.bytes(len);
    if matches!(target.peer, "SUB" | "XSUB") && !body.is_empty() {
        // Longer topics are not needed.
        body.truncate(1000);
        body[0] &= 1;
    }
    (if random.once_in(2) { MORE } else { 0 }, body)
}

/// The beginning of a frame that never ends.
pub(crate) fn enormous(random: &mut Random) -> Vec<u8> {
    let flags = LARGE | (random.byte() & (MORE | COMMAND));
    let len = ENORMOUS[random.below(ENORMOUS.len())].to_be_bytes();
    [&[flags], &len[..], &random.bytes(20)].concat()
}

/// Changes one thing in a valid conversation.
pub(crate) fn change(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        bytes.push(random.byte());
        return;
    }
    // Early bytes matter more than late ones.
    let reach = if random.once_in(2) { bytes.len() } else { bytes.len().min(160) };
    let place = random.below(reach);
    let end = (place + 1 + random.below(20)).min(bytes.len());
    match random.below(8) {
        0 => bytes[place] ^= 1 << random.below(8),
        1 => bytes[place] = [0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff][random.below(8)],
        2 => bytes[place] = random.byte(),
        3 => {
            let new = random.bytes(end - place);
            bytes.splice(place..place, new);
        }
        4 => {
            bytes.drain(place..end);
        }
        5 => {
            let again = bytes[place..end].to_vec();
            bytes.splice(place..place, again);
        }
        6 => {
            let enormous = ENORMOUS[random.below(ENORMOUS.len())].to_be_bytes();
            for (byte, new) in bytes[place..].iter_mut().zip(enormous) {
                *byte = new;
            }
        }
        _ => bytes.truncate(place),
    }
}
