//! Tries all orders of events while callers share a socket, with a model of libzmq.

mod model;

use core::cell::{Cell, RefCell};
use core::task::{Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{Choices, Dispatcher, Model, Mutant, Side, Woken};

use super::{Afterwards, BATCH, Exchange, GaveUp, Role, Step};

/// The state of a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doing {
    Beginning,
    Stepping(u64),
    Watching(u64),
    Sleeping(u64),
    /// A task does not poll its future any more.
    Idle(u64),
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
    /// The number of tasks that may stop polling, without giving up.
    idlers: usize,
    batch: usize,
}

type Shared = Exchange<u64, &'static str>;

/// The attendant of a socket whose callers are tasks. It is woken by the reactor.
fn attend(model: &Model, exchange: &mut Shared, attendant: &Arc<Woken>) {
    attendant.0.store(false, Ordering::Relaxed);
    model.in_step.set(0);
    let mut afterwards = Afterwards::default();
    exchange.attend(&mut Side(model), || arm(model, attendant), &mut afterwards);
    silence(model, &mut afterwards);
}

fn arm(model: &Model, attendant: &Arc<Woken>) -> Poll<Result<(), &'static str>> {
    model.meanwhile();
    match &model.reactor {
        Some(reactor) if model.mutant != Mutant::NotArmed => {
            reactor.poll_edge(&Waker::from(Arc::clone(attendant))).map(Ok)
        }
        _ => Poll::Pending,
    }
}

fn silence(model: &Model, afterwards: &mut Afterwards) {
    if model.mutant == Mutant::WakesNobody {
        core::mem::take(&mut afterwards.wake);
    }
}

/// Polls a task with the lock held.
fn poll(model: &Model, exchange: &mut Shared, caller: &mut Caller, attendant: &Arc<Woken>) {
    let number = match caller.doing {
        Doing::Beginning => exchange.begin(|number| number),
        Doing::Sleeping(number) => number,
        _ => return,
    };
    caller.woken.0.store(false, Ordering::Relaxed);
    model.in_step.set(0);
    model.meanwhile();
    let own = Waker::from(Arc::clone(&caller.woken));
    let mut afterwards = Afterwards::default();
    let polled = exchange.poll(&mut Side(model), number, &own, || arm(model, attendant), &mut afterwards);
    silence(model, &mut afterwards);
    caller.doing = match polled {
        Poll::Ready(outcome) => {
            assert!(outcome.is_ok_and(|reply| reply == number) || model.is_stopped.get());
            Doing::Ended
        }
        Poll::Pending => Doing::Sleeping(number),
    };
}

/// Takes a step of a thread with the lock held.
fn step(model: &Model, exchange: &mut Shared, caller: &mut Caller, is_other: bool) {
    let number = match caller.doing {
        Doing::Beginning => exchange.begin(|number| number),
        Doing::Stepping(number) | Doing::Watching(number) | Doing::Sleeping(number) => number,
        Doing::Idle(_) | Doing::Ended => return,
    };
    caller.woken.0.store(false, Ordering::Relaxed);
    model.is_other.set(is_other);
    model.in_step.set(0);
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
    if model.mutant == Mutant::LeavesSilently && caller.doing == Doing::Ended {
        core::mem::take(&mut afterwards.wake);
    }
}

fn can_run(model: &Model, caller: &Caller) -> bool {
    match caller.doing {
        Doing::Beginning | Doing::Stepping(_) => true,
        Doing::Watching(_) => model.is_readable.get() || caller.woken.0.load(Ordering::Relaxed),
        Doing::Sleeping(_) => caller.woken.0.load(Ordering::Relaxed),
        Doing::Idle(_) | Doing::Ended => false,
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
    let mut exchange = Shared::with_batch(case.batch);
    let attendant = Arc::new(Woken(AtomicBool::new(false)));
    let mut callers: Vec<Caller> = (0..case.callers)
        .map(|_| Caller { doing: Doing::Beginning, woken: Arc::new(Woken(AtomicBool::new(false))) })
        .collect();
    let (mut whims, mut idlers) = (case.whims, case.idlers);
    // A caller that repeats steps without progress does not end, either.
    for _ in 0..1000 {
        let runnable: Vec<usize> =
            (0..callers.len()).filter(|&index| can_run(&model, &callers[index])).collect();
        let waiting: Vec<usize> = (0..callers.len())
            .filter(|&index| matches!(callers[index].doing, Doing::Watching(_) | Doing::Sleeping(_)))
            .collect();
        let attends = usize::from(attendant.0.load(Ordering::Relaxed));
        let steps = model.steps();
        let must = runnable.len() + attends + steps;
        if must == 0 {
            break;
        }
        let leaving = if whims > 0 { waiting.len() } else { 0 };
        let idling = if idlers > 0 { waiting.len() } else { 0 };
        let chosen = model.choose(must + leaving + idling);
        if let Some(&index) = runnable.get(chosen) {
            let is_other = (0..callers.len())
                .any(|other| other != index && matches!(callers[other].doing, Doing::Watching(_)));
            if case.is_async {
                poll(&model, &mut exchange, &mut callers[index], &attendant);
            } else {
                step(&model, &mut exchange, &mut callers[index], is_other);
            }
        } else if chosen < runnable.len() + attends {
            attend(&model, &mut exchange, &attendant);
        } else if chosen < must {
            model.take_step(chosen - runnable.len() - attends);
        } else {
            let (is_whim, index) = if chosen < must + leaving {
                (true, waiting[chosen - must])
            } else {
                (false, waiting[chosen - must - leaving])
            };
            let caller = &mut callers[index];
            let (Doing::Watching(number) | Doing::Sleeping(number)) = caller.doing else { continue };
            if is_whim {
                whims -= 1;
                let mut afterwards = Afterwards::default();
                let gave_up = if case.is_async {
                    exchange.remove(number, &mut afterwards)
                } else {
                    exchange.give_up(number, &mut afterwards)
                };
                if let GaveUp::Done(outcome) = gave_up {
                    assert!(outcome.is_ok_and(|reply| reply == number) || model.is_stopped.get());
                }
                caller.doing = Doing::Ended;
            } else {
                idlers -= 1;
                caller.doing = Doing::Idle(number);
            }
        }
    }
    // A caller that found no room at a peer that stalls may still wait. A task that is idle was woken, like the others.
    let all = callers.iter().all(|caller| match caller.doing {
        Doing::Watching(number) | Doing::Sleeping(number) => exchange.unsent.contains(&number) && case.stalls,
        Doing::Idle(number) => {
            exchange.done.contains_key(&number) || caller.woken.0.load(Ordering::Relaxed) || case.stalls
        }
        doing => doing == Doing::Ended,
    });
    if all && !case.stalls && case.idlers == 0 {
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

const CASE: Case = Case {
    callers: 2,
    room: 2,
    repeats: false,
    stalls: false,
    stops: false,
    is_async: false,
    whims: 0,
    idlers: 0,
    batch: BATCH,
};

/// Returns each case with threads and with tasks, and some cases with tasks only.
fn cases() -> Vec<Case> {
    let both = [
        Case { callers: 3, stalls: true, ..CASE },
        Case { callers: 1, room: 1, repeats: true, stops: true, whims: 1, ..CASE },
        CASE,
        Case { room: 1, ..CASE },
        Case { callers: 3, room: 1, repeats: true, whims: 2, ..CASE },
        Case { callers: 4, repeats: true, stops: true, whims: 1, ..CASE },
        Case { callers: 4, repeats: true, batch: 1, ..CASE },
    ];
    let tasks = [
        Case { idlers: 1, ..CASE },
        Case { callers: 3, idlers: 2, ..CASE },
        Case { callers: 3, room: 1, idlers: 2, repeats: true, ..CASE },
        Case { callers: 4, idlers: 2, whims: 1, repeats: true, batch: 1, ..CASE },
    ];
    let of_threads = both.iter().copied();
    let of_tasks = both.iter().chain(&tasks).map(|case| Case { is_async: true, ..*case });
    of_threads.chain(of_tasks).collect()
}

#[test]
fn no_order_of_events_leaves_a_caller_waiting_for_what_is_there() {
    for (index, case) in cases().into_iter().enumerate() {
        let (ended, count) = runs(all(), case, 4_000, Mutant::None);
        assert!(ended, "case {index} after {count} runs");
        let (ended, count) = runs(Choices::Random(88_172_645_463_325_252), case, 4_000, Mutant::None);
        assert!(ended, "case {index} after {count} random runs");
    }
}

#[test]
fn the_model_notices_each_mutant() {
    use Mutant::{
        DeafToOthers, LeavesSilently, LookIgnored, NoLook, NotArmed, ReceivesOnce, Uninterruptible,
        WakesNobody,
    };

    let mutants = [
        DeafToOthers,
        LeavesSilently,
        LookIgnored,
        NoLook,
        NotArmed,
        ReceivesOnce,
        Uninterruptible,
        WakesNobody,
    ];
    for mutant in mutants {
        let is_noticed = cases()
            .into_iter()
            .any(|case| !runs(Choices::Random(88_172_645_463_325_252), case, 6_000, mutant).0);
        assert!(is_noticed, "the model does not notice {mutant:?}");
    }
}
