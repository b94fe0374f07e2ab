//! Random acts: sockets of every kind are made, bound, connected, watched, moved between threads and dropped while
//! they send and receive in all ways that there are, and in the end the context goes, often in the midst of it.
//!
//! Messages arrive whole, and in order where no connection was made anew; a message that is refused comes back with
//! all its bytes; every owner of bytes is dropped once; and nothing aborts or hangs. Each round is a process of its own,
//! so that one that ends badly is told with its seed.
//!
//! `ZMQ_STRESS_ACTS` says how many acts there are in all, `ZMQ_STRESS_SEED` which ones. A seed gives the same choices
//! every time; the order in which the threads come to them is up to the system. `ZMQ_STRESS_FIRST` is the number of the
//! first round, to begin with the one that failed.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod acts;
mod attach;
mod child;
#[path = "../common/mod.rs"]
mod common;
#[cfg(zmq_draft)]
mod drafts;
mod draws;
mod fds;
mod held;
mod invariants;
mod polling;
mod proxies;
#[cfg(zmq_draft)]
mod shared;
mod socks;
mod timed;
mod world;

use std::thread;

use acts::Actor;
use child::{Round, THREADS, rounds};
use world::World;
use zmq::Context;

#[test]
fn connections_stay() {
    rounds("connections_stay", |round| act(round, true));
}

#[test]
fn connections_come_and_go() {
    rounds("connections_come_and_go", |round| act(round, false));
}

/// One round: three threads act, and in the end all that they shared goes.
fn act(round: &Round, in_order: bool) {
    let mut random = round.random(THREADS);
    let context = Context::builder().io_threads(u32::try_from(1 + random.below(2)).unwrap()).build().unwrap();
    context.set_blocky(false).unwrap();
    context.set_zero_copy_recv(random.once_in(2)).unwrap();
    let world = World::new(context, in_order);
    if random.once_in(2) {
        world.change_authenticator(&mut random);
    }
    let acts = round.acts.div_ceil(u64::try_from(THREADS).unwrap());
    let shutdown = random.once_in(2).then(|| random.number() % acts);
    thread::scope(|scope| {
        for index in 0..THREADS {
            let (world, random) = (&world, round.random(index));
            let shutdown = shutdown.filter(|_| index == 0);
            scope.spawn(move || {
                let mut actor = Actor::new(world, index, random);
                child::did(actor.perform(acts, shutdown));
            });
        }
    });
    child::begins(0, "the end of the context");
    drop(world);
    println!("{} owners", invariants::check_all_dropped());
}
