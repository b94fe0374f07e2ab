//! The wire protocol, for peers that do not use libzmq.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::LIMIT;

/// Another frame of the same message follows.
pub(crate) const MORE: u8 = 1;
/// The length field has eight bytes.
pub(crate) const LARGE: u8 = 2;
/// The frame is a command.
pub(crate) const COMMAND: u8 = 4;

/// The greeting of ZMTP 3, from a peer that is not the server.
pub(crate) fn greeting(minor: u8, mechanism: &str) -> Vec<u8> {
    let mut greeting = vec![0; 64];
    (greeting[0], greeting[9], greeting[10], greeting[11]) = (0xff, 0x7f, 3, minor);
    greeting[12..12 + mechanism.len()].copy_from_slice(mechanism.as_bytes());
    greeting
}

/// Exchanges greetings of ZMTP 3 with a peer that has the same mechanism.
pub(crate) fn greet(stream: &mut TcpStream, minor: u8, mechanism: &str) {
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream.write_all(&greeting(minor, mechanism)).unwrap();
    let mut theirs = [0; 64];
    stream.read_exact(&mut theirs).unwrap();
    assert_eq!(theirs[12..12 + mechanism.len()], *mechanism.as_bytes());
}

/// A connection to a server, after the greetings.
pub(crate) fn connect(endpoint: impl AsRef<str>, minor: u8, mechanism: &str) -> TcpStream {
    let mut stream = TcpStream::connect(endpoint.as_ref().strip_prefix("tcp://").unwrap()).unwrap();
    greet(&mut stream, minor, mechanism);
    stream
}

/// The greeting of ZMTP 2.0, with the number of the socket type.
pub(crate) fn greeting_2(kind: u8) -> Vec<u8> {
    vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, kind]
}

/// A frame of ZMTP 2 or 3, in the shortest form.
pub(crate) fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    match u8::try_from(body.len()) {
        Ok(len) => [&[flags, len], body].concat(),
        Err(_) => {
            let len = u64::try_from(body.len()).unwrap();
            [&[flags | LARGE], &len.to_be_bytes()[..], body].concat()
        }
    }
}

/// Reads the next frame of ZMTP 2 or 3, and returns its flags and body.
pub(crate) fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut flags = [0];
    stream.read_exact(&mut flags).unwrap();
    let len = if flags[0] & LARGE == 0 {
        let mut len = [0];
        stream.read_exact(&mut len).unwrap();
        usize::from(len[0])
    } else {
        let mut len = [0; 8];
        stream.read_exact(&mut len).unwrap();
        usize::try_from(u64::from_be_bytes(len)).unwrap()
    };
    let mut body = vec![0; len];
    stream.read_exact(&mut body).unwrap();
    (flags[0], body)
}

/// A frame of ZMTP 1.
pub(crate) fn frame_1(flags: u8, body: &[u8]) -> Vec<u8> {
    match u8::try_from(body.len() + 1) {
        Ok(len) if len < 0xff => [&[len, flags], body].concat(),
        _ => {
            let len = u64::try_from(body.len() + 1).unwrap();
            [&[0xff], &len.to_be_bytes()[..], &[flags], body].concat()
        }
    }
}

/// A command of ZMTP 3.
pub(crate) fn command(name: &str, body: &[u8]) -> Vec<u8> {
    let len = u8::try_from(name.len()).unwrap();
    frame(COMMAND, &[&[len], name.as_bytes(), body].concat())
}

/// The READY command of a socket of this type, with further properties.
pub(crate) fn ready(kind: &str, properties: &[u8]) -> Vec<u8> {
    command("READY", &[&property("Socket-Type", kind.as_bytes())[..], properties].concat())
}

/// A property in a READY command.
pub(crate) fn property(name: &str, value: &[u8]) -> Vec<u8> {
    let name_len = u8::try_from(name.len()).unwrap();
    let value_len = u32::try_from(value.len()).unwrap();
    [&[name_len], name.as_bytes(), &value_len.to_be_bytes(), value].concat()
}
