//! Tries all orders of events while callers share a socket, with a model of libzmq.

use core::cell::{Cell, RefCell};
use core::task::{Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use super::{Afterwards, Exchange, GaveUp, Look, Port, Received, Role, Step};

/// The source of the decisions of a run.
enum Choices {
    /// All runs together make every choice at every place.
    All {
        path: Vec<(usize, usize)>,
        next: usize,
    },
    Random(u64),
}

impl Choices {
    fn choose(&mut self, count: usize) -> usize {
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
    fn advance(&mut self) -> bool {
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
enum Command {
    Reply(u64),
    Room(usize),
    Stop,
}

/// A step that is left out or wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mutant {
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
    /// The watcher does not give the reactor its waker after the check.
    NotArmed,
}

/// A reactor of an async runtime, which reports edges. Without one, a thread waits for the descriptor itself.
#[derive(Default)]
struct Dispatcher {
    /// Whether the reactor still has to check the descriptor, because it was written to.
    is_listed: Cell<bool>,
    /// An edge that nobody has taken.
    edge: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Dispatcher {
    fn poll_edge(&self, waker: &Waker) -> Poll<()> {
        if self.edge.replace(false) {
            return Poll::Ready(());
        }
        *self.waker.borrow_mut() = Some(waker.clone());
        Poll::Pending
    }
}

/// A socket, its descriptor and the peer.
struct Model {
    choices: RefCell<Choices>,
    mutant: Mutant,
    mailbox: RefCell<Vec<Command>>,
    /// Whether the socket has read all commands, so that the next command makes the descriptor readable.
    is_passive: Cell<bool>,
    is_readable: Cell<bool>,
    received: RefCell<Vec<u64>>,
    room: Cell<usize>,
    /// The amount of room that the peer has made but not reported.
    unreported: Cell<usize>,
    /// The requests that the peer must still read. The next field contains the requests that it must still answer.
    unread: RefCell<Vec<u64>>,
    unanswered: RefCell<Vec<u64>>,
    is_stopped: Cell<bool>,
    /// Whether the peer answers twice.
    repeats: bool,
    /// Whether the peer never reports that it has room again.
    stalls: bool,
    /// Whether the context is shut down at some time.
    stops: Cell<bool>,
    /// The reactor that reports the descriptor to the watcher, if the callers are tasks.
    reactor: Option<Dispatcher>,
    /// For mutants: whether another caller watches, and how many messages this step has received.
    is_other: Cell<bool>,
    in_step: Cell<usize>,
}

impl Model {
    fn choose(&self, count: usize) -> usize {
        if count == 1 { 0 } else { self.choices.borrow_mut().choose(count) }
    }

    fn command(&self, command: Command) {
        self.mailbox.borrow_mut().push(command);
        if self.is_passive.replace(false) {
            self.is_readable.set(true);
            if let Some(reactor) = &self.reactor {
                reactor.is_listed.set(true);
            }
        }
    }

    /// Whether the reactor has something to do.
    fn is_listed(&self) -> bool {
        self.reactor.as_ref().is_some_and(|reactor| reactor.is_listed.get())
    }

    /// The reactor checks the descriptor. If the command was already read, the reactor reports nothing.
    fn dispatch(&self) {
        let Some(reactor) = &self.reactor else { return };
        reactor.is_listed.set(false);
        if self.is_readable.get() {
            reactor.edge.set(true);
            let waker = reactor.waker.take();
            waker.into_iter().for_each(Waker::wake);
        }
    }

    fn reports_room(&self) -> bool {
        self.unreported.get() > 0 && !self.stalls
    }

    /// The number of different steps that the peer can take now.
    fn steps(&self) -> usize {
        usize::from(!self.unread.borrow().is_empty())
            + self.unanswered.borrow().len()
            + usize::from(self.reports_room())
            + usize::from(self.stops.get())
            + usize::from(self.is_listed())
    }

    fn take_step(&self, mut step: usize) {
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
    fn meanwhile(&self) {
        let steps = self.steps();
        let chosen = self.choose(steps + 1);
        if chosen < steps {
            self.take_step(chosen);
        }
    }

    fn process_commands(&self) {
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
    fn is_deaf(&self) -> bool {
        match self.mutant {
            Mutant::DeafToOthers => self.is_other.get(),
            Mutant::ReceivesOnce => self.in_step.get() == 1,
            _ => false,
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.is_stopped.get() { Err("stopped") } else { Ok(()) }
    }
}

/// The port to the model.
struct Side<'a>(&'a Model);

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

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The state of a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doing {
    Beginning,
    Stepping(u64),
    Watching(u64),
    Sleeping(u64),
    Ended,
}

struct Caller {
    doing: Doing,
    woken: Arc<Woken>,
}

#[derive(Clone, Copy)]
struct Case {
    callers: usize,
    room: usize,
    repeats: bool,
    stalls: bool,
    stops: bool,
    /// Whether a reactor reports the edges of the descriptor.
    is_async: bool,
    /// The number of callers that may give up.
    whims: usize,
}

type Shared = Exchange<u64, &'static str>;

/// Takes a step of a caller with the lock held.
fn step(model: &Model, exchange: &mut Shared, caller: &mut Caller, is_other: bool) {
    let number = match caller.doing {
        Doing::Beginning => exchange.begin(|number| number),
        Doing::Stepping(number) | Doing::Watching(number) | Doing::Sleeping(number) => number,
        Doing::Ended => return,
    };
    caller.woken.0.store(false, Ordering::Relaxed);
    model.is_other.set(is_other);
    model.in_step.set(0);
    let own = Waker::from(Arc::clone(&caller.woken));
    if let (Doing::Watching(_), Some(reactor)) = (caller.doing, &model.reactor) {
        // Takes the edge before the check.
        let _ = reactor.poll_edge(&own);
    }
    model.meanwhile();
    let mut afterwards = Afterwards::default();
    let waker = |role| match role {
        Role::Watcher if model.mutant == Mutant::Uninterruptible => Waker::noop().clone(),
        _ => Waker::from(Arc::clone(&caller.woken)),
    };
    caller.doing = match exchange.step(&mut Side(model), number, waker, &mut afterwards) {
        Step::Done(outcome) => {
            assert!(outcome.is_ok_and(|reply| reply == number) || model.is_stopped.get());
            Doing::Ended
        }
        Step::Watch => Doing::Watching(number),
        Step::Sleep => Doing::Sleeping(number),
        Step::Again => Doing::Stepping(number),
    };
    if let (Doing::Watching(number), Some(reactor)) = (caller.doing, &model.reactor) {
        model.meanwhile();
        if model.mutant != Mutant::NotArmed && reactor.poll_edge(&own).is_ready() {
            caller.doing = Doing::Stepping(number);
        }
    }
    if model.mutant == Mutant::LeavesSilently && caller.doing == Doing::Ended {
        core::mem::take(&mut afterwards.wake);
    }
}

fn can_run(model: &Model, caller: &Caller) -> bool {
    match caller.doing {
        Doing::Beginning | Doing::Stepping(_) => true,
        Doing::Watching(_) => {
            (model.reactor.is_none() && model.is_readable.get()) || caller.woken.0.load(Ordering::Relaxed)
        }
        Doing::Sleeping(_) => caller.woken.0.load(Ordering::Relaxed),
        Doing::Ended => false,
    }
}

/// Executes one run. Returns whether all callers ended.
fn run(choices: Choices, case: Case, mutant: Mutant) -> (Choices, bool) {
    let model = Rc::new(Model {
        choices: RefCell::new(choices),
        mutant,
        mailbox: RefCell::default(),
        is_passive: Cell::new(true),
        is_readable: Cell::new(false),
        received: RefCell::default(),
        room: Cell::new(case.room),
        unreported: Cell::new(0),
        unread: RefCell::default(),
        unanswered: RefCell::default(),
        is_stopped: Cell::new(false),
        repeats: case.repeats,
        stalls: case.stalls,
        stops: Cell::new(case.stops),
        reactor: case.is_async.then(Dispatcher::default),
        is_other: Cell::new(false),
        in_step: Cell::new(0),
    });
    let mut exchange = Shared::new();
    let mut callers: Vec<Caller> = (0..case.callers)
        .map(|_| Caller { doing: Doing::Beginning, woken: Arc::new(Woken(AtomicBool::new(false))) })
        .collect();
    let mut whims = case.whims;
    // A caller that repeats steps without progress does not end, either.
    for _ in 0..1000 {
        let runnable: Vec<usize> =
            (0..callers.len()).filter(|&index| can_run(&model, &callers[index])).collect();
        let waiting: Vec<usize> = (0..callers.len())
            .filter(|&index| {
                whims > 0 && matches!(callers[index].doing, Doing::Watching(_) | Doing::Sleeping(_))
            })
            .collect();
        let steps = model.steps();
        let count = runnable.len() + steps + waiting.len();
        if runnable.is_empty() && steps == 0 {
            break;
        }
        let chosen = model.choose(count);
        if let Some(&index) = runnable.get(chosen) {
            let is_other = (0..callers.len())
                .any(|other| other != index && matches!(callers[other].doing, Doing::Watching(_)));
            step(&model, &mut exchange, &mut callers[index], is_other);
        } else if chosen < runnable.len() + steps {
            model.take_step(chosen - runnable.len());
        } else {
            whims -= 1;
            let caller = &mut callers[waiting[chosen - runnable.len() - steps]];
            let (Doing::Watching(number) | Doing::Sleeping(number)) = caller.doing else { continue };
            let mut afterwards = Afterwards::default();
            if let GaveUp::Done(outcome) = exchange.give_up(number, &mut afterwards) {
                assert!(outcome.is_ok_and(|reply| reply == number) || model.is_stopped.get());
            }
            caller.doing = Doing::Ended;
        }
    }
    // A caller that found no room at a peer that stalls may still wait.
    let all = callers.iter().all(|caller| match caller.doing {
        Doing::Watching(number) | Doing::Sleeping(number) => exchange.unsent.contains(&number) && case.stalls,
        doing => doing == Doing::Ended,
    });
    if all && !case.stalls {
        assert_eq!(exchange.waiting(), 0);
        assert!(exchange.unsent.is_empty() && exchange.done.is_empty());
    }
    drop(exchange);
    drop(callers);
    let model = Rc::into_inner(model).unwrap();
    (model.choices.into_inner(), all)
}

/// Executes many runs of a case, or all of them. Returns whether all callers always ended, and the number of runs.
fn runs(mut choices: Choices, case: Case, most: usize, mutant: Mutant) -> (bool, usize) {
    let mut count = 0;
    loop {
        let (mut made, ended) = run(choices, case, mutant);
        count += 1;
        if !ended || count == most || !made.advance() {
            return (ended, count);
        }
        choices = made;
    }
}

fn all() -> Choices {
    Choices::All { path: Vec::new(), next: 0 }
}

const CASES: [Case; 6] = [
    Case { callers: 3, room: 2, repeats: false, stalls: true, stops: false, is_async: false, whims: 0 },
    Case { callers: 1, room: 1, repeats: true, stalls: false, stops: true, is_async: false, whims: 1 },
    Case { callers: 2, room: 2, repeats: false, stalls: false, stops: false, is_async: false, whims: 0 },
    Case { callers: 2, room: 1, repeats: false, stalls: false, stops: false, is_async: false, whims: 0 },
    Case { callers: 3, room: 1, repeats: true, stalls: false, stops: false, is_async: false, whims: 2 },
    Case { callers: 4, room: 2, repeats: true, stalls: false, stops: true, is_async: false, whims: 1 },
];

/// Returns each case with threads and with tasks.
fn cases() -> Vec<Case> {
    [false, true].into_iter().flat_map(|is_async| CASES.map(|case| Case { is_async, ..case })).collect()
}

#[test]
fn no_order_of_events_leaves_a_caller_waiting_for_what_is_there() {
    for (index, case) in cases().into_iter().enumerate() {
        let (ended, count) = runs(all(), case, 6_000, Mutant::None);
        assert!(ended, "case {index} after {count} runs");
        let (ended, count) = runs(Choices::Random(88_172_645_463_325_252), case, 6_000, Mutant::None);
        assert!(ended, "case {index} after {count} random runs");
    }
}

#[test]
fn the_model_notices_each_mutant() {
    use Mutant::{
        DeafToOthers, LeavesSilently, LookIgnored, NoLook, NotArmed, ReceivesOnce, Uninterruptible,
    };

    let mutants =
        [DeafToOthers, LeavesSilently, LookIgnored, NoLook, NotArmed, ReceivesOnce, Uninterruptible];
    for mutant in mutants {
        let is_noticed = cases()
            .into_iter()
            .any(|case| !runs(Choices::Random(88_172_645_463_325_252), case, 6_000, mutant).0);
        assert!(is_noticed, "the model does not notice {mutant:?}");
    }
}
