//! What hostile peers send over WebSockets.

use super::common::random::Random;
use super::common::zmtp::LARGE;
use super::inputs::{COMMANDS, ENORMOUS, Target, handshake, name, part};

pub(crate) fn upgrade(protocol: &str) -> Vec<u8> {
    format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    )
    .into_bytes()
}

/// A conversation without authentication.
pub(crate) fn conversation(random: &mut Random, target: Target) -> Vec<u8> {
    const PROTOCOLS: &[&str] = &[
        "ZWS2.0/NULL",
        "ZWS2.0/NULL",
        "ZWS2.0/NULL",
        "ZWS2.0",
        "ZWS2.0",
        "ZWS2.0/NULL,ZWS2.0",
        "ZWS2.0/PLAIN",
        "ZWS2.0/CURVE",
        "ZWS2.0/NULL,ZWS2.0/NULL,ZWS2.0/NULL",
        ",,, ,",
        "chat",
    ];
    let own = format!("ZWS2.0/{}", target.mechanism.name());
    let protocol = if random.once_in(2) { &own } else { random.pick(PROTOCOLS) };
    let mut bytes = upgrade(protocol);
    if random.once_in(8) {
        let lines = random.below(40);
        let header = [b"X: ".to_vec(), vec![b'y'; random.len()], b"\r\n".to_vec()].concat();
        bytes.truncate(bytes.len() - 2);
        bytes.extend(header.repeat(lines));
        bytes.extend(b"\r\n");
    }
    if protocol.ends_with("ZWS2.0") && !protocol.starts_with("ZWS2.0/") {
        let name = [&[0], &name(random)[..]].concat();
        bytes.extend(frame(random, 0x82, &name));
    } else {
        let ready = handshake(random, target);
        // Without the frame's header, which may be long.
        let body = if ready[0] & LARGE == 0 { &ready[2..] } else { &ready[9..] };
        bytes.extend(frame(random, 0x82, &[&[2], body].concat()));
    }
    for _ in 0..random.below(8) {
        let first = match random.below(8) {
            0 => 0x88,
            1 => 0x89,
            2 => 0x8a,
            3 => random.byte(),
            _ => 0x82,
        };
        let (flags, mut body) = part(random, target);
        if random.once_in(8) {
            let (name, rest) = COMMANDS[random.below(COMMANDS.len())];
            body = [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), rest].concat();
        }
        let flags = if random.once_in(8) { random.byte() } else { flags };
        bytes.extend(frame(random, first, &[&[flags], &body[..]].concat()));
    }
    bytes
}

/// A frame as clients send it: masked, in most cases.
pub(crate) fn frame(random: &mut Random, first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let masked = if random.once_in(32) { 0 } else { 0x80 };
    match random.below(64) {
        0 => {
            bytes.push(masked | 127);
            bytes.extend(ENORMOUS[random.below(ENORMOUS.len())].to_be_bytes());
        }
        1 => bytes.push(masked),
        _ => push_len(&mut bytes, masked, body.len()),
    }
    let mask = random.bytes(4);
    mask_body(&mut bytes, &mask, body);
    bytes
}

fn mask_body(bytes: &mut Vec<u8>, mask: &[u8], body: &[u8]) {
    bytes.extend(mask);
    bytes.extend(body.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// A valid frame.
pub(crate) fn right_frame(random: &mut Random, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x82];
    push_len(&mut bytes, 0x80, body.len());
    mask_body(&mut bytes, &random.bytes(4), body);
    bytes
}

fn push_len(bytes: &mut Vec<u8>, masked: u8, len: usize) {
    match len {
        0..126 => bytes.push(masked | u8::try_from(len).unwrap()),
        126..0x1_0000 => {
            bytes.push(masked | 126);
            bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(masked | 127);
            bytes.extend(u64::try_from(len).unwrap().to_be_bytes());
        }
    }
}
