//! Acts that wait for many sockets at once.

use std::time::{Duration, Instant};

use zmq::{ErrorKind, Message, Monitor, POLLIN, POLLOUT, Pair, PollEvents, PollItem, Poller, Socket};

use super::common::random::Random;
use super::draws::time;
use super::held::{Held, Kept};
use super::world::World;

/// The time limit for an event that must occur.
const LIMIT: Duration = Duration::from_secs(60);

/// The key of the socket that the bell rings.
const BELL: usize = usize::MAX;

/// Waits for some of the sockets and monitors, as a list.
pub(crate) fn poll(random: &mut Random, sockets: &[Held], monitors: &[Monitor], at_most: Duration) {
    let events = [POLLIN, POLLOUT, POLLIN | POLLOUT];
    let mut items: Vec<_> =
        sockets.iter().map(|held| PollItem::new(held.socket(), events[random.below(3)])).collect();
    items.extend(monitors.iter().map(PollItem::from_monitor));
    // A shutdown ends it.
    let _ = zmq::poll(&mut items, at_most);
}

/// Adds sockets to a poller, changes and removes them, waits, and receives what is ready.
pub(crate) fn poller(random: &mut Random, world: &World, sockets: &mut [Held], kept: &mut Kept) {
    let bell = random.once_in(2).then(|| bell(world)).flatten();
    let mut received = Vec::new();
    {
        let poller = Poller::new();
        for (key, held) in sockets.iter().enumerate() {
            if !random.once_in(3) {
                poller.add(held.socket(), key, events(random)).unwrap();
            }
        }
        if let Some((_, rung)) = &bell {
            poller.add(rung, BELL, POLLIN).unwrap();
        }
        for _ in 0..random.below(12) {
            let key = random.below(sockets.len());
            let socket = sockets[key].socket();
            let before = poller.len();
            match (random.below(7), &bell) {
                (0, _) => {
                    let added = poller.add(socket, key, events(random)).is_ok();
                    assert_eq!(poller.len(), before + usize::from(added));
                }
                (1, _) => {
                    let removed = poller.remove(socket).is_ok_and(|removed| removed == key);
                    assert_eq!(poller.len(), before - usize::from(removed));
                }
                (2, _) => drop(poller.modify(socket, events(random))),
                (3, Some(bell)) => ring(&poller, bell),
                _ => wait(random, &poller, sockets, &mut received),
            }
        }
    }
    for (key, message) in received {
        sockets[key].has_received(kept.maybe(random, message));
    }
}

fn events(random: &mut Random) -> PollEvents {
    [POLLIN, POLLIN, POLLOUT, POLLIN | POLLOUT, PollEvents::NONE][random.below(5)]
}

fn wait(
    random: &mut Random,
    poller: &Poller<'_, usize>,
    sockets: &[Held],
    received: &mut Vec<(usize, Message)>,
) {
    let Ok(ready) = poller.wait(time(random)) else { return };
    let mut told = Vec::new();
    for (key, events) in ready {
        assert!(key != BELL && !told.contains(&key), "{key} has {events:?}");
        told.push(key);
        if random.once_in(8) {
            // Remaining events are reported again.
            break;
        }
        if events.contains(POLLIN) && sockets[key].receives_plainly() {
            for _ in 0..1 + random.below(3) {
                let Ok(message) = sockets[key].socket().try_recv() else { break };
                received.push((key, message));
            }
        }
    }
}

/// Two sockets, one of which wakes the other.
fn bell(world: &World) -> Option<(Socket<Pair>, Socket<Pair>)> {
    let (rings, rung) = (world.context.socket(Pair).ok()?, world.context.socket(Pair).ok()?);
    let name = format!("inproc://bell {}", world.number());
    rings.bind(&name).ok()?;
    rung.connect(&name).ok()?;
    Some((rings, rung))
}

/// The poller reports a message, even if nothing else happens.
fn ring(poller: &Poller<'_, usize>, (rings, rung): &(Socket<Pair>, Socket<Pair>)) {
    if rings.try_send("ring").is_err() {
        return;
    }
    let start = Instant::now();
    loop {
        match poller.wait(LIMIT) {
            Ok(mut ready) => {
                if ready.any(|(key, _)| key == BELL) {
                    break;
                }
            }
            Err(error) => return assert_eq!(error.kind(), ErrorKind::Terminated, "{error}"),
        }
        assert!(start.elapsed() < LIMIT, "the poller does not report a message");
    }
    match rung.try_recv() {
        Ok(message) => assert_eq!(message, "ring"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Terminated, "{error}"),
    }
}
