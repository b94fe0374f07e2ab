//! A socket, and the state of what it sends and receives.

use std::collections::{HashMap, VecDeque};

use zmq::{Any, ErrorKind, Message, Multipart, Socket, SocketKind};

use super::common::random::Random;
#[cfg(zmq_draft)]
use super::drafts;
use super::draws::{Mechanism, message, time};
use super::invariants::{self, check_refused, check_whole, content};

/// A socket that one thread holds, and may give to another.
pub(crate) struct Held {
    pub(crate) socket: Option<Socket<Any>>,
    pub(crate) kind: SocketKind,
    pub(crate) number: u32,
    pub(crate) mechanism: Mechanism,
    /// Whether it keeps its endpoint.
    pub(crate) stays: bool,
    pub(crate) bound: Vec<String>,
    pub(crate) connected: Vec<String>,
    /// The rest of a message that was begun.
    rest: VecDeque<Vec<u8>>,
    sent: u64,
    /// The received parts of a message that is not complete.
    received: Vec<Vec<u8>>,
    /// The socket keeps only the latest part of any message.
    conflates: bool,
    /// A part did not fit into a buffer.
    truncated: bool,
    /// The last message of each sender, where order is kept.
    last: HashMap<u32, u64>,
    /// The ids of peers, for a ROUTER or STREAM.
    ids: Vec<Vec<u8>>,
    /// The peers of a SERVER, PEER or DGRAM.
    #[cfg(zmq_draft)]
    pub(crate) peers: drafts::Peers,
    pub(crate) in_order: bool,
    /// The latest messages sent and received, for the report of a failure.
    latest: VecDeque<String>,
}

impl Held {
    pub(crate) fn new(socket: Socket<Any>, number: u32, mechanism: Mechanism, in_order: bool) -> Held {
        Held {
            kind: socket.kind(),
            socket: Some(socket),
            number,
            mechanism,
            stays: in_order,
            bound: Vec::new(),
            connected: Vec::new(),
            rest: VecDeque::new(),
            sent: 0,
            received: Vec::new(),
            conflates: false,
            truncated: false,
            last: HashMap::new(),
            ids: Vec::new(),
            #[cfg(zmq_draft)]
            peers: drafts::Peers::default(),
            in_order,
            latest: VecDeque::new(),
        }
    }

    pub(crate) fn socket(&self) -> &Socket<Any> {
        self.socket.as_ref().unwrap()
    }

    /// Asks whether the socket conflates, after options were set.
    pub(crate) fn look_at_conflate(&mut self) {
        self.conflates = self.socket().conflate().unwrap_or(false);
    }

    fn note(&mut self, what: String) {
        self.latest.push_back(what);
        if self.latest.len() > 12 {
            self.latest.pop_front();
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.kind.name() == name
    }

    /// The draft types have no multipart messages.
    fn has_parts(&self) -> bool {
        ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"]
            .contains(&self.kind.name())
    }

    pub(crate) fn can_send(&self) -> bool {
        !["SUB", "PULL", "DISH", "GATHER"].contains(&self.kind.name())
    }

    /// Whether it receives with the calls of a `Socket<Any>`.
    pub(crate) fn receives_plainly(&self) -> bool {
        #[cfg(zmq_draft)]
        if drafts::receives_from(self.kind) {
            return false;
        }
        self.can_receive()
    }

    pub(crate) fn can_receive(&self) -> bool {
        !["PUB", "PUSH", "RADIO", "SCATTER"].contains(&self.kind.name())
    }

    /// The next message, as parts.
    fn next(&mut self, random: &mut Random) -> Vec<Vec<u8>> {
        let kind = self.kind.name();
        // If a peer is replaced between two parts, the new peer receives the later parts as a message of their own, as
        // documented for PAIR.
        let inproc = self.bound.iter().chain(&self.connected).all(|endpoint| endpoint.starts_with("inproc:"));
        let single = !self.has_parts() || (kind == "PAIR" && !inproc);
        let parts = if single || random.once_in(2) { 1 } else { 1 + random.below(5) };
        // REP takes everything before an empty part for the envelope.
        let empty = !["REQ", "REP", "DEALER", "ROUTER"].contains(&kind);
        self.sent += 1;
        let mut message = content(random, self.number, self.sent, parts, empty);
        if ["DEALER", "ROUTER"].contains(&kind) && random.once_in(2) {
            message.insert(0, Vec::new());
        }
        if kind == "ROUTER" {
            message.insert(0, self.id(random));
        }
        if kind == "STREAM" {
            // Not a greeting of any protocol.
            return vec![self.id(random), vec![0xff; random.len()]];
        }
        if kind == "XSUB" && random.once_in(4) {
            return vec![vec![u8::from(random.once_in(2)), b'M'][..1 + random.below(2)].to_vec()];
        }
        message
    }

    fn id(&self, random: &mut Random) -> Vec<u8> {
        if self.ids.is_empty() || random.once_in(8) {
            return random.pick(&["A", "B", "nobody"]).as_bytes().to_vec();
        }
        self.ids[random.below(self.ids.len())].clone()
    }

    /// Sends a message or a part, in one of the possible ways.
    pub(crate) fn send(&mut self, random: &mut Random, kept: &mut Kept) {
        #[cfg(zmq_draft)]
        if drafts::sends_to(self.kind) {
            let bytes = self.next(random).remove(0);
            let message = kept.message(random, &bytes, self.kind.name());
            if let Err(failure) = self.peers.send(random, &mut self.socket, message) {
                check_refused(failure.kind(), false, &failure.into_message(), &bytes, self.kind.name());
            }
            return;
        }
        if self.is("STREAM") && self.rest.is_empty() && random.once_in(8) {
            let failure = self.socket().try_send("no id").unwrap_err();
            assert_eq!(failure.into_message(), "no id");
            return;
        }
        let begun = !self.rest.is_empty();
        if !begun {
            self.rest = self.next(random).into();
        }
        if self.has_parts() && random.once_in(2) {
            self.send_all(random, kept, begun);
        } else {
            self.send_part(random, kept, begun);
        }
    }

    fn send_all(&mut self, random: &mut Random, kept: &mut Kept, begun: bool) {
        let name = self.kind.name();
        let parts: Vec<_> = self.rest.iter().map(|part| kept.message(random, part, name)).collect();
        let parts = Multipart::from_frames(parts).unwrap();
        let result = match random.below(3) {
            0 => self.socket().send_multipart(parts),
            1 => self.socket().send_multipart_within(parts, time(random)),
            _ => self.socket().try_send_multipart(parts),
        };
        let sent: Vec<_> = self.rest.drain(..).collect();
        if let Err(failure) = result {
            let (error, came_back) = failure.into_parts();
            self.was_refused(error.kind());
            assert_eq!(came_back.len(), sent.len(), "{name}: {error}");
            let begun = begun && !self.conflates_now(error.kind());
            for (came_back, sent) in came_back.iter().zip(&sent) {
                check_refused(error.kind(), begun, came_back, sent, name);
            }
            return;
        }
        self.has_sent();
    }

    fn send_part(&mut self, random: &mut Random, kept: &mut Kept, begun: bool) {
        let part = self.rest.pop_front().unwrap();
        let message = kept.message(random, &part, self.kind.name());
        let result = match (self.rest.is_empty(), random.below(3)) {
            (true, 0) => self.socket().send(message),
            (true, 1) => self.socket().send_within(message, time(random)),
            (true, _) => self.socket().try_send(message),
            (false, 0) => self.socket().send_more(message),
            (false, _) => self.socket().try_send_more(message),
        };
        match result {
            Ok(()) => self.has_sent(),
            Err(failure) => {
                self.rest.clear();
                let (error, came_back) = failure.into_parts();
                self.was_refused(error.kind());
                let begun = begun && !self.conflates_now(error.kind());
                check_refused(error.kind(), begun, &came_back, &part, self.kind.name());
            }
        }
    }

    /// Whether a later part was refused because the socket has begun to conflate since the message began: then messages
    /// have one part.
    fn conflates_now(&self, kind: ErrorKind) -> bool {
        self.conflates && kind == ErrorKind::InvalidInput
    }

    fn was_refused(&mut self, kind: ErrorKind) {
        self.note(format!("refused: {kind:?}"));
        // Only a relaxed REQ may send before it has received all of a reply. It drops the rest of the reply even if
        // nobody can receive the request.
        if self.is("REQ") && kind == ErrorKind::WouldBlock {
            self.received.clear();
            self.truncated = false;
        }
    }

    fn has_sent(&mut self) {
        self.note(format!("sent, {} parts to go", self.rest.len()));
        // A relaxed REQ drops the rest of a reply when it sends again.
        if self.is("REQ") {
            self.received.clear();
            self.truncated = false;
        }
    }

    /// Receives a message or a part, in one of the possible ways. Returns whether there was one.
    pub(crate) fn receive(&mut self, random: &mut Random, kept: &mut Kept) -> bool {
        #[cfg(zmq_draft)]
        if drafts::receives_from(self.kind) {
            return match self.peers.receive(random, &mut self.socket) {
                Ok(message) => {
                    self.has_received(kept.maybe(random, message));
                    true
                }
                Err(kind) => self.received_none(kind),
            };
        }
        if self.has_parts() && random.once_in(4) {
            let time = time(random);
            let result = match random.below(3) {
                0 => self.socket().recv_multipart(),
                1 => self.socket().try_recv_multipart(),
                _ => self.socket().recv_multipart_within(time),
            };
            return match result {
                Ok(message) => {
                    for part in message {
                        self.has_received(kept.maybe(random, part));
                    }
                    true
                }
                Err(error) => self.received_none(error.kind()),
            };
        }
        let mut into = message(random, b"what is replaced", "nobody");
        let result = match random.below(6) {
            0 => self.socket().recv(),
            1 => self.socket().recv_within(time(random)),
            2 => self.socket().recv_to(&mut into).map(|()| into),
            3 => return self.receive_into_buffer(random),
            _ => self.socket().try_recv(),
        };
        match result {
            Ok(message) => {
                self.has_received(kept.maybe(random, message));
                true
            }
            Err(error) => self.received_none(error.kind()),
        }
    }

    fn receive_into_buffer(&mut self, random: &mut Random) -> bool {
        let mut buffer = vec![0; if random.once_in(8) { 30 } else { 80_000 }];
        let result = if random.once_in(2) {
            self.socket().recv_into(&mut buffer)
        } else {
            self.socket().try_recv_into(&mut buffer)
        };
        match result {
            Ok(received) => {
                self.truncated |= received.is_truncated();
                let (part, more) = (received.to_vec(), received.has_more());
                self.has_received_bytes(part, more);
                true
            }
            Err(error) => self.received_none(error.kind()),
        }
    }

    fn received_none(&self, kind: ErrorKind) -> bool {
        let known = match kind {
            ErrorKind::Terminated => true,
            // All parts of a message arrive at once.
            ErrorKind::WouldBlock => self.received.is_empty(),
            ErrorKind::WrongState => ["REQ", "REP"].contains(&self.kind.name()) && self.received.is_empty(),
            _ => false,
        };
        assert!(known, "{}: {kind:?} after {} parts", self.kind.name(), self.received.len());
        false
    }

    pub(crate) fn has_received(&mut self, part: Message) {
        self.has_received_bytes(part.to_vec(), part.has_more());
    }

    fn has_received_bytes(&mut self, part: Vec<u8>, more: bool) {
        self.note(format!("received {}: {:?}, more: {more}", part.len(), &part[..part.len().min(6)]));
        self.received.push(part);
        if more {
            return;
        }
        let message = std::mem::take(&mut self.received);
        if ["ROUTER", "STREAM"].contains(&self.kind.name()) && !self.ids.contains(&message[0]) {
            self.ids.truncate(7);
            self.ids.insert(0, message[0].clone());
        }
        if std::mem::take(&mut self.truncated) || self.conflates || self.is("STREAM") {
            return;
        }
        let Some(invariants::Origin { sender, number }) =
            check_whole(&message, &format!("{} {:?}", self.kind.name(), self.latest))
        else {
            return;
        };
        if self.in_order {
            let before = self.last.insert(sender, number).unwrap_or(0);
            assert!(before < number, "{}: message {number} of {sender} after {before}", self.kind.name());
        }
    }
}

/// Clones that outlive the messages that were sent or received, and the bytes that they must have.
#[derive(Default)]
pub(crate) struct Kept(VecDeque<(Message, Vec<u8>)>);

impl Kept {
    /// A message of these bytes. Sometimes a clone of it is kept.
    pub(crate) fn message(&mut self, random: &mut Random, bytes: &[u8], socket: &str) -> Message {
        let message = message(random, bytes, socket);
        self.maybe(random, message)
    }

    /// Sometimes keeps a clone of the message.
    pub(crate) fn maybe(&mut self, random: &mut Random, message: Message) -> Message {
        if !random.once_in(6) {
            return message;
        }
        let clone = message.clone();
        let bytes = message.to_vec();
        // Either of them may be passed on.
        let (kept, passed) = if random.once_in(2) { (message, clone) } else { (clone, message) };
        // The message that is passed on still knows whether more parts follow.
        self.0.push_back((kept, bytes));
        if self.0.len() > 8 {
            self.drop_one();
        }
        passed
    }

    pub(crate) fn drop_one(&mut self) {
        if let Some((message, bytes)) = self.0.pop_front() {
            assert!(*message == *bytes, "the bytes of a clone changed");
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        while !self.0.is_empty() && !std::thread::panicking() {
            self.drop_one();
        }
    }
}
