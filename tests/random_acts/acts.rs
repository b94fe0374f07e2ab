//! The acts, and the threads that do them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use zmq::security::Authenticator;
use zmq::{
    Any, BoundedMonitor, Context, ErrorKind, Monitor, MonitorEvents, POLLIN, POLLOUT, PollItem, Poller,
    ProxyHandle, Socket, SocketKind,
};

use super::child::begins;
use super::common::random::Random;
use super::draws::{self, Mechanism, talk_to_each_other, time};
use super::held::{Held, Kept};

/// How many sockets a thread holds.
const SOCKETS: usize = 8;

/// Of the endpoints, so many of the latest are connected to.
const PLACES: usize = 30;

/// What the threads of a round share.
pub(crate) struct World {
    pub(crate) context: Context,
    /// Whether connections stay as they were made, so that messages stay in order.
    pub(crate) in_order: bool,
    numbers: AtomicU32,
    places: Mutex<Vec<Place>>,
    /// Sockets on their way from one thread to another.
    moving: Mutex<Vec<Held>>,
    authenticator: Mutex<Option<Authenticator>>,
    ended: AtomicBool,
}

/// Where a socket is, or was, or will be bound.
#[derive(Clone)]
struct Place {
    endpoint: String,
    kind: SocketKind,
    mechanism: Mechanism,
}

impl World {
    pub(crate) fn new(context: Context, in_order: bool) -> World {
        World {
            context,
            in_order,
            numbers: AtomicU32::new(1),
            places: Mutex::default(),
            moving: Mutex::default(),
            authenticator: Mutex::default(),
            ended: AtomicBool::new(false),
        }
    }

    fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn add_place(&self, place: Place) {
        let mut places = lock(&self.places);
        places.push(place);
        if places.len() > PLACES {
            places.remove(0);
        }
    }

    /// Somewhere to connect to: mostly where somebody is who fits.
    fn place(&self, random: &mut Random, held: &Held) -> Option<Place> {
        let misfits = !held.stays && random.once_in(16);
        let fits = |place: &&Place| {
            let fits = talk_to_each_other(place.kind, held.kind) && place.mechanism == held.mechanism;
            // Over inproc nobody looks at the kind of a peer. What a STREAM reads is not whole, nor is what it sends.
            let is_stream = [held.kind, place.kind].contains(&SocketKind::Stream);
            fits || (misfits && !is_stream && !place.endpoint.starts_with("inproc:"))
        };
        let places = lock(&self.places);
        let places: Vec<_> = places.iter().filter(fits).collect();
        (!places.is_empty()).then(|| places[random.below(places.len())].clone())
    }

    /// Starts an authenticator, or drops the one that there is.
    pub(crate) fn change_authenticator(&self, random: &mut Random) {
        // Dropping it takes the time of a decision.
        let before = lock(&self.authenticator).take();
        if before.is_some() {
            return;
        }
        let Ok(authenticator) = Authenticator::new(&self.context) else { return };
        if random.once_in(4) {
            let handler = |_: &zmq::security::Request| zmq::security::Decision::accept();
            let _ = authenticator.set_handler("*", handler);
        } else {
            let _ = authenticator.set_plain_passwords("*", [("guest", "guest")]);
            #[cfg(zmq_curve)]
            let _ = authenticator.set_curve_clients("*", zmq::security::CurveClients::any());
        }
        *lock(&self.authenticator) = Some(authenticator);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of the threads, with what it holds.
pub(crate) struct Actor<'a> {
    world: &'a World,
    index: usize,
    random: Random,
    sockets: Vec<Held>,
    monitors: Vec<Monitor>,
    bounded: Vec<BoundedMonitor>,
    proxies: Vec<(ProxyHandle, JoinHandle<()>)>,
    kept: Kept,
}

impl Drop for Actor<'_> {
    fn drop(&mut self) {
        while let Some(proxy) = self.proxies.pop() {
            end_proxy(proxy);
        }
    }
}

fn end_proxy((handle, thread): (ProxyHandle, JoinHandle<()>)) {
    handle.terminate().unwrap();
    thread.join().unwrap();
}

impl<'a> Actor<'a> {
    pub(crate) fn new(world: &'a World, index: usize, random: Random) -> Actor<'a> {
        Actor {
            world,
            index,
            random,
            sockets: Vec::new(),
            monitors: Vec::new(),
            bounded: Vec::new(),
            proxies: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// Acts so often, and shuts the context down on the way if told so. Not much comes after that.
    pub(crate) fn perform(&mut self, acts: u64, shutdown: Option<u64>) {
        let mut after_end = 0;
        for number in 0..acts {
            if shutdown == Some(number) {
                begins(self.index, "shutdown");
                self.world.context.shutdown().unwrap();
                self.world.ended.store(true, Ordering::Relaxed);
            }
            if self.world.ended.load(Ordering::Relaxed) {
                after_end += 1;
            }
            if after_end > 50 {
                break;
            }
            self.act();
        }
        begins(self.index, "the end");
    }

    fn act(&mut self) {
        if self.sockets.is_empty() || (self.sockets.len() < SOCKETS && self.random.once_in(10)) {
            return self.make();
        }
        let index = self.random.below(self.sockets.len());
        let act = self.random.below(100);
        let held = &mut self.sockets[index];
        begins(self.index, &format!("act {act} with {} {}", held.kind.name(), held.number));
        let random = &mut self.random;
        match act {
            0..36 if held.can_send() => held.send(random, &mut self.kept),
            0..72 if held.can_receive() => drop(held.receive(random, &mut self.kept)),
            0..72 => held.send(random, &mut self.kept),
            72..75 => self.attach(index),
            75 | 76 => {
                let _ = if !held.stays && random.once_in(3) {
                    draws::set_breaking_option(random, held.socket())
                } else {
                    draws::set_option(random, held.socket())
                };
                held.look_at_conflate();
            }
            77 if !held.stays => unbind(held, random),
            78 if !held.stays => disconnect(held, random),
            79 => subscribe(held, random),
            80 => {
                let held = self.sockets.swap_remove(index);
                lock(&self.world.moving).push(held);
            }
            81 | 82 => {
                let came = lock(&self.world.moving).pop();
                self.sockets.extend(came);
            }
            83 if random.once_in(2) => drop(self.sockets.swap_remove(index)),
            83 => {
                let held = self.sockets.swap_remove(index);
                let closed = held.socket.unwrap().close(time(random));
                assert!(closed.is_ok() || self.world.ended.load(Ordering::Relaxed) || is_terminated(closed));
            }
            84..86 => self.watch(index),
            86 => self.look_at_monitors(),
            87 | 88 => self.poll(),
            89 => drop(held.socket().events()),
            90 if !self.world.in_order => self.start_proxy(),
            91 if !self.proxies.is_empty() => {
                let index = random.below(self.proxies.len());
                end_proxy(self.proxies.swap_remove(index));
            }
            92 => drop(self.monitors.pop()),
            93 => self.kept.drop_one(),
            94 if random.once_in(4) => self.world.change_authenticator(random),
            // A reader that catches up.
            95..98 if held.can_receive() => {
                for _ in 0..50 {
                    if !held.receive(random, &mut self.kept) {
                        break;
                    }
                }
            }
            _ if held.can_send() => {
                for _ in 0..random.below(30) {
                    held.send(random, &mut self.kept);
                }
            }
            _ => {}
        }
    }

    /// A new socket, bound or connected in most cases.
    fn make(&mut self) {
        begins(self.index, "make");
        let kind = draws::kind(&mut self.random);
        let socket = match self.world.context.socket(Any(kind)) {
            Ok(socket) => socket,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Terminated, "{error}");
                return;
            }
        };
        let mechanism = Mechanism::draw(&mut self.random, kind);
        let _ = draws::usual_options(&mut self.random, &socket);
        for _ in 0..self.random.below(4) {
            let _ = draws::set_option(&mut self.random, &socket);
        }
        self.sockets.push(Held::new(socket, self.world.number(), mechanism, self.world.in_order));
        let index = self.sockets.len() - 1;
        self.sockets[index].look_at_conflate();
        if !self.random.once_in(8) {
            self.attach(index);
        }
        subscribe(&mut self.sockets[index], &mut self.random);
    }

    /// Binds or connects a socket; once only if it is to stay where it is.
    fn attach(&mut self, index: usize) {
        let held = &mut self.sockets[index];
        let attached = held.bound.len() + held.connected.len();
        // What has a security mechanism is a server or a client.
        if (held.stays && attached > 0) || attached > 4 {
            return;
        }
        let binds = match (held.mechanism, attached) {
            (Mechanism::Null, _) | (_, 0) => self.random.once_in(2),
            _ => !held.bound.is_empty(),
        };
        if binds || held.is("DGRAM") {
            bind(held, self.world, &mut self.random);
        } else {
            connect(held, self.world, &mut self.random);
        }
    }

    fn watch(&mut self, index: usize) {
        let Ok(monitor) = self.sockets[index].socket().monitor(MonitorEvents::ALL) else { return };
        if self.monitors.len() + self.bounded.len() > 6 {
            self.monitors.clear();
            self.bounded.clear();
        }
        if self.random.once_in(3) {
            self.bounded.extend(monitor.bounded(1 + self.random.below(20)));
        } else {
            self.monitors.push(monitor);
        }
    }

    fn look_at_monitors(&mut self) {
        for monitor in &self.monitors {
            while monitor.try_recv().is_ok() {}
        }
        for monitor in &self.bounded {
            while monitor.try_recv().is_ok() {}
        }
    }

    fn poll(&mut self) {
        let time = time(&mut self.random);
        if self.random.once_in(2) {
            let mut items: Vec<_> =
                self.sockets.iter().map(|held| PollItem::new(held.socket(), POLLIN)).collect();
            items.extend(self.monitors.iter().map(PollItem::from_monitor));
            // A shutdown ends it.
            let _ = zmq::poll(&mut items, time);
            return;
        }
        let poller = Poller::new();
        for (key, held) in self.sockets.iter().enumerate() {
            let _ = poller.add(held.socket(), key, if self.random.once_in(2) { POLLIN } else { POLLOUT });
        }
        if let Some(held) = self.sockets.first()
            && self.random.once_in(2)
        {
            let _ = poller.remove(held.socket());
        }
        if let Ok(ready) = poller.wait(time) {
            assert!(ready.count() <= self.sockets.len());
        }
    }

    /// Two sockets and a proxy between them, on a thread of its own.
    fn start_proxy(&mut self) {
        const PAIRS: &[(SocketKind, SocketKind)] = &[
            (SocketKind::Router, SocketKind::Dealer),
            (SocketKind::XSub, SocketKind::XPub),
            (SocketKind::XPub, SocketKind::XSub),
            (SocketKind::Pull, SocketKind::Push),
            (SocketKind::Dealer, SocketKind::Router),
        ];
        if self.proxies.len() >= 2 {
            return;
        }
        let (front, back) = PAIRS[self.random.below(PAIRS.len())];
        let (Some(front), Some(back)) = (self.proxied(front), self.proxied(back)) else { return };
        let handle = ProxyHandle::new();
        let steered = handle.clone();
        let plain = self.random.once_in(4);
        let thread = thread::spawn(move || {
            let result = zmq::proxy_steerable(&front, &back, None, &steered);
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::Terminated, "{error}");
            }
        });
        if plain {
            let _ = handle.statistics();
        }
        self.proxies.push((handle, thread));
    }

    fn proxied(&mut self, kind: SocketKind) -> Option<Socket<Any>> {
        let socket = self.world.context.socket(Any(kind)).ok()?;
        draws::usual_options(&mut self.random, &socket).ok()?;
        let mut held = Held::new(socket, self.world.number(), Mechanism::Null, false);
        for _ in 0..1 + self.random.below(2) {
            if self.random.once_in(3) {
                connect(&mut held, self.world, &mut self.random);
            } else {
                bind(&mut held, self.world, &mut self.random);
            }
        }
        held.socket
    }
}

fn is_terminated<T>(result: zmq::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::Terminated)
}

fn bind(held: &mut Held, world: &World, random: &mut Random) {
    let endpoint = draws::endpoint(random, held.kind, world.number());
    if held.mechanism != Mechanism::Null && held.bound.is_empty() {
        let _ = held.socket().set_security(held.mechanism.server());
    }
    let place =
        |endpoint: &str| Place { endpoint: endpoint.to_owned(), kind: held.kind, mechanism: held.mechanism };
    // Others may connect first.
    let early = endpoint.starts_with("inproc:") && random.once_in(3);
    if early {
        world.add_place(place(&endpoint));
        if random.once_in(3) {
            return;
        }
    }
    let Ok(endpoint) = held.socket().bind(&endpoint) else { return };
    #[cfg(zmq_draft)]
    held.peers.knows_address(endpoint.as_str());
    if !early {
        world.add_place(place(endpoint.as_str()));
    }
    held.bound.push(endpoint.as_str().to_owned());
}

fn connect(held: &mut Held, world: &World, random: &mut Random) {
    let Some(place) = world.place(random, held) else { return bind(held, world, random) };
    if held.mechanism != Mechanism::Null && held.connected.is_empty() {
        let _ = held.socket().set_security(held.mechanism.client(random));
    }
    let endpoint = place.endpoint;
    #[cfg(zmq_draft)]
    if held.is("PEER") && random.once_in(2) {
        let socket = held.socket.take().unwrap();
        if held.peers.connect(&socket, &endpoint).is_ok() {
            held.connected.push(endpoint);
        }
        held.socket = Some(socket);
        return;
    }
    let connected = if ["ROUTER", "STREAM"].contains(&held.kind.name()) && random.once_in(2) {
        held.socket().connect_with_routing_id(&endpoint, random.pick(&["A", "B"]))
    } else {
        held.socket().connect(&endpoint)
    };
    if connected.is_ok() {
        held.connected.push(endpoint);
    }
}

fn unbind(held: &mut Held, random: &mut Random) {
    if !held.bound.is_empty() {
        let endpoint = held.bound.swap_remove(random.below(held.bound.len()));
        let _ = held.socket().unbind(endpoint);
    }
}

fn disconnect(held: &mut Held, random: &mut Random) {
    if !held.connected.is_empty() {
        let endpoint = held.connected.swap_remove(random.below(held.connected.len()));
        let _ = held.socket().disconnect(endpoint);
    }
}

/// Subscribes, joins, or takes that back, if the socket's kind does.
fn subscribe(held: &mut Held, random: &mut Random) {
    let socket = held.socket();
    let topic = random.pick(&["", "M", "M\u{1}", "#"]);
    let _ = match held.kind.name() {
        "SUB" | "XPUB" if random.once_in(4) => socket.unsubscribe(topic),
        "SUB" | "XPUB" => socket.subscribe(topic),
        #[cfg(zmq_draft)]
        "DISH" if random.once_in(4) => socket.leave(random.pick(&super::drafts::GROUPS)),
        #[cfg(zmq_draft)]
        "DISH" => socket.join(random.pick(&super::drafts::GROUPS)),
        _ => Ok(()),
    };
}
