//! The acts, and the threads that perform them.

use std::sync::atomic::Ordering;

use zmq::monitor::{Bounded, Events};
use zmq::{Any, ErrorKind, Monitor};

use super::attach::{bind, connect, disconnect, subscribe, unbind};
use super::child::begins;
use super::common::random::Random;
use super::draws::{self, Mechanism, time};
use super::held::{Held, Kept};
use super::polling;
use super::proxies::Steered;
#[cfg(zmq_draft)]
use super::shared::Share;
use super::timed::Timed;
use super::world::{World, lock};

/// The number of sockets that a thread holds.
const SOCKETS: usize = 8;

/// One of the threads, and what it holds.
pub(crate) struct Actor<'a> {
    world: &'a World,
    index: usize,
    random: Random,
    sockets: Vec<Held>,
    monitors: Vec<Monitor>,
    bounded: Vec<Bounded>,
    proxies: Vec<Steered>,
    #[cfg(zmq_draft)]
    shares: Vec<Share>,
    timed: Timed,
    kept: Kept,
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
            #[cfg(zmq_draft)]
            shares: Vec::new(),
            timed: Timed::default(),
            kept: Kept::default(),
        }
    }

    /// Performs this many acts, and shuts the context down at some point if requested. Few acts follow after that.
    ///
    /// Returns the number of acts that were performed.
    pub(crate) fn perform(&mut self, acts: u64, shutdown: Option<u64>) -> u64 {
        let mut after_end = 0;
        let mut done = 0;
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
            done += 1;
        }
        begins(self.index, "the end");
        done
    }

    fn act(&mut self) {
        if self.sockets.is_empty() || (self.sockets.len() < SOCKETS && self.random.once_in(10)) {
            return self.make();
        }
        let index = self.random.below(self.sockets.len());
        let act = self.random.below(106);
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
            90 if !self.world.in_order && self.proxies.len() < 2 => {
                self.proxies.extend(Steered::start(self.world, random));
            }
            90 | 91 if !self.proxies.is_empty() => {
                let index = random.below(self.proxies.len());
                if random.once_in(3) {
                    drop(self.proxies.swap_remove(index));
                } else {
                    self.proxies[index].act(random);
                }
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
            100..102 => self.timed.act(random),
            #[cfg(zmq_draft)]
            102..106 => self.share(),
            _ if held.can_send() => {
                for _ in 0..random.below(30) {
                    held.send(random, &mut self.kept);
                }
            }
            _ => {}
        }
    }

    /// Performs some acts at once on a socket that other threads use too.
    #[cfg(zmq_draft)]
    fn share(&mut self) {
        let random = &mut self.random;
        if random.once_in(30) {
            Share::withdraw(self.world, random);
        }
        if self.shares.is_empty() || (self.shares.len() < 3 && random.once_in(10)) {
            self.shares.extend(Share::take(self.world, random));
        }
        if self.shares.is_empty() {
            return;
        }
        let index = random.below(self.shares.len());
        if random.once_in(20) {
            return drop(self.shares.swap_remove(index));
        }
        for _ in 0..1 + random.below(8) {
            self.shares[index].act(self.world, random, &mut self.kept);
        }
    }

    /// Creates a new socket, which is bound or connected in most cases.
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

    /// Binds or connects a socket; only once if it must keep its endpoint.
    fn attach(&mut self, index: usize) {
        let held = &mut self.sockets[index];
        let attached = held.bound.len() + held.connected.len();
        // A socket with a security mechanism is either a server or a client.
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
        let Ok(monitor) = self.sockets[index].socket().monitor(Events::ALL) else { return };
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
        let random = &mut self.random;
        let at_most = self.timed.timeout(time(random));
        if random.once_in(2) {
            polling::poll(random, &self.sockets, &self.monitors, at_most);
        } else {
            polling::poller(random, self.world, &mut self.sockets, &mut self.kept);
        }
        self.timed.execute();
    }
}

fn is_terminated<T>(result: zmq::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::Terminated)
}
