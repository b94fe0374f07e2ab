//! Tries all orders of the actions of a peer and a program on one socket, with a model of libzmq's mailbox and of an
//! edge-triggered descriptor. The tests also show that the search finds the error if a step of the protocol is missing.

use super::*;

/// A step that a wait or a socket leaves out.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Mutant {
    None,
    /// Uses are not noted.
    SilentUse,
    /// An edge is ignored if the socket was asked before.
    NoLookAtEdges,
    /// Suspects are not asked.
    NoLookAtSuspects,
    /// A socket that had events is not asked again.
    ForgetsTheReady,
    /// A new interest does not make the socket a suspect.
    SilentInterest,
    /// A socket is not asked when it is added.
    TrustsTheNew,
    /// A check by another watcher does not count as a use: each check is silent.
    SilentLook,
}

/// The peer's actions, in order. Each is one step of its thread.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Peer {
    /// A message enters the queue. The socket receives it once it knows that the queue has a message. If the socket
    /// sleeps, a command follows.
    Message,
    /// Room for one more message to send.
    Room,
}

/// The program's actions between its waits.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Act {
    /// Receives a message, if there is one. Reports that there is no message only after it has read all commands.
    Recv,
    /// Sends, if there is room. Reads all commands first.
    Send,
    /// Sends soon after another call, so commands are not read.
    ThrottledSend,
    /// Another poller waits, and asks the socket.
    OtherWait,
    /// From now on, the program also waits for room.
    WantRoom,
}

/// One socket: its mailbox, its descriptor, and the list of an epoll that contains it. According to the facts `F1` to
/// `F4` of libzmq, the peer writes to the descriptor only if the reader of the mailbox sleeps, and the reader sleeps
/// once it found the mailbox empty.
#[derive(Clone, Debug, Default)]
struct World {
    commands: Vec<Peer>,
    reader_sleeps: bool,
    is_readable: bool,
    /// Whether the epoll of each watcher lists the descriptor.
    listed: [bool; 2],
    /// The messages that the socket knows about, and the messages that it does not know about yet.
    known: u32,
    unknown: u32,
    /// Whether the socket reads the queue of messages again only after a command.
    is_passive: bool,
    room: u32,
}

impl World {
    fn peer(&mut self, step: Peer) {
        match step {
            Peer::Message if self.is_passive => {
                self.unknown += 1;
                self.is_passive = false;
                self.command(step);
            }
            Peer::Message => self.unknown += 1,
            Peer::Room => self.command(step),
        }
    }

    fn command(&mut self, command: Peer) {
        self.commands.push(command);
        if core::mem::take(&mut self.reader_sleeps) {
            self.is_readable = true;
            self.listed = [true; 2];
        }
    }

    fn read_commands(&mut self) {
        for command in self.commands.drain(..) {
            match command {
                Peer::Message => self.known += core::mem::take(&mut self.unknown),
                Peer::Room => self.room += 1,
            }
        }
        self.is_readable = false;
        self.reader_sleeps = true;
    }

    /// Finds what was added to the queue while it was read, or makes the peer send a command for the next message.
    fn read_queue(&mut self) {
        let has_read = self.known > 0 || !self.is_passive;
        if has_read && self.commands.is_empty() {
            self.known += core::mem::take(&mut self.unknown);
        }
        if self.known == 0 && self.commands.is_empty() {
            self.is_passive = true;
        }
    }

    /// The value of `ZMQ_EVENTS` for `wanted`: a message, room.
    fn events(&mut self, wanted: [bool; 2]) -> bool {
        self.read_commands();
        self.read_queue();
        (wanted[0] && self.known > 0) || (wanted[1] && self.room > 0)
    }

    /// Whether the requested events would be found if the socket were asked.
    fn is_ready(&self, wanted: [bool; 2]) -> bool {
        self.clone().events(wanted)
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Recv => {
                if self.known == 0 {
                    self.read_commands();
                }
                self.read_queue();
                self.known = self.known.saturating_sub(1);
            }
            Act::Send => {
                self.read_commands();
                self.room = self.room.saturating_sub(1);
            }
            Act::ThrottledSend => self.room = self.room.saturating_sub(1),
            Act::OtherWait | Act::WantRoom => {}
        }
    }

    /// `epoll_wait` without waiting. Removes a descriptor from its list if it is no longer readable.
    fn edge(&mut self, watcher: usize) -> bool {
        core::mem::take(&mut self.listed[watcher]) && self.is_readable
    }
}

/// One run. The peer may take steps wherever `choose` allows it.
struct Run<'a> {
    world: World,
    peer: &'a [Peer],
    /// Decides at each point whether the peer takes a step.
    choices: &'a mut Choices,
    mutant: Mutant,
    uses: Arc<Uses>,
    watchers: [Suspects; 2],
    wanted: [bool; 2],
}

/// A path through the tree of choices, and how to get to the next path.
#[derive(Default)]
struct Choices {
    path: Vec<bool>,
    at: usize,
}

impl Choices {
    fn choose(&mut self) -> bool {
        if self.at == self.path.len() {
            self.path.push(false);
        }
        self.at += 1;
        self.path[self.at - 1]
    }

    /// Moves on to the next path. Returns false if there is no other path.
    fn advance(&mut self) -> bool {
        self.path.truncate(self.at);
        self.at = 0;
        while let Some(last) = self.path.pop() {
            if !last {
                self.path.push(true);
                return true;
            }
        }
        false
    }
}

impl Run<'_> {
    /// A point at which the peer may act.
    fn point(&mut self) {
        while let [step, rest @ ..] = self.peer {
            if !self.choices.choose() {
                break;
            }
            self.world.peer(*step);
            self.peer = rest;
        }
    }

    fn note(&self) {
        if self.mutant != Mutant::SilentUse {
            self.uses.note();
        }
    }

    /// Asks until only sockets with events remain. Returns whether the socket has events.
    fn ask(&mut self, watcher: usize, asked: usize) -> usize {
        self.watchers[watcher].take_used();
        if self.watchers[watcher].count() <= asked {
            return asked;
        }
        self.point();
        let (world, wanted, mutant) = (&mut self.world, self.wanted, self.mutant);
        let wanted = if watcher == 0 { wanted } else { [true, false] };
        let ask = |_| {
            if mutant == Mutant::NoLookAtSuspects {
                return Ok::<_, ()>(false);
            }
            Ok(world.events(wanted) && mutant != Mutant::ForgetsTheReady)
        };
        let others = Arc::new(Uses::default());
        if mutant == Mutant::SilentLook {
            // Simulates that asking notifies nobody: the other watcher's watch is moved elsewhere in the meantime.
            core::mem::swap(&mut *lock(&self.uses.watches), &mut *lock(&others.watches));
        }
        let kept = self.watchers[watcher].ask(asked, ask).unwrap();
        if mutant == Mutant::SilentLook {
            core::mem::swap(&mut *lock(&self.uses.watches), &mut *lock(&others.watches));
        }
        kept
    }

    /// One wait, like `List::poll_watched`. Returns whether it ended. A wait that did not end has found none of the
    /// requested events.
    fn wait(&mut self, watcher: usize, may_block: bool) -> Result<bool, String> {
        loop {
            let asked = self.ask(watcher, 0);
            self.point();
            let is_ready = asked > 0;
            let edge = self.world.edge(watcher);
            if edge && self.mutant != Mutant::NoLookAtEdges {
                self.watchers[watcher].suspect(0);
            }
            let asked = self.ask(watcher, asked);
            if is_ready || asked > 0 {
                return Ok(true);
            }
            if edge {
                continue;
            }
            if !may_block {
                return Ok(false);
            }
            // The wait sleeps. The peer's next steps may wake it; if the peer has no more steps, it sleeps forever.
            let [step, rest @ ..] = self.peer else {
                let wanted = if watcher == 0 { self.wanted } else { [true, false] };
                return if self.world.is_ready(wanted) {
                    Err(format!("{:?}", self.world))
                } else {
                    Ok(false)
                };
            };
            self.world.peer(*step);
            self.peer = rest;
        }
    }
}

/// Tries all orders of the peer's steps and the program's actions, each followed by a wait. Returns an error if a
/// wake-up is lost.
fn explore(peer: &[Peer], acts: &[Act], mutant: Mutant) -> Result<u64, String> {
    let mut choices = Choices::default();
    let mut runs = 0;
    loop {
        let uses = Arc::new(Uses::default());
        // A socket that was checked before, so that its reader sleeps, or a new socket, which already has commands.
        let mut world = World { is_passive: true, ..World::default() };
        if choices.choose() {
            world.read_commands();
        } else {
            world.reader_sleeps = true;
        }
        let mut run = Run {
            world,
            peer,
            choices: &mut choices,
            mutant,
            uses,
            watchers: Default::default(),
            wanted: [true, false],
        };
        run.point();
        // The second watcher is first, because each watcher makes all others ask again.
        for watcher in [1, 0] {
            let uses = Arc::clone(&run.uses);
            run.watchers[watcher].watch(0, &uses);
            // The effect of adding the descriptor to an epoll.
            run.world.listed[watcher] = run.world.is_readable;
            if mutant == Mutant::TrustsTheNew {
                run.world.listed[watcher] = false;
                run.watchers[watcher].ask(0, |_| Ok::<_, ()>(false)).unwrap();
            }
        }
        for &act in acts {
            run.wait(0, false)?;
            run.point();
            match act {
                Act::OtherWait => {
                    run.wait(1, false)?;
                }
                Act::WantRoom => {
                    run.wanted[1] = true;
                    if mutant != Mutant::SilentInterest {
                        run.watchers[0].suspect(0);
                    }
                }
                _ => {
                    run.note();
                    run.world.act(act);
                }
            }
            run.point();
        }
        // Now it waits forever unless something wakes it, and is served each time it wakes.
        while run.wait(0, true).map_err(|world| format!("{peer:?} {acts:?}: {world}"))? {
            for act in [Act::Recv, Act::Send] {
                run.note();
                run.world.act(act);
            }
        }
        runs += 1;
        if !choices.advance() {
            return Ok(runs);
        }
    }
}

/// All lists of `items` with at most `length` elements.
fn lists<T: Copy>(items: &[T], length: usize) -> Vec<Vec<T>> {
    let mut lists = vec![Vec::new()];
    let mut last = lists.clone();
    for _ in 0..length {
        last = last
            .iter()
            .flat_map(|list| items.iter().map(|&item| list.iter().copied().chain([item]).collect()))
            .collect();
        lists.extend(last.iter().cloned());
    }
    lists
}

fn explore_all(mutant: Mutant) -> Result<u64, String> {
    let acts = [Act::Recv, Act::Send, Act::ThrottledSend, Act::OtherWait, Act::WantRoom];
    let mut runs = 0;
    for peer in lists(&[Peer::Message, Peer::Room], 2) {
        for acts in lists(&acts, 3) {
            runs += explore(&peer, &acts, mutant)?;
        }
    }
    Ok(runs)
}

#[test]
fn no_order_of_events_loses_a_wake_up() {
    let runs = explore_all(Mutant::None).unwrap();
    assert!(runs > 10_000, "{runs}");
}

#[test]
fn leaving_out_a_step_loses_a_wake_up() {
    for mutant in [
        Mutant::SilentUse,
        Mutant::NoLookAtEdges,
        Mutant::NoLookAtSuspects,
        Mutant::ForgetsTheReady,
        Mutant::SilentInterest,
        Mutant::TrustsTheNew,
        Mutant::SilentLook,
    ] {
        assert!(explore_all(mutant).is_err(), "{mutant:?}");
    }
}
