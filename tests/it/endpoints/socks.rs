//! Connections through a SOCKS5 proxy, which need the bundled libzmq.

#![cfg(zmq_vendored)]

use crate::common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use common::{TCP, bound, context, socket};
use zmq::{Pull, Push};

/// A SOCKS5 proxy for one connection. With credentials, it requires the user name and the password.
fn proxy(target: String, credentials: Option<(&'static str, &'static str)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        let mut greeting = [0; 3];
        client.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting, [5, 1, if credentials.is_some() { 2 } else { 0 }]);
        client.write_all(&[5, greeting[2]]).unwrap();
        if let Some((name, password)) = credentials {
            let mut expected = vec![1, u8::try_from(name.len()).unwrap()];
            expected.extend(name.bytes());
            expected.push(u8::try_from(password.len()).unwrap());
            expected.extend(password.bytes());
            let mut sent = vec![0; expected.len()];
            client.read_exact(&mut sent).unwrap();
            assert_eq!(sent, expected);
            client.write_all(&[1, 0]).unwrap();
        }
        // A name that only the proxy knows.
        let mut request = [0; 5 + 12 + 2];
        client.read_exact(&mut request).unwrap();
        assert_eq!(request[..5], [5, 1, 0, 3, 12]);
        assert_eq!(request[5..17], *b"known-to-you");
        client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).unwrap();
        let mut server = TcpStream::connect(target).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        let _ = std::io::copy(&mut server, &mut client);
    });
    address
}

/// Conformance: TR-20.
#[test]
fn connections_can_go_through_a_proxy() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = socket(&context, Push);
    let address = proxy(endpoint.address().to_owned(), None);
    push.set_socks_proxy(&*address).unwrap();
    push.connect("tcp://known-to-you:80").unwrap();
    for message in ["Hello", "World"] {
        push.send(message).unwrap();
        assert_eq!(pull.recv().unwrap(), message);
    }
}

/// Conformance: TR-20.
#[cfg(zmq_draft)]
#[test]
fn a_proxy_may_require_a_user_name_and_a_password() {
    let context = context();
    for (name, password) in [("someone", "secret"), ("someone", "")] {
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let push = socket(&context, Push);
        let address = proxy(endpoint.address().to_owned(), Some((name, password)));
        push.set_socks_proxy(&*address).unwrap();
        push.set_socks_username(name).unwrap();
        push.set_socks_password(Some(password).filter(|password| !password.is_empty())).unwrap();
        push.connect("tcp://known-to-you:80").unwrap();
        push.send("Hello").unwrap();
        assert_eq!(pull.recv().unwrap(), "Hello");
    }
}

#[test]
fn a_proxy_that_refuses_can_be_abandoned() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = context();
    let push = socket(&context, Push);
    push.set_reconnect_interval(Duration::from_millis(1)).unwrap();
    push.set_socks_proxy(&*listener.local_addr().unwrap().to_string()).unwrap();
    push.connect("tcp://127.0.0.1:1").unwrap();
    for _ in 0..5 {
        drop(listener.accept().unwrap());
    }
    drop(listener);
    push.send("to nobody").unwrap();
}
