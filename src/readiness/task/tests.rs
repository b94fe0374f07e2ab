//! Tries all orders of events while a task waits, with a model of libzmq and of a reactor.

mod choices;
mod mutants;

use core::cell::{Cell, RefCell};
use core::task::{Context, Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use choices::Choices;

use super::{Parked, Sender, Source};
use crate::readiness::direct::{self, Waiting};

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
    /// The waiter of the mailbox, if libzmq's threads wake the task directly.
    direct: Option<Direct>,
    /// The number of times that the task tried to send.
    attempts: Cell<usize>,
}

/// The waiter, and the part of the mailbox that knows it.
#[derive(Default)]
struct Direct {
    waiting: Arc<Waiting>,
    is_armed: Cell<bool>,
    /// Whether the commands in the mailbox were announced by noting the waiter.
    is_announced: Cell<bool>,
    /// The steps that each of two threads of libzmq still has to take until it has woken the waiter that it has noted.
    notes: [Cell<usize>; 2],
    /// A mutant: the threads wake the waiter before they end their notes.
    ends_notes_late: Cell<bool>,
}

/// The waker that the reactor has.
struct WakesWaiter(Arc<Waiting>);

impl Wake for WakesWaiter {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

/// Something that another thread can do next.
#[derive(Clone, Copy)]
enum Event {
    Deliver,
    Dispatch,
    /// The thread with this number takes the next step to wake the waiter that it has noted.
    WakeNoted(usize),
}

impl Model {
    fn new(choices: Choices, script: &[Command], boasts: bool, is_direct: bool) -> Model {
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
            direct: is_direct.then(Direct::default),
            attempts: Cell::new(0),
        }
    }

    fn choose(&self, count: usize) -> usize {
        self.choices.borrow_mut().choose(count)
    }

    /// The peer's next step, if it has one.
    fn deliver(&self) {
        let Some(command) = self.script.borrow_mut().pop() else { return };
        self.mailbox.borrow_mut().push(command);
        if self.is_passive.replace(false) && !self.was_noted() {
            self.signal();
        }
    }

    /// Makes the descriptor readable.
    fn signal(&self) {
        self.is_readable.set(true);
        self.is_listed.set(true);
    }

    /// Lets one of libzmq's threads note the waiter if the mailbox is armed, unless another thread sends the command.
    fn was_noted(&self) -> bool {
        let Some(direct) = &self.direct else { return false };
        if !direct.is_armed.get() {
            return false;
        }
        let Some(note) = direct.notes.get(self.choose(3)) else { return false };
        direct.is_armed.set(false);
        direct.is_announced.set(true);
        if direct.waiting.note() {
            note.set(2);
        }
        true
    }

    /// The thread takes the next step to wake the waiter that it has noted.
    fn wake_noted(&self, thread: usize) {
        let Some(direct) = &self.direct else { return };
        let step = direct.notes[thread].get();
        direct.notes[thread].set(step - 1);
        if (step == 2) == direct.ends_notes_late.get() {
            direct.waiting.wake();
        } else {
            direct.waiting.end_note();
        }
    }

    /// Returns whether there are commands that were announced by noting the waiter.
    fn arm(&self) -> bool {
        let Some(direct) = &self.direct else { return false };
        self.meanwhile();
        direct.is_armed.set(self.is_passive.get());
        let is_announced = direct.is_announced.get();
        self.meanwhile();
        is_announced
    }

    fn disarm(&self) {
        let Some(direct) = &self.direct else { return };
        direct.is_armed.set(false);
        if direct.is_announced.replace(false) {
            self.signal();
        }
    }

    /// The reactor checks the descriptor if it was written to. If the socket has read the commands by then, the reactor
    /// reports nothing.
    fn dispatch(&self) {
        if !self.is_listed.replace(false) {
            return;
        }
        if self.is_readable.get() {
            self.edge.set(true);
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    /// What other threads can do.
    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.is_listed.get() {
            events.push(Event::Dispatch);
        }
        if !self.script.borrow().is_empty() {
            events.push(Event::Deliver);
        }
        let notes = self.direct.iter().flat_map(|direct| direct.notes.iter().enumerate());
        events.extend(notes.filter(|(_, note)| note.get() > 0).map(|(thread, _)| Event::WakeNoted(thread)));
        events
    }

    fn happen(&self, event: Event) {
        match event {
            Event::Deliver => self.deliver(),
            Event::Dispatch => self.dispatch(),
            Event::WakeNoted(thread) => self.wake_noted(thread),
        }
    }

    /// Lets other threads continue, or not.
    fn meanwhile(&self) {
        loop {
            let events = self.events();
            if events.is_empty() {
                return;
            }
            match self.choose(events.len() + 1).checked_sub(1) {
                Some(chosen) => self.happen(events[chosen]),
                None => return,
            }
        }
    }

    fn process_commands(&self) {
        self.is_readable.set(false);
        self.is_passive.set(true);
        if let Some(direct) = &self.direct {
            direct.is_announced.set(false);
        }
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

impl Model {
    /// Takes an edge of the descriptor, or sets the waker of the reactor.
    fn poll_reactor(&self, waker: Waker) -> Poll<Result<(), ()>> {
        if self.edge.replace(false) {
            return Poll::Ready(Ok(()));
        }
        *self.waker.borrow_mut() = Some(waker);
        self.meanwhile();
        Poll::Pending
    }
}

impl Source for Model {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.meanwhile();
        let Some(Direct { waiting, .. }) = &self.direct else {
            return self.poll_reactor(task.waker().clone());
        };
        let reactor = || self.poll_reactor(Waker::from(Arc::new(WakesWaiter(Arc::clone(waiting)))));
        direct::poll_edge(waiting, task.waker(), || self.arm(), reactor)
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
    /// Whether libzmq's threads wake the task directly.
    is_direct: bool,
    /// The number of times that a call may be given up, or polled without a wake-up, or that the blocking socket may be used.
    whims: usize,
}

/// Executes one run. Returns whether the task ended, and how often it tried to send.
fn run(choices: Choices, case: Case) -> (Choices, bool, usize) {
    let model = Rc::new(Model::new(choices, case.script, case.boasts, case.is_direct));
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
            match model.choose(if case.is_direct { 3 } else { 2 }) {
                1 => {
                    parked.give_up(&*model);
                    assert!(!parked.is_parked());
                }
                2 => {
                    // The task still waits.
                    model.disarm();
                    continue;
                }
                _ => {}
            }
            woken = Arc::new(Woken(AtomicBool::new(true)));
        } else {
            match model.events().as_slice() {
                [] => break,
                &[event] => model.happen(event),
                events => model.happen(events[model.choose(events.len())]),
            }
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
    Case {
        calls: &[recv, recv],
        script: &[Other, Message, Message],
        boasts: false,
        is_direct: false,
        whims: 1,
    },
    Case {
        calls: &[recv, recv],
        script: &[Message, Room, Message],
        boasts: false,
        is_direct: false,
        whims: 1,
    },
    Case { calls: &[send, send], script: &[Room, Room], boasts: false, is_direct: false, whims: 1 },
    Case { calls: &[send], script: &[Other, Room], boasts: true, is_direct: false, whims: 1 },
    Case { calls: &[send, recv], script: &[Message, Room], boasts: false, is_direct: false, whims: 1 },
    Case { calls: &[recv, send], script: &[Room, Message], boasts: false, is_direct: false, whims: 1 },
    direct(&[recv], &[Message], 2),
    direct(&[recv], &[Other, Message], 0),
    direct(&[send], &[Room], 2),
    direct(&[recv, recv], &[Message, Message], 0),
    direct(&[send, recv], &[Message, Room], 0),
];

const fn direct(calls: &'static [Call], script: &'static [Command], whims: usize) -> Case {
    Case { calls, script, boasts: false, is_direct: true, whims }
}

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
    let case =
        Case { calls: &[send], script: &[Other, Other, Other], boasts: true, is_direct: false, whims: 0 };
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
