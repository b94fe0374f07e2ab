//! Shared helpers for tests of security.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zmq::capability::{CanRecv, CanSend, Kind};
use zmq::security::Security;
use zmq::{Context, Dealer, Endpoint, ErrorKind, Rep, Socket};

use super::handshake::{Handshake, Handshakes};
use super::{LIMIT, MOMENT, TCP, bound, socket};

/// Two DEALERs with security. The first one is bound, and the second one is connected to it.
pub(crate) fn secure_pair(
    context: &Context,
    server: impl Into<Security>,
    client: impl Into<Security>,
) -> (Socket<Dealer>, Socket<Dealer>) {
    let (server, endpoint) = secure_server(context, server);
    let client = secure_client(context, client, &endpoint);
    (server, client)
}

pub(crate) fn secure_server(context: &Context, security: impl Into<Security>) -> (Socket<Dealer>, Endpoint) {
    secure_bound(context, Dealer, security)
}

pub(crate) fn secure_client(
    context: &Context,
    security: impl Into<Security>,
    endpoint: impl AsRef<str>,
) -> Socket<Dealer> {
    secure_connected(context, Dealer, security, endpoint)
}

/// A bound socket with security.
pub(crate) fn secure_bound<K: Kind>(
    context: &Context,
    kind: K,
    security: impl Into<Security>,
) -> (Socket<K>, Endpoint) {
    let server = socket(context, kind);
    server.set_security(security).unwrap();
    let endpoint = server.bind(TCP).unwrap();
    (server, endpoint)
}

/// A connected socket with security.
pub(crate) fn secure_connected<K: Kind>(
    context: &Context,
    kind: K,
    security: impl Into<Security>,
    endpoint: impl AsRef<str>,
) -> Socket<K> {
    let client = socket(context, kind);
    client.set_security(security).unwrap();
    client.connect(endpoint).unwrap();
    client
}

/// A client whose handshakes are watched from the first one.
pub(crate) fn watched_client(
    context: &Context,
    security: impl Into<Security>,
    endpoint: impl AsRef<str>,
) -> (Socket<Dealer>, Handshakes) {
    let client = socket(context, Dealer);
    client.set_security(security).unwrap();
    let handshakes = Handshakes::of(&client);
    client.connect(endpoint).unwrap();
    (client, handshakes)
}

/// Returns what the server reports about the client, and checks that no message arrives at either side.
#[track_caller]
pub(crate) fn told_by_server(
    context: &Context,
    server: impl Into<Security>,
    client: impl Into<Security>,
) -> Handshake {
    let (server, endpoint) = secure_server(context, server);
    let handshakes = Handshakes::of(&server);
    let client = secure_client(context, client, endpoint);
    let told = handshakes.next_told();
    bounce_fails(&server, &client);
    told
}

/// Returns what the client reports about the server, and checks that no message arrives at either side.
#[track_caller]
pub(crate) fn told_by_client(
    context: &Context,
    server: impl Into<Security>,
    client: impl Into<Security>,
) -> Handshake {
    let (server, endpoint) = secure_server(context, server);
    let (client, handshakes) = watched_client(context, client, endpoint);
    let told = handshakes.next_told();
    bounce_fails(&server, &client);
    told
}

/// Asserts that nothing gets through between the sockets for a moment.
#[track_caller]
pub(crate) fn bounce_fails<A: CanSend + CanRecv, B: CanSend + CanRecv>(a: &Socket<A>, b: &Socket<B>) {
    let _ = b.try_send("nobody must get this");
    assert_eq!(a.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    let _ = a.try_send("nor this");
    assert_eq!(b.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// The reply of a ZAP handler, frame by frame.
pub(crate) type Reply = Vec<Vec<u8>>;

/// The reply of a ZAP handler that accepts everybody.
pub(crate) fn reply(version: &str, id: &[u8], status: &str) -> Reply {
    [version.as_bytes(), id, status.as_bytes(), b"", b"", b""].map(<[u8]>::to_vec).into()
}

/// A ZAP handler of the kind that C programs have. It ends when the context is shut down.
pub(crate) struct ZapHandler {
    requests: Arc<Mutex<Vec<Reply>>>,
}

impl ZapHandler {
    /// Sends the reply that `answer` returns, or none if that returns `None`.
    pub(crate) fn start(
        context: &Context,
        answer: impl Fn(&[Vec<u8>]) -> Option<Reply> + Send + 'static,
    ) -> ZapHandler {
        let (handler, _) = bound(context, Rep, "inproc://zeromq.zap.01");
        handler.set_recv_timeout(None).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            while let Ok(request) = handler.recv_multipart() {
                let request: Reply = request.iter().map(|frame| frame.to_vec()).collect();
                let answer = answer(&request);
                seen.lock().unwrap().push(request);
                let Some(answer) = answer else { break };
                if handler.send_multipart(zmq::Multipart::try_from(answer).unwrap()).is_err() {
                    break;
                }
            }
        });
        ZapHandler { requests }
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Reply> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A connection that speaks ZMTP 1.0, which has no security, and sends a message.
pub(crate) fn sneak_in(endpoint: &Endpoint) -> TcpStream {
    let mut stream = TcpStream::connect(endpoint.as_str().strip_prefix("tcp://").unwrap()).unwrap();
    stream.write_all(b"\x01\x00\x08\x00sneaky\0").unwrap();
    stream
}

/// Relays a connection, and records all bytes.
pub(crate) struct Relay {
    pub(crate) endpoint: String,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Relay {
    pub(crate) fn to(endpoint: &Endpoint) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay =
            Relay { endpoint: format!("tcp://{}", listener.local_addr().unwrap()), seen: Arc::default() };
        let target = endpoint.as_str().strip_prefix("tcp://").unwrap().to_owned();
        let seen = Arc::clone(&relay.seen);
        thread::spawn(move || {
            let (near, _) = listener.accept().unwrap();
            let far = TcpStream::connect(target).unwrap();
            let ways = [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)];
            for (from, to) in ways {
                let seen = Arc::clone(&seen);
                thread::spawn(move || pass_on(from, to, &seen));
            }
        });
        relay
    }

    /// Whether these bytes were relayed.
    pub(crate) fn has_seen(&self, bytes: &[u8]) -> bool {
        self.seen.lock().unwrap().windows(bytes.len()).any(|window| window == bytes)
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, seen: &Mutex<Vec<u8>>) {
    from.set_read_timeout(Some(LIMIT)).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen.lock().unwrap().extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
}
