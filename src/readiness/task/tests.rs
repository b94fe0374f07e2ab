//! Tries all orders of events while a task waits, with a model of libzmq and of a reactor.

use core::cell::{Cell, RefCell};
use core::task::{Context, Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use super::{Parked, Sender, Source};

/// The decisions of one run, and the next run to try. All runs together make every choice at every place.
#[derive(Default)]
struct Choices {
    /// The choice that was made at each place, and the number of possible choices.
    path: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    fn choose(&mut self, count: usize) -> usize {
        if self.next == self.path.len() {
            self.path.push((0, count));
        }
        let (chosen, of) = self.path[self.next];
        assert_eq!(of, count, "the run is not the same as before");
        self.next += 1;
        chosen
    }

    /// Moves on to the next run, if there is one.
    fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, count)) = self.path.pop() {
            if chosen + 1 < count {
                self.path.push((chosen + 1, count));
                return true;
            }
        }
        false
    }
}

/// A command of libzmq's I/O thread for the socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Message,
    Room,
    /// A command about something else, such as a connection.
    Other,
}

/// A socket, its descriptor, the reactor and the peer.
struct Model {
    choices: RefCell<Choices>,
    /// The remaining steps of the peer.
    script: RefCell<Vec<Command>>,
    mailbox: RefCell<Vec<Command>>,
    /// Whether the socket has read all commands, so that the next command makes the descriptor readable.
    is_passive: Cell<bool>,
    is_readable: Cell<bool>,
    messages: Cell<usize>,
    room: Cell<usize>,
    /// Whether the socket always reports that it has room, as a mandatory ROUTER may.
    boasts: bool,
    /// Whether the descriptor was written to, so that the reactor still has to check it.
    is_listed: Cell<bool>,
    /// An edge that nobody has taken.
    edge: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    /// The number of times that the task tried to send.
    attempts: Cell<usize>,
}

impl Model {
    fn new(choices: Choices, script: &[Command], boasts: bool) -> Model {
        Model {
            choices: RefCell::new(choices),
            script: RefCell::new(script.iter().rev().copied().collect()),
            mailbox: RefCell::default(),
            is_passive: Cell::new(true),
            is_readable: Cell::new(false),
            messages: Cell::new(0),
            room: Cell::new(0),
            boasts,
            is_listed: Cell::new(false),
            edge: Cell::new(false),
            waker: RefCell::default(),
            attempts: Cell::new(0),
        }
    }

    fn choose(&self, count: usize) -> usize {
        self.choices.borrow_mut().choose(count)
    }

    /// The peer's next step, if it has one.
    fn deliver(&self) -> bool {
        let Some(command) = self.script.borrow_mut().pop() else { return false };
        self.mailbox.borrow_mut().push(command);
        if self.is_passive.replace(false) {
            self.is_readable.set(true);
            self.is_listed.set(true);
        }
        true
    }

    /// The reactor checks the descriptor if it was written to. If the socket has read the commands by then, the reactor
    /// reports nothing.
    fn dispatch(&self) -> bool {
        if !self.is_listed.replace(false) {
            return false;
        }
        if self.is_readable.get() {
            self.edge.set(true);
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
        true
    }

    /// Lets other threads continue, or not.
    fn meanwhile(&self) {
        loop {
            let can_deliver = !self.script.borrow().is_empty();
            let can_dispatch = self.is_listed.get();
            match (can_deliver, can_dispatch) {
                (false, false) => return,
                (true, false) if self.choose(2) == 1 => self.deliver(),
                (false, true) if self.choose(2) == 1 => self.dispatch(),
                (true, true) => match self.choose(3) {
                    1 => self.deliver(),
                    2 => self.dispatch(),
                    _ => return,
                },
                _ => return,
            };
        }
    }

    fn process_commands(&self) {
        self.is_readable.set(false);
        self.is_passive.set(true);
        for command in self.mailbox.borrow_mut().drain(..) {
            match command {
                Command::Message => self.messages.set(self.messages.get() + 1),
                Command::Room => self.room.set(self.room.get() + 1),
                Command::Other => {}
            }
        }
    }

    fn take(count: &Cell<usize>) -> Poll<Result<(), ()>> {
        if count.get() == 0 {
            return Poll::Pending;
        }
        count.set(count.get() - 1);
        Poll::Ready(Ok(()))
    }

    fn try_recv(&self) -> Poll<Result<(), ()>> {
        self.meanwhile();
        if self.messages.get() == 0 {
            self.process_commands();
        }
        Model::take(&self.messages)
    }
}

impl Source for Model {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.meanwhile();
        if self.edge.replace(false) {
            return Poll::Ready(Ok(()));
        }
        *self.waker.borrow_mut() = Some(task.waker().clone());
        self.meanwhile();
        Poll::Pending
    }
}

/// A message to send.
struct Sending<'a>(&'a Model);

impl Sender for Sending<'_> {
    type Error = ();

    fn try_send(&mut self) -> Poll<Result<(), ()>> {
        let model = self.0;
        model.attempts.set(model.attempts.get() + 1);
        model.meanwhile();
        // libzmq looks for commands at most once in a millisecond.
        if !model.mailbox.borrow().is_empty() && model.choose(2) == 1 {
            model.process_commands();
        }
        Model::take(&model.room)
    }

    fn look(&mut self) -> Result<bool, ()> {
        self.0.meanwhile();
        self.0.process_commands();
        Ok(self.0.boasts || self.0.room.get() > 0)
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A call that a task makes, once or until it is ready.
type Call = fn(&mut Parked, &Model, &mut Context<'_>) -> Poll<Result<(), ()>>;

fn recv(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_recv(model, task, || model.try_recv())
}

fn send(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_send(model, task, &mut Sending(model))
}

/// The calls of the task, and what else may happen to it.
#[derive(Clone, Copy)]
struct Case {
    calls: &'static [Call],
    script: &'static [Command],
    boasts: bool,
    /// The number of times that a call may be given up, or polled without a wake-up.
    whims: usize,
}

/// Executes one run. Returns whether the task ended, and how often it tried to send.
fn run(choices: Choices, case: Case) -> (Choices, bool, usize) {
    let model = Rc::new(Model::new(choices, case.script, case.boasts));
    let mut parked = Parked::default();
    let mut calls = case.calls.iter();
    let mut call = calls.next();
    let mut whims = case.whims;
    // A new waker for each poll, because the call may move from one task to another.
    let mut woken = Arc::new(Woken(AtomicBool::new(true)));
    while let Some(current) = call {
        if woken.0.swap(false, Ordering::Relaxed) {
            let waker = Waker::from(Arc::clone(&woken));
            if current(&mut parked, &model, &mut Context::from_waker(&waker)).is_ready() {
                call = calls.next();
                woken.0.store(true, Ordering::Relaxed);
            }
        } else if whims > 0 && model.choose(2) == 1 {
            whims -= 1;
            if model.choose(2) == 1 {
                parked.give_up(&*model);
                assert!(!parked.is_parked());
            }
            woken = Arc::new(Woken(AtomicBool::new(true)));
        } else {
            let can_dispatch = model.is_listed.get();
            let can_deliver = !model.script.borrow().is_empty();
            match (can_dispatch, can_deliver) {
                (true, true) if model.choose(2) == 1 => model.deliver(),
                (true, _) => model.dispatch(),
                (false, true) => model.deliver(),
                (false, false) => break,
            };
        }
    }
    let attempts = model.attempts.get();
    (model.choices.take(), call.is_none(), attempts)
}

/// Executes all runs of a case. Returns whether the task always ended, the number of runs, and the largest number of
/// attempts to send in a run.
fn all_runs(case: Case) -> (bool, usize, usize) {
    let mut choices = Choices::default();
    let (mut always, mut runs, mut most) = (true, 0, 0);
    loop {
        let (mut made, ended, attempts) = run(choices, case);
        always &= ended;
        runs += 1;
        most = most.max(attempts);
        if !always || !made.advance() {
            return (always, runs, most);
        }
        choices = made;
    }
}

use Command::{Message, Other, Room};

const CASES: &[Case] = &[
    Case { calls: &[recv, recv], script: &[Other, Message, Message], boasts: false, whims: 1 },
    Case { calls: &[recv, recv], script: &[Message, Room, Message], boasts: false, whims: 1 },
    Case { calls: &[send, send], script: &[Room, Room], boasts: false, whims: 1 },
    Case { calls: &[send], script: &[Other, Room], boasts: true, whims: 1 },
    Case { calls: &[send, recv], script: &[Message, Room], boasts: false, whims: 1 },
    Case { calls: &[recv, send], script: &[Room, Message], boasts: false, whims: 1 },
];

#[test]
fn no_order_of_events_leaves_a_task_waiting_for_what_is_there() {
    for (index, &case) in CASES.iter().enumerate() {
        let (always, runs, _) = all_runs(case);
        assert!(always, "case {index} after {runs} runs");
        assert!(runs > 500, "case {index} has only {runs} runs");
    }
}

/// A socket that reports room but still refuses the message is tried twice for each edge.
#[test]
fn a_refused_send_does_not_spin() {
    let case = Case { calls: &[send], script: &[Other, Other, Other], boasts: true, whims: 0 };
    let mut choices = Choices::default();
    loop {
        let (mut made, ended, attempts) = run(choices, case);
        assert!(!ended);
        assert!(attempts <= 2 * (1 + 2 * case.script.len()), "{attempts} attempts");
        if !made.advance() {
            return;
        }
        choices = made;
    }
}

/// Variants of the protocol with a step missing or at the wrong place. The model detects each of them.
mod mutants {
    use super::*;

    /// Waits right after a send that found no room.
    fn without_look(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        parked.poll_recv(model, task, || Sending(model).try_send())
    }

    /// Checks after a send that found no room, but waits even if there is room now.
    fn without_second_try(
        parked: &mut Parked,
        model: &Model,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        parked.poll_recv(model, task, || {
            let sent = Sending(model).try_send();
            if sent.is_pending() {
                Sending(model).look()?;
            }
            sent
        })
    }

    /// A reactor that forgets an edge when the task begins to wait: after the check, not before it.
    struct Forgetful<'a>(&'a Model);

    impl Source for Forgetful<'_> {
        type Error = ();

        fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
            while self.0.poll_edge(task).is_ready() {}
            Poll::Pending
        }
    }

    fn edge_taken_after_look(
        parked: &mut Parked,
        model: &Model,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        parked.poll_recv(&Forgetful(model), task, || model.try_recv())
    }

    /// Takes the edge when the task begins to wait, but does not check again.
    fn without_look_after_edge(
        parked: &mut Parked,
        model: &Model,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        if let received @ Poll::Ready(_) = model.try_recv() {
            return received;
        }
        let _ = parked.park(model, task);
        Poll::Pending
    }

    /// A reactor that keeps the first waker, although another task polls now.
    struct Faithful<'a>(&'a Model);

    impl Source for Faithful<'_> {
        type Error = ();

        fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
            let first = self.0.waker.borrow().clone();
            let edge = self.0.poll_edge(task);
            if let (Poll::Pending, Some(first)) = (&edge, first) {
                *self.0.waker.borrow_mut() = Some(first);
            }
            edge
        }
    }

    fn with_first_waker(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        parked.poll_recv(&Faithful(model), task, || model.try_recv())
    }

    /// Waits for the edge before it has checked, as a loop around `readable` does.
    fn wait_before_look(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        if parked.park(model, task).is_pending() {
            return Poll::Pending;
        }
        match model.try_recv() {
            Poll::Pending => {
                let _ = parked.park(model, task);
                Poll::Pending
            }
            received => received,
        }
    }

    #[test]
    fn the_model_detects_each_mutant() {
        const SEND: &[Command] = &[Room, Room];
        const RECV: &[Command] = &[Other, Message, Message];
        let mutants: [(&str, &'static [Call], &'static [Command]); 6] = [
            ("without_look", &[without_look, without_look], SEND),
            ("without_second_try", &[without_second_try, without_second_try], SEND),
            ("edge_taken_after_look", &[edge_taken_after_look, edge_taken_after_look], RECV),
            ("without_look_after_edge", &[without_look_after_edge, without_look_after_edge], RECV),
            ("with_first_waker", &[with_first_waker, with_first_waker], RECV),
            ("wait_before_look", &[wait_before_look, wait_before_look], RECV),
        ];
        for (name, calls, script) in mutants {
            let (always, ..) = all_runs(Case { calls, script, boasts: false, whims: 1 });
            assert!(!always, "the model does not detect {name}");
        }
    }
}
