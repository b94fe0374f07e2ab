//! Variants of the protocol with a step missing or at the wrong place. The model detects each of them.

use super::*;

/// Waits right after a send that found no room.
fn without_look(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_recv(model, task, || Sending(model).try_send())
}

/// Checks after a send that found no room, but waits even if there is room now.
fn without_second_try(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
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

fn edge_taken_after_look(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
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
        let (always, ..) = all_runs(Case { calls, script, boasts: false, is_direct: false, whims: 1 });
        assert!(!always, "the model does not detect {name}");
    }
}

/// Arms the mailbox before it sets the task.
struct SetsLate<'a>(&'a Model);

impl Source for SetsLate<'_> {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.0.meanwhile();
        let is_announced = self.0.arm();
        let waiting = &self.0.direct.as_ref().unwrap().waiting;
        let reactor = || self.0.poll_reactor(Waker::from(Arc::new(WakesWaiter(Arc::clone(waiting)))));
        direct::poll_edge(waiting, task.waker(), || is_announced, reactor)
    }
}

/// Arms the mailbox, but waits even if commands were announced.
struct Unheeding<'a>(&'a Model);

impl Source for Unheeding<'_> {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.0.meanwhile();
        let waiting = &self.0.direct.as_ref().unwrap().waiting;
        let arm = || {
            self.0.arm();
            false
        };
        let reactor = || self.0.poll_reactor(Waker::from(Arc::new(WakesWaiter(Arc::clone(waiting)))));
        direct::poll_edge(waiting, task.waker(), arm, reactor)
    }
}

/// Does not register the task with the reactor.
struct WithoutReactor<'a>(&'a Model);

impl Source for WithoutReactor<'_> {
    type Error = ();

    fn poll_edge(&self, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
        self.0.meanwhile();
        let waiting = &self.0.direct.as_ref().unwrap().waiting;
        direct::poll_edge(waiting, task.waker(), || self.0.arm(), || Poll::Pending)
    }
}

fn sets_late(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_recv(&SetsLate(model), task, || model.try_recv())
}

fn unheeding(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_recv(&Unheeding(model), task, || model.try_recv())
}

fn without_reactor(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    parked.poll_recv(&WithoutReactor(model), task, || model.try_recv())
}

fn ends_notes_late(parked: &mut Parked, model: &Model, task: &mut Context<'_>) -> Poll<Result<(), ()>> {
    model.direct.as_ref().unwrap().ends_notes_late.set(true);
    recv(parked, model, task)
}

#[test]
fn the_model_detects_each_mutant_of_the_direct_wake() {
    let mutants: [(&str, &'static [Call]); 4] = [
        ("sets_late", &[sets_late, sets_late]),
        ("unheeding", &[unheeding, unheeding]),
        ("without_reactor", &[without_reactor, without_reactor]),
        ("ends_notes_late", &[ends_notes_late, ends_notes_late]),
    ];
    for (name, calls) in mutants {
        let whims = usize::from(name == "unheeding");
        let (always, runs, _) = all_runs(direct(calls, &[Message, Message], whims));
        assert!(!always, "the model does not detect {name} in {runs} runs");
    }
}
