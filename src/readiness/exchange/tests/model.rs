//! A model of libzmq, and of what wakes its callers.

use core::cell::{Cell, RefCell};
use core::task::{Poll, Waker};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use super::super::{Look, Port, Received};

/// The source of the decisions of a run.
pub(super) enum Choices {
    /// All runs together make every choice at every place.
    All {
        path: Vec<(usize, usize)>,
        next: usize,
    },
    Random(u64),
}

impl Choices {
    pub(super) fn choose(&mut self, count: usize) -> usize {
        match self {
            Choices::All { path, next } => {
                if *next == path.len() {
                    path.push((0, count));
                }
                let (chosen, of) = path[*next];
                assert_eq!(of, count, "the run is not the same as before");
                *next += 1;
                chosen
            }
            Choices::Random(state) => {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                usize::try_from(*state % u64::try_from(count).unwrap()).unwrap()
            }
        }
    }

    /// Moves on to the next run, if there is one.
    pub(super) fn advance(&mut self) -> bool {
        let Choices::All { path, next } = self else { return true };
        *next = 0;
        while let Some((chosen, count)) = path.pop() {
            if chosen + 1 < count {
                path.push((chosen + 1, count));
                return true;
            }
        }
        false
    }
}

/// A command of libzmq's I/O thread for the socket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    Reply(u64),
    Room(usize),
    Stop,
}

/// A step that is left out or wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mutant {
    None,
    /// A caller does not receive for the watcher.
    DeafToOthers,
    /// A caller receives only one message.
    ReceivesOnce,
    /// A send that found no room is not followed by a check for events.
    NoLook,
    /// The messages that a check for events finds are not received.
    LookIgnored,
    /// The watcher cannot be interrupted.
    Uninterruptible,
    /// A caller that leaves wakes nobody.
    LeavesSilently,
    /// The reactor does not get a waker after the check.
    NotArmed,
    /// A task that gets its reply is not woken.
    WakesNobody,
}

/// A reactor of an async runtime, which reports edges. Without one, a thread waits for the descriptor itself.
#[derive(Default)]
pub(super) struct Dispatcher {
    /// Whether the reactor still has to check the descriptor, because it was written to.
    pub(super) is_listed: Cell<bool>,
    /// An edge that nobody has taken.
    pub(super) edge: Cell<bool>,
    pub(super) waker: RefCell<Option<Waker>>,
}

impl Dispatcher {
    pub(super) fn poll_edge(&self, waker: &Waker) -> Poll<()> {
        if self.edge.replace(false) {
            return Poll::Ready(());
        }
        *self.waker.borrow_mut() = Some(waker.clone());
        Poll::Pending
    }
}

/// A socket, its descriptor and the peer.
pub(super) struct Model {
    pub(super) choices: RefCell<Choices>,
    pub(super) mutant: Mutant,
    pub(super) mailbox: RefCell<Vec<Command>>,
    /// Whether the socket has read all commands, so that the next command makes the descriptor readable.
    pub(super) is_passive: Cell<bool>,
    pub(super) is_readable: Cell<bool>,
    pub(super) received: RefCell<Vec<u64>>,
    pub(super) room: Cell<usize>,
    /// The amount of room that the peer has made but not reported.
    pub(super) unreported: Cell<usize>,
    /// The requests that the peer must still read. The next field contains the requests that it must still answer.
    pub(super) unread: RefCell<Vec<u64>>,
    pub(super) unanswered: RefCell<Vec<u64>>,
    pub(super) is_stopped: Cell<bool>,
    /// Whether the peer answers twice.
    pub(super) repeats: bool,
    /// Whether the peer never reports that it has room again.
    pub(super) stalls: bool,
    /// Whether the context is shut down at some time.
    pub(super) stops: Cell<bool>,
    /// The reactor that reports the descriptor, if the callers are tasks.
    pub(super) reactor: Option<Dispatcher>,
    /// For mutants: whether another caller watches, and how many messages this step has received.
    pub(super) is_other: Cell<bool>,
    pub(super) in_step: Cell<usize>,
}

impl Model {
    pub(super) fn choose(&self, count: usize) -> usize {
        if count == 1 { 0 } else { self.choices.borrow_mut().choose(count) }
    }

    pub(super) fn command(&self, command: Command) {
        self.mailbox.borrow_mut().push(command);
        if self.is_passive.replace(false) {
            self.is_readable.set(true);
            if let Some(reactor) = &self.reactor {
                reactor.is_listed.set(true);
            }
        }
    }

    /// Whether the reactor has something to do.
    pub(super) fn is_listed(&self) -> bool {
        self.reactor.as_ref().is_some_and(|reactor| reactor.is_listed.get())
    }

    /// The reactor checks the descriptor. If the command was already read, the reactor reports nothing.
    pub(super) fn dispatch(&self) {
        let Some(reactor) = &self.reactor else { return };
        reactor.is_listed.set(false);
        if self.is_readable.get() {
            reactor.edge.set(true);
            let waker = reactor.waker.take();
            waker.into_iter().for_each(Waker::wake);
        }
    }

    pub(super) fn reports_room(&self) -> bool {
        self.unreported.get() > 0 && !self.stalls
    }

    /// The number of different steps that the peer can take now.
    pub(super) fn steps(&self) -> usize {
        usize::from(!self.unread.borrow().is_empty())
            + self.unanswered.borrow().len()
            + usize::from(self.reports_room())
            + usize::from(self.stops.get())
            + usize::from(self.is_listed())
    }

    pub(super) fn take_step(&self, mut step: usize) {
        if !self.unread.borrow().is_empty() {
            if step == 0 {
                let number = self.unread.borrow_mut().remove(0);
                self.unreported.set(self.unreported.get() + 1);
                return self.unanswered.borrow_mut().push(number);
            }
            step -= 1;
        }
        if self.reports_room() {
            if step == 0 {
                return self.command(Command::Room(self.unreported.take()));
            }
            step -= 1;
        }
        let answers = self.unanswered.borrow().len();
        if step >= answers {
            if step == answers && self.stops.replace(false) {
                return self.command(Command::Stop);
            }
            return self.dispatch();
        }
        let number = self.unanswered.borrow_mut().remove(step);
        self.command(Command::Reply(number));
        if self.repeats {
            self.command(Command::Reply(number));
        }
    }

    /// Lets the peer continue, or not.
    pub(super) fn meanwhile(&self) {
        let steps = self.steps();
        let chosen = self.choose(steps + 1);
        if chosen < steps {
            self.take_step(chosen);
        }
    }

    pub(super) fn process_commands(&self) {
        self.is_readable.set(false);
        self.is_passive.set(true);
        for command in self.mailbox.borrow_mut().drain(..) {
            match command {
                Command::Reply(number) => self.received.borrow_mut().push(number),
                Command::Room(more) => self.room.set(self.room.get() + more),
                Command::Stop => self.is_stopped.set(true),
            }
        }
    }

    /// Whether a mutant does not receive now.
    pub(super) fn is_deaf(&self) -> bool {
        match self.mutant {
            Mutant::DeafToOthers => self.is_other.get(),
            Mutant::ReceivesOnce => self.in_step.get() == 1,
            _ => false,
        }
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.is_stopped.get() { Err("stopped") } else { Ok(()) }
    }
}

/// The port to the model.
pub(super) struct Side<'a>(pub(super) &'a Model);

impl Port for Side<'_> {
    type Message = u64;
    type Error = &'static str;

    fn try_send(&mut self, request: &mut Option<u64>) -> Poll<Result<(), &'static str>> {
        let model = self.0;
        model.meanwhile();
        // libzmq checks for commands at most once in a millisecond.
        if !model.mailbox.borrow().is_empty() && model.choose(2) == 1 {
            model.process_commands();
        }
        model.check()?;
        if model.room.get() == 0 {
            return Poll::Pending;
        }
        model.room.set(model.room.get() - 1);
        model.unread.borrow_mut().extend(request.take());
        Poll::Ready(Ok(()))
    }

    fn try_recv(&mut self) -> Poll<Result<Received<u64>, &'static str>> {
        let model = self.0;
        if model.is_deaf() {
            return Poll::Pending;
        }
        model.meanwhile();
        if model.received.borrow().is_empty() {
            model.process_commands();
        }
        model.check()?;
        if model.received.borrow().is_empty() {
            return Poll::Pending;
        }
        model.in_step.set(model.in_step.get() + 1);
        let number = model.received.borrow_mut().remove(0);
        Poll::Ready(Ok(Received::Reply(number, number)))
    }

    fn look(&mut self) -> Result<Look, &'static str> {
        let model = self.0;
        if model.mutant == Mutant::NoLook {
            return Ok(Look { can_send: false, can_recv: false });
        }
        model.meanwhile();
        model.process_commands();
        model.check()?;
        let is_ignored = model.mutant == Mutant::LookIgnored || model.is_deaf();
        let can_recv = !model.received.borrow().is_empty() && !is_ignored;
        Ok(Look { can_send: model.room.get() > 0, can_recv })
    }
}

pub(super) struct Woken(pub(super) AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
