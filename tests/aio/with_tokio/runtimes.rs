//! Async sockets without a runtime, in an unsuitable runtime, and in another runtime than their own.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as Task, Wake, Waker};
use std::thread;

use tokio::runtime::Builder;
use zmq::{Dealer, ErrorKind, Message, Pull, Push, Router};

use super::{registered, runtimes};
use crate::common::{TCP, bound, connected, context, wait_until};

#[test]
fn outside_of_a_runtime_the_socket_is_returned() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let failure = push.into_tokio().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::NoRuntime);
    assert!(failure.to_string().starts_with("into_tokio PUSH: "), "{failure}");
    let push = failure.into_inner();
    let pull = connected(&context, Pull, &endpoint);
    push.send("still here").unwrap();
    assert_eq!(pull.recv().unwrap(), "still here");
}

#[test]
fn a_runtime_without_an_io_driver_is_refused() {
    let context = context();
    let (push, _) = bound(&context, Push, TCP);
    let runtime = Builder::new_current_thread().build().unwrap();
    let failure = runtime.block_on(async { push.into_tokio() }).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::NoRuntime);
    assert!(failure.to_string().contains("enable_io"), "{failure}");
    assert_eq!(failure.into_inner().kind().name(), "PUSH");
}

#[test]
fn a_socket_outlives_its_runtime_and_moves_to_another() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let pull = connected(&context, Pull, &endpoint);
    let [first, second] = runtimes();
    let mut pull = first.block_on(async {
        let mut pull = registered(pull);
        push.send("one").unwrap();
        assert_eq!(pull.recv().await.unwrap(), "one");
        pull
    });
    drop(first);

    second.block_on(async {
        // A message that has arrived is received without the reactor.
        push.send("two").unwrap();
        while !pull.inner().events().unwrap().contains(zmq::PollEvents::IN) {
            tokio::task::yield_now().await;
        }
        assert_eq!(pull.recv().await.unwrap(), "two");
        let error = pull.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoRuntime, "{error}");

        let mut pull = registered(pull.into_inner());
        let receiving = tokio::spawn(async move { pull.recv().await });
        push.send("three").unwrap();
        assert_eq!(receiving.await.unwrap().unwrap(), "three");
    });
}

#[cfg(feature = "futures")]
#[test]
fn streams_end_after_their_runtime() {
    use futures::StreamExt;

    let context = context();
    let [first, second] = runtimes();
    let (mut messages, mut events) = {
        let _entered = first.enter();
        let pull = context.socket(Pull).unwrap();
        let monitor = pull.monitor(zmq::monitor::Events::ALL).unwrap();
        (registered(pull).into_stream(), super::monitored(monitor).into_stream())
    };
    drop(first);
    second.block_on(async {
        assert_eq!(messages.next().await.unwrap().unwrap_err().kind(), ErrorKind::NoRuntime);
        assert!(messages.next().await.is_none());
        assert_eq!(events.next().await.unwrap().unwrap_err().kind(), ErrorKind::NoRuntime);
        assert!(events.next().await.is_none());
    });
}

/// The reactor of the first runtime wakes tasks of the second.
#[test]
fn a_socket_can_be_used_in_another_runtime() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let pull = connected(&context, Pull, &endpoint);
    let [caller, owner] = runtimes();
    let mut pull = {
        let _entered = owner.enter();
        registered(pull)
    };
    let receiving = caller.spawn(async move { pull.recv().await });
    caller.block_on(async {
        tokio::task::yield_now().await;
        push.send("across").unwrap();
        assert_eq!(receiving.await.unwrap().unwrap(), "across");
    });
}

/// A runtime drops all values that it owns, in any order.
#[test]
fn a_runtime_that_ends_drops_its_tasks_and_their_sockets() {
    for runtime in runtimes() {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        for _ in 0..8 {
            let pull = connected(&context, Pull, &endpoint);
            runtime.spawn(async move { registered(pull).recv().await });
        }
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
        drop((push, context));
    }
}

/// The task belongs to a runtime that continues, and its call reports that the reactor of the other runtime is gone.
#[test]
fn a_waiting_call_fails_when_its_runtime_ends() {
    for waits_elsewhere in runtimes() {
        for owner in runtimes() {
            let context = context();
            let (push, endpoint) = bound(&context, Push, TCP);
            let pull = connected(&context, Pull, &endpoint);
            let mut pull = {
                let _entered = owner.enter();
                registered(pull)
            };
            let waiting = waits_elsewhere.spawn(async move {
                let error = pull.recv().await.unwrap_err();
                (error.kind(), pull)
            });
            waits_elsewhere.block_on(tokio::task::yield_now());
            drop(owner);
            let (kind, pull) = waits_elsewhere.block_on(waiting).unwrap();
            assert_eq!(kind, ErrorKind::NoRuntime);

            push.send("still here").unwrap();
            assert_eq!(pull.into_inner().recv().unwrap(), "still here");
        }
    }
}

/// Messages arrive before, during and after each move.
#[test]
fn a_socket_moves_between_runtimes() {
    const MOVES: usize = 200;
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let mut pull = connected(&context, Pull, &endpoint);
    let runtimes = runtimes();
    for number in 0..MOVES {
        push.send("before").unwrap();
        let runtime = &runtimes[number % 2];
        let mut moved = {
            let _entered = runtime.enter();
            registered(pull)
        };
        let receiving = runtime.spawn(async move {
            assert_eq!(moved.recv().await.unwrap(), "before");
            assert_eq!(moved.recv().await.unwrap(), "during");
            moved
        });
        push.send("during").unwrap();
        pull = runtime.block_on(receiving).unwrap().into_inner();
        push.send("after").unwrap();
        assert_eq!(pull.recv().unwrap(), "after");
    }
}

#[test]
fn requests_end_when_the_runtime_of_their_socket_ends() {
    for runtime in runtimes() {
        let context = context();
        let (_server, endpoint) = bound(&context, Router, TCP);
        let dealer = connected(&context, Dealer, endpoint);
        let requester = runtime.block_on(async { registered(dealer).into_requester().unwrap() });
        let waiting = [(), ()].map(|()| {
            let requester = requester.clone();
            thread::spawn(move || smol::block_on(requester.request("waits")).unwrap_err().kind())
        });
        wait_until(|| requester.pending() == 2);
        drop(runtime);
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), ErrorKind::NoRuntime);
        }
        let error = smol::block_on(requester.request("too late")).unwrap_err();
        assert_eq!((error.kind(), requester.pending()), (ErrorKind::NoRuntime, 0));
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Notes whether the task was woken before the destructor runs.
struct Content {
    woken: Arc<Woken>,
    is_in_time: Arc<AtomicBool>,
}

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        b"late"
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.is_in_time.store(self.woken.0.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[test]
fn the_destructors_of_late_replies_delay_no_other_reply() {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let context = context();
        let (router, endpoint) = bound(&context, Router, "inproc://late");
        let requester = registered(connected(&context, Dealer, endpoint)).into_requester().unwrap();
        let (woken, is_in_time) = (Arc::new(Woken::default()), Arc::new(AtomicBool::new(false)));
        let task = &mut Task::from_waker(Waker::noop());
        assert!(pin!(requester.request("given up")).poll(task).is_pending());
        let waker = Waker::from(Arc::clone(&woken));
        let mut waiting = pin!(requester.request("waits"));
        assert!(waiting.as_mut().poll(&mut Task::from_waker(&waker)).is_pending());

        let [mut late, reply] = [(), ()].map(|()| router.recv_multipart().unwrap());
        let content = Content { woken: Arc::clone(&woken), is_in_time: Arc::clone(&is_in_time) };
        late[3] = Message::from_owner(content);
        router.send_multipart(late).unwrap();
        router.send_multipart(reply).unwrap();
        while !woken.0.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        assert!(is_in_time.load(Ordering::Relaxed));
        assert_eq!(waiting.await.unwrap(), ["waits"]);
        assert_eq!(requester.dropped(), 1);
    });
}
