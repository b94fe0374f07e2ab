//! The attacked socket with the thread that uses it, and the well-behaved client that must always be served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zmq::capability::Kind;
use zmq::{Any, Context, Endpoint, ErrorKind, Socket, SocketKind};

use super::common::{self, LIMIT, eventually, socket};
#[cfg(zmq_draft)]
use super::draft;
use super::inputs::{Target, Transport};
use super::mechanism::Mechanism;

/// Where a socket is attacked, and how it is configured.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) endpoint: String,
    /// The longest frame that it accepts.
    pub(crate) max_size: Option<u64>,
    pub(crate) mechanism: Mechanism,
}

/// How the server uses the socket.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// The server sends back what it receives.
    Echo,
    /// The server only receives.
    Receive,
    /// The server sends, and discards what it receives.
    Send,
}

/// One row for each socket type: the name of its peers' type, and how it is used.
fn row(kind: SocketKind) -> (&'static str, Use) {
    match kind {
        SocketKind::Pair => ("PAIR", Use::Echo),
        SocketKind::Rep => ("REQ", Use::Echo),
        SocketKind::Router => ("DEALER", Use::Echo),
        SocketKind::Stream => ("STREAM", Use::Echo),
        SocketKind::Dealer => ("DEALER", Use::Receive),
        SocketKind::Pull => ("PUSH", Use::Receive),
        SocketKind::Sub | SocketKind::XSub => ("PUB", Use::Receive),
        SocketKind::Pub | SocketKind::XPub => ("SUB", Use::Send),
        SocketKind::Push => ("PULL", Use::Send),
        SocketKind::Req => ("REP", Use::Send),
        other => panic!("the test does not support {other:?}"),
    }
}

/// The text that a well-behaved client sends or receives.
pub(crate) fn word(number: u64) -> String {
    format!("well-behaved {number}")
}

/// The number in such a text.
pub(crate) fn number(word: &[u8]) -> Option<u64> {
    std::str::from_utf8(word).ok()?.strip_prefix("well-behaved ")?.parse().ok()
}

/// A bound socket of this type, and the thread that uses it.
pub(crate) struct Server {
    pub(crate) endpoint: Endpoint,
    kind: SocketKind,
    mechanism: Mechanism,
    peer: &'static str,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
pub(crate) struct Shared {
    ended: AtomicBool,
    /// The number of the word to send.
    pub(crate) current: AtomicU64,
    /// The number of the last word received.
    pub(crate) received: AtomicU64,
}

impl Server {
    #[cfg(zmq_draft)]
    pub(crate) fn kind(&self) -> SocketKind {
        self.kind
    }

    pub(crate) fn new(context: &Context, kind: SocketKind, place: &Place) -> Server {
        #[cfg(zmq_draft)]
        if let Some(server) = draft::server(context, kind, place) {
            return server;
        }
        let socket = common::any(context, kind);
        match kind {
            SocketKind::Sub => socket.subscribe("").unwrap(),
            SocketKind::XSub => socket.send([1]).unwrap(),
            SocketKind::Req => {
                // Its first request may meet a peer that will never answer.
                socket.set_req_relaxed(true).unwrap();
                socket.set_req_correlate(true).unwrap();
            }
            _ => {}
        }
        Server::start(socket, row(kind).0, place, move |socket, shared| turn(socket, kind, shared))
    }

    /// Binds a socket for peers of this type, and starts a thread that calls `turn` again and again.
    pub(crate) fn start<K: Kind>(
        socket: Socket<K>,
        peer: &'static str,
        place: &Place,
        turn: impl Fn(&Socket<K>, &Shared) + Send + 'static,
    ) -> Server {
        socket.set_max_message_size(place.max_size).unwrap();
        // A low mark, so that peers reach it. The mark for sending stays high: libzmq learns late that messages were
        // read, and a REP drops a reply for which there seems to be no room.
        socket.set_recv_hwm(8).unwrap();
        socket.set_recv_timeout(Duration::from_millis(2)).unwrap();
        if place.mechanism != Mechanism::Null {
            socket.set_security(place.mechanism.server()).unwrap();
        }
        let endpoint = socket.bind(&place.endpoint).unwrap();
        let (kind, mechanism) = (socket.kind(), place.mechanism);
        let shared = Arc::<Shared>::default();
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                while !shared.ended.load(Ordering::Acquire) {
                    turn(&socket, &shared);
                }
            }
        });
        Server { endpoint, kind, mechanism, peer, shared, thread: Some(thread) }
    }

    pub(crate) fn target(&self) -> Target {
        let transport = match self.endpoint.transport() {
            "ws" => Transport::WebSocket,
            "udp" => Transport::Datagrams,
            _ => Transport::Stream,
        };
        Target { peer: self.peer, transport, mechanism: self.mechanism }
    }

    /// A socket of a client that is accepted.
    pub(crate) fn client_socket<K: Kind>(&self, context: &Context, kind: K) -> Socket<K> {
        let socket = socket(context, kind);
        if self.mechanism != Mechanism::Null {
            socket.set_security(self.mechanism.client()).unwrap();
        }
        socket
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        let ended = self.thread.take().unwrap().join();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}

/// One step of the server, which it repeats.
fn turn(socket: &Socket<Any>, kind: SocketKind, shared: &Shared) {
    let usage = row(kind).1;
    if usage == Use::Send {
        match socket.try_send(word(shared.current.load(Ordering::Acquire))) {
            Ok(()) => {}
            Err(failure) => assert_eq!(failure.error().kind(), ErrorKind::WouldBlock, "{failure}"),
        }
    }
    if matches!(kind, SocketKind::Pub | SocketKind::Push) {
        // These wait for nothing, but must not keep the processor from other threads.
        socket.events().unwrap();
        thread::park_timeout(Duration::from_millis(1));
        return;
    }
    let message = match socket.recv_multipart() {
        Ok(message) => message,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return,
        // A REQ must send first.
        Err(error) if error.kind() == ErrorKind::WrongState && kind == SocketKind::Req => return,
        Err(error) => panic!("{kind:?}: {error}"),
    };
    match usage {
        Use::Echo => {
            // Ignores the errors of a peer that does not read or is gone, so that the server does not wait.
            let silent = kind == SocketKind::Stream && message.iter().any(|frame| frame.is_empty());
            if silent {
                return;
            }
            if let Err(failure) = socket.try_send_multipart(message) {
                let kinds = [ErrorKind::WouldBlock, ErrorKind::HostUnreachable];
                assert!(kinds.contains(&failure.error().kind()), "{kind:?}: {failure}");
            }
        }
        Use::Receive => {
            if let Some(number) = message.first().and_then(|frame| number(frame)) {
                shared.received.store(number, Ordering::Release);
            }
        }
        Use::Send => {}
    }
}

/// A client that follows the protocol.
pub(crate) struct Client {
    shared: Arc<Shared>,
    end: End,
}

/// How a client checks that it is served.
enum End {
    /// The client sends, and receives the same bytes back.
    Asks(Socket<Any>),
    /// The client sends, and the server notes that the message arrived.
    Tells(Socket<Any>),
    /// The client receives what the server sends, and answers if an answer is expected.
    Hears(Socket<Any>),
    /// Speaks plain TCP.
    Plain(TcpStream),
    /// The check of a draft type.
    #[cfg(zmq_draft)]
    Draft(draft::IsServed),
}

impl Client {
    pub(crate) fn new(context: &Context, server: &Server) -> Client {
        let any = |kind| server.client_socket(context, Any(kind));
        let end = match server.kind {
            SocketKind::Pair => End::Asks(any(SocketKind::Pair)),
            SocketKind::Rep => End::Asks(any(SocketKind::Req)),
            SocketKind::Router => End::Asks(any(SocketKind::Dealer)),
            SocketKind::Stream => {
                let stream = TcpStream::connect(server.endpoint.address()).unwrap();
                stream.set_read_timeout(Some(LIMIT)).unwrap();
                End::Plain(stream)
            }
            SocketKind::Dealer => End::Tells(any(SocketKind::Dealer)),
            SocketKind::Pull => End::Tells(any(SocketKind::Push)),
            SocketKind::Sub | SocketKind::XSub => End::Tells(any(SocketKind::XPub)),
            SocketKind::Pub | SocketKind::XPub => {
                let socket = any(SocketKind::Sub);
                socket.subscribe("well-behaved").unwrap();
                End::Hears(socket)
            }
            SocketKind::Push => End::Hears(any(SocketKind::Pull)),
            SocketKind::Req => End::Hears(any(SocketKind::Rep)),
            #[cfg(zmq_draft)]
            _ => End::Draft(draft::client(context, server)),
            #[cfg(not(zmq_draft))]
            other => panic!("the test does not support {other:?}"),
        };
        if let End::Asks(socket) | End::Tells(socket) | End::Hears(socket) = &end {
            socket.connect(&server.endpoint).unwrap();
            if socket.kind() == SocketKind::XPub {
                assert_eq!(socket.recv().unwrap(), [1]);
            }
        }
        let client = Client { shared: Arc::clone(&server.shared), end };
        client.is_served();
        client
    }

    /// Fails unless the server answers within the limit.
    pub(crate) fn is_served(&self) {
        let number = self.shared.current.fetch_add(1, Ordering::AcqRel) + 1;
        let word = word(number);
        let deadline = Instant::now() + LIMIT;
        match &self.end {
            End::Asks(socket) => {
                socket.send(&word).unwrap();
                assert_eq!(socket.recv().unwrap(), *word);
            }
            End::Tells(socket) => {
                socket.send(&word).unwrap();
                eventually("the server receives", || {
                    (self.shared.received.load(Ordering::Acquire) == number).then_some(())
                });
            }
            End::Hears(socket) => loop {
                let message = socket.recv().unwrap();
                if socket.kind() == SocketKind::Rep {
                    socket.send("reply").unwrap();
                }
                if message == *word {
                    break;
                }
                assert!(Instant::now() < deadline, "only {message:?} comes");
            },
            End::Plain(stream) => {
                let mut echo = vec![0; word.len()];
                let mut stream = stream;
                stream.write_all(word.as_bytes()).unwrap();
                stream.read_exact(&mut echo).unwrap();
                assert_eq!(echo, word.as_bytes());
            }
            #[cfg(zmq_draft)]
            End::Draft(is_served) => is_served(&self.shared, number),
        }
    }
}
