//! The draft socket types that send to an address, and those that return the sender of each message.

use std::net::SocketAddrV4;

use zmq::capability::{CanRecvFrom, Kind};
use zmq::message::RoutingId;
use zmq::{Any, Dgram, ErrorKind, Message, Peer, Radio, SendError, Server, Socket, SocketKind};

use super::common::random::Random;
use super::draws::time;

/// The groups of RADIO and DISH.
pub(crate) const GROUPS: [&str; 3] = ["", "news", "a group with a name that is not short"];

pub(crate) fn sends_to(kind: SocketKind) -> bool {
    ["SERVER", "PEER", "RADIO", "DGRAM"].contains(&kind.name())
}

pub(crate) fn receives_from(kind: SocketKind) -> bool {
    ["SERVER", "PEER", "DGRAM"].contains(&kind.name())
}

/// The known peers.
#[derive(Default)]
pub(crate) struct Peers {
    ids: Vec<RoutingId>,
    addresses: Vec<SocketAddrV4>,
}

impl Peers {
    pub(crate) fn send(
        &self,
        random: &mut Random,
        socket: &mut Option<Socket<Any>>,
        message: Message,
    ) -> Result<(), SendError> {
        let (way, time) = (random.below(3), time(random));
        macro_rules! send {
            ($kind:ty, $to:expr) => {{
                let to = $to;
                typed(socket, |socket: &Socket<$kind>| match way {
                    0 => socket.send_to(to, message),
                    1 => socket.send_to_within(to, message, time),
                    _ => socket.try_send_to(to, message),
                })
            }};
        }
        let id = match self.ids.len() {
            0 => RoutingId::new(1).unwrap(),
            count => self.ids[random.below(count)],
        };
        match socket.as_ref().unwrap().kind() {
            SocketKind::Server => send!(Server, id),
            SocketKind::Peer => send!(Peer, id),
            SocketKind::Radio => send!(Radio, random.pick(&GROUPS)),
            _ => send!(
                Dgram,
                match self.addresses.len() {
                    0 => SocketAddrV4::new([127, 0, 0, 1].into(), 9),
                    count => self.addresses[random.below(count)],
                }
            ),
        }
    }

    pub(crate) fn receive(
        &mut self,
        random: &mut Random,
        socket: &mut Option<Socket<Any>>,
    ) -> Result<Message, ErrorKind> {
        let result = match socket.as_ref().unwrap().kind() {
            SocketKind::Server => {
                receive_from::<Server>(random, socket).map(|(id, message)| (self.knows(id), message))
            }
            SocketKind::Peer => {
                receive_from::<Peer>(random, socket).map(|(id, message)| (self.knows(id), message))
            }
            _ => receive_from::<Dgram>(random, socket).map(|(address, message)| {
                self.addresses.truncate(7);
                (self.addresses.insert(0, address), message)
            }),
        };
        result.map(|((), message)| message).map_err(|error| error.kind())
    }

    /// Adds a peer that messages can be sent to.
    pub(crate) fn knows(&mut self, id: RoutingId) {
        if !self.ids.contains(&id) {
            self.ids.truncate(7);
            self.ids.insert(0, id);
        }
    }

    /// Adds the address of a DGRAM.
    pub(crate) fn knows_address(&mut self, endpoint: &str) {
        if let Some(address) = endpoint.strip_prefix("udp://").and_then(|address| address.parse().ok()) {
            self.addresses.insert(0, address);
        }
    }

    /// Connects a PEER.
    pub(crate) fn connect(&mut self, socket: &Socket<Any>, endpoint: &str) -> zmq::Result<()> {
        socket.connect_peer(endpoint).map(|id| self.knows(id))
    }
}

fn receive_from<K: CanRecvFrom>(
    random: &mut Random,
    socket: &mut Option<Socket<Any>>,
) -> zmq::Result<(K::From, Message)> {
    let (way, time) = (random.below(3), time(random));
    typed(socket, |socket: &Socket<K>| match way {
        0 => socket.recv_from(),
        1 => socket.recv_from_within(time),
        _ => socket.try_recv_from(),
    })
}

/// Uses the socket with its static type.
fn typed<K: Kind, T>(place: &mut Option<Socket<Any>>, call: impl FnOnce(&Socket<K>) -> T) -> T {
    let socket = place.take().unwrap().downcast().unwrap();
    let result = call(&socket);
    *place = Some(socket.into_any());
    result
}
