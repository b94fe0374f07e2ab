//! Proxies on their own threads, some with a capture socket, and the handles or sockets that control them.

use std::thread::{self, JoinHandle};

use zmq::proxy::{Handle, Proxy, Undelivered};
use zmq::{Any, ErrorKind, Multipart, Pair, Socket, SocketKind};

use super::attach::{bind, connect};
use super::common::random::Random;
use super::draws::{self, Mechanism};
use super::held::Held;
use super::invariants::check_whole;
use super::world::World;

const PAIRS: &[(SocketKind, SocketKind)] = &[
    (SocketKind::Router, SocketKind::Dealer),
    (SocketKind::XSub, SocketKind::XPub),
    (SocketKind::XPub, SocketKind::XSub),
    (SocketKind::Pull, SocketKind::Push),
    (SocketKind::Dealer, SocketKind::Router),
];

/// A proxy that runs, or has ended.
pub(crate) struct Steered {
    steering: Control,
    thread: Option<JoinHandle<()>>,
}

enum Control {
    Handle(Handle),
    Socket(Socket<Pair>),
}

impl Steered {
    /// Two sockets and a proxy between them. Returns `None` if the context has ended.
    pub(crate) fn start(world: &World, random: &mut Random) -> Option<Steered> {
        let (front, back) = PAIRS[random.below(PAIRS.len())];
        let (front, back) = (proxied(world, random, front)?, proxied(world, random, back)?);
        let capture = match random.below(3) {
            0 => Some(proxied(world, random, SocketKind::Pub)?),
            1 => Some(proxied(world, random, SocketKind::Push)?),
            _ => None,
        };
        let run = move |control: Control| {
            let mut proxy = Proxy::new(&front, &back);
            if let Some(capture) = &capture {
                proxy = proxy.capture(capture);
            }
            let proxy = match &control {
                Control::Handle(handle) => proxy.control(handle),
                Control::Socket(socket) => proxy.control_socket(socket),
            };
            match proxy.run() {
                Ok(undelivered) => check(undelivered),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Terminated, "{error}"),
            }
        };
        let (steering, thread) = if random.once_in(3) {
            let (ours, theirs) = (world.context.socket(Pair).ok()?, world.context.socket(Pair).ok()?);
            let name = format!("inproc://steering {}", world.number());
            ours.bind(&name).ok()?;
            theirs.connect(&name).ok()?;
            (Control::Socket(ours), thread::spawn(move || run(Control::Socket(theirs))))
        } else {
            let handle = Handle::new();
            let steered = handle.clone();
            (Control::Handle(handle), thread::spawn(move || run(Control::Handle(steered))))
        };
        Some(Steered { steering, thread: Some(thread) })
    }

    /// Pauses or resumes the proxy, or asks for its statistics.
    pub(crate) fn act(&self, random: &mut Random) {
        let order = random.below(3);
        match &self.steering {
            Control::Handle(handle) => match order {
                0 => handle.pause().unwrap(),
                1 => handle.resume().unwrap(),
                _ => drop(handle.statistics().unwrap()),
            },
            Control::Socket(socket) => {
                // Commands remain unanswered for some time, or forever if the proxy has ended.
                let _ = socket.try_send(["PAUSE", "RESUME", "STATISTICS"][order]);
                while let Ok(reply) = socket.try_recv_multipart() {
                    assert!([1, 8].contains(&reply.len()), "a reply of {} parts", reply.len());
                }
            }
        }
    }
}

impl Drop for Steered {
    fn drop(&mut self) {
        match &self.steering {
            Control::Handle(handle) => handle.terminate().unwrap(),
            Control::Socket(socket) => {
                // There may be no room before the proxy has read the earlier commands.
                while self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
                    && socket
                        .try_send("TERMINATE")
                        .is_err_and(|failure| failure.kind() == ErrorKind::WouldBlock)
                {
                    let _ = socket.try_recv_multipart();
                    thread::yield_now();
                }
            }
        }
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            if !thread::panicking() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// An undelivered message is whole.
fn check(undelivered: Undelivered) {
    let whole = |message: Multipart| {
        let parts: Vec<_> = message.into_iter().map(|part| part.to_vec()).collect();
        check_whole(&parts, "undelivered");
    };
    undelivered.to_backend.map(whole);
    undelivered.to_frontend.map(whole);
}

fn proxied(world: &World, random: &mut Random, kind: SocketKind) -> Option<Socket<Any>> {
    let socket = world.context.socket(Any(kind)).ok()?;
    draws::usual_options(random, &socket).ok()?;
    let mut held = Held::new(socket, world.number(), Mechanism::Null, false);
    for _ in 0..1 + random.below(2) {
        if random.once_in(3) {
            connect(&mut held, world, random);
        } else {
            bind(&mut held, world, random);
        }
    }
    held.socket
}
