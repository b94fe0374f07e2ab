//! Requests from many tasks over one socket.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context as Task, Poll, Waker};
use std::thread;
use std::time::Duration;

use zmq::aio::RequestFuture;
use zmq::{Context, Dealer, Endpoint, ErrorKind, Message, Multipart, POLLIN, Rep, Router, Socket};

use super::{Reactor, in_each_runtime, registered, spawn, timeout, yield_now};
use crate::common::random::Random;
use crate::common::{MOMENT, TCP, bound, connected, context, kind_of, transports, wait_until};
use crate::poll_times;

type Requester = zmq::aio::Requester<Reactor>;

fn requester(context: &Context, endpoint: impl AsRef<str>) -> Requester {
    registered(connected(context, Dealer, endpoint)).into_requester().unwrap()
}

/// Answers each request with itself, in no order, until the context is shut down. Returns how many it answered.
fn answer_in_no_order(context: &Context, endpoint: &str) -> (Endpoint, thread::JoinHandle<u64>) {
    let (router, endpoint) = bound(context, Router, endpoint);
    router.set_recv_timeout(None).unwrap();
    let server = thread::spawn(move || {
        let mut random = Random::new(7, 7);
        let mut held: Vec<Multipart> = Vec::new();
        for answered in 0.. {
            if held.is_empty() {
                let Ok(request) = router.recv_multipart() else { return answered };
                held.push(request);
            }
            while let Ok(request) = router.try_recv_multipart() {
                held.push(request);
            }
            let request = held.swap_remove(random.below(held.len()));
            if router.send_multipart(request).is_err() {
                return answered;
            }
        }
        0
    });
    (endpoint, server)
}

#[test]
fn each_task_gets_its_own_replies() {
    const TASKS: usize = 64;
    const REQUESTS: usize = 100;
    for transport in transports("async-requester") {
        in_each_runtime(|| {
            let transport = transport.clone();
            async move {
                let context = context();
                let (endpoint, server) = answer_in_no_order(&context, &transport);
                let requester = requester(&context, endpoint);
                let tasks: Vec<_> = (0..TASKS)
                    .map(|task| {
                        let requester = requester.clone();
                        spawn(async move {
                            for request in 0..REQUESTS {
                                let request = format!("{task} {request}");
                                assert_eq!(requester.request(request.as_str()).await.unwrap(), [request]);
                            }
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await;
                }
                assert_eq!((requester.pending(), requester.dropped()), (0, 0));
                context.shutdown().unwrap();
                server.join().unwrap();
            }
        });
    }
}

#[test]
fn a_request_that_is_given_up_affects_no_other() {
    const TASKS: usize = 16;
    in_each_runtime(|| async {
        let context = context();
        let (endpoint, server) = answer_in_no_order(&context, TCP);
        let requester = requester(&context, endpoint);
        let taken = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (requester, taken) = (requester.clone(), Arc::clone(&taken));
                spawn(async move {
                    for number in 0..200 {
                        let request = format!("{task} {number}");
                        let reply = if (task + number) % 2 == 0 {
                            poll_times(number % 5, requester.request(request.as_str())).await
                        } else {
                            Some(requester.request(request.as_str()).await)
                        };
                        if let Some(reply) = reply {
                            assert_eq!(reply.unwrap(), [request]);
                            taken.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        assert_eq!(requester.pending(), 0);
        requester.request("the last").await.unwrap();
        context.shutdown().unwrap();
        let answered = server.join().unwrap();
        assert!(taken.load(Ordering::Relaxed) + requester.dropped() < answered, "replies from nowhere");
    });
}

/// Begins a request, whose future nobody polls again unless the caller does.
fn begun<'a>(requester: &'a Requester, request: &str) -> Pin<Box<RequestFuture<'a, Reactor>>> {
    let mut future = Box::pin(requester.request(request));
    assert!(future.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending());
    future
}

/// Begins a request in a task that waits for the reply.
async fn spawned(requester: &Requester, request: &'static str) -> impl Future<Output = Multipart> + use<> {
    let has_begun = Arc::new(AtomicBool::new(false));
    let waiting = spawn({
        let (requester, has_begun) = (requester.clone(), Arc::clone(&has_begun));
        async move {
            let mut reply = pin!(requester.request(request));
            let polled = poll_fn(|task| Poll::Ready(reply.as_mut().poll(task))).await;
            has_begun.store(true, Ordering::Relaxed);
            match polled {
                Poll::Ready(reply) => reply.unwrap(),
                Poll::Pending => reply.await.unwrap(),
            }
        }
    });
    while !has_begun.load(Ordering::Relaxed) {
        yield_now().await;
    }
    waiting
}

/// Receives so many requests, and answers those for which `answers` returns `true`.
fn answer(router: &Socket<Router>, count: usize, answers: impl Fn(&Message) -> bool) {
    for _ in 0..count {
        let request = router.recv_multipart().unwrap();
        if answers(&request[3]) {
            router.send_multipart(request).unwrap();
        }
    }
}

#[test]
fn a_request_gets_its_reply_after_an_earlier_one_was_dropped() {
    in_each_runtime(|| async {
        let context = context();
        let (router, endpoint) = bound(&context, Router, TCP);
        let requester = requester(&context, endpoint);
        for _ in 0..100 {
            let dropped = begun(&requester, "dropped");
            let waiting = spawned(&requester, "answered").await;
            drop(dropped);
            answer(&router, 2, |request| request == "answered");
            assert_eq!(waiting.await, ["answered"]);
        }
    });
}

#[test]
fn requests_that_nobody_polls_delay_no_other() {
    in_each_runtime(|| async {
        let context = context();
        let (router, endpoint) = bound(&context, Router, TCP);
        let requester = requester(&context, endpoint);
        for answers_idle in [true, false] {
            let first = begun(&requester, "first idle");
            let waiting = [spawned(&requester, "one").await, spawned(&requester, "two").await];
            let last = begun(&requester, "last idle");
            answer(&router, 4, |request| answers_idle || request.starts_with(b"one"));
            let [one, two] = waiting;
            assert_eq!(one.await, ["one"]);
            if answers_idle {
                assert_eq!(two.await, ["two"]);
                let late = spawned(&requester, "late").await;
                answer(&router, 1, |_| true);
                assert_eq!(late.await, ["late"]);
                assert_eq!(first.await.unwrap(), ["first idle"]);
                assert_eq!(last.await.unwrap(), ["last idle"]);
            } else {
                let late = [spawned(&requester, "late").await, spawned(&requester, "later").await];
                answer(&router, 2, |_| true);
                for (late, expected) in late.into_iter().zip(["late", "later"]) {
                    assert_eq!(late.await, [expected]);
                }
            }
        }
    });
}

#[test]
fn a_call_that_reads_the_commands_of_a_reply_does_not_delay_it() {
    in_each_runtime(|| async {
        let context = context();
        let (router, endpoint) = bound(&context, Router, TCP);
        let requester = requester(&context, endpoint);
        for _ in 0..100 {
            let waiting = spawned(&requester, "waits").await;
            requester
                .with_inner(|socket| {
                    answer(&router, 1, |_| true);
                    wait_until(|| socket.events().unwrap().contains(POLLIN));
                })
                .unwrap();
            assert_eq!(waiting.await, ["waits"]);
        }
    });
}

#[test]
fn any_number_of_requests_that_nobody_polls_delays_no_other() {
    in_each_runtime(|| async {
        let context = context();
        let (router, endpoint) = bound(&context, Router, TCP);
        let requester = requester(&context, endpoint);
        let mut idle = Vec::new();
        for _ in 0..20 {
            idle.push(begun(&requester, "idle"));
            let waiting = spawned(&requester, "waits").await;
            idle.push(begun(&requester, "idle"));
            answer(&router, 3, |request| request == "waits");
            assert_eq!(waiting.await, ["waits"]);
        }
    });
}

#[test]
fn requests_wait_for_room_in_their_order() {
    in_each_runtime(|| async {
        let context = context();
        let dealer = crate::common::socket(&context, Dealer);
        let endpoint = dealer.bind("inproc://async-requester-room").unwrap();
        let requester = registered(dealer).into_requester().unwrap();

        // A request that is given up before there is room is not sent.
        assert!(timeout(MOMENT, requester.request("unsent")).await.is_none());
        let mut tasks = Vec::new();
        for number in 0..20 {
            let waiting = requester.clone();
            tasks.push(spawn(async move {
                let request = format!("{number}");
                assert_eq!(waiting.request(request.as_str()).await.unwrap(), [request]);
            }));
            while requester.pending() <= number {
                yield_now().await;
            }
        }
        let server = thread::spawn(move || {
            let server = crate::common::socket(&context, Rep);
            server.set_recv_hwm(1).unwrap();
            server.connect(&endpoint).unwrap();
            for number in 0..20 {
                let request = server.recv().unwrap();
                assert_eq!(request, number.to_string());
                server.send(request).unwrap();
            }
        });
        for task in tasks {
            task.await;
        }
        server.join().unwrap();
        assert_eq!((requester.pending(), requester.dropped()), (0, 0));
    });
}

#[test]
fn a_shutdown_ends_all_requests() {
    in_each_runtime(|| async {
        let context = context();
        let (_router, endpoint) = bound(&context, Router, TCP);
        let requester = requester(&context, endpoint);
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let requester = requester.clone();
                spawn(async move { requester.request("nobody answers").await })
            })
            .collect();
        while requester.pending() < 16 {
            yield_now().await;
        }
        context.shutdown().unwrap();
        for task in tasks {
            assert_eq!(kind_of(task.await), ErrorKind::Terminated);
        }
        assert_eq!(kind_of(requester.request("too late").await), ErrorKind::Terminated);
    });
}

#[test]
fn a_call_that_borrows_the_socket_cannot_wait_for_itself() {
    in_each_runtime(|| async {
        let context = context();
        let requester = registered(crate::common::socket(&context, Dealer)).into_requester().unwrap();
        let mut unsent = Box::pin(requester.request("unsent"));
        assert!(unsent.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending());
        let waiting = spawn({
            let requester = requester.clone();
            async move { requester.request("Hello").await }
        });
        while requester.pending() < 2 {
            yield_now().await;
        }
        let (server, endpoint) = bound(&context, Rep, TCP);
        requester
            .with_inner(|socket| {
                let mut inside = pin!(requester.request("inside"));
                let polled = inside.as_mut().poll(&mut Task::from_waker(Waker::noop()));
                let Poll::Ready(refused) = polled else { panic!("the call waits for itself") };
                assert_eq!(kind_of(refused), ErrorKind::WrongState);
                assert_eq!(kind_of(requester.with_inner(|_| ())), ErrorKind::WrongState);
                drop(unsent);
                socket.connect(endpoint)
            })
            .unwrap()
            .unwrap();
        assert_eq!(requester.pending(), 1);
        let server = thread::spawn(move || {
            assert_eq!(server.recv().unwrap(), "Hello");
            server.send("World").unwrap();
        });
        assert_eq!(waiting.await.unwrap(), ["World"]);
        server.join().unwrap();
    });
}

/// The owner of a message. Its destructor uses the requester that has sent the message.
struct Asks(Requester);

impl AsRef<[u8]> for Asks {
    fn as_ref(&self) -> &[u8] {
        &[0; 100]
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        let _ = self.0.with_inner(|socket| socket.events());
        let _ = pin!(self.0.request("from a destructor")).poll(&mut Task::from_waker(Waker::noop()));
    }
}

#[test]
fn the_destructor_of_a_message_may_use_the_requester() {
    in_each_runtime(|| async {
        let context = context();
        let (endpoint, server) = answer_in_no_order(&context, "inproc://async-requester-destructor");
        let requester = requester(&context, endpoint);
        for _ in 0..200 {
            let message = Message::from_owner(Asks(requester.clone()));
            let reply = timeout(Duration::from_secs(10), requester.request(message)).await.unwrap().unwrap();
            assert_eq!(reply[0].len(), 100);
        }
        context.shutdown().unwrap();
        server.join().unwrap();
    });
}
