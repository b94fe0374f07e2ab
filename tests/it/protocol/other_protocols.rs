//! Data of HTTP, TLS and similar protocols is not received as messages.

#![cfg(zmq_vendored)]

use crate::common;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use common::zmtp::frame_1;
use common::{LIMIT, TCP, any, assert_empty, context, meet, socket};
use zmq::{Pull, Push, SocketKind};

/// The beginnings of other protocols: HTTP, TLS, SSH, RDP, SMTP, and PostgreSQL's start of TLS.
const GARBAGE: [&[u8]; 7] = [
    b"GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: some browser with a name that is long enough\r\nAccept: */*\r\n\r\n",
    b"PATCH / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: some browser with a name that is long enough\r\nAccept: */*\r\n\r\n",
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 and so on, and so on, and so on, and so on, and so on",
    b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\nand more of it, so that there are some frames in this",
    b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0 and more of it",
    b"EHLO example.org\r\nMAIL FROM:<somebody@example.org>\r\nRCPT TO:<somebody.else@example.org>\r\nDATA\r\n",
    b"\0\0\0\x08\x04\xd2\x16\x2f",
];

/// Reads until the other side has closed the connection.
fn wait_for_the_end(mut stream: TcpStream) {
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let end = stream.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
}

#[test]
fn data_of_other_protocols_is_not_received() {
    use SocketKind::{Dealer, Pair, Pull, Rep, Router, Sub, XPub};

    let context = context();
    for kind in [Dealer, Pair, Pull, Rep, Router, Sub, XPub] {
        for garbage in GARBAGE {
            // Its beginning is a valid name in ZMTP 1, after which an XPUB receives a subscription to everything.
            if kind == XPub && garbage.starts_with(b"\x03\0") {
                continue;
            }
            let socket = any(&context, kind);
            if kind == Sub {
                socket.subscribe("").unwrap();
            }
            let endpoint = socket.bind(TCP).unwrap();
            let mut peer = TcpStream::connect(endpoint.address()).unwrap();
            peer.write_all(garbage).unwrap();
            wait_for_the_end(peer);
            assert_empty(&socket);
        }
    }
}

/// Byte by byte, too. A socket that connects tries again.
#[test]
fn a_server_of_another_protocol_gets_no_message() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = context();
    let push = socket(&context, Push);
    push.set_immediate(true).unwrap();
    push.connect(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    for _ in 0..3 {
        let mut peer = listener.accept().unwrap().0;
        peer.set_nodelay(true).unwrap();
        for byte in b"HT" {
            peer.write_all(&[*byte]).unwrap();
        }
        wait_for_the_end(peer);
    }
    assert!(push.try_send("to a web server").is_err());
}

/// Peers with the oldest version of the protocol are still served.
#[test]
fn zmtp_1_is_supported() {
    let context = context();
    let pull = socket(&context, Pull);
    let endpoint = pull.bind(TCP).unwrap();
    let mut peer = TcpStream::connect(endpoint.address()).unwrap();
    peer.write_all(&frame_1(0, b"")).unwrap();
    peer.write_all(&frame_1(1, b"two")).unwrap();
    peer.write_all(&frame_1(0, b"parts")).unwrap();
    let parts = pull.recv_multipart().unwrap();
    assert_eq!(parts, ["two", "parts"]);
    // And so are other peers after that.
    let push = common::connected(&context, Push, endpoint);
    meet(&push, &pull);
}
