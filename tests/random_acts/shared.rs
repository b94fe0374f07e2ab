//! Sockets of draft types that several threads use at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zmq::message::RoutingId;
use zmq::monitor::Events;
use zmq::{
    Any, Channel, Client, Dish, ErrorKind, Gather, Message, POLLIN, Peer, PollItem, Radio, Scatter,
    SendError, Server, Socket, SocketKind,
};

use super::common::random::Random;
use super::drafts::GROUPS;
use super::draws::{self, Mechanism, time};
use super::held::Kept;
use super::invariants::{Origin, check_refused, check_whole, content};
use super::world::{Place, World, lock};

/// The number of such sockets at a time.
const COUNT: usize = 3;

/// The sockets that each thread may share.
pub(crate) type Offered = Mutex<Vec<Arc<Shared>>>;

/// A socket and its endpoint.
pub(crate) struct Shared {
    socket: Sort,
    kind: SocketKind,
    in_order: bool,
    attached: Mutex<Attached>,
    /// Known peers.
    ids: Mutex<Vec<RoutingId>>,
}

#[derive(Default)]
struct Attached {
    /// Whether it was bound or connected at any time.
    ever: bool,
    bound: Vec<String>,
    connected: Vec<String>,
}

enum Sort {
    Server(Socket<Server>),
    Client(Socket<Client>),
    Radio(Socket<Radio>),
    Dish(Socket<Dish>),
    Gather(Socket<Gather>),
    Scatter(Socket<Scatter>),
    Peer(Socket<Peer>),
    Channel(Socket<Channel>),
}

/// Does the same with a socket of any of these types.
macro_rules! each {
    ($shared:expr, $socket:ident => $call:expr) => {
        match &$shared.socket {
            Sort::Server($socket) => $call,
            Sort::Client($socket) => $call,
            Sort::Radio($socket) => $call,
            Sort::Dish($socket) => $call,
            Sort::Gather($socket) => $call,
            Sort::Scatter($socket) => $call,
            Sort::Peer($socket) => $call,
            Sort::Channel($socket) => $call,
        }
    };
}

impl Shared {
    /// Returns `None` once the context has ended.
    fn new(world: &World, random: &mut Random) -> Option<Shared> {
        let context = &world.context;
        let names = ["SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "PEER", "CHANNEL"];
        let name = random.pick(&names);
        let kind = SocketKind::ALL.iter().copied().find(|kind| kind.name() == name)?;
        let socket = context.socket(Any(kind)).ok()?;
        draws::usual_options(random, &socket).ok()?;
        for _ in 0..random.below(4) {
            let _ = draws::set_option(random, &socket);
        }
        let socket = match kind {
            SocketKind::Server => Sort::Server(socket.downcast().ok()?),
            SocketKind::Client => Sort::Client(socket.downcast().ok()?),
            SocketKind::Radio => Sort::Radio(socket.downcast().ok()?),
            SocketKind::Dish => Sort::Dish(socket.downcast().ok()?),
            SocketKind::Gather => Sort::Gather(socket.downcast().ok()?),
            SocketKind::Scatter => Sort::Scatter(socket.downcast().ok()?),
            SocketKind::Peer => Sort::Peer(socket.downcast().ok()?),
            _ => Sort::Channel(socket.downcast().ok()?),
        };
        Some(Shared {
            socket,
            kind,
            in_order: world.in_order,
            attached: Mutex::default(),
            ids: Mutex::default(),
        })
    }

    /// Binds or connects it, while other threads use it.
    fn attach(&self, world: &World, random: &mut Random) {
        let binds = random.once_in(2);
        {
            let mut attached = lock(&self.attached);
            if std::mem::replace(&mut attached.ever, true) && self.in_order
                || attached.bound.len() + attached.connected.len() > 4
            {
                return;
            }
        }
        if binds {
            let endpoint = draws::endpoint(random, self.kind, world.number());
            let Ok(endpoint) = each!(self, socket => socket.bind(endpoint)) else { return };
            let endpoint = endpoint.as_str().to_owned();
            world.add_place(Place {
                endpoint: endpoint.clone(),
                kind: self.kind,
                mechanism: Mechanism::Null,
            });
            return lock(&self.attached).bound.push(endpoint);
        }
        let fits = |place: &Place| {
            place.mechanism == Mechanism::Null && draws::talk_to_each_other(place.kind, self.kind)
        };
        let Some(Place { endpoint, .. }) = world.fitting(random, fits) else { return };
        let connected = match &self.socket {
            Sort::Peer(socket) if random.once_in(2) => {
                socket.connect_peer(&endpoint).map(|id| self.knows(id))
            }
            _ => each!(self, socket => socket.connect(&endpoint)),
        };
        if connected.is_ok() {
            lock(&self.attached).connected.push(endpoint);
        }
    }

    fn detach(&self, random: &mut Random) {
        let unbinds = random.once_in(2);
        let endpoint = {
            let mut attached = lock(&self.attached);
            let from = if unbinds { &mut attached.bound } else { &mut attached.connected };
            if from.is_empty() {
                return;
            }
            from.swap_remove(random.below(from.len()))
        };
        let _ = each!(self, socket => match unbinds {
            true => socket.unbind(&endpoint),
            false => socket.disconnect(&endpoint),
        });
    }

    fn send(&self, random: &mut Random, message: Message) -> Result<(), SendError> {
        let (way, time) = (random.below(3), time(random));
        macro_rules! send {
            ($socket:ident) => {
                match way {
                    0 => $socket.send(message),
                    1 => $socket.send_within(message, time),
                    _ => $socket.try_send(message),
                }
            };
            ($socket:ident, $to:expr) => {
                match way {
                    0 => $socket.send_to($to, message),
                    1 => $socket.send_to_within($to, message, time),
                    _ => $socket.try_send_to($to, message),
                }
            };
        }
        match &self.socket {
            Sort::Server(socket) => send!(socket, self.id(random)),
            Sort::Peer(socket) => send!(socket, self.id(random)),
            Sort::Radio(socket) => send!(socket, random.pick(&GROUPS)),
            Sort::Client(socket) => send!(socket),
            Sort::Scatter(socket) => send!(socket),
            Sort::Channel(socket) => send!(socket),
            Sort::Dish(_) | Sort::Gather(_) => Ok(()),
        }
    }

    fn receive(&self, random: &mut Random) -> Option<zmq::Result<Message>> {
        let (way, time) = (random.below(3), time(random));
        macro_rules! receive {
            ($socket:ident) => {
                match way {
                    0 => $socket.recv(),
                    1 => $socket.recv_within(time),
                    _ => $socket.try_recv(),
                }
            };
            ($socket:ident from) => {
                match way {
                    0 => $socket.recv_from(),
                    1 => $socket.recv_from_within(time),
                    _ => $socket.try_recv_from(),
                }
                .map(|(id, message)| {
                    self.knows(id);
                    message
                })
            };
        }
        Some(match &self.socket {
            Sort::Server(socket) => receive!(socket from),
            Sort::Peer(socket) => receive!(socket from),
            Sort::Client(socket) => receive!(socket),
            Sort::Dish(socket) => receive!(socket),
            Sort::Gather(socket) => receive!(socket),
            Sort::Channel(socket) => receive!(socket),
            Sort::Radio(_) | Sort::Scatter(_) => return None,
        })
    }

    fn id(&self, random: &mut Random) -> RoutingId {
        let ids = lock(&self.ids);
        match ids.len() {
            0 => RoutingId::new(1).unwrap(),
            count => ids[random.below(count)],
        }
    }

    fn knows(&self, id: RoutingId) {
        let mut ids = lock(&self.ids);
        if !ids.contains(&id) {
            ids.truncate(7);
            ids.insert(0, id);
        }
    }

    fn subscribe(&self, random: &mut Random) {
        if let Sort::Dish(socket) = &self.socket {
            let group = random.pick(&GROUPS);
            let _ = if random.once_in(4) { socket.leave(group) } else { socket.join(group) };
        }
    }

    fn watch(&self, random: &mut Random) {
        let monitor = each!(self, socket => socket.monitor(Events::ALL));
        if let Ok(monitor) = monitor {
            let _ = monitor.recv_within(time(random));
        }
    }

    fn poll(&self, random: &mut Random) {
        each!(self, socket => {
            let _ = zmq::poll(&mut [PollItem::new(socket, POLLIN)], time(random));
            let _ = socket.events();
        });
    }
}

/// One thread's share of such a socket.
pub(crate) struct Share {
    shared: Arc<Shared>,
    /// The number of this thread as a sender. Only messages of one thread stay in order.
    sender: u32,
    sent: u64,
    last: HashMap<u32, u64>,
}

impl Share {
    /// Returns a share of an existing socket, or of a new one.
    pub(crate) fn take(world: &World, random: &mut Random) -> Option<Share> {
        let offered = {
            let offered = lock(&world.shared);
            (offered.len() >= COUNT).then(|| Arc::clone(&offered[random.below(offered.len())]))
        };
        let shared = match offered {
            Some(shared) => shared,
            None => {
                let shared = Arc::new(Shared::new(world, random)?);
                shared.attach(world, random);
                shared.subscribe(random);
                lock(&world.shared).push(Arc::clone(&shared));
                shared
            }
        };
        Some(Share { shared, sender: world.number(), sent: 0, last: HashMap::new() })
    }

    /// Withdraws an offered socket. It is closed with its last share.
    pub(crate) fn withdraw(world: &World, random: &mut Random) {
        let mut offered = lock(&world.shared);
        if !offered.is_empty() {
            let index = random.below(offered.len());
            let shared = offered.swap_remove(index);
            drop(offered);
            drop(shared);
        }
    }

    pub(crate) fn kind(&self) -> SocketKind {
        self.shared.kind
    }

    pub(crate) fn act(&mut self, world: &World, random: &mut Random, kept: &mut Kept) {
        match random.below(20) {
            0 => self.shared.attach(world, random),
            1 if !self.shared.in_order => self.shared.detach(random),
            2 => self.shared.subscribe(random),
            3 => self.shared.watch(random),
            4 => self.shared.poll(random),
            5..12 => self.send(random, kept),
            _ => self.receive(random, kept),
        }
    }

    fn send(&mut self, random: &mut Random, kept: &mut Kept) {
        let name = self.kind().name();
        self.sent += 1;
        let bytes = content(random, self.sender, self.sent, 1, true).remove(0);
        let message = kept.message(random, &bytes, name);
        if let Err(failure) = self.shared.send(random, message) {
            check_refused(failure.kind(), false, &failure.into_message(), &bytes, name);
        }
    }

    fn receive(&mut self, random: &mut Random, kept: &mut Kept) {
        let name = self.kind().name();
        let message = match self.shared.receive(random) {
            None => return,
            Some(Ok(message)) => kept.maybe(random, message),
            Some(Err(error)) => {
                let known = [ErrorKind::WouldBlock, ErrorKind::Terminated].contains(&error.kind());
                return assert!(known, "{name}: {error}");
            }
        };
        assert!(!message.has_more(), "{name}: more");
        let Some(Origin { sender, number }) = check_whole(&[message.to_vec()], name) else { return };
        if self.shared.in_order {
            let before = self.last.insert(sender, number).unwrap_or(0);
            assert!(before < number, "{name}: message {number} of {sender} after {before}");
        }
    }
}
