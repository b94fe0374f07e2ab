//! Peers that keep to no protocol: bound sockets of every kind take what a seeded generator thinks of, and meanwhile a
//! well-behaved client is served. In the end no descriptor is missing, and no memory.
//!
//! `ZMQ_HOSTILE_INPUTS` says how many inputs there are in all, `ZMQ_HOSTILE_SEED` which ones. A seed gives the same
//! inputs every time; when they meet what else the process does is up to the system.

#![cfg(all(zmq_vendored, target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "hostile_peers/connection.rs"]
mod connection;
#[path = "hostile_peers/inputs.rs"]
mod inputs;
#[path = "hostile_peers/process.rs"]
mod process;
#[path = "hostile_peers/random.rs"]
mod random;
#[path = "hostile_peers/served.rs"]
mod served;

use std::time::Instant;

use common::{LIMIT, context};
use connection::{Connection, Crowd};
use inputs::{Target, input, plain_conversation};
use process::{descriptors, in_child, memory, setting};
use random::Random;
use served::{Client, Server};
use zmq::{Capability, SocketKind};

/// How many inputs there are, for all kinds together.
const INPUTS: u64 = 20_000;

/// How many kinds there are.
const KINDS: u64 = 12;

/// Those that are not attacked.
const DRAFT: [&str; 9] =
    ["SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "DGRAM", "PEER", "CHANNEL"];

/// After so many inputs the well-behaved client has to be served again.
const BATCH: u64 = 64;

/// The memory may have grown by so much in the end: what allocators and threads keep varies.
const GROWTH: usize = 8 << 20;

/// The sockets of one kind that are attacked, one after the other.
fn endpoints(kind: SocketKind) -> Vec<(&'static str, Option<u64>)> {
    let limit = Some(64 << 10);
    if kind == SocketKind::Stream {
        return vec![("tcp://127.0.0.1:*", limit), ("tcp://127.0.0.1:*", None)];
    }
    let mut endpoints = vec![
        ("tcp://127.0.0.1:*", limit),
        ("tcp://127.0.0.1:*", None),
        ("ipc://*", limit),
        ("ipc://*", None),
    ];
    if zmq::has(Capability::Ws) {
        endpoints.extend([("ws://127.0.0.1:*", limit), ("ws://127.0.0.1:*", None)]);
    }
    endpoints
}

/// Attacks the sockets of one kind.
fn attack(kind: SocketKind) {
    let seed = setting("ZMQ_HOSTILE_SEED", 1);
    let endpoints = endpoints(kind);
    let inputs =
        setting("ZMQ_HOSTILE_INPUTS", INPUTS).div_ceil(KINDS * u64::try_from(endpoints.len()).unwrap());
    for (number, (endpoint, max_size)) in (0..).zip(endpoints) {
        println!("{kind:?} at {endpoint}, frames up to {max_size:?}, seed {seed}");
        let context = context();
        let server = Server::new(&context, kind, endpoint, max_size);
        let client = Client::new(&context, &server);
        let target = Target { peer: server.peer(), websocket: endpoint.starts_with("ws:") };
        let open = descriptors();
        cut_at_every_byte(&server, &client, target);

        let before = settled(&client, open);
        let first = number << 40;
        let mut crowd = Crowd::new(&server.endpoint);
        for number in first..first + inputs {
            let mut random = Random::new(seed, number);
            let input = input(&mut random, target);
            crowd.take(&mut random, input);
            if number % BATCH == BATCH - 1 {
                client.is_served();
                println!("served after {} inputs", number - first + 1);
            }
        }
        drop(crowd);
        let after = settled(&client, open);
        println!("memory: {} KiB, then {} KiB", before >> 10, after >> 10);
        assert!(after < before + GROWTH, "the memory grew from {before} to {after}");
        // One that comes later is served too, where there can be more than one.
        if kind != SocketKind::Pair {
            Client::new(&context, &server);
        }
    }
}

/// A valid conversation ends after each of its bytes.
fn cut_at_every_byte(server: &Server, client: &Client, target: Target) {
    let bytes = plain_conversation(target);
    for len in 0..bytes.len() {
        Connection::new(&server.endpoint).write(&bytes[..len]);
    }
    client.is_served();
}

/// The memory in use, once the last of the connections is gone, so that there are as many descriptors as in the beginning.
fn settled(client: &Client, open: usize) -> usize {
    let deadline = Instant::now() + LIMIT;
    loop {
        client.is_served();
        let count = descriptors();
        if count == open {
            return memory();
        }
        assert!(Instant::now() < deadline, "{count} descriptors, not {open}");
    }
}

macro_rules! kinds {
    ($($name:ident: $kind:ident)+) => {
        $(
            #[test]
            fn $name() {
                if in_child(stringify!($name)) {
                    attack(SocketKind::$kind);
                }
            }
        )+

        #[test]
        fn no_kind_is_left_out() {
            let tested = [$(SocketKind::$kind),+];
            assert_eq!(u64::try_from(tested.len()).unwrap(), KINDS);
            for kind in SocketKind::ALL {
                assert!(tested.contains(kind) || DRAFT.contains(&kind.name()), "{kind:?}");
            }
        }
    };
}

kinds! {
    pair: Pair
    publish: Pub
    subscribe: Sub
    request: Req
    reply: Rep
    dealer: Dealer
    router: Router
    pull: Pull
    push: Push
    xpub: XPub
    xsub: XSub
    stream: Stream
}
