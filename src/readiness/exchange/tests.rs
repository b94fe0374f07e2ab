//! Tries all orders of events while callers share a socket, with a model of libzmq.

mod model;

use core::cell::{Cell, RefCell};
use core::task::Waker;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{Choices, Dispatcher, Model, Mutant, Side, Woken};

use super::{Afterwards, Exchange, GaveUp, Role, Step};

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
