//! A model of tasks that share a socket, of libzmq and of a reactor.
//!
//! Each actor has a thread, and only one thread runs at a time. At each place where threads could overtake each other, the model
//! draws the next thread at random. A seed determines one order.

use core::cell::Cell;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::Wake;
use std::thread;

use super::super::super::task::Source;
use super::super::{Events, Place, Port, Progress, Shared};

/// Draws random numbers, which the seed determines.
struct Draws(u64);

impl Draws {
    fn below(&mut self, count: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % u64::try_from(count).unwrap_or(1)).unwrap_or(0)
    }
}

/// A command of libzmq's I/O thread for the socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Command {
    Message,
    /// This peer has room.
    Room(usize),
    /// A command about something else, such as a connection.
    Other,
}

use Command::{Message, Other, Room};

/// The calls of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    Receive,
    /// Sends to this peer.
    Send(usize),
    /// Waits for a message, and does not receive it.
    Readable,
    /// Waits for room, and does not use it.
    Writable,
}

use Call::{Readable, Receive, Send, Writable};

/// The behavior of the socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Library {
    /// The socket counts what it learns, and always reports room, like a mandatory ROUTER.
    Counts,
    /// The socket counts what it learns, and reports room only if there is room.
    CountsAndIsExact,
    /// The socket reports room only if there is room.
    IsExact,
    /// The socket always reports room.
    Boasts,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) library: Library,
    /// For each task, the calls that it makes one after the other.
    pub(super) tasks: &'static [&'static [Call]],
    pub(super) script: &'static [Command],
    /// The number of times that a task may be polled without a wake-up, may give up a call and repeat it, or may give up all
    /// calls.
    pub(super) whims: usize,
}

const PEERS: usize = 2;

/// The maximum number of steps of a run. A run with more steps means that the tasks keep each other busy.
const STEPS: usize = 20_000;

/// The socket, its descriptor, the reactor and the peer.
#[derive(Default)]
struct State {
    mailbox: Vec<Command>,
    script: VecDeque<Command>,
    is_active: bool,
    is_readable: bool,
    messages: usize,
    room: [usize; PEERS],
    progress: Progress,
    is_listed: bool,
    edge: bool,
    waker: Option<Waker>,
    attempts: usize,
}

impl State {
    fn deliver(&mut self) {
        let Some(command) = self.script.pop_front() else { return };
        self.mailbox.push(command);
        if !core::mem::replace(&mut self.is_active, true) {
            self.is_readable = true;
            self.is_listed = true;
        }
    }

    /// The reactor checks the descriptor if it was written to. If the command was already read, the reactor reports nothing.
    fn dispatch(&mut self) -> Option<Waker> {
        if core::mem::take(&mut self.is_listed) && self.is_readable {
            self.edge = true;
            return self.waker.take();
        }
        None
    }

    fn process_commands(&mut self) {
        self.is_readable = false;
        self.is_active = false;
        for command in self.mailbox.drain(..) {
            self.progress.commands += 1;
            match command {
                Message => self.messages += 1,
                Room(peer) => self.room[peer] += 1,
                Other => {}
            }
            if command != Message {
                self.progress.changes += 1;
            }
        }
    }
}

/// The scheduler of the actors: the tasks, then the reactor, then the peer.
struct Stage {
    state: Mutex<State>,
    draws: Mutex<Draws>,
    library: Library,
    /// The actor that runs, and for each actor, whether it has something to do.
    turn: Mutex<(Option<usize>, Vec<bool>)>,
    changed: Condvar,
    tasks: Vec<Arc<Woken>>,
    steps: AtomicUsize,
}

thread_local! {
    static ACTOR: Cell<usize> = const { Cell::new(usize::MAX) };
    /// Whether the actor is in a call on the socket, which no other task can use meanwhile.
    static IS_IN_CALL: Cell<bool> = const { Cell::new(false) };
}

impl Stage {
    fn draw(&self, count: usize) -> usize {
        self.draws.lock().unwrap_or_else(|_| panic!()).below(count)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(|_| panic!()))
    }

    fn reactor(&self) -> usize {
        self.tasks.len()
    }

    /// Lets another actor run, or lets this actor continue. `wants` is true if this actor has something to do regardless of the
    /// others. Returns whether it is the turn of this actor. Otherwise, the run has ended.
    fn pause(&self, wants: bool) -> bool {
        if IS_IN_CALL.get() {
            return true;
        }
        let me = ACTOR.get();
        let mut turn = self.turn.lock().unwrap_or_else(|_| panic!());
        if turn.0.is_none() {
            return false;
        }
        turn.1[me] = wants;
        self.choose(&mut turn);
        loop {
            match turn.0 {
                Some(actor) if actor == me => return true,
                None => return false,
                _ => turn = self.changed.wait(turn).unwrap_or_else(|_| panic!()),
            }
        }
    }

    fn choose(&self, turn: &mut (Option<usize>, Vec<bool>)) {
        let (listed, scripted) = self.with(|state| (state.is_listed, !state.script.is_empty()));
        let can: Vec<usize> = (0..turn.1.len())
            .filter(|&actor| {
                turn.1[actor]
                    || self.tasks.get(actor).is_some_and(|task| task.is_woken.load(Ordering::SeqCst))
                    || (actor == self.reactor() && listed)
                    || (actor == self.reactor() + 1 && scripted)
            })
            .collect();
        let steps = self.steps.fetch_add(1, Ordering::Relaxed);
        let has_ended = can.is_empty() || steps > STEPS;
        turn.0 = if has_ended { None } else { Some(can[self.draw(can.len())]) };
        self.changed.notify_all();
    }
}

struct Woken {
    is_woken: AtomicBool,
    stage: Mutex<Option<Arc<Stage>>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::SeqCst);
        let stage = self.stage.lock().unwrap_or_else(|_| panic!()).clone();
        if let Some(stage) = stage {
            stage.pause(true);
        }
    }
}

struct Socket(Arc<Stage>);

impl Socket {
    /// The peer and the reactor may run during a call.
    fn meanwhile(&self) {
        let before = IS_IN_CALL.replace(true);
        loop {
            match self.0.draw(8) {
                0 | 1 => self.0.with(State::deliver),
                2 => {
                    if let Some(waker) = self.0.with(State::dispatch) {
                        waker.wake();
                    }
                }
                _ => break,
            }
        }
        IS_IN_CALL.set(before);
    }

    fn attempt(&self, call: Call) -> Poll<Result<(), ()>> {
        if let Readable | Writable = call {
            self.0.with(|state| state.attempts += 1);
            let events = self.look()?;
            let is_ready = if call == Readable { events.is_readable } else { events.is_writable };
            return if is_ready { Poll::Ready(Ok(())) } else { Poll::Pending };
        }
        self.meanwhile();
        let reads = self.0.draw(2) == 1;
        self.0.with(|state| {
            state.attempts += 1;
            let count = match call {
                Receive => {
                    if state.messages == 0 {
                        state.process_commands();
                    }
                    &mut state.messages
                }
                Send(peer) => {
                    // libzmq checks for commands at most once in a millisecond.
                    if reads {
                        state.process_commands();
                    }
                    &mut state.room[peer]
                }
                Readable | Writable => return Poll::Pending,
            };
            if *count == 0 {
                return Poll::Pending;
            }
            *count -= 1;
            Poll::Ready(Ok(()))
        })
    }
}

impl Port for Socket {
    type Error = ();

    fn progress(&self) -> Option<Progress> {
        self.meanwhile();
        let counts = matches!(self.0.library, Library::Counts | Library::CountsAndIsExact);
        counts.then(|| self.0.with(|state| state.progress))
    }

    fn look(&self) -> Result<Events, ()> {
        self.meanwhile();
        let exact = matches!(self.0.library, Library::IsExact | Library::CountsAndIsExact);
        Ok(self.0.with(|state| {
            state.process_commands();
            Events {
                is_readable: state.messages > 0,
                is_writable: !exact || state.room.iter().any(|&room| room > 0),
            }
        }))
    }
}

struct Edges(Arc<Stage>);

impl Source for Edges {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.0.pause(true);
        if self.0.draw(16) == 0 {
            // The task has used up its budget.
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        let is_edge = self.0.with(|state| {
            let is_edge = core::mem::take(&mut state.edge);
            if !is_edge {
                state.waker = Some(task.waker().clone());
            }
            is_edge
        });
        self.0.pause(true);
        if is_edge { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

/// The result of one run: the tasks that did not end, and the reasons why they could have ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) stranded: Option<(usize, Call)>,
    pub(super) attempts: usize,
    pub(super) is_endless: bool,
}

pub(super) fn run(seed: u64, case: Case) -> Outcome {
    let woken = || Arc::new(Woken { is_woken: AtomicBool::new(true), stage: Mutex::default() });
    let tasks: Vec<_> = case.tasks.iter().map(|_| woken()).collect();
    let stage = Arc::new(Stage {
        state: Mutex::new(State { script: case.script.iter().copied().collect(), ..State::default() }),
        draws: Mutex::new(Draws(seed)),
        library: case.library,
        turn: Mutex::new((Some(usize::MAX), vec![false; case.tasks.len() + 2])),
        changed: Condvar::new(),
        tasks: tasks.clone(),
        steps: AtomicUsize::new(0),
    });
    for task in &tasks {
        *task.stage.lock().unwrap_or_else(|_| panic!()) = Some(Arc::clone(&stage));
    }
    let shared = Arc::new(Shared::new(Socket(Arc::clone(&stage))));
    let mut threads = Vec::new();
    for (actor, calls) in case.tasks.iter().enumerate() {
        let (stage, shared) = (Arc::clone(&stage), Arc::clone(&shared));
        threads.push(thread::spawn(move || perform(actor, &stage, &shared, calls, case.whims)));
    }
    let reactor = Arc::clone(&stage);
    threads.push(thread::spawn(move || {
        ACTOR.set(reactor.reactor());
        wait_for_first_turn(&reactor);
        loop {
            if let Some(waker) = reactor.with(State::dispatch) {
                reactor.pause(true);
                waker.wake();
            }
            if !reactor.pause(false) {
                return None;
            }
        }
    }));
    let peer = Arc::clone(&stage);
    threads.push(thread::spawn(move || {
        ACTOR.set(peer.reactor() + 1);
        wait_for_first_turn(&peer);
        loop {
            peer.with(State::deliver);
            if !peer.pause(false) {
                return None;
            }
        }
    }));
    stage.choose(&mut stage.turn.lock().unwrap_or_else(|_| panic!()));
    let left: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panic!())).collect();
    for task in &tasks {
        task.stage.lock().unwrap_or_else(|_| panic!()).take();
    }
    stage.with(|state| {
        state.process_commands();
        let stranded = left.iter().enumerate().find_map(|(task, call)| match *call {
            Some(call @ (Receive | Readable)) if state.messages > 0 => Some((task, call)),
            Some(Send(peer)) if state.room[peer] > 0 => Some((task, Send(peer))),
            Some(Writable) if state.room.iter().any(|&room| room > 0) => Some((task, Writable)),
            _ => None,
        });
        state.waker.take();
        Outcome {
            stranded,
            attempts: state.attempts,
            is_endless: stage.steps.load(Ordering::Relaxed) > STEPS,
        }
    })
}

fn wait_for_first_turn(stage: &Stage) {
    let mut turn = stage.turn.lock().unwrap_or_else(|_| panic!());
    while turn.0.is_some_and(|actor| actor != ACTOR.get()) {
        turn = stage.changed.wait(turn).unwrap_or_else(|_| panic!());
    }
}

/// Runs a task. Returns the call that it could not finish.
fn perform(
    actor: usize,
    stage: &Arc<Stage>,
    shared: &Shared<Socket>,
    calls: &[Call],
    mut whims: usize,
) -> Option<Call> {
    ACTOR.set(actor);
    wait_for_first_turn(stage);
    let woken = &stage.tasks[actor];
    let waker = Waker::from(Arc::clone(woken));
    let reactor = Edges(Arc::clone(stage));
    for &call in calls {
        let mut place = Place::default();
        loop {
            if whims > 0 && stage.draw(4) == 0 {
                whims -= 1;
                if stage.draw(2) == 0 {
                    // The call is given up, and perhaps repeated later.
                    shared.give_up(&mut place);
                    if stage.draw(2) == 0 {
                        woken.is_woken.store(false, Ordering::SeqCst);
                        stage.pause(false);
                        return None;
                    }
                }
            }
            woken.is_woken.store(false, Ordering::SeqCst);
            // A task that does not wait usually tries the call alone first.
            let tries = matches!(call, Receive | Send(_)) && !place.is_taken() && stage.draw(4) != 0;
            if tries && shared.call(|socket| socket.attempt(call)).is_ready() {
                break;
            }
            let task = &mut Context::from_waker(&waker);
            let polled = match call {
                Receive | Readable => {
                    shared.poll_recv(&mut place, &reactor, task, |socket: &Socket| socket.attempt(call))
                }
                Send(_) | Writable => {
                    shared.poll_send(&mut place, &reactor, task, |socket: &Socket| socket.attempt(call))
                }
            };
            if polled.is_ready() {
                assert!(!place.is_taken());
                break;
            }
            // It may be polled again before it is woken.
            let wants = whims > 0 && stage.draw(2) == 0;
            if !stage.pause(wants) {
                return Some(call);
            }
        }
    }
    woken.is_woken.store(false, Ordering::SeqCst);
    stage.pause(false);
    None
}
