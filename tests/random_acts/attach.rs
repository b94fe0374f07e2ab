//! Acts that bind, connect, unbind and disconnect.

use super::common::random::Random;
use super::draws::{self, Mechanism};
use super::fds;
use super::held::Held;
use super::socks;
use super::world::{Place, World};

pub(crate) fn bind(held: &mut Held, world: &World, random: &mut Random) {
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
    let bound = if early || !random.once_in(4) {
        held.socket().bind(&endpoint)
    } else {
        fds::bind(random, held.socket(), &endpoint)
    };
    let Ok(endpoint) = bound else { return };
    #[cfg(zmq_draft)]
    held.peers.knows_address(endpoint.as_str());
    if !early {
        world.add_place(place(endpoint.as_str()));
    }
    held.bound.push(endpoint.as_str().to_owned());
}

pub(crate) fn connect(held: &mut Held, world: &World, random: &mut Random) {
    let Some(place) = world.place(random, held) else { return bind(held, world, random) };
    if held.mechanism != Mechanism::Null && held.connected.is_empty() {
        let _ = held.socket().set_security(held.mechanism.client(random));
    }
    let endpoint = place.endpoint;
    if endpoint.starts_with("tcp:") && random.once_in(6) {
        let _ = held.socket().set_socks_proxy(socks::address(held.stays));
    }
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

pub(crate) fn unbind(held: &mut Held, random: &mut Random) {
    if !held.bound.is_empty() {
        let endpoint = held.bound.swap_remove(random.below(held.bound.len()));
        let _ = held.socket().unbind(endpoint);
    }
}

pub(crate) fn disconnect(held: &mut Held, random: &mut Random) {
    if !held.connected.is_empty() {
        let endpoint = held.connected.swap_remove(random.below(held.connected.len()));
        let _ = held.socket().disconnect(endpoint);
    }
}

/// Subscribes, joins, or undoes that, if the socket type can.
pub(crate) fn subscribe(held: &mut Held, random: &mut Random) {
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
