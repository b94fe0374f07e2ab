//! The features of the bundled library that need other libraries: `pgm`, `norm`, `wss` and `gssapi`.

#![cfg(any(feature = "pgm", feature = "norm", feature = "wss", feature = "gssapi"))]

use std::net::UdpSocket;

use crate::raw::*;
use zmq_sys::*;

/// Returns a port that was free a moment ago.
#[cfg(any(feature = "pgm", feature = "norm"))]
fn port() -> u16 {
    UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

/// Publishes until the subscriber has received a message.
#[cfg(any(feature = "pgm", feature = "norm"))]
fn is_published(publisher: &Socket, subscriber: &Socket) {
    subscriber.set(ZMQ_RCVTIMEO, 20);
    eventually("a message arrives", || {
        publisher.send_part(b"of", ZMQ_SNDMORE);
        publisher.send(b"two parts");
        match subscriber.try_recv(0) {
            Ok(part) => {
                assert_eq!(part, b"of");
                assert_eq!(subscriber.recv(), b"two parts");
                true
            }
            Err(errno) => {
                assert_eq!(errno, libc::EAGAIN);
                false
            }
        }
    });
}

#[cfg(feature = "pgm")]
#[test]
fn epgm_carries_messages() {
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_PUB), context.socket(ZMQ_SUB));
    let endpoint = format!("epgm://127.0.0.1;239.192.1.1:{}", port());
    for socket in [&publisher, &subscriber] {
        socket.set(ZMQ_MULTICAST_LOOP, 1);
        socket.set(ZMQ_RATE, 10_000);
    }
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b""), Ok(()));
    subscriber.connect(&endpoint);
    publisher.connect(&endpoint);
    is_published(&publisher, &subscriber);
}

/// Conformance: TR-23.
#[cfg(feature = "norm")]
#[test]
fn norm_carries_messages() {
    let _alone = alone();
    let context = Context::new();
    let (publisher, subscriber) = (context.socket(ZMQ_PUB), context.socket(ZMQ_SUB));
    let endpoint = format!("norm://lo;239.192.1.1:{}", port());
    assert_eq!(subscriber.try_set(ZMQ_SUBSCRIBE, b""), Ok(()));
    subscriber.connect(&endpoint);
    publisher.connect(&endpoint);
    is_published(&publisher, &subscriber);
}

/// Checks that a monitor reports the failure when its socket connects to an unusable endpoint.
#[cfg(any(feature = "pgm", feature = "norm"))]
fn is_reported(endpoint: &str, kind: std::ffi::c_int) {
    let context = Context::new();
    let socket = context.socket(kind);
    let events = context.monitor(&socket, ZMQ_EVENT_BIND_FAILED);
    socket.connect(endpoint);
    let event = events.recv();
    assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_BIND_FAILED);
    assert!(String::from_utf8(events.recv()).unwrap().starts_with("norm://"));
}

#[cfg(feature = "norm")]
#[test]
fn a76_an_unusable_norm_address_is_reported() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for kind in [ZMQ_PUB, ZMQ_SUB] {
        is_reported("norm://there-is-no-port", kind);
    }
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    is_reported(&format!("norm://127.0.0.1:{}", taken.local_addr().unwrap().port()), ZMQ_SUB);
}

/// The transport ws does not support GSSAPI.
#[cfg(all(feature = "gssapi", feature = "draft"))]
#[test]
fn a90_gssapi_over_ws_is_rejected() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    assert_eq!(client.try_set(ZMQ_GSSAPI_SERVICE_PRINCIPAL, b"zmq@localhost"), Ok(()));
    let events = context.monitor(&client, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    client.connect(&server.bind("ws://127.0.0.1:*"));
    let event = events.recv();
    assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_DISCONNECTED);
}

#[cfg(feature = "wss")]
mod wss {
    use std::net::TcpListener;
    use std::path::PathBuf;
    use std::process::Command;
    use std::{env, fs, process};

    use super::*;

    /// Returns a key, and a self-signed certificate for `localhost`.
    fn certificate() -> (Vec<u8>, Vec<u8>) {
        let file =
            |name: &str| -> PathBuf { env::temp_dir().join(format!("zmq-sys-{}-{name}.pem", process::id())) };
        let (key, certificate) = (file("key"), file("certificate"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pem = (fs::read(&key).unwrap(), fs::read(&certificate).unwrap());
        fs::remove_file(key).unwrap();
        fs::remove_file(certificate).unwrap();
        pem
    }

    fn serve(context: &Context, (key, certificate): (&[u8], &[u8])) -> (Socket, String) {
        let server = context.socket(ZMQ_PULL);
        assert_eq!(server.try_set(ZMQ_WSS_KEY_PEM, key), Ok(()));
        assert_eq!(server.try_set(ZMQ_WSS_CERT_PEM, certificate), Ok(()));
        let endpoint = server.bind("wss://127.0.0.1:*/path");
        (server, endpoint)
    }

    fn client(context: &Context, trusted: &[u8], name: &str) -> Socket {
        let client = context.socket(ZMQ_PUSH);
        assert_eq!(client.try_set(ZMQ_WSS_TRUST_PEM, trusted), Ok(()));
        assert_eq!(client.try_set(ZMQ_WSS_HOSTNAME, name.as_bytes()), Ok(()));
        client
    }

    /// Conformance: TR-22.
    #[test]
    fn only_a_peer_with_the_right_name_and_certificate_gets_messages() {
        let _alone = alone();
        let context = Context::new();
        let (key, ours) = certificate();
        let (_, other) = certificate();
        let (server, endpoint) = serve(&context, (&key, &ours));

        let trusting = client(&context, &ours, "localhost");
        trusting.connect(&endpoint);
        for len in [0, 1, 100, 10_000, 1_000_000] {
            trusting.send(&vec![b'x'; len]);
            assert_eq!(server.recv_len(), len);
        }

        for (trusted, name) in [(&other, "localhost"), (&ours, "elsewhere")] {
            let distrustful = client(&context, trusted, name);
            let events =
                context.monitor(&distrustful, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
            distrustful.connect(&endpoint);
            let event = events.recv();
            assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_DISCONNECTED, "{name}");
        }
    }

    #[test]
    fn a75_an_unverifiable_certificate_is_not_trusted() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let context = Context::new();
        let (key, ours) = certificate();
        let file = |name: &str, pem: &[u8]| -> PathBuf {
            let path = env::temp_dir().join(format!("zmq-sys-{}-{name}.pem", process::id()));
            fs::write(&path, pem).unwrap();
            path
        };
        let files = [file("one", &ours), file("own", &key), file("many", &ours.repeat(19))];
        // An address that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut server = Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &address, "-cert"])
            .arg(&files[0])
            .arg("-key")
            .arg(&files[1])
            .arg("-cert_chain")
            .arg(&files[2])
            .stdin(process::Stdio::piped())
            .stdout(process::Stdio::null())
            .stderr(process::Stdio::null())
            .spawn()
            .unwrap();
        let distrustful = client(&context, &ours, "localhost");
        let events = context.monitor(&distrustful, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
        distrustful.connect(&format!("wss://{address}"));
        let event = events.try_recv(0);
        server.kill().unwrap();
        server.wait().unwrap();
        for file in files {
            fs::remove_file(file).unwrap();
        }
        let event = event.unwrap();
        assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_DISCONNECTED);
    }

    #[test]
    fn a74_an_invalid_certificate_is_refused() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let context = Context::new();
        let (key, ours) = certificate();
        let server = context.socket(ZMQ_PULL);
        assert_eq!(server.try_bind("wss://127.0.0.1:*"), Err(libc::EINVAL));
        for (key, certificate) in [(&b"no key"[..], &ours[..]), (&key, b"no certificate"), (&ours, &key)] {
            assert_eq!(server.try_set(ZMQ_WSS_KEY_PEM, key), Ok(()));
            assert_eq!(server.try_set(ZMQ_WSS_CERT_PEM, certificate), Ok(()));
            assert_eq!(server.try_bind("wss://127.0.0.1:*"), Err(libc::EINVAL));
        }

        let (_server, endpoint) = serve(&context, (&key, &ours));
        let distrustful = client(&context, b"no certificate", "localhost");
        let events = context.monitor(&distrustful, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
        distrustful.connect(&endpoint);
        let event = events.recv();
        assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_DISCONNECTED);
    }
}
