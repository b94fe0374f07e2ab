//! Peers that violate the protocol. A seeded generator sends inputs to bound sockets of every type, while a well-behaved
//! client must be served. No descriptor and no memory may be leaked.
//!
//! Some sockets require PLAIN or CURVE, and an authenticator decides. Their peers know how to be accepted, and then
//! violate the protocol.
//!
//! `ZMQ_HOSTILE_INPUTS` is the total number of inputs, and `ZMQ_HOSTILE_SEED` selects them. The same seed produces the
//! same inputs. The system decides when they meet the other actions of the process.

#![cfg(all(zmq_vendored, target_os = "linux"))]

use crate::common;
mod connection;
#[cfg(zmq_draft)]
mod draft;
mod inputs;
mod mechanism;
mod served;
mod talk;
mod websocket;

use std::net::UdpSocket;
use std::time::Instant;

use common::process::{descriptors, in_child, memory, setting};
use common::random::Random;
use common::{LIMIT, context};
use connection::{Connection, Crowd};
use inputs::{Target, input, plain_conversation};
use mechanism::{Mechanism, SECURE, authenticator};
use served::{Client, Place, Server};
use talk::{Past, talk};
use zmq::{Feature, SocketKind};

/// The number of inputs for all socket types together.
const INPUTS: u64 = 20_000;

/// With more inputs than this, every socket type is tested with every mechanism on every transport.
const MANY: u64 = 200_000;

/// The number of socket types and roles.
const KINDS: usize = if cfg!(zmq_draft) { 21 } else { 12 };

/// After this many inputs, the well-behaved client must be served again.
const BATCH: u64 = 64;

/// The tolerated growth of memory, because allocators and threads keep varying amounts. It is larger with
/// AddressSanitizer.
fn growth() -> usize {
    setting("ZMQ_HOSTILE_GROWTH", 8 << 20)
}

/// The sockets of one type that are attacked, one after the other.
fn places(kind: SocketKind) -> Vec<Place> {
    let place =
        |endpoint: &str, max_size, mechanism| Place { endpoint: endpoint.to_owned(), max_size, mechanism };
    let limit = Some(64 << 10);
    let mut transports = vec!["tcp://127.0.0.1:*", "ipc://*"];
    if zmq::has(Feature::Ws) {
        transports.push("ws://127.0.0.1:*");
    }
    // A port that was free a moment ago.
    let udp = || format!("udp://{}", UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    match kind.name() {
        "STREAM" => transports.truncate(1),
        "DGRAM" => return vec![place(&udp(), None, Mechanism::Null)],
        _ => {}
    }
    let mut places = Vec::new();
    for transport in &transports {
        places.extend([limit, None].map(|limit| place(transport, limit, Mechanism::Null)));
    }
    if kind.name() == "DISH" {
        places.push(place(&udp(), None, Mechanism::Null));
    }
    if kind == SocketKind::Stream {
        return places;
    }
    let many = setting("ZMQ_HOSTILE_INPUTS", INPUTS) > MANY;
    let turn = SocketKind::ALL.iter().position(|&other| other == kind).unwrap();
    for (number, &mechanism) in SECURE.iter().enumerate() {
        for (place_number, transport) in transports.iter().enumerate() {
            if many || (turn + number) % transports.len() == place_number {
                let limit = limit.filter(|_| (turn + place_number) % 2 == 0);
                places.push(place(transport, limit, mechanism));
            }
        }
    }
    places
}

/// Attacks the sockets of one kind.
fn attack(kind: SocketKind) {
    let seed = setting("ZMQ_HOSTILE_SEED", 1);
    let places = places(kind);
    let inputs = setting("ZMQ_HOSTILE_INPUTS", INPUTS).div_ceil(u64::try_from(KINDS * places.len()).unwrap());
    for (number, place) in (0..).zip(places) {
        println!("{kind:?}, {place:?}, seed {seed}");
        let context = context();
        let _authenticator = (place.mechanism != Mechanism::Null).then(|| authenticator(&context));
        let server = Server::new(&context, kind, &place);
        let client = Client::new(&context, &server);
        let target = server.target();
        let open = descriptors();
        cut_at_every_byte(&server, &client, target);

        let before = settled(&client, open);
        let first = number << 40;
        let mut crowd = Crowd::new(&server.endpoint);
        let mut past = Past::default();
        for number in first..first + inputs {
            let mut random = Random::new(seed, number);
            // Half of the peers wait for answers, and most of those that authenticate.
            let one_in = if target.mechanism == Mechanism::Null { 2 } else { 4 };
            if target.speaks_zmtp() && !random.once_in(one_in) {
                let mut connection = Connection::new(&server.endpoint);
                let input = talk(&mut random, target, &mut connection, &mut past);
                crowd.take_connected(&mut random, connection, input);
            } else {
                let input = input(&mut random, target);
                crowd.take(&mut random, input);
            }
            if number % BATCH == BATCH - 1 {
                client.is_served();
                println!("served after {} inputs", number - first + 1);
            }
        }
        drop(crowd);
        let after = settled(&client, open);
        println!("memory: {} KiB, then {} KiB", before >> 10, after >> 10);
        assert!(after < before + growth(), "the memory grew from {before} to {after}");
        // A client that comes later is served too, if the socket can have more than one.
        if !["PAIR", "CHANNEL"].contains(&kind.name()) {
            Client::new(&context, &server);
        }
    }
}

/// Ends a valid conversation after each of its bytes.
fn cut_at_every_byte(server: &Server, client: &Client, target: Target) {
    let bytes = plain_conversation(target);
    for len in 0..bytes.len() {
        Connection::new(&server.endpoint).write(&bytes[..len]);
        // At most as many at once as can wait to be accepted. Others would try again only after a second.
        if len % 32 == 31 {
            client.is_served();
        }
    }
    client.is_served();
}

/// Returns the memory in use once all connections are gone, so that there are as many descriptors as at the beginning.
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
                if in_child() {
                    attack(SocketKind::$kind);
                }
            }
        )+

        pub(crate) const TESTED: &[SocketKind] = &[$(SocketKind::$kind),+];
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

#[cfg(zmq_draft)]
mod draft_kinds {
    use super::{SocketKind, attack, in_child};

    kinds! {
        server: Server
        client: Client
        radio: Radio
        dish: Dish
        gather: Gather
        scatter: Scatter
        dgram: Dgram
        peer: Peer
        channel: Channel
    }
}

#[test]
fn every_socket_type_is_attacked() {
    #[cfg_attr(not(zmq_draft), expect(unused_mut, reason = "draft socket types are added"))]
    let mut tested = TESTED.to_vec();
    #[cfg(zmq_draft)]
    tested.extend(draft_kinds::TESTED);
    assert_eq!(tested.len(), KINDS);
    for kind in SocketKind::ALL {
        assert!(tested.contains(kind), "{kind:?}");
    }
}
