//! All orders of what a peer and a program can do to one socket, tried one by one, against a model of libzmq's mailbox and of an
//! edge-triggered descriptor; and that the search finds what goes wrong if a step is left out.

use super::*;

/// What may be forgotten by a wait, or by a socket.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Mutant {
    None,
    /// Uses are not noted.
    SilentUse,
    /// Edges are believed to be nothing, if they are of a socket that was asked before.
    NoLookAtEdges,
    /// Suspects are not asked.
    NoLookAtSuspects,
    /// Who had events is not asked again.
    ForgetsTheReady,
    /// A new interest does not make a suspect.
    SilentInterest,
    /// Not asked when it is added.
    TrustsTheNew,
    /// The uses of other watchers' looks are not told: each look is silent.
    SilentLook,
}

/// What the peer does, in order; each is one step of its thread.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Peer {
    /// A message is put where the socket finds it once it knows that there is one; if the socket sleeps, a command follows.
    Message,
    /// Room for one more to send.
    Room,
}

/// What the program does between its waits.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Act {
    /// Receives, if there is something. It says that there is nothing only after it has read all commands.
    Recv,
    /// Sends, if there is room, and reads all commands before.
    Send,
    /// Sends soon after something else was done: commands are not read.
    ThrottledSend,
    /// Another poller waits, which asks the socket.
    OtherWait,
    /// From now on, room is waited for too.
    WantRoom,
}

/// One socket: its mailbox, its descriptor, and the queue of an epoll with it. As `F1` to `F4` of libzmq: the peer writes the
/// descriptor only if the reader of the mailbox sleeps; the reader sleeps once it found the mailbox empty.
#[derive(Clone, Debug, Default)]
struct World {
    commands: Vec<Peer>,
    reader_sleeps: bool,
    is_readable: bool,
    /// Whether the epoll of each watcher lists the descriptor.
    listed: [bool; 2],
    /// Messages that the socket knows of, and those it does not.
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

    /// Finds what was put into the queue while it was being read; or makes the peer send a command for the next.
    fn read_queue(&mut self) {
        let has_read = self.known > 0 || !self.is_passive;
        if has_read && self.commands.is_empty() {
            self.known += core::mem::take(&mut self.unknown);
        }
        if self.known == 0 && self.commands.is_empty() {
            self.is_passive = true;
        }
    }

    /// What `ZMQ_EVENTS` is, of `wanted`: a message, room.
    fn events(&mut self, wanted: [bool; 2]) -> bool {
        self.read_commands();
        self.read_queue();
        (wanted[0] && self.known > 0) || (wanted[1] && self.room > 0)
    }

    /// Whether what is waited for would be there, if it were asked for.
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

    /// `epoll_wait` without waiting: drops what was read meanwhile from its list.
    fn edge(&mut self, watcher: usize) -> bool {
        core::mem::take(&mut self.listed[watcher]) && self.is_readable
    }
}

/// One run: the peer may take steps wherever `choose` says so.
struct Run<'a> {
    world: World,
    peer: &'a [Peer],
    /// Says of each point whether the peer takes a step.
    choices: &'a mut Choices,
    mutant: Mutant,
    uses: Arc<Uses>,
    watchers: [Suspects; 2],
    wanted: [bool; 2],
}

/// A path through the tree of choices, and the way to the next.
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

    /// Goes to the next path; none is left at the end.
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
        while let [step, rest @ ..] = self.peer
            && self.choices.choose()
        {
            self.world.peer(*step);
            self.peer = rest;
        }
    }

    fn note(&self) {
        if self.mutant != Mutant::SilentUse {
            self.uses.note();
        }
    }

    /// Asks until none but those with events are left; tells whether it has events.
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
            // As if asking told nobody: the other's watch is on something else meanwhile.
            core::mem::swap(&mut *lock(&self.uses.watches), &mut *lock(&others.watches));
        }
        let kept = self.watchers[watcher].ask(asked, ask).unwrap();
        if mutant == Mutant::SilentLook {
            core::mem::swap(&mut *lock(&self.uses.watches), &mut *lock(&others.watches));
        }
        kept
    }

    /// One wait, as `List::poll_watched`: whether it ended. One that did not has left nothing of what it waits for behind.
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
            // It sleeps. What the peer does may wake it; if the peer has done all, it is forever.
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

/// Tries all orders of the steps of the peer and the acts of the program, each followed by a wait. A wake-up that is lost is the error.
fn explore(peer: &[Peer], acts: &[Act], mutant: Mutant) -> Result<u64, String> {
    let mut choices = Choices::default();
    let mut runs = 0;
    loop {
        let uses = Arc::new(Uses::default());
        // A socket that has been looked at before, so that its reader sleeps; or a new one, that has commands already.
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
        // The second first, as the one who asks last has told all others to ask again.
        for watcher in [1, 0] {
            let uses = Arc::clone(&run.uses);
            run.watchers[watcher].watch(0, &uses);
            // What adding to an epoll does.
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
        // Now it waits forever, if nothing wakes it, and is served each time it is woken.
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

/// All lists of `items` of a length up to `length`.
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
fn who_leaves_a_step_out_loses_a_wake_up() {
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
