//! Random acts: sockets of every type are created, bound, connected, monitored, moved between threads and dropped,
//! while they send and receive in all possible ways. At the end the context is dropped, often while calls are in
//! progress.
//!
//! Messages arrive whole, and in order if no connection was replaced. A refused message is returned with all its bytes.
//! Every owner of bytes is dropped once. Nothing aborts or hangs. Each round runs in its own process, so that a failure
//! can be reported with its seed.
//!
//! `ZMQ_STRESS_ACTS` is the total number of acts, and `ZMQ_STRESS_SEED` selects them. The same seed produces the same
//! choices, but the system decides the order in which the threads make them. `ZMQ_STRESS_FIRST` is the number of the
//! first round, to start with a round that failed.

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
fn acts_keep_their_promises_while_connections_stay() {
    rounds("acts_keep_their_promises_while_connections_stay", |round| act(round, true));
}

#[test]
fn acts_keep_their_promises_while_connections_change() {
    rounds("acts_keep_their_promises_while_connections_change", |round| act(round, false));
}

/// One round: three threads act, and at the end everything that they share is dropped.
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
